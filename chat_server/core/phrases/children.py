"""How many children: "2 girls and a boy", "twins and a baby", "3 but the eldest is 21", "an 8 and a 10 year old"."""

import re

from chat_server.core.phrases import answers

GROWN_UP = 20
"""From this age a child is not counted; the parent is shown the number and can put it right."""

ALL = (
    r"kids?|children|child|childs|bairns?|little ones?|wee ones?|young ones?|dependants?|"
    r"dependents?|grandchildren|grandkids"
)
EACH = (
    r"boys?|girls?|sons?|daughters?|lads?|lass(?:es|ies|ie)?|bab(?:y|ies)|toddlers?|teenagers?|teens?|"
    r"infants?|newborns?|grandsons?|granddaughters?|"
    r"stepsons?|stepdaughters?|stepchildren|stepkids|stepchild|d[ds]s?"
)
_BETWEEN = (
    r"(?: (?:lovely|beautiful|little|wee|young|small|school[- ]age|teenage|primary[- ]age|older|younger|adopted|"
    r"biological|other|more|step|of my|of our|of his|of her|of their|x|\w+ year old))?"
)
_ALL_COUNT = re.compile(
    rf"(?<![\d.£])(?P<n>\d{{1,5}})(?! ?(?:nights?|days?|weeks?|months?|"
    rf"years?)\b){_BETWEEN} ?(?P<noun>{ALL})\b(?!'s (?:ex|dad|mum))"
)
_EACH_COUNT = re.compile(
    rf"(?:(?<![\d.£])(?<!aged )(?<!age )(?P<n>\d{{1,5}}){_BETWEEN} ?|\b(?P<one>an?|my|our|the|his|her|their|"
    rf"1|and|only|just)(?: (?:lovely|little|wee|young|older|younger|eldest|oldest|youngest|baby|teenage|other|"
    rf"step|\d{{1,2}}[- ]?(?:year|yr)s?[- ]?old|\w+[- ]year[- ]old))? )(?P<noun>{EACH})\b"
)
# "Son and daughter": the first of two without an article, which the second's "and" stands for.
_SON = r"(?:son|daughter|boy|girl|lad|lass)"
_FIRST_OF_TWO = re.compile(rf"(?:^|[,.;:(] ?|\b(?:got|have|has) ){_SON}(?= and (?:an? |1 )?(?:{_SON}|baby|toddler)\b)")
_SIBLING = re.compile(
    r"\b(?:an?|1|their|his|her) (?:older|elder|younger|big|little|baby|wee) (?:sister|brother|sibling)\b|"
    r"\band (?:an?|1|their|his|her) (?:sister|brother|sibling)\b"
)
_ONE_CHILD = re.compile(
    r"\b(?:an?|another|my|our|the|only|just 1|his|her|their)(?: (?:little|wee|young|only|\d{1,2}[- ]?(?:year|"
    r"yr)s?[- ]?old))? (?:child|kid|bairn|little one|wee one)\b"
)
_MULTIPLES = {"twins": 2, "twin": 2, "triplets": 3, "quads": 4, "quadruplets": 4}
_MULTIPLE = re.compile(
    r"\b(?:(?P<sets>\d) (?:sets?|lots?|pairs?) of )?(?P<word>twins|twin \w+|triplets|quads|quadruplets)\b"
)
_AGES_OLD = re.compile(
    r"\b(\d{1,2})(?:[- ]?(?:years?|yrs?|yr|y)?(?:[- ]olds?)?)?(?:(?: ?, ?(?:and )?| and | & ?|"
    r" ?& )(?:an? )?(\d{1,2})(?:[- ]?(?:years?|yrs?|yr)?[- ]?olds?)?)+"
)
_AGED = re.compile(r"\b(?:aged?|ages)\s+((?:\d{1,2}(?:\s*(?:,|and|&|/|,\s*and)\s*)?)+)")
_YEAR_OLD = re.compile(r"\b(\d{1,2})(?:[- ]?(?:years?|yrs?|yr|y))[- ]?(?:olds?|o)\b|\b(\d{1,2}) ?yo\b")
_GROWN = re.compile(
    r"\b(?:(?P<n>\d)|(?:the |my )?(?:eldest|oldest|older 1|older one|big 1)|1 of (?:them|"
    r"whom))(?: of (?:them|which|whom))?(?: is|'s| are| has| turned)? (?:now |already |nearly )?"
    r"(?:(?P<age>[2-9]\d)\b(?! ?(?:nights?|days?|%))|(?:over 20|grown(?:[- ]up)?|an adult|adults|"
    r"at uni(?:versity)?|left (?:home|school)|working|moved out))"
)
_LONE_AGE = re.compile(
    r"\b(?:an?|1|my|our|the) \d{1,2}[- ]?(?:(?:years?|yrs?|yr)[- ]?olds?|yo)\b"
    rf"(?! (?:{EACH}|twins?|twin|car|van|dog|house|case|order|debt)\b)"
)
UNBORN = re.compile(
    r"\b(?:(?:and |plus |there'?s )*(?:an?other|1|a baby|a new baby)(?: 1)? on the way|(?:is |am |'m )?(?:expecting|"
    r"pregnant)|due in|bump)\b"
)
_OF_THEM = re.compile(
    r"\b(\d{1,5}) of (?:them|us)\b|\b(?:got|have|has|had|there(?:'s| are| is)|it'?s|its|that'?s|just|"
    r"only|have got)(?: (?:just|only|got))? (\d{1,5})\b(?! ?(?:nights?|days?|weeks?|%|year|yr|k\b|m\b))"
)
_BARE = re.compile(
    r"^\W*(?:(?:just|only|it'?s|there'?s|there are|we have|i have|we'?ve got|i'?ve got|have|got|umm?|er|"
    r"about|yes|yeah|yep|no|sorry|i said|i meant|actually|"
    r"make it)[\s,]+)*(?:the )?(\d{1,5})\b(?![.]?\d)(?! ?(?:nights?|days?|weeks?|%|k\b|a week|a month|"
    r"a year|pw|pcm|£))"
)
_LABELLED = re.compile(
    r"\b(?:kids|children)(?: (?:is|are) (\d{1,2})\b(?! ?(?:and|,|&|/|nights?|years?|yrs?))|"
    r"\s*(?:[:=-]|total)\s*(\d{1,2})\b(?! ?(?:(?:and|,|&|/) ?\d{1,2}\b(?! ?nights?)|nights?|years?|yrs?))|"
    r" (\d{1,2})(?=\W*$|[,;.] ?[a-z£#]))"
)
# "The kids stay with me, 3 of them."
_SO_MANY_OF_THEM = re.compile(rf"\b(?:{ALL}|{EACH})\b[^.;]{{0,60}}?\b(\d) of them(?=\W*$|[,.;]| (?:and|in all|in total)\b)")
_WITH_EX = re.compile(r"(?:^|\b(?:got|have|has|had|'ve)\b)\W*(\d) with (?:my|his|her|their) ex\b(?!\W+\d with (?:me|us)\b)")
_AGE_ASIDE = re.compile(r" ?\((?:aged? |nearly |just )?\d{1,2}(?: ?(?:years?|yrs?|yo|months?)(?: old)?)?\)")
_ONLY_A_NAME = re.compile(r"\b(?:just|only) our [a-z]+(?<!s)\W*$")
_SINGLE = re.compile(r"\b(?:son|daughter|boy|girl|baby(?! (?:boy|girl|son|daughter))|toddler|lad|lass|dd|ds)\b")
_SMALL_NUMBER = re.compile(
    r"(?<![\w.£/])(?:[1-9]|1[0-2])\b(?! ?(?:nights?|days?|weeks?|months?|years?|yrs?|%|percent|per cent|k\b|"
    r"am\b|pm\b|o'clock|hours?|times|/|\.\d))"
)
_PARENT_OF = re.compile(r"\b(?:mum|mam|mom|dad|father|mother|parent) (?:of|to) (\d)\b(?! ?(?:year|yr|month|week))")
_WITH_AGES = re.compile(rf"\b(?:{ALL}|{EACH}) \((?:aged? )?(\d{{1,2}}(?:\s*(?:,|and|&|/)\s*\d{{1,2}})+)\)")
_AGES_GIVEN = re.compile(
    r"\b(?:aged?|ages|they'?re|they are|who are|(?:kids|children|boys|girls) are) "
    r"(\d{1,2}(?:\s*(?:,|and|&)\s*\d{1,2})+)\b(?! ?(?:nights?|days?|k\b|%|hours?|miles?|weeks?))"
)
_RANK = re.compile(r"\b(?:eldest|oldest|middle|youngest)\b")
_NEW_FAMILY = re.compile(r"\b(?:new|partner|girlfriend|boyfriend|wife'?s|husband'?s|step\w*)\b")
_BOTH = re.compile(r"\bboth\b|\bthe pair of them\b")

# A grown son or daughter who is a parent is no child being paid for.
_PARENT_HIMSELF = re.compile(
    r"\b(?:my|our) (?:\w+ )?(?:son|daughter|stepson|stepdaughter)(?:'s (?:ex|kids|children|daughter|son|"
    r"partner|wife|husband|income|salary|wage)|(?: (?:is|has|was|just|only|who|and his|and her))? "
    r"(?:earn|pay|work|want|separat|split|divorc|mak|gets? paid|brings|self|on [\d£#]|would pay|left|need|"
    r"owe|see|has (?:his|her|2|3|4|a)|a parent|the parent|been))\w*|\b(?:for|of) my (?:son|"
    r"daughter)\b(?= who)|\b(?:asking|writing|enquiring) (?:for|on behalf of) my (?:son|daughter)\b"
)


def read_children(text: str, *, asked: bool) -> tuple[int | None, str]:
    """The number of children in a normalised text, or None, and the text without the words that told it."""
    plain = _PARENT_HIMSELF.sub("#", text)
    plain = UNBORN.sub("#", plain)
    plain = _AGE_ASIDE.sub("", plain)
    told = _told(plain, asked)
    if told is None:
        return None, text
    number, left = told
    grown = _grown_up(plain)
    if grown and number > grown:
        number -= grown
    return number, left


def _told(text: str, asked: bool) -> tuple[int, str] | None:
    if labelled := _LABELLED.search(text):
        return int(next(filter(None, labelled.groups()))), _without(text, [labelled])
    if whole := _ALL_COUNT.search(text):
        if answers.corrects(text):
            whole = list(_ALL_COUNT.finditer(text))[-1]
        return _whole_or_more(text, whole)
    parts = list(_EACH_COUNT.finditer(text))
    multiples = list(_MULTIPLE.finditer(text))
    if parts or multiples:
        siblings = list(_SIBLING.finditer(text))
        parts = [part for part in parts if not any(one.start() <= part.start("noun") < one.end() for one in multiples)]
        number = sum(_of_part(part) for part in parts) + sum(_of_multiple(one) for one in multiples) + len(siblings)
        number += len(list(_LONE_AGE.finditer(text))) + bool(_FIRST_OF_TWO.search(text))
        if asked and not re.search(r"\d", text):
            number = max(number, len(list(_SINGLE.finditer(text))))
        if multiples and (more := re.search(r"\b(?:and|plus) (\d) (?:other|more|older|younger)\b", text)):
            number += int(more.group(1))
        if number:
            return number, _without(text, [*parts, *multiples, *siblings])
    if found := re.search(r"\b1 of each\b", text):
        return 2, _without(text, [found])
    if found := _PARENT_OF.search(text):
        return int(found.group(1)), _without(text, [found])
    if found := _SO_MANY_OF_THEM.search(text) or _WITH_EX.search(text):
        return int(found.group(1)), _without(text, [found])
    if found := _WITH_AGES.search(text):
        return len([age for age in re.findall(r"\d+", found.group(1)) if int(age) < GROWN_UP]), _without(text, [found])
    if asked and (told := _answered(text)):
        return told
    if one := _ONE_CHILD.search(text):
        return 1, _without(text, [one])
    if found := _AGES_GIVEN.search(text):
        return len([age for age in re.findall(r"\d+", found.group(1)) if int(age) < GROWN_UP]), _without(text, [found])
    if not _NEW_FAMILY.search(text) and (ages := list(_LONE_AGE.finditer(text))):
        return len(ages), _without(text, ages)
    return None


def _whole_or_more(text: str, whole: re.Match[str]) -> tuple[int, str]:
    """ "3 kids, 2 girls and a boy" is 3; "2 kids and a baby" is 3."""
    number = int(whole.group("n"))
    rest = text[: whole.start()] + "#" * (whole.end() - whole.start()) + text[whole.end() :]
    again = _ALL_COUNT.search(rest)
    joined = again and re.search(r"\band\W*$", rest[whole.end() : again.start()])
    if again and joined and not re.search(r"\b(?:other|step|new)\b", again.group()):
        return number + int(again.group("n")), _without(text, [whole, again])
    babies = re.search(r"\b(?:and|plus|\+) (?:an?|1) (?:new ?)?(?:born )?(?:baby|newborn|toddler)\b", rest)
    more = sum(_of_part(part) for part in _EACH_COUNT.finditer(rest))
    if babies and more == 1:
        return number + 1, _without(text, [whole, babies])
    parts = [part for part in _EACH_COUNT.finditer(rest) if part.start() - whole.end() < 60]
    return number, _without(text, [whole, *(parts if more == number else [])])


def _answered(text: str) -> tuple[int, str] | None:
    """Answers that only make sense because the number was asked for."""
    if len(single := list(_SINGLE.finditer(text))) > 1:
        return len(single), _without(text, single)
    if len(ranks := {found.group() for found in _RANK.finditer(text)}) > 1:
        return len(ranks), ""
    if found := _AGES_GIVEN.search(text):
        return len([age for age in re.findall(r"\d+", found.group(1)) if int(age) < GROWN_UP]), _without(text, [found])
    if ages := _ages(text):
        counted = [age for age in ages if age < GROWN_UP]
        lead = re.match(r"\W*(\d)\b(?=[\W]*(?:\(|aged?|ages|-|,|:|they'?re|who are|and they))", text)
        of_the_list = re.match(r"\W*\d{1,2}\s*(?:,|and|&)\s*\d", text)
        if lead and int(lead.group(1)) == len(ages) - bool(of_the_list):
            return int(lead.group(1)), ""
        return len(counted), ""
    for pattern in (_OF_THEM, _BARE):
        if found := pattern.search(text):
            number = next(group for group in found.groups() if group)
            return int(number), _without(text, [found])
    if one := _ONE_CHILD.search(text):
        return 1, _without(text, [one])
    if found := re.search(
        r"\b(?:an? )?(?:only|single) (?:child|1)\b|\b(?:my|the|our|just|only) (?:wee |little )?(?:boy|girl|son|"
        r"daughter|lad|1)\b"
    , text):
        return 1, _without(text, [found])
    if found := _ONLY_A_NAME.search(text):
        return 1, _without(text, [found])
    if found := _BOTH.search(text):
        return 2, _without(text, [found])
    if found := re.match(r"\W*(?:she|he)(?:'?s| is) (?:only |just |nearly )?\d{1,2}\b", text):
        return 1, _without(text, [found])
    if single := list(_SINGLE.finditer(text)):
        return len(single), _without(text, single)
    if len(numbers := list(_SMALL_NUMBER.finditer(text))) == 1:
        return int(numbers[0].group()), _without(text, numbers)
    if found := re.search(r"\b(?:an?|1)\b\W*$", text) if len(text) < 4 else None:
        return 1, ""
    return None


def _ages(text: str) -> list[int]:
    if found := _AGED.search(text):
        return [int(age) for age in re.findall(r"\d{1,2}", found.group(1))]
    old = [int(a or b) for a, b in _YEAR_OLD.findall(text)]
    if old:
        run = _AGES_OLD.search(text)
        in_a_row = [int(age) for age in re.findall(r"\d{1,2}", run.group())] if run else []
        return max(in_a_row, old, key=len)
    run = re.fullmatch(r"\W*(?:they'?re |they are )?(\d{1,2})((?:\s*(?:,|and|&|/)\s*)+\d{1,2})+\W*", text)
    return [int(age) for age in re.findall(r"\d{1,2}", text)] if run else []


def _grown_up(text: str) -> int:
    number = 0
    for found in _GROWN.finditer(text):
        number += int(found.group("n") or 1)
    return number


def _of_part(part: re.Match[str]) -> int:
    if part.group("n"):
        return int(part.group("n"))
    noun = part.group("noun")
    return 1 if not noun.endswith("s") or noun in ("lass",) else 0


def _of_multiple(found: re.Match[str]) -> int:
    return int(found.group("sets") or 1) * _MULTIPLES[found.group("word").split()[0]]


def _without(text: str, found: list[re.Match[str]]) -> str:
    for match in sorted(found, key=lambda match: match.start(), reverse=True):
        text = text[: match.start()] + "#" + text[match.end() :]
    return text

