"""Children beside those being asked about: at home with the paying parent, or in another home that is paid for."""

import re

from chat_server.core.phrases import answers
from chat_server.core.phrases.children import ALL, EACH, UNBORN, read_children

_KID = rf"(?:{ALL}|{EACH}|twins|1s?|ones?)"
_NUMBER = r"(?:\d{1,2}|an?|another|his|her|my|their)"
_NEW_PARTNER = (
    r"(?:(?:my|his|her|their|the|a) (?:new |current |present )?(?:partner|wife|husband|girlfriend|boyfriend|"
    r"missus|fianc[eé]e?|gf|bf|fella|bloke|fellow|lady|woman|man)|(?:my|his|her) new (?:1|family)|someone else now)"
)
_AT_HOME = re.compile(
    rf"\b{_NUMBER} (?:(?:other|more|new|young|little) )*(?:step[- ]?\w+|{_KID})(?: (?:at home|here|now))* (?:with|by|from) {_NEW_PARTNER}\b"
    rf"|\b(?:my|his|her) (?:new|current|present) \w+ and (?:i|he|she|me)(?:'ve)?(?: now)? (?:have|has|got|had) (?:\d|an?) (?:\w+ )?{_KID}\b"
    rf"|\b(?:\d{{1,2}}|an?|1) of {_NEW_PARTNER}'?s? {_KID}"
    rf"|\b{_NUMBER} (?:more |other )?step[- ]?(?:kids?|children|child|sons?|"
    rf"daughters?)\b(?:[^.,;]{{0,20}}(?:live|living|at home|with (?:me|us|him|her)))?"
    rf"|\b{_NUMBER} (?:other|more|further) {_KID}\b(?: who| that)? ?(?:living|live|lives|stay|stays|at home|"
    rf"here)?(?: (?:with|at|in) (?:me|us|him|her|them|home|my house|his house|here|{_NEW_PARTNER}))"
    rf"|\b(?:{_NUMBER} )?new (?:baby|born)\b|\b{_NEW_PARTNER}(?:'s)? (?:has |have |got |has got |"
    rf"also has )?(?:\d|an?) (?:\w+ )?{_KID}(?: (?:who |that )?(?:live|living|stay)\w*(?: with (?:me|us|him|"
    rf"her|them))?)?"
    rf"|\b(?:my|his|her|their) (?:new )?(?:partner|wife|husband|girlfriend|"
    rf"boyfriend)'?s (?:\d )?{_KID}\b(?: (?:who |that )?(?:live|living|stay)\w*(?: with (?:me|us|him|her|"
    rf"them))?)?"
)
_LIVES_WITH = re.compile(
    rf"\b(?:liv(?:e|es|ing)|moved in|shacked up) with (?:{_NEW_PARTNER}|(?:an?|another|some|someone) ?(?:woman|man|girl|lady|guy|bloke)?)"
    rf",? (?:who(?: has|'s got)|with|and (?:her|his|their)) (?P<kids>(?:\d{{1,2}}|an?|1) ?{_KID}|{_KID})\b"
)
# "2 with my ex and 1 with my wife": told of the children with the ex too, the number alone is one of the others.
_ONE_WITH_EACH = re.compile(
    rf"\bwith (?:my|his|her|an?) ex\b.{{0,40}}?\b(?P<kids>\d|an?other)(?: (?:at home|here|now|more))* with {_NEW_PARTNER}\b"
)
_OF_OURS = re.compile(rf"\b(?:\d|an?)(?: {_KID})? (?:of (?:ours|(?:our|my|his|her|their) own)|together|between (?:us|them))\b")
_NONE_AT_HOME = re.compile(
    rf"\b(?:lives?|living) (?:alone|on (?:my|his|her|their) own|by \w+self)\W+(?:and |with |has |have |got )*(?:no|without) {_KID}\b"
    rf"|\bno {_KID} (?:(?:living|lives?) )?(?:at home|in (?:my|his|her|our|their) (?:home|house)|at (?:his|hers|theirs))\b"
)
_HERE_TOO = re.compile(rf"\b{_NUMBER} {_KID} (?:(?:living|lives?|stay\w*) )?(?:at home|in (?:my|his|her|our) (?:home|house))\b")
_ELSEWHERE = re.compile(
    rf"\b(?:(?:i|he|she) (?:also )?pays? for )?{_NUMBER} (?:other |more )?{_KID} (?:with|by|to|from|in|at) (?:another|a different|an? other|my other|"
    rf"his other|her other|a previous|my previous|his previous|my first|his first|her first|a second|my 2nd|"
    rf"a 2nd|an earlier|someone else)(?: (?:woman|man|ex\w*|mum|mother|dad|father|partner|relationship|home|house|family|"
    rf"marriage|wife|husband|person|girl|bloke|guy|lady))?"
    rf"|\balso (?:pays?|paying|got to pay|has to pay|have to pay)(?: (?:cms|maintenance|child support|"
    rf"child maintenance))* for (?:\d{{1,2}}|an?|another|his|her|my) (?:other |more |older |"
    rf"younger )*{_KID}\b(?:[^.,;]{{0,40}})?"
)
_NO_OTHERS = re.compile(
    rf"\b(?:no|not any|hasn'?t (?:got )?any|haven'?t (?:got )?any|don'?t have any|doesn'?t have any|without|"
    rf"0) (?:other|more|step) ?(?:{_KID}|dependants?|dependents?)\b|\bno others\b"
)
_OTHER_PARENTS = r"(?:homes?|houses?|places?|mums?|mothers?|dads?|fathers?|women|men|ex(?:e?s|'s)?|partners?|famil(?:y|ies))"
_HOMES = re.compile(
    rf"\b(\d)?\b ?(?:different|separate|other) {_OTHER_PARENTS}\b|\b(\d) (?:homes|houses|mums|mothers|dads|fathers|"
    rf"women|men|exe?s|families)\b|\b(?:apart|separate(?:ly)?|different|1 each)\b"
)
_TOGETHER = re.compile(r"\b(?:together|same|1 (?:home|house|family|mum|mother|dad|place)|with their (?:mum|mother|dad|father))\b|^\W*1\W*$")
_WITH_ONE = re.compile(rf"\b(?:with|by|in|at) (?:1|an?|my|his|her|the|another) (?:\w+ )?{_OTHER_PARENTS}\b")
_NEXT_HOME = re.compile(r",|;|\band\b|\bplus\b|&")
_NOT_BY_SERVICE = re.compile(
    r"\b(?:no|without)(?: the)? (?:cms|csa)\b|\b(?:not|isn'?t|don'?t|doesn'?t|never)(?: \w+){0,2} (?:cms|csa|service)\b|"
    r"\b(?:not|nothing|isn'?t) (?:\w+ )?official"
)
_NOT_PAID = re.compile(r"\b(?:neither|doesn'?t pay|don'?t pay|not paying|no payments?|pays? nothing|nothing)\b")
_COUNT = re.compile(r"(\d{1,2})")
# A word for several of them without a number, and the number said after it: "my partner's kids live with us, 2 of them".
_OF_THEM = re.compile(r"[^.;\d]{0,60}?\b(?P<kids>\d) of them\b")
_SOME = re.compile(r"\b(?:(?:step)?(?:kids|children|boys|girls|sons|daughters|lads)|lasses|babies|bairns|teenagers|toddlers|little ones)\b")
_MANY = re.compile(r"\b(?:yes|yeah|yep)?,? ?(?:all of them|several|loads|a few|some)\b")


def read_other_children(text: str, *, asked: bool, others_known: bool = False) -> tuple[int | None, str | None, str]:
    """Other children at home with the paying parent: the number or None, `count` after a mere "yes", the text left.

    Once the children being paid for are known (`others_known`), "1 child at home" is a further one.
    """
    if found := _LIVES_WITH.search(text):
        return _number(found.group("kids")), None, text[: found.start()] + "#" + text[found.end() :]
    if found := _ONE_WITH_EACH.search(text):
        start, end = found.start("kids"), found.end()
        return _number(found.group("kids")), None, text[:start] + "#" + text[end:]
    if found := _NONE_AT_HOME.search(text):
        return 0, None, text[: found.start()] + "#" + text[found.end() :]
    if others_known and (found := _HERE_TOO.search(text)):
        return _number(found.group()), None, text[: found.start()] + "#" + text[found.end() :]
    number, lacks, left = _read(text, _AT_HOME, asked)
    if asked and number and left != text and (ours := _OF_OURS.search(left)):
        return number + _number(ours.group()), lacks, left[: ours.start()] + "#" + left[ours.end() :]
    return number, lacks, left


def read_elsewhere(text: str, *, asked: bool) -> tuple[int | None, str | None, str]:
    """Children whom the paying parent supports in another home, in the same form."""
    return _read(text, _ELSEWHERE, asked)


def read_homes(text: str, number: int | None = None) -> list[int] | int | None:
    """Children in further homes by home: a list where they live apart, a number where together, None when nobody says.

    `number` is how many there are: "all with different mums" is one in each.
    """
    if number and _TOGETHER.search(text):
        return number
    parts = [read_children(part, asked=True)[0] for part in _NEXT_HOME.split(text)]
    told = [part for part in parts if part]
    if len(told) > 1 and (_WITH_ONE.search(text) or sum(told) == number):
        return told
    homes = _HOMES.search(text)
    if homes and number and int(homes.group(1) or number) == number:
        return [1] * number
    return [1, 1] if number == 2 and (homes or answers.no(text)) else None


def read_how_supported(text: str) -> str | None:
    """How children in another home are supported: `cms`, `private` (court order or own arrangement), `none`."""
    if _NOT_BY_SERVICE.search(text):
        return "private"
    if re.search(
        r"\b(?:cms|csa|child maintenance service|the service|official\w*|government|statutory|direct pay|"
        r"collect and pay|through them|same (?:as|way))\b"
    , text):
        return "cms"
    if re.search(
        r"\b(?:private\w*|court|order|between (?:us|them|ourselves|themselves)|arrange\w*|agree\w*|ourselves|"
        r"themselves|family[- ]based|cash|bank transfer|directly|informal\w*|voluntar\w*|own (?:deal|thing|way)|"
        r"standing order|hand to hand)\b"
    , text):
        return "private"
    if _NOT_PAID.search(text) or answers.no(text):
        return "none"
    return None


def no_others(text: str) -> bool:
    """ "No other kids": nobody else to support, at home or elsewhere."""
    return bool(_NO_OTHERS.search(text))


def _read(text: str, pattern: re.Pattern[str], asked: bool) -> tuple[int | None, str | None, str]:
    if found := pattern.search(text):
        words, end = found.group(), found.end()
        if _SOME.search(words) and not _COUNT.search(words):
            if not (told := _OF_THEM.match(text, end)):
                return None, "count" if asked else None, text
            words, end = told.group("kids"), told.end()
        return _number(words), None, text[: found.start()] + "#" + text[end:]
    if not asked:
        return None, None, text
    text = UNBORN.sub("#", text)
    if answers.no(text) and not re.search(r"\b(?:but|except|apart)\b [^#]", text):
        return 0, None, text
    number, left = read_children(text, asked=True)
    if number is not None:
        return number, None, left
    if answers.yes(text) or _MANY.search(text):
        return None, "count", text
    return None, None, text


def _number(words: str) -> int:
    number, _ = read_children(words, asked=True)
    if number:
        return number
    digits = _COUNT.search(words)
    return int(digits.group(1)) if digits else 1
