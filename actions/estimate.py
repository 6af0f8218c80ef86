"""The estimate in the conversation: the form takes what a parent tells, asks what is missing, and the result is shown.

What is known, what a message adds and what to ask next are decided in `chat_server.core`; here slots become an enquiry,
and an enquiry becomes slots, keys and signals.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.clarify import ActionOfferTopics
from actions.telling import heard_topic, signal, words
from chat_server.core import directory, told
from chat_server.core.enquiry import QUESTIONS, UNSTATED, Enquiry, Question, household, next_question
from chat_server.core.estimate import Estimate, estimate
from chat_server.core.explain import counted, pounds, rate_name
from chat_server.core.figures import Figures, in_force
from chat_server.core.formula import Rate
from chat_server.core.further_homes import OF_A_HOME
from chat_server.core.hearing import Heard, Outcome, hear, miss
from chat_server.core.topics import TOPICS
from chat_server.core.topics import Outcome as TopicOutcome

FORM = "estimate_form"
STATE = "estimate_state"
FACTS = (*UNSTATED, *QUESTIONS)
LONDON = ZoneInfo("Europe/London")
WORRIES = (TopicOutcome.HANDOVER, TopicOutcome.URGENT)
DIGRESSION_FROM = 0.5
"""How sure the topic of another question must be before the form leaves the message to it."""
SHORT_ANSWER_WORDS = 8
"""A worry is read into a longer message; so few words, with a fact in them, are an answer whatever they sound like."""


def figures_today() -> Figures:
    """The law's figures on this day in the United Kingdom."""
    return in_force(datetime.now(LONDON).date())


class ValidateEstimateForm(Action):
    """Takes a parent's message into the form, says back what it noted, and names the next question."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        figures, asking = figures_today(), tracker.get_slot("requested_slot")
        if _was_answered(tracker):
            return _next(enquiry_of(tracker), figures)  # the form asks again
        if asking is None:
            return _start(dispatcher, tracker, figures)
        heard = hear(enquiry_of(tracker), answer(tracker), asking, figures)
        if _is_left_to_others(tracker, heard):
            return _leave(dispatcher, heard, tracker)
        return _go_on(dispatcher, heard, asking, tracker, figures)


class AskQuestion(Action):
    """Asks for one fact, in the words that fit what is half known of it."""

    fact = ""

    def name(self) -> str:
        return f"action_ask_{FORM}_{self.fact}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        question = next_question(enquiry_of(tracker), figures_today()) or Question(self.fact)
        _ask(dispatcher, question, {name: tracker.get_slot(name) for name in FACTS})
        return []


class AskIncome(AskQuestion):
    fact = "income"


class AskBenefits(AskQuestion):
    fact = "benefits"


class AskPension(AskQuestion):
    fact = "pension"


class AskChildren(AskQuestion):
    fact = "children"


class AskNights(AskQuestion):
    fact = "nights"


class AskEqualCare(AskQuestion):
    fact = "equal_care"


class AskOtherChildren(AskQuestion):
    fact = "other_children"


class AskOtherHomes(AskQuestion):
    fact = "other_homes"


class AskPrivateChildren(AskQuestion):
    fact = "private_children"


class AskOtherNights(AskQuestion):
    fact = "other_nights"


class AskRole(AskQuestion):
    fact = "role"


class AskCheck(AskQuestion):
    fact = "check"


class ActionShowEstimate(Action):
    """Shows the estimate when everything that it needs is known; after a stop it does nothing."""

    def name(self) -> str:
        return "action_show_estimate"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        enquiry, figures = enquiry_of(tracker), figures_today()
        if not enquiry.facts or _state(tracker).get("stopped") or next_question(enquiry, figures):
            return []
        return _show(dispatcher, tracker, enquiry, figures)


class ActionTakeCorrection(Action):
    """After a figure was shown: a fact that is told now changes it; anything else is answered as its topic."""

    def name(self) -> str:
        return "action_take_correction"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        figures = figures_today()
        heard = hear(enquiry_of(tracker), answer(tracker), None, figures)
        known = {name: tracker.get_slot(name) for name in FACTS}
        if not heard.changed and all(known[name] is not None for name in heard.stated):
            return self._answer_as_topic(dispatcher, tracker, domain)
        taken = _without_asking_back(heard.enquiry)
        _say_noted(dispatcher, replace(heard, enquiry=taken))
        events = _slots(tracker, taken)
        if next_question(taken, figures):
            return [*events, ActiveLoop(FORM)]  # the form asks what is missing now
        return [*events, *_show(dispatcher, tracker, taken, figures)]

    def _answer_as_topic(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        topic = heard_topic(tracker)
        if topic not in TOPICS or TOPICS[topic].outcome is TopicOutcome.CLARIFY:
            return ActionOfferTopics().run(dispatcher, tracker, domain)
        dispatcher.utter_message(response=f"utter_{topic}")
        return []


def enquiry_of(tracker: Tracker) -> Enquiry:
    """What is known in this conversation."""
    facts = {name: value for name in FACTS if (value := tracker.get_slot(name)) is not None}
    return Enquiry.from_state(facts, _state(tracker), tracker.get_slot("role"))


def answer(tracker: Tracker) -> str:
    """What the parent answered: a button's answer counts like typed words."""
    for entity in tracker.latest_message.get("entities") or []:
        if entity.get("entity") == "answer":
            return str(entity.get("value") or "")
    return words(tracker)


# --- the turns of the form -----------------------------------------------------------------------------------------------


def _start(dispatcher: CollectingDispatcher, tracker: Tracker, figures: Figures) -> list[EventType]:
    """The form begins, or goes on after a stop, with all that this message tells already."""
    before = enquiry_of(tracker)
    heard = hear(before, answer(tracker), None, figures)
    enquiry = heard.enquiry
    if heard.outcome is Outcome.RESTART:
        dispatcher.utter_message(response="utter_estimate_restarted")
    elif tracker.get_slot("estimate_done"):
        enquiry = _without_asking_back(enquiry)
    if not before.facts:
        dispatcher.utter_message(response="utter_estimate.start")
    elif enquiry.facts and not heard.stated:
        dispatcher.utter_message(response="utter_estimate_resume", facts=told.told(before.facts, _named(before.facts)))
    _say_noted(dispatcher, replace(heard, enquiry=enquiry), figures)
    refused = [SlotSet("estimate_refused", False)] if tracker.get_slot("estimate_refused") else []
    return [*_slots(tracker, enquiry, stopped=False), *refused, *_next(enquiry, figures)]


def _go_on(
    dispatcher: CollectingDispatcher, heard: Heard, asking: str, tracker: Tracker, figures: Figures
) -> list[EventType]:
    """The next step after a message that was for the form."""
    match heard.outcome:
        case Outcome.STOP:
            dispatcher.utter_message(response="utter_estimate_stopped")
            ended = [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("estimate_refused", True)]
            return [*_slots(tracker, heard.enquiry, stopped=True), *ended]
        case Outcome.RESTART:
            dispatcher.utter_message(response="utter_estimate_restarted")
        case Outcome.WHY:
            dispatcher.utter_message(response=f"utter_estimate_form_{asking}_why")
        case Outcome.NOTHING if not _asks_for_the_estimate(tracker):
            heard = miss(heard.enquiry, asking)
    if heard.remark:
        _say_remark(dispatcher, heard.remark, asking)
    _say_noted(dispatcher, heard, figures)
    role = [SlotSet("role", heard.enquiry.role)] if heard.enquiry.role != tracker.get_slot("role") else []
    return [*_slots(tracker, heard.enquiry), *role, *_next(heard.enquiry, figures)]


def _is_left_to_others(tracker: Tracker, heard: Heard) -> bool:
    """Whether another rule answers: a worry before any sum, and another question of the parent's."""
    text, topic = words(tracker), heard_topic(tracker)
    if heard.outcome in (Outcome.STOP, Outcome.RESTART) or topic == "estimate.start":
        return False
    if not text:
        return True  # a button of another topic
    sure = float((tracker.latest_message.get("intent") or {}).get("confidence") or 0) >= DIGRESSION_FROM
    outcome = TOPICS[topic].outcome if topic in TOPICS else TopicOutcome.CLARIFY
    taken = heard.outcome is Outcome.TAKEN
    if outcome in WORRIES:
        return sure and not (taken and len(text.split()) <= SHORT_ANSWER_WORDS)
    if heard.outcome is Outcome.WHY or (outcome is TopicOutcome.CLARIFY and topic != "nation"):
        return False
    if topic in ("chat.affirm", "chat.deny") or not sure:
        return False
    return not taken or ("?" in text and outcome is not TopicOutcome.CHAT)


def _was_answered(tracker: Tracker) -> bool:
    """Whether another rule has answered in this turn already."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in (FORM, "action_listen", "action_extract_slots"):
            return True
    return False


def _leave(dispatcher: CollectingDispatcher, heard: Heard, tracker: Tracker) -> list[EventType]:
    """Another rule answers; what the message told is kept. After it the form asks again, unless that rule ended it."""
    topic = heard_topic(tracker)
    if topic in TOPICS and TOPICS[topic].outcome not in WORRIES:
        _say_noted(dispatcher, heard)
    return [*_slots(tracker, heard.enquiry), ActionExecutionRejected(FORM)]


def _next(enquiry: Enquiry, figures: Figures) -> list[EventType]:
    question = next_question(enquiry, figures)
    return [SlotSet("requested_slot", question.fact if question else None)]


def _slots(tracker: Tracker, enquiry: Enquiry, **more: Any) -> list[EventType]:
    """The facts that differ from what is remembered, and the state of the enquiry."""
    facts = [SlotSet(name, enquiry.facts.get(name)) for name in FACTS if enquiry.facts.get(name) != tracker.get_slot(name)]
    kept = {name: _state(tracker)[name] for name in ("weekly", "stopped") if name in _state(tracker)}
    return [*facts, SlotSet(STATE, enquiry.to_state() | kept | more)]


def _state(tracker: Tracker) -> dict[str, Any]:
    return tracker.get_slot(STATE) or {}


def _asks_for_the_estimate(tracker: Tracker) -> bool:
    return heard_topic(tracker) == "estimate.start"


def _without_asking_back(enquiry: Enquiry) -> Enquiry:
    """After a figure, changes are shown at once, beside the figure that they give; a sum of nights is asked about first."""
    return replace(enquiry, shown=tuple(enquiry.facts))


def _named(facts: Mapping[str, Any]) -> list[str]:
    return [name for name in FACTS if facts.get(name) is not None]


# --- what is said --------------------------------------------------------------------------------------------------------


def _say_noted(dispatcher: CollectingDispatcher, heard: Heard, figures: Figures | None = None) -> None:
    """Say back what was read; a sum of nights, or all facts, only where the next question does not show them."""
    facts = heard.enquiry.facts
    question = next_question(heard.enquiry, figures) if figures else None
    if question and question.fact == "check":
        return
    stated = [name for name in heard.stated if not (name == "nights" and facts["nights"].get("confirmed") is False)]
    changed = [name for name in stated if name in heard.changed]
    noted = [name for name in stated if name not in changed]
    if changed:
        dispatcher.utter_message(response="utter_estimate_form_changed", facts=told.told(facts, changed))
    if noted:
        dispatcher.utter_message(response="utter_estimate_form_noted", facts=told.told(facts, noted))


def _say_remark(dispatcher: CollectingDispatcher, remark: str, asking: str) -> None:
    about = f"{asking}_{remark}" if remark == "unclear" else remark
    dispatcher.utter_message(response=f"utter_estimate_form_{about}")


def _ask(dispatcher: CollectingDispatcher, question: Question, facts: Mapping[str, Any]) -> None:
    key, blanks = f"utter_ask_estimate_form_{question.fact}", {}
    value = question.value
    match question.fact, question.how:
        case "check", _:
            blanks = {"facts": told.told(facts, value)}
        case "other_homes", "apart":
            key, blanks = f"{key}_apart", {"children": counted("children", value)}
        case fact, "home" if fact in OF_A_HOME:
            children = facts["other_homes"][value]
            key, blanks = f"{key}_home", {"number": value + 1, "children": counted("children", children)}
        case "nights", "confirm" if value.get("each"):
            key, blanks = f"{key}_confirm_each", {"each": told.nights_of_each(value)}
        case "nights", "confirm":
            key, blanks = f"{key}_confirm", {"sum": told.sum_of_nights(value), "nights": _number_of_nights(value)}
        case "nights", "period":
            key, blanks = f"{key}_period", {"nights": value["bare"]}
        case ("income" | "pension"), how if how and value:
            key, blanks = f"{key}_{how}", {"amount": told.amount(value, thousands=how == "thousands")}
        case fact, how if how and fact != "role":
            key = f"{key}_{how}"
    dispatcher.utter_message(response=key, **blanks)


def _number_of_nights(nights: Mapping[str, Any]) -> str:
    return f"{nights['nights']} to {nights['up_to']}" if nights.get("up_to") else str(nights["nights"])


def _show(dispatcher: CollectingDispatcher, tracker: Tracker, enquiry: Enquiry, figures: Figures) -> list[EventType]:
    """Say the figure with its card. After a mention of abuse, the way to safety stands before it."""
    result = estimate(household(enquiry, figures), figures)
    unsafe = bool(tracker.get_slot("abuse_mentioned"))
    before = _state(tracker).get("weekly")
    if unsafe and not before:
        dispatcher.utter_message(response="utter_estimate_safe_first")
        helpers = directory.urgent_set("domestic_abuse", tracker.get_slot("nation"))
        signal(dispatcher, "organisations_shown", ids=[helper.id for helper in helpers])
    if before and before != str(result.weekly):
        blanks = {"before": pounds(Decimal(before)), "weekly": pounds(result.weekly)}
        dispatcher.utter_message(response="utter_estimate_compared", **blanks)
    else:
        _say_result(dispatcher, result)
    signal(dispatcher, "estimate_shown", estimate=result.to_dict(safe_first=unsafe))
    state = enquiry.to_state() | {"weekly": str(result.weekly)}
    return [SlotSet(STATE, state), SlotSet("estimate_done", True)]


def _say_result(dispatcher: CollectingDispatcher, result: Estimate) -> None:
    blanks = {
        "weekly": pounds(result.weekly),
        "rate": rate_name(result.rate).lower(),
        "low": pounds(result.low),
        "high": pounds(result.high),
        "here": pounds(result.homes[0].weekly),
        "there": pounds(sum((home.weekly for home in result.homes[1:]), Decimal(0))),
        "homes": len(result.homes) - 1,
    }
    dispatcher.utter_message(response=_result_key(result), **blanks)


def _result_key(result: Estimate) -> str:
    if result.rate is Rate.NONE:
        return "utter_estimate_result_none"
    if not result.high:
        return "utter_estimate_result_nil"
    if result.rate is Rate.DEFAULT:
        return "utter_estimate_result_default"
    if len(result.homes) > 2:
        return "utter_estimate_result_several_homes"
    if len(result.homes) > 1:
        return "utter_estimate_result_homes"
    return "utter_estimate_result_range" if result.low != result.high else "utter_estimate_result"
