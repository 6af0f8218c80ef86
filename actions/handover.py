"""A person takes over, or danger is raised: in the parent's own terms, and with any open form ended."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.organisations import ask_nation_for_help
from actions.telling import end_of_form, heard_topic, signal, words

_WORRIES = {
    # In this order: what presses most, and can have a date on it, is named first.
    "solicitor": r"solicitors?|lawyers?|barrister|legal aid",
    "court": r"courts?|judge|hearing|tribunal|magistrates?|cafcass|injunction|non[- ]mol\w*",
    "letter": r"letters?|papers|notice|eviction notice|section 21|section 8|summons|envelope|served (?:me|with)",
    # Not the name of a payment or a service.
    "children": r"child(?! (?:maintenance|support|benefit|tax))|children|kids?|kiddies|son|sons|daughters?|baby|babies|little (?:one|girl|boy)s?|bairns?|wee ones?|toddler|"
    r"ds|dd|my (?:boy|girl)s?",
    "money": r"money|£ ?\d[\d,.]*|\d+ ?(?:quid|pounds)|maintenance|debts?|bills?|pay(?:ing|ment|ments)?|arrears|afford|skint|broke",
    "house": r"house|flat(?! rate)",
    "person": r"person|human|someone|somebody|adviser|advisor|agent|manager|supervisor|complain\w*|call(?: me)? back",
}
_MATTERS = {
    # What may name the worry of each topic; a handover about the home is never worded as one about a flatmate's letter.
    "housing": ("solicitor", "court", "letter", "children", "money", "house"),
    "legal": ("solicitor", "court", "letter", "children", "money", "house"),
    "distress": ("letter", "court", "solicitor", "children", "money", "house"),
    "human_request": ("solicitor", "court", "letter", "children", "money", "house", "person"),
}


def worry(topic: str, text: str) -> str | None:
    """What a parent's worry is about, by the noun that they used; None where no noun says it."""
    for name in _MATTERS.get(topic, ()):
        if re.search(rf"\b(?:{_WORRIES[name]})\b" if name != "money" else rf"(?<!\w)(?:{_WORRIES[name]})(?!\w)", text, re.IGNORECASE):
            return name
    return None


class ActionHandOver(Action):
    """Acknowledges the worry and asks for a person."""

    def name(self) -> str:
        return "action_hand_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        topic = heard_topic(tracker)
        dispatcher.utter_message(response=f"utter_{topic}")
        signal(dispatcher, "handover", topic=topic, reason="topic")
        events = [SlotSet("worry", worry(topic, words(tracker))), *end_of_form(tracker)]
        if _asks_safety(tracker, topic):
            return [*events, SlotSet("safety_asked", True)]
        return events + ask_nation_for_help(dispatcher, tracker, topic)


def _asks_safety(tracker: Tracker, topic: str) -> bool:
    """Whether these words ask if anything is unsafe. The nation then waits: one question at a time, and this one first."""
    return topic == "housing" and not tracker.get_slot("safety_asked")


class ActionRaiseDanger(Action):
    """Tells the gateway that the message is about danger. The help that is shown is the gateway's, with or without Rasa."""

    def name(self) -> str:
        return "action_raise_danger"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        kind = heard_topic(tracker)
        signal(dispatcher, "danger", kind=kind)
        events: list[EventType] = end_of_form(tracker)
        if kind == "domestic_abuse":
            events.append(SlotSet("abuse_mentioned", True))
        return events
