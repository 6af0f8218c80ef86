"""Masking of what identifies people, for every text that leaves the transcript: to the model, to logs, to statistics.

Phone numbers, addresses of email, National Insurance numbers, postcodes and bank details become plain tokens. Sums of
money, ages, nights, times and dates stay, since the answer depends on them. Names and streets cannot be told from other words
and are not masked.
"""

import re
from collections.abc import Callable

# The letters that begin postcodes; without them "b4 we" and its like would be addresses.
_POSTCODE_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY "
    "HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH "
    "PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_IBAN = re.compile(r"\bGB\d{2}(?: ?[A-Z]{4})(?: ?\d){14}\b", re.IGNORECASE)
_NATIONAL_INSURANCE = re.compile(r"\b[A-Z]{2}(?: ?\d{2} ?\d{2} ?\d{2} ?[A-D]|\d{6})\b", re.IGNORECASE)
_POSTCODE = re.compile(
    rf"\b(?:{_POSTCODE_AREAS.replace(' ', '|')})\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{{2}}\b", re.IGNORECASE
)
_PHONE = re.compile(r"(?<![\d£$€.,])(?:\+44[ -]?(?:\(0\)|0)?|0044[ -]?|\(?0)(?:[ ().-]{0,2}\d){9,10}(?!\d)")
_PHONE_ABROAD = re.compile(r"(?<![\d£$€])(?:\+|00)[1-9](?:[ .-]?\d){7,13}(?!\d)")
_CARD = re.compile(r"(?<![\d£$€])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,4}(?:[ -]?\d{1,3})?(?!\d)")
_NHS_LIKE = re.compile(r"(?<![\d£$€,.-])\d{3}[ -]\d{3}[ -]\d{4}(?!\d)")
_SORT_AND_ACCOUNT = re.compile(r"(?<!\d)\d{2}[ -]?\d{2}[ -]?\d{2}[ ,;/]{1,3}\d{8}(?!\d)")
_BANK_WORD = r"\b(?:sort ?code|s/c|account|acct?|a/c|bank|card)\b"
_AFTER_BANK_WORD = re.compile(rf"({_BANK_WORD}[^\d\n£]{{0,20}})(\d(?:[ -]?\d){{5,9}})(?!\d)", re.IGNORECASE)
_SORT_CODE = re.compile(r"(?<![\d-])(\d{2})-(\d{2})-(\d{2})(?![\d-])")
_LONG_NUMBER = re.compile(r"(?<![\d£$€,.])\d{8,}(?![\d,]|\.\d)")

PHONE, EMAIL, NATIONAL_INSURANCE = "[phone number]", "[email]", "[National Insurance number]"
POSTCODE, BANK_DETAILS, NUMBER = "[postcode]", "[bank details]", "[number]"


def mask(text: str) -> str:
    """The text with what identifies people replaced by plain tokens; masking twice changes nothing more."""
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return text


def _unless_a_date(token: str) -> Callable[[re.Match[str]], str]:
    """A replacement that lets dates live: 12-03-24, 21112026 and 20261121."""
    return lambda found: found.group() if _is_date(re.sub(r"\D", "", found.group())) else token


def _is_date(digits: str) -> bool:
    if len(digits) not in (6, 8):
        return False
    day_first = _in_range(digits[:2], 1, 31) and _in_range(digits[2:4], 1, 12)
    if len(digits) == 6:
        return day_first
    year_first = _in_range(digits[4:6], 1, 12) and _in_range(digits[6:], 1, 31)
    return (day_first and _in_range(digits[4:], 1930, 2060)) or (year_first and _in_range(digits[:4], 1930, 2060))


def _in_range(digits: str, least: int, most: int) -> bool:
    return least <= int(digits) <= most


_STEPS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_EMAIL, EMAIL),
    (_IBAN, BANK_DETAILS),
    (_NATIONAL_INSURANCE, NATIONAL_INSURANCE),
    (_POSTCODE, POSTCODE),
    (_AFTER_BANK_WORD, rf"\1{BANK_DETAILS}"),
    (_SORT_AND_ACCOUNT, BANK_DETAILS),
    (_PHONE, PHONE),
    (_PHONE_ABROAD, PHONE),
    (_CARD, BANK_DETAILS),
    (_NHS_LIKE, NUMBER),
    (_SORT_CODE, _unless_a_date(BANK_DETAILS)),
    (_LONG_NUMBER, _unless_a_date(NUMBER)),
)
