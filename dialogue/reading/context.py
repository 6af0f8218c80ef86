"""What a message means where it stands: "and in Scotland?", "how much does that cost?", "yes".

Plain functions over the reading of a message and the slots; no model. The topic before is the slot `last_topic`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Mapping, Optional, Text

SAFE = ("housing", "legal", "distress", "human_request", "self_harm", "domestic_abuse", "child_safety")
"""Topics that no context talks away."""
PERSON = "!human"

_WORDS = re.compile(r"[a-z0-9£']+")
_POINTS_BACK = re.compile(r"\b(that|it|this|they|them|those|one)\b")
MOST_WORDS = 9
"""A follow-up is short; a longer message says itself what it is about."""

_COST = re.compile(
    r"\b(cost|costs|charge|charges|charged|fee|fees|price|free|pay for (?:it|that|this)|how much (?:is|are|do|does) (?:it|that|this|they))\b"
)
_HOW_LONG = re.compile(r"\bhow (?:long|soon|quick|quickly)\b|\bwhen (?:will|does|would) (?:it|that|this)\b")
_HOW_TO = re.compile(
    r"\bhow (?:do|can|would|should) (?:i|we|you) (?:do|apply|start|set|get|make|go|sort|begin|use|join|arrange)\b|\bwhere do (?:i|we) (?:start|apply|sign)\b"
)
_NUMBER = re.compile(r"\b(phone|number|ring|call|telephone|contact|email|website|address|link)\b")
_QUESTION = re.compile(r"\?|\b(?:what|how|is|does|do|same|different|rules|apply)\b")

_STATUTORY = "statutory"
COST_OF: Dict[Text, Text] = {
    _STATUTORY: "statutory.fees",
    "options.statutory": "statutory.fees",
    "legacy.csa": "statutory.fees",
    "options.overview": "statutory.fees",
    "options.family_based": "options.family_based",
    "family_based": "options.family_based",
    "options.court_order": "options.court_order",
    "signpost": "=",
    "service": "service.about",
}
TIME_OF: Dict[Text, Text] = {
    "options.statutory": "statutory.apply",
    "statutory.disagree": "=",
    "statutory.changes": "=",
    "statutory.missed": "=",
    "statutory.parentage": "=",
    "statutory.variation": "=",
    _STATUTORY: "statutory.apply",
}
START_OF: Dict[Text, Text] = {
    "options.statutory": "statutory.apply",
    "statutory.fees": "statutory.apply",
    "options.family_based": "family_based.agree",
    "family_based": "family_based.agree",
    "options.court_order": "options.court_order",
    "eligibility": "statutory.apply",
    "estimate": "estimate.start",
}
NUMBER_OF: Dict[Text, Text] = {
    "options.statutory": "statutory.contact",
    _STATUTORY: "statutory.contact",
    "legacy.csa": "statutory.contact",
    "eligibility": "statutory.contact",
    "signpost": "=",
    "service": "service.contact",
}
FOLLOW_UPS = ((_COST, COST_OF), (_HOW_LONG, TIME_OF), (_HOW_TO, START_OF), (_NUMBER, NUMBER_OF))


def in_context(parsed: Dict[Text, Any], slots: Mapping[Text, Any]) -> Dict[Text, Any]:
    """The reading of a message with the conversation taken into account. Danger and handover stay what they are."""
    heard = (parsed.get("intent") or {}).get("name")
    if heard in SAFE:
        return parsed
    if heard == "chat.affirm" and slots.get("offer"):
        return _taken_up(parsed, slots["offer"])
    text = (parsed.get("text") or "").lower()
    if only_names_nation(text, parsed.get("entities") or []):
        asks = not slots.get("last_topic") and _QUESTION.search(text)
        return _as_topic(parsed, "eligibility.nation" if asks else "nation")
    topic = follow_up(text, slots.get("last_topic"))
    return _as_topic(parsed, topic) if topic else parsed


def follow_up(text: Text, last_topic: Optional[Text]) -> Optional[Text]:
    """The topic that a short question with "that" or "it" is about, or None where the words stand for themselves."""
    words = _WORDS.findall(text)
    if not last_topic or not words or len(words) > MOST_WORDS or not _POINTS_BACK.search(text):
        return None
    for pattern, topics in FOLLOW_UPS:
        if pattern.search(text):
            found = topics.get(last_topic) or topics.get(last_topic.partition(".")[0])
            return last_topic if found == "=" else found
    return None


_FILLER = set(
    "a am an and any about are at based be but can do does for from from how i i'm if im in is it it's its just live lived "
    "living lives me my now of ok okay please same so that the then there this to up us we we're what what's whats when "
    "where would yes you here actually well different apply works work like over both all kids children parents answer "
    "i've moved says say rules case".split()
)


_OWN_QUESTION = re.compile(r"\b(?:do|can|could|should|would) (?:i|we)\b")


def only_names_nation(text: Text, entities: List[Dict[Text, Any]]) -> bool:
    """Whether a message says which nation is meant and little else: "Wales", "I live in Leeds", "and in Scotland?"."""
    said = next((e for e in entities if e.get("entity") == "nation" and e.get("extractor") == "AboutParent"), None)
    if said is None or _OWN_QUESTION.search(text):
        return False
    left = text[: said["start"]] + " " + text[said["end"] :]
    return all(word in _FILLER for word in _WORDS.findall(left))


def _taken_up(parsed: Dict[Text, Any], offer: Text) -> Dict[Text, Any]:
    if offer == PERSON:
        return _as_topic(parsed, "human_request")
    name, brace, values = offer.lstrip("/").partition("{")
    taken = _as_topic(parsed, name.strip())
    if brace:
        entities = [
            {"entity": slot, "value": value, "start": 0, "end": 0, "extractor": "payload"}
            for slot, value in json.loads(brace + values).items()
        ]
        taken["entities"] = [*taken.get("entities", []), *entities]
    return taken


def _as_topic(parsed: Dict[Text, Any], topic: Text) -> Dict[Text, Any]:
    confidence = max(float(parsed["intent"].get("confidence") or 0.0), 0.9)
    others = [one for one in parsed.get("intent_ranking", []) if one["name"] != topic]
    intent = {"name": topic, "confidence": confidence}
    return {**parsed, "intent": intent, "intent_ranking": [dict(intent), *others][:5]}
