"""A parent names a nation, or says no: what was asked before is answered for it, or goes on without it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.organisations import ActionShowOrganisations, ask_nation, ask_nation_for_help, show
from actions.telling import signal
from chat_server.core.directory import DIRECTORY
from chat_server.core.topics import TOPICS, Outcome

_SAME_EVERYWHERE = frozenset({"service", "estimate"})
"""Families whose answer has nothing to do with where a parent lives."""


class ActionAnswerNation(Action):
    """Answers the topic before once more, for the nation that was named."""

    def name(self) -> str:
        return "action_answer_nation"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        nation, topic = tracker.get_slot("nation"), TOPICS.get(tracker.get_slot("last_topic") or "")
        if not nation:
            return ask_nation(dispatcher)
        at = ActionShowOrganisations.clock()
        if topic is None or topic.family in _SAME_EVERYWHERE:
            dispatcher.utter_message(response="utter_nation_noted")
        elif topic.outcome is Outcome.SIGNPOST:
            show(dispatcher, topic.name, nation, frozenset(), at)
        elif topic.outcome is Outcome.HANDOVER and (found := DIRECTORY.handover_set(topic.name, nation, at)):
            dispatcher.utter_message(response="utter_nation_noted_help")
            signal(dispatcher, "organisations_shown", ids=[o.id for o in found])
        elif topic.outcome is Outcome.URGENT:
            dispatcher.utter_message(response="utter_nation_noted_help")
            signal(dispatcher, "organisations_shown", ids=[o.id for o in DIRECTORY.urgent_set(topic.name, nation)])
        elif topic.outcome is Outcome.INFORM:
            dispatcher.utter_message(response=f"utter_{topic.name}")
        else:
            dispatcher.utter_message(response="utter_nation_noted")
        # Said again, so that the turn is known to be about this topic.
        return [SlotSet("last_topic", topic.name)] if topic else []


class ActionAnswerNo(Action):
    """Takes a "no" as it is. After the question whether anything is unsafe, the nation is asked next, for the help."""

    def name(self) -> str:
        return "action_answer_no"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(response="utter_chat.deny")
        return ask_nation_for_help(dispatcher, tracker, tracker.get_slot("last_topic"))
