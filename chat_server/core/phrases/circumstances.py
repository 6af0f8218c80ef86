"""Circumstances that decide the rate: benefits, prison and the other nil groups, a partner who pays maintenance too."""

import re

from chat_server.core.household import NilReason
from chat_server.core.phrases import answers

# Not on either list of Regs 44: they change nothing.
_NEITHER = re.compile(
    r"\b(?:pip|dla|personal independence|disability living|adult disability|child benefit|"
    r"child tax credits?|working tax credits?|tax credits?|council tax (?:support|reduction)|bereavement (?:allowance|support|payments?)|"
    r"attendance allowance|housing benefit|student (?:loan|finance)|free school meals)\b"
)
_MEANS_TESTED = re.compile(
    r"\b(?:income support|pension credits?|income[- ]based (?:jsa|job ?seekers?\w*|esa)|"
    r"income[- ]related (?:esa|employment)\w*|(?:jsa|esa) income[- ](?:based|related)|guarantee credit)\b"
)
_OWN_LIST = re.compile(
    r"\b(?:state pension|old age pension|oap|pensioner|incapacity(?: benefit)?|carer'?s? (?:allowance|"
    r"support)|carers|maternity allowance|severe disablement|industrial injuries|iidb|"
    r"widow(?:ed|er)?'?s? (?:parent'?s? |mother'?s? )?(?:allowance|pension|benefit)|jsa|"
    r"job ?seekers?(?:'?s?)?(?: allowance)?|esa|employment (?:(?:and|&) )?support|war (?:pension|widow|"
    r"disablement)\w*|armed forces compensation|"
    r"training allowance|new[- ]style (?:jsa|esa)|contribution[- ]based (?:jsa|esa)|contributory (?:jsa|"
    r"esa)|on the (?:dole|sick)|the dole)\b"
)
_UNIVERSAL_CREDIT = re.compile(r"\b(?:universal credits?|u\.?c\b|univeral credit|universal cred)")
_SOME_BENEFIT = re.compile(
    r"\b(?:benefits?|social security|signing on|signs on|sign on|dss|dwp money|claims?(?! against)|"
    r"claiming)\b"
)
_NOT_WORKING = re.compile(
    r"\b(?:(?:not|isn'?t|don'?t|doesn'?t|aren'?t|no longer|stopped|never|can'?t|cannot|unable to|"
    r"unfit (?:for|to)|out of)(?: \w+){0,2}? (?:work\w*|job|earn\w*|employ\w*)|no (?:jobs?|work|earnings|"
    r"wages?|income from work|other income)|unemployed|jobless|lcwra|lcw|limited capability|"
    r"nothing else|only (?:uc|universal credit|that)|(?:uc|universal credit) only|just (?:uc|"
    r"universal credit)|without work\w*|sick|signed off|made redundant|lost (?:my|his|her|their) job|"
    r"stay[- ]at[- ]home|full[- ]time (?:mum|dad|carer)|neither (?:of (?:us|them) )?works?|(?:nobody|no 1|"
    r"no one) works|with(?:out| no) earnings|0 earnings|no earned)\b"
)
_WORKING = re.compile(
    r"\b(?:(?<!not )(?<!n't )(?:work(?:s|ing)?|earn(?:s|ing|ings)?|employed)(?! capability)|part[- ]time|"
    r"full[- ]time(?! (?:mum|dad|carer))|few hours|\d+ hours|wages?|topped up|top[- ]?up|self[- ]employed|"
    r"a job|has a job|zero hours|with earnings)\b"
)
_NO_BENEFITS = re.compile(
    r"\b(?:no|not on|not getting|not any|don'?t (?:get|claim|have|receive)|doesn'?t (?:get|claim|have|"
    r"receive)|aren'?t on|isn'?t on|never claimed|without|not claiming|none of (?:those|these|them)|"
    r"not on any)(?: \w+){0,3}? ?(?:benefits?|uc|universal credit|of (?:those|these|them)|any(?:thing)?|"
    r"allowances?|state pension)\b|\bno benefits?\b|\bnone of (?:those|these|them|the above)\b"
)
_PARTNER = re.compile(
    r"\b(?:(?:my|his|her|their|the)(?: new| current)? (?:partner|wife|husband|girlfriend|boyfriend|gf|bf|"
    r"fianc[eé]e?|missus|missis|mrs|other half|spouse|bloke)|new (?:partner|wife|husband|girlfriend|"
    r"boyfriend)|partner'?s?|they live with someone|she lives with|he lives with)\b"
)
_EX = re.compile(r"\bex[- ]?(?:partner|wife|husband|girlfriend|boyfriend)\b")
_PARTNER_PAYS = re.compile(
    r"\b(?:(?:my|his|her|their)(?: new| current)? (?:partner|wife|husband|girlfriend|boyfriend)|new partner|"
    r"(?:he|she|who)) (?:also |too )?(?:pays?|is paying|has to pay)(?: \w+){0,3} (?:maintenance|cms|"
    r"child support|for (?:his|her|their) (?:own )?(?:kids|children|child|son|daughter))(?: too| as well|"
    r" also)?\b"
    r"|\bboth (?:of us|of them)? ?(?:pay|paying) (?:maintenance|cms|child support)\b|\bpartner (?:is a |"
    r"also a )?paying parent\b"
)

_PRISON_WORD = (
    r"(?:prison(?:er)?|jail(?:ed)?|gaol|behind bars|locked up|banged up|the nick|remand|hmp|young offender\w*|"
    r"doing time|(?:went|gone|go|sent|going) down for \d+|(?:got|been|was|were) sent down|serving (?:time|a |his |her |my |\d+)|"
    r"\d+ (?:months?|years?|weeks?) (?:inside|sentence|stretch)|inside(?= (?:for|until|till|at)\b|\W*$))"
)
_PAYER = (
    r"(?:i|i'm|im|he|he's|hes|she|she's|shes|they|they're|ex|dad|mum|father|mother|parent|son|daughter|"
    r"client|brother|sister|husband|wife|partner|who|who's|been|got|gone|sent|put|is|am|are)"
)
_PRISON = re.compile(
    rf"\b{_PAYER}\b[^.;?]{{0,40}}?\b{_PRISON_WORD}(?!\w)|^\W*(?:in |on |yes |currently |he'?s |"
    rf"she'?s ){{0,3}}{_PRISON_WORD}(?!\w)(?:\W+\w+){{0,3}}\W*$|\bfrom (?:prison|jail|hmp)\b"
)
_NOT_PRISON = re.compile(
    r"\b(?:out of|left|released from|came out of|got out of|not in|threaten\w*|could (?:he|she|i|"
    r"they) go to|go(?:ing)? to (?:prison|jail) (?:for|if)|end up in|send (?:him|her|me|them) to|"
    r"used to be in|ex-?prisoner|works? (?:in|at) (?:a |the )?prison|prison officer)\b"
)
_CARE_HOME = re.compile(
    r"\b(?:in|living in|lives in|moved (?:in)?to|stays in) (?:a |an |the )?(?:care home|nursing home|"
    r"residential (?:care|home)|independent hospital)\b"
)
_YOUTH_TRAINING = re.compile(
    r"\b(?:youth training|skill ?seekers?|training for young people|work[- ]based training for young)\b"
)
_PUBLIC_MONEY = re.compile(r"\b(?:council|nhs|public|funded|paid for)\b")
_YOUNG_PAYER = re.compile(
    rf"\b(?:i'?m|i am|(?:the )?(?:dad|father|mum|mother|ex|boyfriend|girlfriend|baby'?s dad|his dad|"
    rf"her dad)(?: is|'s)|(?:paying parent|payer|parent who pays)(?: is|'s)|he'?s only|she'?s only|"
    rf"he is only|she is only) (?:only |just |still )?(?:aged )?(?P<age>1[0-7])\b(?! ?(?:%|k\b|hours|days|"
    rf"nights|weeks|months|stone))"
)


def read_nil_reason(text: str) -> NilReason | None:
    """A nil group of Regs 45 that a normalised text puts the paying parent in."""
    if _PRISON.search(text) and not _NOT_PRISON.search(text):
        return NilReason.PRISONER
    with_help = any(pattern.search(text) for pattern in (_SOME_BENEFIT, _MEANS_TESTED, _PUBLIC_MONEY))
    if _CARE_HOME.search(text) and with_help:
        return NilReason.CARE_HOME_ON_BENEFIT
    if _YOUTH_TRAINING.search(text):
        return NilReason.YOUTH_TRAINING
    young = _YOUNG_PAYER.search(text)
    if young and int(young.group("age")) < 16:
        return NilReason.CHILD
    if young and (_UNIVERSAL_CREDIT.search(text) or _MEANS_TESTED.search(text)):
        return NilReason.AGED_16_17_ON_BENEFIT
    return None


def read_benefits(text: str, *, asked: bool) -> tuple[str | None, str | None]:
    """The value for the slot, or what is lacking.

    Values: `none`, `own_list`, `means_tested`, `partner` (list B, the partner's). Lacking: `earnings` where universal
    credit was named but not whether there is work, `which` where only "benefits" was said.
    """
    if _NO_BENEFITS.search(text):
        return "none", None
    partner = bool(_PARTNER.search(_EX.sub("#", text)))
    if _MEANS_TESTED.search(text) or re.search(r"\blcwr?a?\b", text):
        return ("partner" if partner else "means_tested"), None
    if _UNIVERSAL_CREDIT.search(text):
        if _NOT_WORKING.search(text):
            return ("partner" if partner else "means_tested"), None
        if _WORKING.search(text):
            return "none", None
        return None, "earnings"
    if _OWN_LIST.search(text) and not partner:
        return "own_list", None
    if _NEITHER.search(text):
        return ("none", None) if asked else (None, None)
    if asked and answers.no(text) and not _UNIVERSAL_CREDIT.search(text):
        return "none", None
    if asked and (_SOME_BENEFIT.search(text) or answers.yes(text)):
        return None, "which"
    if asked and _WORKING.search(text):
        return "none", None
    if re.search(r"\b(?:on|gets?|getting|receiv\w+|living on|lives on|claiming) (?:\w+ )?benefits\b", text):
        return None, "which"
    return None, None


def partner_pays_maintenance(text: str) -> bool:
    """The partner at home pays child maintenance too, for the half flat rate."""
    return bool(_PARTNER_PAYS.search(_EX.sub("#", text))) and bool(_PARTNER.search(_EX.sub("#", text)) or "both" in text)


def has_earnings(text: str) -> bool | None:
    """The answer to "is there any pay from work?", None when it tells nothing."""
    if _NOT_WORKING.search(text):
        return False
    if _WORKING.search(text):
        return True
    return None
