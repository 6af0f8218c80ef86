"""From keys to what a parent sees: words, choices, organisations, estimates. No sentence is made here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chat_server.assistant import AssistantUnavailable, Line, Reply
from chat_server.core import directory
from chat_server.core.conversation import Conversation
from chat_server.core.estimate import said_in
from chat_server.core.opening import moment
from chat_server.core.safety import Finding
from chat_server.core.signals import EstimateShown, Handover, OrganisationsShown
from chat_server.core.topics import TOPICS, Outcome
from chat_server.core.waiting import band
from chat_server.core.wording import Button, Said
from chat_server.protocol import KEPT_CHARACTERS
from chat_server.services import Services

RETENTION_DAYS = 90
PAYLOADS = "_payloads"
"""Private field of a message: what each of its choices means."""
KEYS = "_key"
YES = "_yes"
"""Private field of a message: what a plain "yes" to it takes up."""
STATED = {"own_behaviour": "own_behaviour", "young_people": "by_child"}
"""Groups of the directory that the words of a message themselves name, by the finding that says so."""


def slots_of(services: Services, conversation: Conversation, at: datetime) -> dict[str, Any]:
    """The facts that choose between variations and that the dialogue model is told before each turn."""
    return {
        "lang": conversation.lang,
        "nation": conversation.nation,
        "open_now": services.opening.is_open(at),
        "abuse_mentioned": "domestic_abuse" in conversation.urgent,
    }


def service_body(
    services: Services, conversation: Conversation, key: str, at: datetime, *, in_reply_to: int | None = None, **blanks: Any
) -> dict[str, Any]:
    """A notice of the service itself."""
    said = services.wording.say(
        key, slots_of(services, conversation, at), conversation.lang, **(_standing_blanks(services, conversation, at) | blanks)
    )
    return _body(said, in_reply_to=in_reply_to)


def queue_notice(
    services: Services, conversation: Conversation, at: datetime, in_reply_to: int | None, *, attended: bool
) -> dict[str, Any]:
    """What is true about waiting, now: these are the hours or not, somebody is at the desk or not, and when next.

    Where nobody is there and no worry has brought organisations of its own, it names help that is open.
    """
    open_now = services.opening.is_open(at)
    if conversation.is_urgent:
        key = "utter_service_queue_urgent_open" if open_now and attended else "utter_service_queue_urgent_closed"
    elif open_now:
        key = "utter_service_queue_open" if attended else "utter_service_queue_nobody"
    elif services.opening.next_open(at):
        key = "utter_service_queue_closed"
    else:
        key = "utter_service_queue_closed_unknown"
    body = service_body(services, conversation, key, at, in_reply_to=in_reply_to)
    nobody_there = not conversation.is_urgent and not (open_now and attended)
    if nobody_there and not directory.handover_set(conversation.topic or "", conversation.nation, at):
        body["organisations"] = cards(directory.nobody_there_set(conversation.nation, at), conversation, at)
    return body


def urgent_help(
    services: Services, conversation: Conversation, finding: Finding, at: datetime
) -> dict[str, dict[str, Any]]:
    """Emergency help for each kind: in full for a new kind or after ten minutes, else one short line."""
    bodies = {}
    slots = slots_of(services, conversation, at) | {
        "third_party": finding.third_party,
        "own_behaviour": finding.own_behaviour,
        "by_child": finding.by_child,
    }
    audience = [group for group, stated in STATED.items() if getattr(finding, stated)]
    for kind in map(str, finding.kinds):
        full = conversation.help_is_due_in_full(kind, at)
        said = services.wording.say(f"utter_urgent_{kind}{'' if full else '_short'}", slots, conversation.lang)
        bodies[kind] = {
            "text": said.text,
            "lang": said.lang,
            "organisations": cards(directory.urgent_set(kind, conversation.nation, audience), conversation, at) if full else [],
        }
    return bodies


def assistant_bodies(
    services: Services, conversation: Conversation, reply: Reply, at: datetime, in_reply_to: int
) -> list[dict[str, Any]]:
    """The messages of a reply. Raises AssistantUnavailable when a key or a blank is unknown."""
    slots = {**reply.slots, **slots_of(services, conversation, at)}
    bodies = [_assistant_body(services, conversation, reply, line, slots, at, in_reply_to) for line in reply.lines]
    if bodies:
        if reply.asking:
            bodies[-1]["asking"] = reply.asking
        _attach(bodies, reply, conversation, at)
    return bodies


def memory_after(reply: Reply, bodies: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What the dialogue model remembers after a turn, with what a plain "yes" to the last question would take up."""
    yes = next((body[YES] for body in reversed(bodies) if YES in body), None)
    if reply.memory is None or yes is None:
        return dict(reply.memory) if reply.memory is not None else None
    return {**reply.memory, "slots": {**reply.memory.get("slots", {}), "offer": yes}}


def cards(
    organisations: Sequence[directory.Organisation], conversation: Conversation, at: datetime
) -> list[dict[str, Any]]:
    """Organisations as they are shown to this parent now."""
    return [directory.card(o, conversation.nation, at, conversation.lang) for o in organisations]


def fixed_answer(services: Services, payload: str | None) -> Reply | None:
    """An answer that needs no dialogue model: the words of an information topic that was chosen by name."""
    if not payload or not payload.startswith("/"):
        return None
    topic = TOPICS.get(payload[1:].split("{", 1)[0])
    if topic is None or topic.outcome is not Outcome.INFORM or f"utter_{topic.name}" not in services.wording:
        return None
    return Reply(topic.name, 1.0, (Line(f"utter_{topic.name}"),))


def queue_frame(services: Services, conversation: Conversation, position: int, waits_s: Sequence[float]) -> dict[str, Any]:
    """Place in the queue and what may honestly be said about the wait."""
    name, seconds = band(position, waits_s)
    words = services.wording.say(f"utter_service_wait_{name}", {}, conversation.lang).text
    return {"type": "queue", "position": position, "wait": {"words": words, "seconds": seconds}}


def greeting(services: Services, conversation: Conversation, at: datetime) -> dict[str, Any]:
    """What is shown before the first message; its choices are words to send."""
    said = services.wording.say(
        "utter_service_greeting",
        slots_of(services, conversation, at),
        conversation.lang,
        **_standing_blanks(services, conversation, at),
    )
    return {"text": said.text, "lang": said.lang, "choices": [{"label": b.label} for b in said.buttons]}


def meaning_of(services: Services, text: str) -> str:
    """What the dialogue model is asked: a starter of the greeting, in any language, stands for its plain English words."""
    for variation in services.wording.variations("utter_service_greeting"):
        for button in variation.buttons:
            if button.label == text.strip():
                return button.payload.removeprefix("say:")
    return text


def _assistant_body(
    services: Services,
    conversation: Conversation,
    reply: Reply,
    line: Line,
    slots: Mapping[str, Any],
    at: datetime,
    in_reply_to: int,
) -> dict[str, Any]:
    facts = {**slots, "again": line.key in conversation.recent_keys}
    blanks = _standing_blanks(services, conversation, at) | dict(line.blanks)
    try:
        said = services.wording.say(line.key, facts, conversation.lang, **blanks)
        offered = tuple(
            Button(services.wording.say(c.label_key, facts, conversation.lang, **blanks).text, c.payload)
            for c in line.choices
        )
    except KeyError as unknown:
        raise AssistantUnavailable(f"no words for {line.key}: {unknown}") from unknown
    body = _body(said, in_reply_to=in_reply_to, offered=offered)
    topic = TOPICS.get(reply.topic)
    body |= {"topic": reply.topic, "outcome": str(topic.outcome) if topic else str(Outcome.CLARIFY)}
    return body


def _body(said: Said, *, in_reply_to: int | None, offered: tuple[Button, ...] = ()) -> dict[str, Any]:
    body: dict[str, Any] = {"text": said.text, "lang": said.lang, "in_reply_to": in_reply_to, KEYS: said.key}
    buttons = offered or said.buttons
    if buttons:
        body["choices"] = [{"id": f"c{n}", "label": button.label} for n, button in enumerate(buttons, 1)]
        body[PAYLOADS] = {f"c{n}": button.payload for n, button in enumerate(buttons, 1)}
    if said.yes:
        body[YES] = said.yes
    if said.sources:
        body["sources"] = [{"title": title, "as_of": said.as_of} for title in said.sources]
    return body


def _attach(bodies: list[dict[str, Any]], reply: Reply, conversation: Conversation, at: datetime) -> None:
    for heard in reply.heard:
        body = bodies[min(max(heard.after, 1), len(bodies)) - 1]
        match heard.signal:
            case EstimateShown(estimate):
                body["estimate"] = said_in(conversation.lang, estimate)
            case OrganisationsShown(ids):
                known = [organisation for organisation in map(directory.get, ids) if organisation]
                body["organisations"] = cards(known, conversation, at)


def show_help(bodies: Sequence[dict[str, Any]], reply: Reply, conversation: Conversation, at: datetime) -> None:
    """Named help for while a parent waits, with the words of the handover that it belongs to."""
    for heard in reply.heard:
        if isinstance(heard.signal, Handover) and bodies and not any("organisations" in body for body in bodies):
            if helpers := directory.handover_set(heard.signal.topic, conversation.nation, at):
                body = bodies[min(max(heard.after, 1), len(bodies)) - 1]
                body["organisations"] = cards(helpers, conversation, at)


def _standing_blanks(services: Services, conversation: Conversation, at: datetime) -> dict[str, Any]:
    opening = services.opening
    next_open = opening.next_open(at)
    return {
        "hours": opening.hours_table(conversation.lang),
        "next_open": moment(next_open, at, conversation.lang) if next_open else "",
        "retention": f"{RETENTION_DAYS}",
        "limit": f"{KEPT_CHARACTERS:,}",
    }
