"""What parents say about themselves in passing: nation, role, who is asking, language. Read, never guessed.

Entities named like the slots they fill. Nothing is concluded from a man or a woman writing: a father may receive, a
mother may pay, and either may be a grandparent who asks for somebody else.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Text, Tuple

NATIONS: Dict[Text, Text] = {
    "england": "england|english",
    "wales": "wales|welsh|cymru",
    "scotland": "scotland|scottish|scots",
    # Not the insurance number, nor what is taken off pay.
    "northern_ireland": r"northern ireland|n\.? ireland|northern irish|ulster|n\.i\.?|ni(?!\W+(?:number|no|contrib\w*|deduct\w*|tax|paid|pay\w*|and tax))",
}
PLACES: Dict[Text, Text] = {
    "england": "london|birmingham|manchester|liverpool|leeds|sheffield|bristol|newcastle|nottingham|leicester|coventry|"
    "bradford|hull|stoke|wolverhampton|plymouth|derby|southampton|portsmouth|brighton|sunderland|norwich|oxford|cambridge|"
    "york|blackpool|bolton|middlesbrough|exeter|luton|reading|milton keynes|cornwall|devon|kent|essex|yorkshire|lancashire|"
    "cumbria|norfolk|suffolk|merseyside|tyneside|the midlands",
    "wales": "cardiff|swansea|newport|wrexham|bangor|merthyr|llanelli|aberystwyth|barry|bridgend|caerphilly|rhyl|"
    "carmarthen|gwynedd|anglesey|powys|caernarfon",
    "scotland": "glasgow|edinburgh|aberdeen|dundee|inverness|stirling|perth|paisley|falkirk|kilmarnock|fife|dunfermline|"
    "greenock|livingston|ayr|lanarkshire|the highlands|orkney|shetland",
    "northern_ireland": "belfast|derry|londonderry|lisburn|newry|armagh|antrim|omagh|ballymena|coleraine|fermanagh|tyrone|craigavon",
}
_AMBIGUOUS = {"bangor", "newport", "perth", "reading", "barry", "york", "hull", "derby", "kent", "ayr", "ni"}
"""Also words, names or towns elsewhere; they count only where somebody says that they live there."""

_HERE = (
    r"(?:\b(?:i|we)(?:'m| am|'re| are)?(?: (?:both|all|now|currently|still|just))?(?: (?:live|living|based|moved|stay|staying))?"
    r"(?: (?:in|to|up in|down in|over in|near))|\b(?:im|were) (?:in|from|based in|living in)|\b(?:here|up here|over here) in"
    r"|\bi'm (?:in|from)|\b(?:me|us|i|we|kids|children|both) (?:all )?(?:live|lives|living|are|r) in|\bliving in|\bi live near)\s+(?:the )?"
)
_NATION_WORDS = "|".join(f"(?P<{nation}>{words}|{PLACES[nation]})" for nation, words in NATIONS.items())
_LIVES = re.compile(_HERE + rf"(?:{_NATION_WORDS})\b", re.IGNORECASE)
_NAMED = re.compile(rf"\b(?:{_NATION_WORDS})\b", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(he|she|they|ex|his|her|their|dad|mum|father|mother|other parent|partner|husband|wife)\b[^.!?]{0,40}$", re.IGNORECASE
)
_ASKS_NATION = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|yes|yeah|oh|no|sorry|actually|it'?s|its|that'?s|what|whats|what's|how|about|if|is|it|in|for|the|same|"
    r"we|are|i|am|i'm|im|from|live|living|in|different|does|this|work|apply|rules|there)\W+)*$",
    re.IGNORECASE,
)

_PAYING = re.compile(
    r"\b(?:i|i've|ive|i'm|im|i am|i'll)\b(?: (?:\w+)){0,3}? (?:pay|paying|paid)\b(?! (?:off|rent|the rent|my rent|bills|a solicitor|for (?:it|that|this|the call)))"
    r"|\b(?:i'm|i am|im|as) (?:a |the |an )?(?:paying parent|nrp|non resident parent|one (?:who|that)(?:'s| is)? pay(?:s|ing)?)"
    r"|\bhow much (?:do|should|would|will|must|have|am|are) (?:i|we) (?:have to |need to |supposed to |got to |to )?(?:pay|paying|give|owe)"
    r"|\bwhat (?:do|should|would|will) i (?:have to |need to )?pay\b"
    r"|\b(?:out of|from|taken from|taking from|deduct\w* from) my (?:wages|wage|pay|salary|account|benefits)"
    r"|\b(?:wants?|wanting|asking for|demanding|asks for|asked for) (?:£ ?\d+|money|maintenance|more|payments?)\b(?: \w+){0,4} (?:from|off|of) me\b"
    r"|\b(?:i owe|my arrears|i've got arrears|i missed a payment|i missed my payment)\b",
    re.IGNORECASE,
)
_RECEIVING = re.compile(
    r"\b(?:pay|pays|paid|paying|give|gives|given|gave|sends?|sent|owes?|owed) me\b"
    r"|\b(?:i'm|i am|im|as) (?:a |the |an )?(?:receiving parent|pwc|parent with care|one (?:who|that)(?:'s| is)? (?:receiv|gett)\w+)"
    r"|\bhow much (?:should|would|will|can|could|am|do|are) (?:i|we) (?:be )?(?:get|getting|receive|receiving|entitled|owed|expect)"
    r"|\bwhat (?:should|would|will|can|could) i (?:be )?(?:get|getting|receive|receiving)\b"
    r"|\b(?:i|we) (?:get|got|receive|received|haven't had|havent had|haven't received|havent received|have not received|never get|don't get|dont get)(?: \w+){0,3} "
    r"(?:maintenance|payments?|a penny|nothing|money from)"
    r"|\b(?:won't|wont|refuses to|refusing to|stopped|isn't|isnt|never|not|doesn't|doesnt|hasn't|hasnt) (?:pay|paying|paid|pays)\b(?=.*\b(?:my|me|our)\b)",
    re.IGNORECASE,
)
_NOT_PAYING_PARENT = re.compile(r"\bi (?:pay for (?:everything|all)|pay (?:all )?the bills|can't pay the rent|cant pay the rent)", re.IGNORECASE)
_SHARED = re.compile(
    r"\b(?:50[ /:-]?50|fifty fifty|half (?:the )?(?:time|week|each)|equal(?:ly)? (?:care|shared|time|split)|share (?:the )?care equally|week on week off|shared care equally)\b",
    re.IGNORECASE,
)

_PROFESSIONAL = re.compile(
    r"\b(?:i'm|im|i am|as|we are|we're) (?:a |an |the |his |her |their )?(?:[\w-]+ ){0,2}?"
    r"(?:social worker|health visitor|solicitor|lawyer|advis[eo]r|support worker|teacher|midwife|nurse|gp|mediator|key ?worker|"
    r"housing officer|caseworker|family worker|money advis[eo]r|debt advis[eo]r|paralegal|counsellor|school nurse|journalist)\b"
    r"|\b(?:my|our|a) client(?:'s|s)?\b|\bone of (?:my|our) (?:clients|tenants|patients|families|service users)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:i'm|im|i am|as) (?:a |an |the |her |his |their )?(?:[\w-]+ ){0,2}?(?:grand(?:mother|father|parent|ma|dad|mum|pa)|grandad|nan|nana|gran|granny|nanny|aunt|auntie|"
    r"uncle|step ?(?:mum|dad|mother|father|parent)|new partner|friend of|sister of|brother of)\b"
    r"|\b(?:asking|writing|here|this is|enquiring|its|it's) (?:for|on behalf of) (?:my |a )(?:son|daughter|friend|mate|brother|sister|grandson|granddaughter|niece|"
    r"nephew|partner|husband|wife|boyfriend|girlfriend|cousin|colleague|neighbour|mum|dad|mother|father)\b"
    r"|\bon behalf of (?:my|a)\b"
    r"|\bmy (?:son|daughter|brother|sister|friend|mate|cousin|nephew|niece|grandson|granddaughter|partner|husband|boyfriend|girlfriend|wife|stepson|stepdaughter)'?s "
    r"(?:ex|baby ?mum|baby ?mama|baby ?dad|child maintenance|kids|children|maintenance|cms)"
    r"|\bmy (?:son|daughter|brother|sister|friend|mate|cousin|nephew|niece|partner|boyfriend|girlfriend) (?:pays|is paying|has to pay|doesn't get|doesnt get|gets maintenance|"
    r"has split|has separated|is splitting|and (?:his|her) (?:ex|wife|husband|partner|girlfriend|boyfriend)|split up|separated|is getting divorced|has been (?:paying|told))"
    r"|\bmy (?:grandson|granddaughter|grandchild(?:ren)?|grandkids|nephew|niece)(?:'s|s)? (?:mum|dad|mother|father|parents?|lives? with (?:me|us))\b",
    re.IGNORECASE,
)
_PARENT = re.compile(
    r"\b(?:i'm|im|i am|as) (?:a |the |their )?(?:\w+ )?(?:dad|father|mum|mother|mam|parent)\b(?! in law)|\bmy ex\b|\b(?:me|i) and my (?:ex|wife|husband|partner)\b",
    re.IGNORECASE,
)
_WELSH = re.compile(
    r"\b(?:yn gymraeg|siarad cymraeg|cymraeg os gwelwch|(?:in|speak|reply|write|answer|talk|chat) (?:in )?welsh)\b", re.IGNORECASE
)
_ENGLISH = re.compile(r"\b(?:(?:in|back to|speak|reply in|switch to) english(?: please)?|yn saesneg)\b", re.IGNORECASE)


def about_parent(text: Text) -> List[Dict[Text, Any]]:
    """All that a text says about its writer, as entities: nation, role, asker, lang; each at most once."""
    lang = _language(text)
    found = [lang or _nation(text), _asker(text)]
    if not (found[1] and found[1]["value"] != "parent"):
        found.append(_role(text))
    if lang:
        found.append(None)
    return [entity for entity in found if entity]


def _language(text: Text) -> Optional[Dict[Text, Any]]:
    for pattern, value in ((_WELSH, "cy"), (_ENGLISH, "en")):
        match = pattern.search(text)
        if match:
            return _entity("lang", value, match.span())
    return None


def _nation(text: Text) -> Optional[Dict[Text, Any]]:
    """The nation that the parent lives in or asks about; not the one where somebody else lives."""
    lives = _LIVES.search(text)
    if lives:
        return _entity("nation", lives.lastgroup, lives.span(lives.lastgroup))
    for named in _NAMED.finditer(text):
        before = text[: named.start()]
        if named.group(0).lower().strip(".") in _AMBIGUOUS and named.group(0).lower() not in ("ni", "n.i.", "n.i"):
            continue
        if _OTHERS.search(before):
            continue
        if _ASKS_NATION.match(before) and len(text.split()) <= 12:
            return _entity("nation", named.lastgroup, named.span())
    return None


def _role(text: Text) -> Optional[Dict[Text, Any]]:
    shared = _SHARED.search(text)
    paying = None if _NOT_PAYING_PARENT.search(text) else _PAYING.search(text)
    receiving = _RECEIVING.search(text)
    if paying and receiving:
        return None
    match = paying or receiving
    if match:
        return _entity("role", "paying" if paying else "receiving", match.span())
    return _entity("role", "shared", shared.span()) if shared else None


def _asker(text: Text) -> Optional[Dict[Text, Any]]:
    for pattern, value in ((_PROFESSIONAL, "professional"), (_RELATIVE, "relative"), (_PARENT, "parent")):
        match = pattern.search(text)
        if match:
            return _entity("asker", value, match.span())
    return None


def _entity(name: Text, value: Text, span: Tuple[int, int]) -> Dict[Text, Any]:
    return {"entity": name, "value": value, "start": span[0], "end": span[1], "confidence_entity": 1.0}
