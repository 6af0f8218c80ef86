"""The words by which parents tell money. All are read against normalised text."""

import re

# What stands before an amount that is denied: "32k, not 23k".
DENIED = re.compile(r"\bnot(?: about| around| on)?\s*$")
# An amount, and the ways to say one: a range between two, or one alone.
AMOUNT = r"(?P<{n}cur>£)?\s?(?P<{n}num>\d{{1,9}}(?:\.\d{{1,4}})?)(?P<{n}mult>[km]\b)?(?:ish\b)?"
_A, _B, _A2, _B2, _ONE = (AMOUNT.format(n=n) for n in ("a", "b", "d", "e", "c"))
MENTION = re.compile(
    rf"(?:(?:between |from (?!\S+ and\b))(?<![\w./]){_A}\s?(?:quid |pounds )?(?:-|to|and|or)\s?{_B}"
    rf"|(?<![\w./]){_A2}\s?(?:quid |pounds )?(?:-|to|up to|or|or maybe|or even)\s?{_B2}"
    rf"|(?<![\w./]){_ONE})(?![\d.]*\d)"
)
# "Mid 30s": thousands, when an income is meant.
DECADE = re.compile(
    r"\b(?P<part>low|early|mid|high|late|upper)[- ](?:to[- ]\w+[- ])?(?P<tens>[2-9]0)'?s\b(?: k|"
    r" thousands?)?"
)
ODD = re.compile(r"\s?(?:odd|something|ish|plus)(?: (?:grand|thousand|k)\b)?")
# What follows a number that counts something else than money.
COUNTS = re.compile(
    r"\s?(?:%|per ?cent\b|-?\s?(?:shifts?|nights?|days?|overnights?|times?|weeks?|wks?|weekends?|years?|yrs?|hours?|"
    r"hrs?|h|kids?|child(?:ren)?|boys?|"
    r"girls?|sons?|daughters?|lads?|bab(?:y|ies)|bairns?|teenagers?|step\w*|other\b|others|homes?|people|wee|"
    r"under|of (?:them|us|my|our|his|her|their|the|each)|st|nd|rd|th|"
    r"am|figures?|in (?:\d|every|total)|out of|y/?o|yos?|jobs?|little|young|more (?:kids|children|nights)|twins|"
    r"toddlers?|half)\b|:\d|/\d|-\d{1,2}-)"
)
# A year of the calendar, and the words before one.
YEAR_NUMBER = re.compile(r"(?:19[89]\d|20[0-3]\d)$")
DATED = re.compile(
    r"(?:in|since|from|until|till|year|by|of|january|february|march|april|may|june|july|august|september|"
    r"october|november|december|/)\s?$"
)
# The name of what is counted, before its number: "nights = 60 a year", "kids 2".
COUNTED = re.compile(r"\b(?:(?:over ?)?nights?|kids|children)(?P<joined>\s*[:=-]| are| is|,? should be| to)?\s*$")
# What stands before an age or a grade.
AGE_BEFORE = re.compile(
    r"\b(?:aged?|ages|is|are|am|he'?s|she'?s|i'?m|turns?|turning|nearly|only|just|under|over|band|grade|level|class|section|"
    r"step|group)\s?$"
)
# Periods, the longer words first: "four weekly" is no week.
PERIODS = (
    ("four_weeks", r"(?:every |per |each |a )?(?:4|four)[ -]?week(?:s|ly)?\b|\blunar month"),
    ("fortnight", r"\bfortnight(?:ly)?\b|\b(?:every|per|each) (?:2|other|second) weeks?\b|\b2[ -]?weekly\b|\bbi-?weekly\b"),
    ("hour", r"\b(?:an|per|each|every|the|p) ?hour\b|\bhourly\b|\bp/?h\b|/\s?h(?:ou)?r?\b|\ban hr\b|\bper hr\b"),
    ("day", r"\b(?:a|per|each|every) (?:day|shift)\b|\bdaily\b|/\s?day\b|\bday rate\b"),
    ("month", r"\bmonth(?:ly)?\b|\bp\.?c\.?m\b|/\s?m(?:onth|th|o)?\b|\bp/?m\b|\bmth(?:ly)?\b|\ba mo\b"),
    ("week", r"\bweek(?:ly)?\b|\bp/?w\b|/\s?w(?:ee)?k?\b|\bwk(?:ly)?\b"),
    ("year", r"\byear(?:ly)?\b|\bannum\b|\bannual(?:ly)?\b|\bp\.?/?a\b|/\s?y(?:ea)?r?\b|\byr(?:ly)?\b|\bsalary\b"),
)
PERIOD = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PERIODS))
PERIODLY = re.compile(
    r"\b(?:paid|pay|wages?|salary) (?:(?:four|4)[ -]?weekly|fortnightly|weekly|monthly|annually|yearly)\b|"
    r"\b(?:fortnightly|(?:four|4)[ -]weekly|monthly|weekly) (?:pay|paid|wage|salary)\b"
)
# Where a clause ends.
BREAK = re.compile(r"[;!?\n]|\.(?!\d)|,(?!\d)|\b(?:but|and|plus|with|so|while|whereas|then|except)\b|\+|&|"
    r"\b(?=(?:he|she|i|we|they)(?: has| have|'s got|'ve got| got| sees?) (?:them|him|her|our|my|his|the (?:kids|children|boys|girls))\b)"
)
# "A rise from 28k to 31k": then and now, and no range.
MOVED = re.compile(
    r"\b(?:rise|rose|risen|raise|(?:gone|went|going|jumped|changed)(?: up| down)?|up|down|dropped|drop|fell|fallen|"
    r"cut|increased?|reduced|moved) from (?P<then>£?\d[\d.]*)(?P<k>k?)(?P<words>(?: \w+){0,3}?) to (?=£?\d[\d.]*(?P<now_k>k?))"
)
# "2 jobs, 1 pays 16k the other 7k": which job an amount is from.
SEVERAL_JOBS = re.compile(r"\b[23] jobs\b|\bboth jobs\b")
OF_ONE_JOB = re.compile(r"\b(?:and )?(?:the )?(?:1|other|1st|first|2nd|second)(?: 1| job)?(?: pays?(?: me| him| her)?| is|'s)? (?:about )?(?=£?\d)")
# Hours of one shift, and the shifts of a week.
_SHIFT_HOURS = r"\d{1,2}(?:\.5)?[ -]?(?:hours?|hrs?)"
SHIFTS = re.compile(
    rf"\b\d (?:x )?{_SHIFT_HOURS} (?:shifts?|days?|nights?)\b"
    rf"|\b{_SHIFT_HOURS} (?:(?:a|per|each) (?:day|shift|night)|shifts|days|nights),? (?:for |over )?\d (?:times|days|shifts|nights|of them)\b"
)
# What joins parts of one income, and what parts two amounts.
JOINS = re.compile(r"\b(?:and|plus|with)\b|[+&,]")
PARTS_COMPANY = re.compile(r"\b(?:but|not|rent|pension|pays?|costs?|now|new job|these days)\b|[.;]")
COMPONENT = re.compile(
    r"\b(?:basic|base|bonus(?:es)?|commission|overtime|o/?t|2nd job|second job|other job|tips|allowances?|"
    r"shift|on top|extra|"
    r"self[- ]?emp\w*|main job|part[- ]time|full[- ]time job|car allowance|side job|weekends? work|"
    r"from (?:my|his|her|the|1|a|another) \w+|1st job|first job|another job|jobs)\b"
)
# Words of income, of other money, and of pensions.
INCOME = re.compile(
    r"\b(?:earn(?:s|ing|ings|ed)?|salary|salaried|wages?|income|makes?|making|made|paid|pay ?(?:packet|slip|"
    r"check|cheque)|payslip|takes? home|take-?home|brings? (?:in|home)|"
    r"bringing (?:in|home)|basic|gross|before tax|after tax|net|job|profit|turn(?:s|ing)? ?over|hmrc|p60|"
    r"on about|on around|on roughly|is on|am on|i'm on|im on|he's on|hes on|"
    r"she's on|shes on|are on|was on|were on|they're on|theyre on|i'm on|get(?:s|ting)? paid|gets?|"
    r"self[- ]?employed|dividends?|a year|per annum|p\.?a\b|my pay|his pay|her pay|their pay)\b"
)
NOT_INCOME = re.compile(
    r"\b(?:maintenance|csa|cms|rent|mortgage|bills?|child ?care|nursery|debts?|arrears|owes?|owed|savings?|"
    r"solicitor\w*|lawyer|uniform|shoes|trip|"
    r"(?:pay|pays|paying|paid|give|gives|giving|gave|send|sends|sending) (?:her|his|him|me|them|my ex|the mum|"
    r"the dad|the mother|the father|their (?:mum|dad))|"
    r"wants?|wanting|asks? (?:me )?for|asking (?:me )?for|asked (?:me )?for|demand\w*|offer\w*|loan|"
    r"car (?:payment|finance)|child benefit|tax credits?|"
    r"universal credit|uc|pip|dla|housing benefit|towards|for the (?:kids|children)|council tax|dividends?|"
    r"rental|interest|fine|inheritance|deposit)\b"
)
ABOUT = r"(?: (?:about|around|roughly|approx\w*|like|say|only|over|nearly))?"
EARNED = re.compile(rf"\b(?:earn|earns|earning|earned|(?<!rent )(?<!spent )on){ABOUT}\s*$")
HANDED_OVER = re.compile(
    rf"\b(?:(?:i|we|they|you|to|would|should|can|must|could|do|already) pay|pays|paying|gives?|giving|sends?|"
    rf"sending|wants?|owes?){ABOUT}\s*$"
)
PENSION = re.compile(r"\bpensions?\b|\bsuperannuation\b|\bavcs?\b|\bnest\b")
PENSION_INCOME = re.compile(
    r"\b(?:(?:get|gets|getting|receive|receives|draw|draws|drawing|living (?:on|off)|live (?:on|off)|"
    r"have) (?:a |an |my |his |her |their )?(?:\w+ )?pensions?(?! contribution)"
    r"|(?:work|works|private|company|army|police|nhs) pensions? is|pensions? (?:pays|of|income|is paid|gives)|income from|retired)\b"
)
PAYS_INTO = re.compile(
    r"\b(?:into|contribut\w*|pay(?:s|ing)? in|put(?:s|ting)?|goes?|going|deduct\w*|taken|come?s? (?:off|"
    r"out)|minus|less|off|towards)\b"
)
# Then and now, after tax and before it.
LAST_YEAR = re.compile(
    r"\bwas\b|\b(?:last (?:tax )?year|last yr|previous(?:ly)?|used to|was (?:on|earning|making|getting)|"
    r"were (?:on|earning)|redundant from|left an?|year before|before (?:that|i|he|she|losing|my|his|her|the)|(?:tax year )?to april|"
    r"(?:20)?2\d[/-](?:20)?2\d|p60|had been|earned|made)\b"
)
NOW = re.compile(
    r"\b(?:now|this (?:tax )?year|these days|today|currently|at present|since then|new job|dropped to|"
    r"down to|up to|gone (?:up|down) to|nowadays|present)\b"
)
NET = re.compile(
    r"\b(?:once|when) (?:the )?tax\b|\btax (?:is|has|was) (?:been )?(?:gone|taken|paid|off|out|come off)\b|"
    r"\bnet\b(?! profit)|\bafter (?:tax|deductions|stoppages|ni\b|everything)|\btake[- ]?home\b|"
    r"\btakes? home\b|\btaking home\b|\bbring(?:s|ing)? home\b|\bin (?:my|his|her|the|their) (?:hand|pocket|"
    r"bank)\b|"
    r"\bclears?\b|\bclearing\b|\bpocket\b|\blands in\b|\binto (?:my|his|her) (?:bank|account)"
)
GROSS = re.compile(r"\bgross\b|\bbefore (?:any )?(?:tax|deductions|stoppages|ni\b|anything)|\bpre-?tax\b|\bprofit\b")
TURNOVER = re.compile(r"\btakings\b|\bturn(?:s|ing|ed)? ?over\b|\bsales of\b|\brevenue\b|\binvoice[sd]?\b")
AFTER_PENSION = re.compile(
    r"\bafter (?:my |his |her |the |their |any )?(?:\w+ )?pensions?\b|\bpension (?:is |has been |was |"
    r"comes? )?(?:already )?(?:taken|off|out|come off|deducted)\b.*\b(?:before|already)\b|\bminus pension\b|"
    r"\b(?:already|has) (?:been )?(?:taken|off|out|come|deduct)\w*|\bis after\b|\bafter\W*$|"
    r"\bsalary sacrifice\b|\b(?:it'?s|its|that'?s|thats) after\b|^after\b|\btaken (?:off|out) (?:already|"
    r"before)"
)
# No income at all.
NO_INCOME = re.compile(
    r"\b(?:(?:no|0|nil) (?:income|earnings)|no job|no work|no earnings|unemployed|not working|"
    r"isn'?t working|doesn'?t work|don'?t work|out of work|jobless|not earning|earns? nothing|"
    r"nothing coming in|"
    r"no money coming in|stay[- ]at[- ]home|lost (?:my|his|her|their) job|made redundant|without (?:a job|"
    r"work)|(?:been|was|got|am|is|'s|'m) (?:laid off|sacked|the sack)|not employed|not got a job|hasn'?t got a job|haven'?t got a job|"
    r"between jobs|(?:quit|left|packed in) (?:my|his|her|their) job|full[- ]?time student|student with no|zero income|on the dole|signed off(?! pay)|"
    r"doesn'?t have a job|"
    r"don'?t have a job|no wage)\b"
)
NOTHING = re.compile(
    r"^\W*(?:zero|nil|nothing|nowt|none|nada|zilch|0|£0|(?:an? |i'm a |im a |full[- ]time )*student|unwaged|"
    r"house ?wife|house ?husband|homemaker)(?: at all)?\W*$"
)
_NOT_KNOWN = (
    r"(?:(?:don'?t|do not|didn'?t)(?: really| actually| even)? know|no (?:idea|clue)|not (?:sure|told)|"
    r"(?:not|haven'?t)(?: got)? (?:an?|the) (?:clue|foggiest|faintest)|won'?t (?:say|tell(?: me)?|let on|disclose)|never (?:told|tells) me)"
)
INCOME_NOT_KNOWN = re.compile(
    rf"\b{_NOT_KNOWN}(?: exactly| of| about| on| what| how much)* (?:he|she|his|her|(?:my |the )?ex|(?:the |their )?(?:dad|mum|father|mother))"
    r"(?:'?s)?(?: is| \w+)? (?:earn\w*|mak(?:es|ing)|gets? paid|paid|on|brings? (?:in|home)|wages?|salary|income|pay)\b(?! about)"
)
# "So say 30": a number is offered all the same.
OFFERED = re.compile(r"\b(?:say|about|around|roughly|maybe|probably|guess\w*|think|reckon|like)\b[^\d.]{0,12}£?\d")
# "When I'm not working": a time of the week, and no want of work.
WHEN = re.compile(r"\b(?:when|while|if|whenever)(?: (?:i'?m|i am|he'?s|she'?s|they'?re))? $")
TOTAL = re.compile(
    r"\b(?:in total|altogether|all in|overall|total|with (?:my |the )?(?:overtime|bonus(?:es)?|commission|"
    r"everything))\b"
)
NOTHING_NOW = re.compile(
    r"\b(?:now|this year)\b[^.;\d£]{0,25}\b(?:nothing|0|no income|not working|unemployed|no job)\b|"
    r"\b(?:nothing|not working|unemployed|no job) now\b"
)
HOURS_AT = re.compile(r"\bho?u?rs? (?:(?:(?:a|per|each|every) (?:week|wk)|p/?w|weekly) )?(?:at|on|for|@)(?: about| around)?\s?$")
# Where a pension payment comes from, which says nothing of income itself.
OUT_OF_PAY = re.compile(r"\ba year\b|\b(?:out of|off|from) (?:my|his|her|their|the) (?:\w+ )?(?:wages?|pay\w*|salary|earnings)\b")
HOURS = re.compile(r"(\d{1,2}(?:\.\d+)?) ?(?:-?hours?|hrs?|h)\b(?! ago| (?:shift|day|night)s?\b| (?:a|per|each) (?:day|shift|night)\b)")
DAYS = re.compile(r"(\d) ?-?(?:days?|shifts?)\b")
IT_IS = re.compile(r"\W*(?:i think )?(?:it'?s |that'?s |i pay |i put )?(?:in )?(?:about |around |roughly |at )?")
PERCENT = re.compile(r"(\d{1,2}(?:\.\d{1,2})?) ?(?:%|per ?cent|percent)(?! of (?:the )?(?:time|nights?|week|year|hol))")
# A small number alone, where pension payments were asked for, is a percentage.
BARE_PERCENT = re.compile(r"^\W*(?:about |around |roughly |just )?(\d\.\d{1,2}|1?\d)\W*$")
EMPLOYER = re.compile(r"\b(?:employer'?s?|company|work (?:pays?|puts?|adds?)|they (?:pay|put|add)|boss|firm)\b|^\W*(?:from |by )?(?:work|them)\W*$")
# The writer's own part, before or after the percentage.
OWN = re.compile(r"\b(?:me|i|my|mine|myself)\b")
ASIDE = re.compile(
    r"\b(?:i|i'm|i'd) (?:think|guess|reckon|believe|suppose|say|know|don'?t know|not sure|mean|meant|heard|"
    r"assume|imagine|would say|should have said)\b|\btell me\b"
)
# Whose money: the writer's or somebody else's; asides like "I think" say nothing about that.
ME = re.compile(r"\b(?:i|i'm|im|i've|ive|my|me|mine|we)\b")
THEM = re.compile(
    r"\b(?:he|she|he's|hes|she's|shes|his|her|hers|him|they|their|ex|ex's|other parent|dad|mum|father|"
    r"mother|husband|wife|partner|son|daughter|brother|sister|client|nrp|"
    r"paying parent|the parent)\b"
)

# What makes an amount an income whatever else is said, and pay that work hands over.
SURELY_INCOME = re.compile(r"\b(?:earn|salary|wage|income|gross|before (?:tax|deductions)|makes?)\w*")
PAID_BY_WORK = re.compile(r"\b(?:job|work|employer|company|it|before|gross)\b")
HAS_PENSION = re.compile(r"^\W*(?:it'?s |that'?s )?before\b|\bpay(?:s|ing)? into\b|\bi do\b|\bworkplace\b")
NO_PENSION = re.compile(
    r"\b(?:no|not|don'?t|doesn'?t|never|isn'?t|aren'?t|without|opted out|haven'?t|hasn'?t)\b"
    r"[^.,;]{0,40}\b(?:pensions?|paying in|contribut\w+|nest|1|any|enrolled|joined|bother\w*)\b"
    r"|\bpensions?\s*(?:[:=-]|is)?\s*(?:nil|none|nothing)\b|\bopted out\b|\bno pension\b|\bstopped (?:paying|contributing|putting)\b"
    r"|\bnot (?:in|part of|a member of|on|with) (?:the |a |any |my )?(?:\w+ )?(?:scheme|plan)\b"
)
