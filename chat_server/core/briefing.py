"""What the next agent has to know before the first line, made only of what was said; each line leads to its message.

The parent's words are quoted, never put in other words. Nothing is concluded: no sex, no fault, no role that was not stated.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat_server.core.events import Event
from chat_server.core.topics import TOPICS, Outcome

LONGEST_QUOTE = 280
"""Characters of a quotation; the message that it leads to has the rest."""
MOST_WORRIES = 3
MOST_OFFERED = 6

HEAVY = frozenset({Outcome.HANDOVER, Outcome.URGENT, Outcome.SIGNPOST})
"""Outcomes of a topic that tell of a worry."""
NO = ("/chat.deny", "!stop_waiting")
"""What choosing means when it says no."""
PAYLOADS = "_payloads"

_STATED = "".join(rf"(?<!\b{word} )" for word in ("do", "did", "will", "would", "can", "could", "should", "shall", "must", "am", "if", "when", "how"))
"""Before `I`: what makes a question, or a case, of it."""

ROLES = (
    re.compile(rf"\b(?:{_STATED}i am|i'm|im|as) (?:the |a )?(?:paying|receiving|resident|non-resident) parent\b", re.I),
    re.compile(rf"\b{_STATED}i (?:(?:have to|do|already|still|currently|now|always) )?pay (?:child )?(?:maintenance|support)\b", re.I),
    re.compile(rf"\b{_STATED}i(?: am|'m|m)? (?:paying|receiving|getting) (?:child )?(?:maintenance|support)\b", re.I),
    re.compile(rf"\b{_STATED}i (?:(?:do|already|still|currently|now) )?(?:receive|get) (?:child )?(?:maintenance|support)\b", re.I),
    re.compile(r"\bi(?:'m| am|m) (?:a |the )?(?:grandparent|grandmother|grandfather|solicitor|social worker|teacher)\b", re.I),
)
"""Ways in which parents state their role; anything less plain is left to the agent to ask, or not to ask."""

NATIONS = {
    "england": re.compile(r"\bengland\b|\blloegr\b", re.I),
    "wales": re.compile(r"\bwales\b|\b(?:g|ng)?h?cymru\b|\bnghymru\b", re.I),
    "scotland": re.compile(r"\bscotland\b|\bscottish\b|\balban\b", re.I),
    "northern_ireland": re.compile(r"\bnorthern ireland\b|\bgogledd iwerddon\b", re.I),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the card. `seq` is the message that it comes from; None for what was set on the page before any."""

    kind: str
    text: str
    seq: int | None
    more: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "seq": self.seq, **self.more}


def briefing(
    events: Sequence[Event],
    *,
    topic: str | None = None,
    nation: str | None = None,
    lang: str = "en",
    urgent: Iterable[str] = (),
    safe_contact: Mapping[str, Any] | None = None,
) -> tuple[Line, ...]:
    """The card of a conversation: danger first, then the worry, then what helps to go on from there."""
    talk = _Talk(events)
    lines = [
        *_danger(talk, frozenset(urgent)),
        *_safe_contact(talk, safe_contact),
        *_worry(talk),
        *_topic(talk, topic),
        *_nation(talk, nation),
        *_role(talk),
        *_offered(talk),
        *_refused(talk),
        *_lang(talk, lang),
    ]
    return tuple(lines)


class _Talk:
    """The events, and what the assistant made of each message of the parent."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.by_seq = {event.seq: event for event in events}
        self.topics: dict[int, str] = {
            event.body["in_reply_to"]: event.body["topic"]
            for event in events
            if event.type == "message" and event.body.get("topic") and event.body.get("in_reply_to")
        }
        self.alarming = {
            event.body["in_reply_to"] for event in events if event.type == "urgent" and event.body.get("in_reply_to")
        }

    def from_parent(self) -> list[Event]:
        return [event for event in self.events if event.type == "message" and event.body["from"] == "parent"]

    def typed(self) -> list[Event]:
        """What the parent wrote in their own words: no buttons, no choices."""
        return [event for event in self.from_parent() if "choice" not in event.body and "button" not in event.body]

    def to_parent(self) -> list[Event]:
        return [event for event in self.events if event.type == "message" and event.body["from"] != "parent"]

    def meaning(self, event: Event) -> str:
        """What a choice of the parent meant; empty for words."""
        offered = self.by_seq.get(event.body.get("of", 0))
        return ((offered.body.get(PAYLOADS) or {}).get(event.body.get("choice")) or "") if offered else ""

    def outcome(self, event: Event) -> Outcome | None:
        topic = TOPICS.get(self.topics.get(event.seq, ""))
        return topic.outcome if topic else None

    def preferred(self, name: str) -> int | None:
        """The latest event in which the parent set a preference."""
        return next((e.seq for e in reversed(self.events) if e.type == "preferred" and e.body.get(name)), None)


def _danger(talk: _Talk, urgent: frozenset[str]) -> list[Line]:
    lines: dict[str, Line] = {}
    for event in talk.events:
        if event.type == "urgent" and event.body["kind"] not in lines:
            kind, said = event.body["kind"], talk.by_seq.get(event.body.get("in_reply_to") or 0)
            more = {"danger": kind, "lifted": kind not in urgent}
            lines[kind] = Line("danger", _quote(said) if said else "", said.seq if said else event.seq, more)
    return list(lines.values())


def _worry(talk: _Talk) -> list[Line]:
    typed = talk.typed()
    heavy = [event for event in typed if event.seq in talk.alarming or talk.outcome(event) in HEAVY]
    if not heavy:
        own = [event for event in typed if talk.outcome(event) is not Outcome.CHAT]
        heavy = own[:1] + own[1:][-1:]
    return [Line("worry", _quote(event), event.seq) for event in heavy[-MOST_WORRIES:]]


def _topic(talk: _Talk, topic: str | None) -> list[Line]:
    if topic is None:
        return []
    about = [seq for seq, found in talk.topics.items() if found == topic]
    queued = next((e.seq for e in reversed(talk.events) if e.type == "state" and e.body.get("topic") == topic), None)
    before = [event.seq for event in talk.from_parent() if queued is None or event.seq < queued]
    return [Line("topic", topic, max(about, default=before[-1] if before else None))]


def _nation(talk: _Talk, nation: str | None) -> list[Line]:
    if nation is None:
        return []
    told = [e.seq for e in talk.events if e.type == "preferred" and e.body.get("nation") == nation]
    told += [e.seq for e in talk.from_parent() if _slot(talk.meaning(e), "nation") == nation]
    told += [e.seq for e in talk.typed() if nation in NATIONS and NATIONS[nation].search(e.body["text"])]
    return [Line("nation", nation, max(told, default=None))]


def _role(talk: _Talk) -> list[Line]:
    for event in reversed(talk.from_parent()):
        chosen = _slot(talk.meaning(event), "role")
        stated = "choice" not in event.body and any(role.search(event.body["text"]) for role in ROLES)
        if chosen or stated:
            return [Line("role", _quote(event), event.seq)]
    return []


def _offered(talk: _Talk) -> list[Line]:
    lines = []
    for event in talk.to_parent():
        names = [card["name"] for card in event.body.get("organisations") or ()]
        if names:
            lines.append(Line("offered", ", ".join(names), event.seq, {"what": "organisations"}))
        if event.body.get("estimate"):
            lines.append(Line("offered", f"£{event.body['estimate']['weekly']}", event.seq, {"what": "estimate"}))
    return lines[-MOST_OFFERED:]


def _refused(talk: _Talk) -> list[Line]:
    lines = []
    for event in talk.from_parent():
        if talk.meaning(event).startswith(NO) or talk.topics.get(event.seq) == "chat.deny":
            before = [other.seq for other in talk.to_parent() if other.seq < event.seq]
            to = event.body.get("of") or (before[-1] if before else None)
            lines.append(Line("refused", _quote(event), event.seq, {"to": to}))
    return lines


def _safe_contact(talk: _Talk, contact: Mapping[str, Any] | None) -> list[Line]:
    if contact is None:
        return []
    words = [str(contact[name]) for name in ("how", "when", "ask_for") if contact.get(name)]
    return [Line("safe_contact", " · ".join(words), talk.preferred("safe_contact"), {"voicemail": contact.get("voicemail")})]


def _lang(talk: _Talk, lang: str) -> list[Line]:
    return [Line("lang", lang, talk.preferred("lang"))] if lang != "en" else []


def _slot(payload: str, name: str) -> Any:
    """What a choice said of the parent: `/nation{"nation":"wales"}`."""
    _, brace, rest = payload.partition("{")
    if not brace:
        return None
    try:
        return json.loads(brace + rest).get(name)
    except ValueError:
        return None


def _quote(event: Event) -> str:
    text = " ".join(str(event.body.get("text", "")).split())
    if len(text) <= LONGEST_QUOTE:
        return text
    return text[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
