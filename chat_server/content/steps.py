"""Checks of what a message leads to: its buttons, its safety after a mention of abuse, its Welsh twin."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from chat_server.content.content import BLANK, LABEL, PHONE, URGENT, Content, Finding, Variation
from chat_server.core.topics import Outcome

BUTTONS_UNDER_A_MESSAGE = 3
ASKS = "utter_ask_"
"""Questions whose buttons are the possible answers, however many there are."""
ABOUT_WAITING = "utter_service_queue_"
GREETING = "utter_service_greeting"
"""Shown before there is a conversation: its buttons are words to send (`say:`), since nothing can be chosen yet."""
IN_WELSH = (URGENT, "utter_service_", LABEL)
"""Beginnings of the keys that are promised in Welsh."""

COMMANDS = ("!human", "!retry", "!leave_message", "!call_back", "!stop_waiting")
WHILE_WAITING = ("!leave_message", "!call_back", "!stop_waiting")
"""Commands that mean something only to a parent who waits for a person, so only in the notices about waiting."""
TO_THE_OTHER_PARENT = ("signpost.mediation", "family_based.agree", "family_based.talking")
"""Topics that are never offered once abuse has been mentioned."""


ABOUT_SAFETY = re.compile(r"\b(?:un)?safe\b[^.?!\n]*\?", re.IGNORECASE)
SAID_BY_PEOPLE = "utter_canned_"


def buttons(content: Content) -> Iterator[Finding]:
    """A button leads somewhere that exists, and there are few of them."""
    known = set(content.topics) | {mention.name for mention in content.intents}
    for v in content.variations():
        if len(v.buttons) > BUTTONS_UNDER_A_MESSAGE and not v.key.startswith(ASKS):
            yield v.finding(f"{v.key} has {len(v.buttons)} buttons; {BUTTONS_UNDER_A_MESSAGE} is the most.")
        for payload, count in Counter(b.payload for b in v.buttons).items():
            if count > 1:
                yield v.finding(f"{v.key} has two buttons for {payload}.")
        for button in v.buttons:
            if problem := _payload_problem(v.key, button.payload, known, content.slots):
                yield v.finding(f"The button “{button.title}” {problem}.", button.payload.line)


def a_plain_yes(content: Content) -> Iterator[Finding]:
    """After a question whether somebody is safe, a typed "yes" has to be heard as what it is."""
    known = set(content.topics) | {mention.name for mention in content.intents}
    for v in content.variations():
        means = v.metadata.get("yes_means")
        if means and (problem := _payload_problem(v.key, str(means), known, content.slots)):
            yield v.finding(f"{v.key}: what a yes means (yes_means) {problem}.")
        elif means is None and ABOUT_SAFETY.search(v.text) and not v.key.startswith(SAID_BY_PEOPLE):
            yield v.finding(f"{v.key}: say what a plain “yes” to this question means (metadata: yes_means).")


def buttons_that_steer(content: Content) -> Iterator[Finding]:
    """No estimate after a worry or a refusal; nothing beside help in danger; no way to the other parent after abuse."""
    for v in content.variations():
        for button in v.buttons:
            topic = _topic_of(button.payload)
            if v.key.startswith(URGENT) and topic:
                yield v.finding("In danger nothing else is offered: take the button away.", button.payload.line)
            elif (topic.startswith("estimate.") and _answers_a_worry(content, v)) or (
                topic == "estimate.start" and _after_abuse_or_a_no(v)
            ):
                yield v.finding("No estimate is offered after a worry, or after a no.", button.payload.line)
            elif topic in TO_THE_OTHER_PARENT and v.conditions.get("abuse_mentioned") is True:
                yield v.finding(f"After a mention of abuse, {topic} is not offered.", button.payload.line)


def safety_that_is_overruled(content: Content) -> Iterator[Finding]:
    """Where words differ after a mention of abuse, no other condition may win over them."""
    for key, variations in content.keys.items():
        careful = [v for v in variations if v.conditions.get("abuse_mentioned") is True]
        if not careful:
            continue
        for v in variations:
            if "abuse_mentioned" in v.conditions or v.lang != "en":
                continue
            said = _chosen(variations, {"lang": "en", **v.conditions, "abuse_mentioned": True})
            if said and said.conditions.get("abuse_mentioned") is not True:
                yield v.finding(
                    f"{key}: after a mention of abuse these words would still be said. "
                    "Put the careful variation before them, or give it these conditions too."
                )


def welsh(content: Content) -> Iterator[Finding]:
    """What is promised in Welsh is there, and says the same in both languages."""
    for key, variations in content.keys.items():
        for v in variations:
            if v.lang != "en":
                continue
            twin = _in_welsh(v, variations)
            if twin is None:
                if key.startswith(IN_WELSH):
                    yield v.finding(
                        f"{key} is promised in Welsh, and this variation has no Welsh one with the same conditions."
                    )
                continue
            if set(BLANK.findall(v.text)) != set(BLANK.findall(twin.text)):
                yield twin.finding(f"{key}: the blanks in Welsh are not those in English.", twin.text.line)
            if [b.payload for b in v.buttons] != [b.payload for b in twin.buttons]:
                yield twin.finding(f"{key}: the buttons in Welsh are not those in English.")
            if _numbers(v.text) != _numbers(twin.text):
                yield twin.finding(f"{key}: the phone numbers in Welsh are not those in English.", twin.text.line)


def _topic_of(payload: str) -> str:
    return payload[1:].partition("{")[0] if payload.startswith("/") else ""


def _payload_problem(key: str, payload: str, known: set[str], slots: Mapping[str, Any]) -> str | None:
    if (key == GREETING) != payload.startswith("say:"):
        return f"has the payload “{payload}”: the greeting's buttons, and no others, are say:words"
    if payload.startswith("say:"):
        return None if payload[4:].strip() else "says nothing"
    if payload in WHILE_WAITING and not key.startswith(ABOUT_WAITING):
        return f"is {payload}, which works only while a parent waits for a person: use !human"
    if payload in COMMANDS:
        return None
    if not payload.startswith("/"):
        return f"has the payload “{payload}”: it must be /topic or one of {', '.join(COMMANDS)}"
    name, brace, rest = payload[1:].partition("{")
    if name not in known:
        return f"leads to “{name}”, which is no topic"
    if not brace:
        return None
    try:
        given = json.loads(brace + rest)
    except ValueError:
        return f"has a payload that is not valid: {payload}"
    for slot, value in given.items():
        if slots and slot not in slots:
            return f"sets “{slot}”, which is no slot"
        if slots and slots[slot] and value not in slots[slot]:
            return f"sets “{slot}” to “{value}”, which it cannot be"
    return None


def _answers_a_worry(content: Content, v: Variation) -> bool:
    topic = content.topics.get(v.key.removeprefix("utter_"))
    worrying = topic is not None and topic.outcome in (Outcome.HANDOVER, Outcome.SIGNPOST)
    return worrying or "worry" in v.conditions


def _after_abuse_or_a_no(v: Variation) -> bool:
    return v.conditions.get("estimate_refused") is True or v.conditions.get("abuse_mentioned") is True


def _chosen(variations: list[Variation], slots: Mapping[str, Any]) -> Variation | None:
    """The variation that would be said: as `core.wording` chooses it."""
    fitting = [v for v in variations if all(slots.get(name) == value for name, value in v.conditions.items())]
    return max(fitting, key=lambda v: len(v.conditions), default=None)


def _in_welsh(v: Variation, variations: list[Variation]) -> Variation | None:
    wanted = {**{name: value for name, value in v.conditions.items() if name != "lang"}, "lang": "cy"}
    return next((other for other in variations if dict(other.conditions) == wanted), None)


def _numbers(text: str) -> list[str]:
    return sorted(number.replace(" ", "") for number in PHONE.findall(text))
