"""The words by which parents tell nights. All are read against normalised text."""

import re

from chat_server.core.phrases.children import ALL, EACH

KIDS = rf"(?:{ALL}|{EACH})"
# "Sat in the car" is no day.
DAY = (
    r"(?:mon(?:day)?|tues?(?:day)?|wed(?:s|nesday|nes)?|thu(?:r|rs|rsday)?|fri(?:day)?|"
    r"sat(?:urday|(?! (?:in|on|down|outside|there|him|her|them|through|up|waiting)\b))|"
    r"sun(?:day)?)s?"
)
DAY_NUMBER = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
NIGHT = r"(?:nights?|overnights?|over ?nights?|sleep ?-?overs?|evenings? and nights?)"
# Days of the week: from one to another, a list, one alone.
DAY_SPAN = re.compile(
    rf"\b(?P<a>{DAY})(?: {NIGHT}| after school| from school| evening| pm| teatime| tea ?time)? ?(?:-|to|"
    rf"into|till?|until|through(?: to)?|thru|-->|>)(?: the)? ?(?P<b>{DAY})\b"
    rf"(?: (?:mornings?|am|afternoons?|tea ?time|evenings?|pm|lunch ?time|breakfast)\b)?(?P<last> {NIGHT}| night)?"
)
ANY_SPAN = re.sub(r"\(\?P<\w+>", "(?:", DAY_SPAN.pattern)
DAY_LIST = re.compile(
    rf"\b{DAY}(?: {NIGHT})?(?:(?:, ?(?:and )?| and (?:every |a |on )?| ?& ?| ?/ ?| ?\+ ?| or |"
    rf" )(?:{DAY})(?: {NIGHT})?)*\b"
)
ONE_DAY = re.compile(rf"\b{DAY}\b")
OTHER = (
    r"(?:(?:every|each|any) ?(?:other|2nd|second|2)|every ?other|alternate|alternating|alternative|"
    r"alternatively|other|e/?o|fortnightly|1 in (?:every )?2|1 out of (?:every )?2)"
)
THIRD = r"(?:every (?:3rd|third|3)|1 in (?:every )?3|1 out of (?:every )?3)"
WEEKEND = r"(?:w/?ends?|w/es?|week ?-?ends?|wkends?|wknds?|weeknds?)"
# Weekends, with how often before or after the word.
WEEKENDS = re.compile(
    rf"\b(?P<eow>eow\w?|eowe)\b|(?:\bevery (?P<nth>[2-9])(?:th|nd|rd) (?:full |long )?|"
    rf"\b(?P<other>{OTHER}) (?:full |long |whole )?|\b(?P<third>{THIRD}) (?:full |long )?|\b(?P<most>most|"
    rf"nearly every|almost every) |\b(?P<count>\d|an?|first|last|1st)(?: or (?P<upto>\d))? (?:full |long |"
    rf"whole )?"
    rf"|\b(?P<every>every|each|all|at|on|the|only|just) (?:full |long |whole |single )?)?\b(?P<word>{WEEKEND})\b"
    rf"(?P<after> (?:a|per|each|every|in the|of the|of every|of each|out of every|out of|in every|"
    rf"in) (?:calendar )?(?P<per>month|4|fortnight|2|3 weeks?|3|year|4 weeks?|2 weeks)\b(?: weeks|"
    rf" weekends)?| (?P<fort>fortnightly|alternately|on alternate weeks|every other week|every 2 weeks|"
    rf"every second week|every 2nd week))?"
)
# "Once a month for a weekend", "every two weeks for two nights".
ONCE_FOR_A_WEEKEND = re.compile(
    rf"\b(once|twice|[12])(?: times?)? (?:a|per|every|each) (month|fortnight|"
    rf"year)\b[^.,;\d]{{0,14}}\b{WEEKEND}\b"
)
EVERY_FOR = re.compile(
    rf"\b(?:every|each|once every|1 time every) (?P<week>week|7 days)?(?P<fortnight>2 weeks|fortnight|"
    rf"second week|"
    rf"2nd week)?(?P<three_weeks>3 weeks)?(?P<four_weeks>4 weeks)?(?P<month>month)?"
    rf" for (?:about )?(?P<n>\d{{1,2}}) ?(?:{NIGHT}|days?)"
)
UNIT = rf"(?:{NIGHT}|days?|times|x)"
PERIOD = (
    r"(?:(?P<{n}week>w(?:ee)?ks?|weekly|7 days|7 nights)|(?P<{n}fortnight>fortnight(?:ly)?|"
    r"2[- ]weeks?(?: period| cycle| rota| block)?|2 wks|14 days|14 nights|other week|2nd week|second week)|"
    r"(?P<{n}three_weeks>3 weeks)|(?P<{n}four_weeks>4 weeks|4 wks|28 days)"
    r"|(?P<{n}month>month(?:ly)?|mth|calendar month)|(?P<{n}year>y(?:ea)?rs?|annum|annually|365(?: days|"
    r" nights)?|12 months))"
)
# So many nights per something.
PER = re.compile(
    rf"(?<![\d.£])\b(?:(?P<n>\d{{1,3}}(?:\.5)?)(?: ?(?:-|to|or|maybe) ?(?P<m>\d{{1,3}}))?(?! {KIDS}\b)|(?P<an>an?|"
    rf"another)|(?P<adverb>once|twice|thrice)) ?-?(?P<unit>{UNIT})?"
    rf"(?: (?!and\b|but\b|then\b|plus\b)[a-z']+){{0,5}}? ?(?:a|an|per|each|every|in each|in every|in a|in an|"
    rf"out of (?:every|each|a|the)|of every|of the|in the|in|/|p|out of|"
    rf"every single) ?{PERIOD.format(n='p')}\b"
)
WEEKLY_ADVERB = re.compile(
    rf"(?P<n>\d{{1,2}}) ?{UNIT} (?:(?P<week>weekly)|(?P<fortnight>fortnightly)|(?P<month>monthly)|"
    rf"(?P<year>yearly|annually|p\.?a))\b"
)
MIDWEEK = re.compile(
    r"\b(?:(?P<n>\d)|an?|1) (?:(?:school |week ?)?nights? )?(?:mid-? ?week|in the week|during the week|"
    r"through the week|on a week ?day|on a school ?night|week ?night|school night)(?: nights?)?\b|"
    r"\bmid-? ?week(?: nights?| overnight)?\b"
)
# Shifts that take turns: "4 on 4 off".
ON_AND_OFF = re.compile(r"\b(?P<on>\d) ?(?:nights? |days? )?on(?: and)?,? ?/?(?P<off>\d) ?(?:nights? |days? )?off\b")
# So many of so many: "9 out of 14".
OUT_OF = re.compile(
    rf"(?<![\d.£/-])(?P<n>\d{{1,3}})(?: (?:{NIGHT}|days?))?(?: (?!and\b|but\b)[a-z']+){{0,3}}? ?(?:out of|"
    rf"in|of|from|/|over) ?(?:every |each |a |the )?(?P<m>7|10|14|21|28|30|31|365)\b(?! ?(?:weeks|/|:|kids|"
    rf"children))(?: ?(?:{NIGHT}|days?))?(?: day)?"
)
ME = r"(?:me|i have|i've got|i do|mine)"
THEM = r"(?:him|her|he has|she has|he does|she does|his|hers|their (?:dad|mum)|dad|mum|ex)"
# The nights of both parents: "with me 5, him 2", "60/40", "a 5/9 split".
ME_AND_THEM = re.compile(
    rf"\b{ME}\b[^\d.;]{{0,18}}(?P<me>\d{{1,2}})\b(?: nights)?[^\d.;]{{1,30}}"
    rf"\b{THEM}\b[^\d.;]{{0,18}}(?P<them>\d{{1,2}})\b(?! (?:out of|in)\b)"
)
THEM_AND_ME = re.compile(
    rf"\b{THEM}\b[^\d.;]{{0,18}}(?P<them>\d{{1,2}})\b(?: nights)?[^\d.;]{{1,30}}"
    rf"\b{ME}\b[^\d.;]{{0,18}}(?P<me>\d{{1,2}})\b(?! (?:out of|in)\b)"
)
NUMBER_ME_AND_THEM = re.compile(
    rf"\b(?P<me>\d{{1,2}})(?: days?| nights?)? (?:with|at) (?:me|mine|"
    rf"us)\b[^\d.;]{{0,12}}(?P<them>\d{{1,2}})(?: days?| nights?)? (?:with|at) {THEM}\b"
)
PERCENT_EACH = re.compile(r"(?<![\d£])\b([1-9]\d) ?%?[^\d.;]{1,18}?([1-9]\d)\b ?%?(?! ?(?:nights|days|hours))")
SPLIT = re.compile(
    r"(?<![\d£./-])\b([1-9]|1[0-3])(?: ?[/:-] ?| and )([1-9]|1[0-3])\b(?= ?(?:split|pattern|rota|"
    r"arrangement|routine|nights? split|over (?:a|the|2) (?:fortnight|week)))"
)
# Whole weeks, weeks that differ, and rotas.
WEEKS_OUT_OF = re.compile(
    r"\b(?P<n>\d|an?) (?:full |whole )?weeks? (?:out of|in|of|on) (?:every |each )?(?P<m>\d)\b(?: weeks?)?|"
    r"\b(?P<third>every (?:third|3rd) week)\b|\b(?P<each>\d|an?) (?:full |whole )?weeks? (?:a|per|each|"
    r"every) month\b"
)
ONE_THEN_NEXT = re.compile(
    rf"\b(?P<a>\d|none|nothing)(?: ?(?:{NIGHT}|days?))?(?: (?:in|on|for))? ?(?:the |in )?(?:1st |first |1 |"
    rf"one |odd )?weeks?,?(?: and| then| and then|,|/)? (?P<b>\d|none|nothing)(?: ?(?:{NIGHT}|"
    rf"days?))?(?: (?:in|on))? ?(?:the )?(?:next|other|following|second|2nd|even|week after)(?: weeks?| 1)?"
)
WEEKS_OF_YEAR = re.compile(
    r"\b(?P<n>\d{1,2}) (?:full |whole )?(?P<unit>week|month)s? (?:a|per|of the|in the|in a|out of the|each|"
    r"every) (?:whole )?year\b"
)
ROTA = re.compile(
    r"\b(?:2[-, /]2[-, /]3|2[-, /]2[-, /]5[-, /]5|5[-, /]5[-, /]2[-, /]2|3[-, /]4[-, /]4[-, /]3|"
    r"4[-, /]3[-, /]3[-, /]4|4[-, /]3)\b"
)
# Half of the time, in its many names, and other fractions.
HALF = re.compile(
    r"^\W*(?:about |exactly |roughly )?half\W*$|\b(?:50 ?[/:-]? ?50|fifty fifty|half (?:of )?(?:the |each |"
    r"every |my |a )?(?:time|week|weeks|nights|month|year)|half and half|half half|(?:exactly |about |"
    r"roughly )?half the (?:nights|year)|"
    r"equal(?:ly)? (?:shared|split|time|nights|share)|(?:shared?|split|splits|sharing|do it|done) (?:it |"
    r"them |the (?:time|kids|children|care|nights) |everything |care )?(?:equally|evenly|half and half|"
    r"down the middle|in half|50)|"
    r"equally between us|between us equally|week (?:on|about)[ ,/-]*(?:and )?(?:a )?week (?:off|about)|1 week (?:on|with me|each|at mine|"
    r"here)[ ,/-]*(?:and )?(?:then )?(?:1 )?(?:week )?(?:off|with (?:him|her|them|me|their \w+)|at (?:his|"
    r"hers|theirs|mine)|there)|week about|week on week off|"
    r"alternate weeks|alternating weeks|a week each|1 week each|week by week|7 (?:nights? )?(?:on|"
    r"and) 7 (?:nights? )?off|7/7|7 and 7|(?:same|equal) (?:amount of )?(?:time|nights|"
    r"number of nights)(?: each)?|shared? care 50|"
    r"every other week(?! ?-?end)|every second week(?! ?-?end)|every 2nd week(?! ?-?end)|each other week|"
    r"joint(?:ly)? (?:care|custody)? ?equal(?:ly)?)\b"
)
FRACTION = re.compile(
    r"\b(?:(?P<two_thirds>2 thirds|2/3)|(?P<three_quarters>3 quarters|3/4)|(?P<third>(?:a|1) third|1/3)|(?P<quarter>(?:(?:a|1) )?quarter|1/4)|"
    r"(?P<two_fifths>(?:2|"
    r"two) fifths|2/5)|(?P<fifth>(?:a|1) fifth|1/5)|(?P<percent>\d{1,2}) ?(?:%|"
    r"per ?cent)) (?:of )?(?:the )?(?:time|year|nights|week)\b|^\W*(?:about |around |roughly |"
    r"maybe )?(?:(?P<bare>\d{1,2}) ?(?:%|per ?cent)|(?P<third_alone>(?:a|1) third|1/3)|"
    r"(?P<quarter_alone>(?:a|1) quarter|1/4))\W*$"
)
# No nights.
NONE = re.compile(
    rf"\b(?:no|0|zero|not any|without|isn'?t any|never any) (?:over ?)?(?:{NIGHT}|nights)\b|"
    rf"\bno (?:overnight|over night) ?(?:stays?|contact|visits?)?\b|\bnot (?:an?|1)(?: single)? {NIGHT}\b|"
    r"\bha(?:ve|s|d) (?:them|him|her) (?:none|0|zero)\b|\b(?:home|back)(?: here)? (?:for|by|before) bed(?:time)?\b|\b(?:never|doesn'?t|don'?t|do not|"
    rf"does not|don'?t ever|not|won'?t|can'?t|won'?t let (?:me|him|her|them|us|the (?:kids|children))|"
    rf"isn'?t allowed to|hasn'?t|haven'?t|didn'?t|aren'?t|refuses to)(?: (?:ever|once|even|really|actually|currently|"
    rf"yet|allowed to|get to))* "
    r"(?:stays?|stayed|staying|sleeps?|slept|sleeping|have them|has them|had them|see|sees|seen|seeing|"
    r"over ?night|overnights|over|spend|spends|do overnights|does overnights|go(?: there)?|visit|"
    r"have (?:him|her)(?= at all\b|,|\W*$)|comes?(?= to (?:mine|me|us|his|hers|him|her|stay)\b))\b|"
    r"\b(?:day ?time|days|day visits|day contact) only\b|\b(?:only|just) (?:day visits?|day contact|"
    r"day ?times?|days out)\b|\bonly (?:in the day(?: ?time)?|during the day|days|day ?time|for the day|sees? them (?:in|"
    r"during) the day)\b|"
    r"\bno contact\b|\b(?:not|isn'?t|aren'?t) allowed (?:them|him|her|it|to have them)\b|^\W*not since\b|\bnot overnight\b|"
    r"\bsupervised\b|\bcontact cent(?:re|er)\b|\blives? abroad\b|\b(?:0|"
    r"nil|zero) nights\b|\bnever\W*$|\bnot at all\b|\bdoesn'?t bother\b"
)
# What means no nights only where they were asked for.
NONE_ASKED = re.compile(
    r"^\W*(?:none|nil|0|nowt|zilch|nada|nothing)\b"
    r"(?: at (?:all|present|the (?:minute|moment))| (?:right )?now| currently| yet)?(?=\W*(?:[,.;!]|and\b|but\b|$))|"
    r"\b(?:doesn'?t|don'?t|won'?t|never)(?: even| ever)? comes?\b"
)
DAYS_ONLY = re.compile(
    r"\bnot (?:the )?(?:over ?)?nights?\b|\b(?:just|only) days\b|\bno (?:over ?nights?|overnight stays?|"
    r"sleep ?overs?)\b|\b(?:don'?t|doesn'?t|never|do not|does not|not|won'?t) (?:(?:have|has|get|keep) (?:them|him|her) |\w+ )?(?:stay(?:s|"
    r"ing)? (?:over|the night|overnight)|sleep(?:s|ing)? (?:over|there|at)|overnight)\b|"
    r"\b(?:only|just)\b[^.;]{0,25}\b(?:in|during|for) the day\b|\bday ?time only\b|\bdays only\b"
)
# All nights, exceptions from all, no pattern.
ALL = re.compile(
    r"\b(?:live|lives|living|stay|stays|are|is|be|been|have them|has them|had them|got them|with (?:me|him|"
    r"her|us|them|their \w+|the other parent|my ex))\b[^.;,]{0,30}?\b(?:full[- ]?time|all the time|"
    r"all of the time|every night|7 nights a week|7 days a week|24/7|permanently|always|100%)\b|"
    r"\b(?:always|every night|all the time|full[- ]?time|24/7|100%|permanently) (?:with|at|living with|"
    r"here)\b|^\W*(?:every (?:single )?night|all the time|full[- ]?time|all of it|all nights)\b"
)
EXCEPT = re.compile(
    r"\b(?:except|apart from(?! (?:in |the )*(?:school )?hol)|bar|other than|aside from|but not(?! (?:in|during) term)|besides|"
    r"save for|excluding)\b"
)
VARIES = re.compile(
    r"\b(?:random|varies|vary|varied|depends|it changes|different every|differs|nothing (?:set|fixed|regular|agreed)|no (?:set|fixed|regular|"
    r"real) (?:pattern|days|nights|routine|schedule|amount)|irregular|as and when|ad hoc|now and (?:then|"
    r"again)|sometimes|occasional(?:ly)?|on and off|off and on|"
    r"some (?:nights|weekends)|the odd (?:night|weekend)|whenever|when (?:he|she|they) (?:can|feels?|"
    r"wants?)|flexible|shift(?:s|work| pattern)?|all over the place|not (?:regular|fixed|set)|"
    r"here and there|rarely|hardly ever|a few (?:nights|times|weekends)(?! (?:a|per|each|every)))\b"
)
# School holidays: a half, a part, all, or so many weeks of them.
HOLIDAY = (
    r"(?:(?:the |all |all the |of the |of |of all |of all the |their |each |every )*(?:main |"
    r"long )?(?P<{n}which>school |summer |6 weeks? |big |easter |christmas |xmas |"
    r"half[- ]term )?(?:school )?(?P<{n}word>holidays?|hols?|vacations?|6 weeks|summer)\b(?: too| as well|"
    r" each)?)"
)
HALF_HOLIDAYS = re.compile(
    rf"\b(?:half|1/2|50%|50 ?/ ?50|0\.5|an equal share)(?: of)? {HOLIDAY.format(n='h')}|\b(?:split|share|"
    rf"shares|splits|halve|shared|sharing) {HOLIDAY.format(n='s')}(?: equally| 50 ?/ ?50| in half| half)?|"
    rf"\b(?:the )?(?:school )?(?:holidays|hols),? (?:when it'?s |where it'?s |are |is |get )?(?:only|just)?,? ?(?:split|shared|halved|"
    rf"half and half|50/50|half)(?: equally| 50 ?/ ?50| of them| each)?"
)
PART_HOLIDAYS = re.compile(
    rf"\b(?P<part>a third|a quarter|1 third|third|quarter|2 thirds|two thirds|"
    rf"most)(?: of)? {HOLIDAY.format(n='p')}"
)
ALL_HOLIDAYS = re.compile(
    r"^\W*(?:in |during )?(?:the )?school (?:holidays|hols) only\b|\b(?:only|just) (?:in |at |during )?(?:the )?school (?:holidays|hols)\b|"
    rf"\b(?:all|the whole|whole of|every|each|entire|throughout) {HOLIDAY.format(n='a')}"
)
WEEKS_OF_HOLIDAY = re.compile(
    r"\b(?P<n>\d{1,2}|an?|another|a full|a whole)(?: ?(?:-|to|or) ?(?P<m>\d))? ?(?:full |whole |extra |"
    r"more )?(?P<unit>weeks?|wks?|fortnights?|months?|nights?|days?)(?: or so| off| away| at a time| extra|"
    r" more)*,? ?(?:holidays? )?(?:in|at|over|during|of|for|from|on|each|every|throughout|through|"
    r"when it'?s|a)? ?(?:the |their |our |each |every |all the |my )?(?P<when>(?:school |summer |easter |"
    r"christmas |xmas |half[- ]?term |6 weeks? )*(?:holidays?|hols?|summer|easter|christmas|xmas|"
    r"half[- ]?terms?|new year|july|aug(?:ust)?|december|april))\b"
)
HALF_TERMS = re.compile(r"\b(?:every|each|all|the|a|1) half[- ]?terms?\b|\bhalf[- ]?terms\b")
IN_TERM = re.compile(
    r"(?<!not )\b(?:in|during|through) (?:school )?term(?: ?time)?\b|\bterm ?time\b|\bin school weeks\b|"
    r"\bschool weeks\b"
)
# A year's nights, a number of nights alone, a number alone.
YEARLY = re.compile(
    rf"(?<![\d.£/])\b(?P<n>\d{{1,3}})(?: ?(?:-|to|or) ?(?P<m>\d{{1,3}}))?(?: (?:or so|odd|ish|"
    rf"plus))? ?(?P<unit>{NIGHT}|days?)?(?: (?!and\b|but\b|a week|per week)[a-z']+){{0,4}}? ?(?:a|per|each|"
    rf"every|in a|in the|over the|/|in total a|altogether a|for the|of the|out of the) ?(?:whole |full |"
    rf"calendar )?(?:y(?:ea)?r|annum|12 months)\b|(?<![\d.£/])\b(?P<k>\d{{1,3}}) (?:{NIGHT}|"
    rf"days?) (?:yearly|annually|in total|altogether|total|overall)\b"
)
PLAIN_NIGHTS = re.compile(
    rf"(?<![\d.£/])\b(?P<n>\d{{1,3}})(?: ?(?:-|to|or|and) ?(?P<m>\d{{1,3}}))? ?(?P<unit>{NIGHT}|"
    rf"nites?)\b(?! (?:a|per|each|every|in|out|of|on)\b)"
)
BARE = re.compile(
    r"^\W*(?:(?:it'?s|its|about|around|roughly|approx(?:imately)?|maybe|probably|i think|i'd say|say|er|um|"
    r"well|just|only|that'?s|thats|would be|is|like|more like|no|sorry|nearly|almost|over|under|make it|"
    r"actually|yes|closer to|i guess|total of|in total)[ ,]+)*(?P<n>\d{1,3})(?: ?(?:-|to|"
    r"or) ?(?P<m>\d{1,3}))?(?:ish| or so| odd)?(?: days?| a year| in all| total| altogether)?\W*(?:i think|"
    r"maybe|probably|roughly|ish|or so|i guess|actually|sorry|please|not \d+)?\W*$"
)
# Where a parent lives: "mine", "his", but not "his legs".
PLACE = (
    r"(?:mine|hers|theirs|his(?=\W*$|[,.;]| (?:on|at|in|for|from|and|but|or|every|each|all|half|most|alternate|other|over|then|when|\d)\b)|"
    r"(?:(?:his|her|their|the) )?(?:dad|mum|mam|father|mother)'?s)"
)
# Words without which a message says nothing about nights, and words of work.
STAYS = re.compile(
    rf"\b(?:(?:have|has|had|gets?) (?:his|her|my|our|their) (?:\d )?{KIDS}|"
    rf"(?:do|share|split)\b[^.,;]{{0,20}} with (?:the|our|my) {KIDS}|"
    rf"(?:he|she|i|we) (?:only |just )?do(?:es)? \d{{1,2}} (?:{NIGHT}|weeks?)|"
    rf"stay(?:s|ing|ed)?|overnights?|nights?|sleep(?:s|ing)?|sleepovers?|have (?:them|him|her|"
    rf"the (?:kids|children|boys|girls))|has (?:them|him|her|the (?:kids|children|boys|girls))|had them|"
    rf"having them|got them|gets them|with (?:me|him|her|them|us|their \w+|his \w+|her \w+|my ex|"
    rf"the other parent|dad|mum)|"
    rf"at my \w+|(?:at|to) {PLACE}|care|see(?:s)?|"
    rf"sees? them|visit|comes?|contact|access|custody|{WEEKEND}|eow|take(?:s)? them|look(?:s)? after|"
    rf"week on|holidays)\b"
)
WORKS = re.compile(r"\b(?:work|works|working|shift|job|paid|earn|pay|pays|wage|£)\b")
# Whose nights: with the writer or with the other parent.
HAS = (
    r"(?:does|do|has|have|had|gets?|got|keeps?|kept|takes?|having|looks? after|care for|cares for|'ve got|"
    r"'ve|stays? over with|'s got|sees?)"
)
WITH_ME = re.compile(
    rf"\b(?:i|we|i'm|i've)(?: (?:only|usually|currently|normally|always|just|mostly|also|already|generally|"
    rf"still))? {HAS}\b|\b(?:i'?ve got) (?:them|him|her)\b|\bwith (?:me|us)\b|\b(?:at|to|in|with) (?:mine|"
    rf"my (?:place|house|home|flat|son'?s?|brother'?s?|client'?s?))\b|\b(?:stay|stays|live|lives|sleep|"
    rf"sleeps|are|come|comes|coming|staying) (?:with|at|to|here with|over with) (?:me|mine|us)\b|"
    rf"\bstay(?:s)? here\b|\bover (?:at|to) mine\b|\bmy (?:nights|weekends|time|days)\b|"
    rf"(?<!is )(?<!not )\bmine (?:on|from|for|every|each|{OTHER}|{DAY})\b"
)
THEIR = r"(?:his|her|their|my kids'?|my children'?s|the kids'?|the children'?s|my daughter'?s|my son'?s)"
WITH_THEM = re.compile(
    rf"\b(?:he|she|ex|my ex|the ex|my ex[- ]?(?:wife|husband|partner)|the other parent|(?:{THEIR}|the|"
    rf"my kids|the kids') (?:mum|mam|dad|father|mother)|dad|mum|mam|father|mother|daddy|mummy|"
    rf"(?:my )?(?:husband|wife|partner|son|daughter|brother|sister|client)|nrp|pwc|they both)(?:'s| is| will|"
    rf" only| usually| normally| currently| mostly| just| always| generally| still| does)* {HAS}\b"
    rf"|\bwith (?:him|her|them|{THEIR} (?:mum|mam|dad|father|mother|nan|grandparents)|my ex|the ex|"
    rf"the other parent|(?:the |their )?(?:mum|mam|dad|father|mother))\b|\b(?:at|to) (?:his|hers|theirs|"
    rf"(?:{THEIR} |the )?(?:dad|mum|mam|father|mother)(?:'?s)?(?: house| place| home)?|my ex'?s|the ex'?s|"
    rf"(?:his|her|their) (?:house|place|home|flat))\b|\bgo(?:es|ing)? (?:over )?to (?:him|her)\b|\b(?:he|she) gets\b|\bhe'?s got\b|\bshe'?s got\b"
)
BREAK = re.compile(r"[;\n]|\.(?!\d)|\b(?:but|while|whereas|although|otherwise|rest of the time)\b")
OTHER_PARENT = re.compile(
    rf"{BREAK.pattern}|,\s*(?=(?:and )?(?:i|he|she|his|her|their|my|mine|with|dad|mum|go|goes|come|comes)\b)|"
    rf"(?<=\w) (?=(?:i|he|she) (?:gets?|ha(?:ve|s)) (?:them |him |her )?(?:\d|every|{DAY})\b)|"
    rf"\band (?=(?:then )?(?:come|comes|coming|stay|stays|go|goes|going|sleep|sleeps|with|at|i|he|she|see|"
    rf"sees|visit|visits|have|has|spend|spends|(?:their|his|her|the) (?:mum|mam|dad|father|mother)|my ex|dad|mum)\b)"
)
IN_SO_MANY = re.compile(rf"\b1 (?:in|out of) (?:every )?([4-9]) (?={WEEKEND}\b)")
WEEK_ON = re.compile(r"\ba (?=week on,? ?(?:and |then )*(?:a )?week off)")
WEEK_AT = re.compile(r"\b(christmas|xmas|easter|new year) week\b")
BETWEEN = re.compile(r"\b(?:between|from) (\d{1,3}) (?:and|to) (\d{1,3})\b")
SOMETIMES_MORE = re.compile(
    rf"(?P<n>\d{{1,2}}) (?P<rest>{NIGHT} (?:a|per|each|every) (?:week|fortnight|month)),? (?:and |or |"
    rf"but )?(?:sometimes|occasionally|maybe|or|some weeks) (?P<m>\d{{1,2}})\b"
)
# "Nights: 104", "overnights 0", "the nights should be 130": the number stands after the word.
NIGHTS_ARE = re.compile(
    rf"(?<!\d )\b(?:over ?)?nights?(?:(?:\s*[:=]\s*| - |,? should (?:be|have been) | to (?:be )?)(?P<n>\d{{1,3}})\b(?! (?:{UNIT}|{KIDS})\b)|"
    r" (?P<only>\d{1,3})(?=\W*$|[,;.] ?[a-z£#]))"
)
# "2 weeks in summer and 1 at christmas".
_PART_OF_YEAR = r"(?: (?:in|at|over|during|for) (?:the )?(?:summer|christmas|xmas|easter|new year|half[- ]?term|july|aug(?:ust)?|april|december)\b)"
SAME_UNIT = re.compile(
    rf"(?P<first>\b(?:\d{{1,2}}|an?) (?P<unit>weeks?|nights?|days?){_PART_OF_YEAR}(?:,| and| plus)(?: and)? (?:\d{{1,2}}|another))(?={_PART_OF_YEAR})"
)
# Days of work, which are no nights with the children.
AT_WORK = re.compile(
    rf"(?<!not )(?<!n't )(?<!off )\bwork(?:s|ing)?(?: (?:nights|days|away|shifts|full[- ]time|part[- ]time|only|just|from|on|every))* "
    rf"(?:\d (?:days?|nights?|shifts?)(?: (?:a|per|each|every|out of|in) (?:week|fortnight|\d))?\b|{ANY_SPAN}|{DAY_LIST.pattern}|"
    rf"\d weeks? (?:out of|in|on)(?: every)? \d\b|(?:{OTHER} )?{WEEKEND}\b)|"
    r"(?<=#) (?:a|per) (?:day|shift|night),? (?:for )?\d (?:days|shifts|nights)(?: (?:a|per|each) week)?\b"
)
# Days that are denied, and what was so before.
DENIED = re.compile(
    rf"(?<!but )\b(?:doesn'?t|don'?t|never|not|can'?t|won'?t)(?: (?:have|has|get|see|stay|take|do|come|them|him|her|over|here|with|me))* "
    rf"(?:(?:on|at|for) )?(?:the |a )?(?:{ANY_SPAN}|{DAY_LIST.pattern}|{WEEKEND}\b|(?:school|week) ?(?:nights?|days?)\b)"
)
FORMER = re.compile(r"\bused to\b[^.;,]*?(?=\b(?:now|but)\b|[.;,]|$)|\bwas\b[^.;]*?(?=\b(?:but )?now\b)")
NEXT_CHILD = re.compile(
    r"(?<=nights) (?=(?:the |my )?(?:boy|girl|son|daughter|eldest|oldest|youngest|older|younger|other)\b)"
)
# One child or some of them: "the eldest", "my 2 girls", "the others".
REF = re.compile(
    r"^\W*(?:(?:and|but|with|so|then|well|yes|ok) )*(?:the |my |our |his |her )?(?P<ref>eldest|oldest|"
    r"older(?: 1| child| boy| girl| 2)?|youngest|younger(?: 1| child| boy| girl| 2)?|middle(?: 1| child)?|"
    r"other(?: 1| 2| 3| child| boy| girl|s)?|first|second|third|1st|2nd|3rd|rest|remaining|both|all"
    r"|(?P<n>\d)? ?(?:of (?:them|the kids|the children)|boys?|girls?|sons?|daughters?|lads?|lass(?:es|ies?)?|bairns?|bab(?:y|ies)|"
    r"teenagers?|toddlers?|twins|little 1s?|kids?|children|child|year old|\d{1,2}[- ]year[- ]olds?))\b|"
    r"^\W*(?:(?:and|but) )?(?P<one>1|2|3)\b(?= (?:stays?|is|comes?|goes|for|doesn'?t|never|sleeps?|of|has|"
    r"does|every|at|with|only|\d{1,3} nights|just))"
)
SEGMENT = re.compile(r"\s*(?:,|;|\band\b|\bbut\b|\bwhile\b|\bwhereas\b|\.(?!\d)|\bthen\b|\bplus\b|/)\s*")

# Small helps: which weekends are no pattern, "a month" after a count of weekends, groups of children, a number alone.
SOME_WEEKENDS = re.compile(r"\b(?:some|the odd|odd|few|occasional|certain|several|varying|random)(?: of the)? ?$")
BY_THE_MONTH = re.compile(r"\b(?:a|per|each|every) month\b|\bmonthly\b")
EVERY_N_WEEKS = re.compile(r"\b(?:every|once every|1 in every) (\d) weeks(?: for| on| at)?(?: an?| the| 1)?\W*$")
BUT_NIGHTS = re.compile(r"\bbut\b[^.;]*\bnights?\b")
THE_OTHERS = re.compile(
    r"(?:boys|girls|sons|daughters|lads|babies|teenagers|toddlers|kids|children|others|rest|remaining|all)$"
)
NUMBER_FOR_A_CHILD = re.compile(
    r"\W*(?:is |for |stays? |on |does |has |just |only |about |around )*(\d{1,3})(?: nights?)?\W*$"
)
