"""The end of a turn: what it was about, and what is remembered of it."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

UNCLEAR = ("nlu_fallback", "out_of_scope")
KEEPS_TOPIC = ("nation", "chat.affirm", "chat.deny", "chat.thanks", "chat.greet", "chat.goodbye", "chat.bot", "chat.help")
"""What does not change the subject: the topic before is still the one that "that" means."""


def answered_topic(tracker: DialogueStateTracker) -> Text:
    """The topic that a turn was about, as the gateway is told: one of the 57."""
    message = tracker.latest_message
    heard = (message.intent.get("name") if message else None) or "nlu_fallback"
    if _form_listened(tracker):
        return "estimate.start"
    if heard in ("nation", "chat.affirm"):
        told = _set_in_turn(tracker).get("last_topic")
        return told or ("eligibility.nation" if heard == "nation" else heard)
    return "out_of_scope" if heard == "nlu_fallback" else heard


def settle(tracker: DialogueStateTracker) -> List[Event]:
    """What is remembered of a turn when it is over: its topic, that it was understood, that its offer is past."""
    heard = (tracker.latest_message.intent.get("name") if tracker.latest_message else None) or "nlu_fallback"
    set_now = _set_in_turn(tracker)
    events: List[Event] = []
    if heard not in KEEPS_TOPIC and heard not in UNCLEAR and "last_topic" not in set_now:
        events.append(SlotSet("last_topic", answered_topic(tracker)))
    if heard not in UNCLEAR and tracker.get_slot("misses"):
        events.append(SlotSet("misses", 0))
    offer = tracker.get_slot("offer")
    if offer and "offer" not in set_now:
        if heard == "chat.deny" and offer.startswith("/estimate"):
            events.append(SlotSet("estimate_refused", True))
        events.append(SlotSet("offer", None))
    return events


def since_message(tracker: DialogueStateTracker) -> List[Event]:
    """What happened in this turn, after the parent's message."""
    events = list(tracker.events)
    start = max((i for i, event in enumerate(events) if isinstance(event, UserUttered)), default=-1)
    return events[start + 1 :]


def _set_in_turn(tracker: DialogueStateTracker) -> Dict[Text, Any]:
    """Slots that actions set in this turn; what the message itself filled counts too."""
    return {event.key: event.value for event in since_message(tracker) if isinstance(event, SlotSet)}


def _form_listened(tracker: DialogueStateTracker) -> bool:
    """Whether the first thing that happened was a form taking the message as its answer."""
    first = next((e for e in since_message(tracker) if isinstance(e, ActionExecuted)), None)
    return first is not None and (first.action_name or "").endswith("_form")
