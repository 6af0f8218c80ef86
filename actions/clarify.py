"""Not sure what a parent means: offer likely topics by name, then a person. Never a guess."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.telling import Choice, heard_topic, person_choice, ranking, topic_choice
from chat_server.core.topics import TOPICS, Outcome

MOST_OFFERED = 3
LEAST_LIKELY = 0.06
"""A topic below this confidence would be noise to the parent."""
_WORRIES = (Outcome.HANDOVER, Outcome.URGENT)


def likely_topics(ranked: list[tuple[str, float]], *, estimate_refused: bool = False) -> list[str]:
    """Topics that may be offered by name: likely ones, no small talk, no danger by its name.

    Where a worry is among them, no estimate is: a sum is not offered in reply to a worry, nor again after a no.
    """
    likely = [TOPICS[name] for name, confidence in ranked if name in TOPICS and confidence >= LEAST_LIKELY]
    worried = any(topic.outcome in _WORRIES for topic in likely)
    unfit = {Outcome.CHAT, Outcome.CLARIFY, Outcome.URGENT} | ({Outcome.ESTIMATE} if worried else set())
    if estimate_refused:
        likely = [topic for topic in likely if topic.name != "estimate.start"]
    return [t.name for t in likely if t.outcome not in unfit and not (worried and t.family == "estimate")][:MOST_OFFERED]


def worth_a_person(ranked: list[tuple[str, float]]) -> bool:
    """Whether danger is likely enough that a person is offered at the first miss already."""
    return any(c >= LEAST_LIKELY and name in TOPICS and TOPICS[name].outcome is Outcome.URGENT for name, c in ranked)


class ActionOfferTopics(Action):
    """Asks back with likely topics; after a second miss running, offers a person."""

    def name(self) -> str:
        return "action_offer_topics"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        ranked, misses = ranking(tracker), int(tracker.get_slot("misses") or 0) + 1
        topics = likely_topics(ranked, estimate_refused=bool(tracker.get_slot("estimate_refused")))
        if misses > 1 or worth_a_person(ranked):
            self._ask(dispatcher, "utter_clarify_again", [*map(topic_choice, topics[: MOST_OFFERED - 1]), person_choice()])
            offer = "!human"
        elif heard_topic(tracker) == "out_of_scope" or not topics:
            self._ask(dispatcher, "utter_out_of_scope", [])
            offer = None
        else:
            self._ask(dispatcher, "utter_clarify" if len(topics) > 1 else "utter_clarify_one", [*map(topic_choice, topics)])
            offer = f"/{topics[0]}" if len(topics) == 1 else None
        return [SlotSet("misses", misses), SlotSet("offer", offer)]

    def _ask(self, dispatcher: CollectingDispatcher, key: str, choices: list[Choice]) -> None:
        dispatcher.utter_message(response=key, choices=choices)
