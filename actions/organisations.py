"""Who can help: at most three organisations, right for the topic, the nation and the hour."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.telling import heard_topic, signal, words
from chat_server.core.directory import NATIONS, organisations

HELP_BY_NATION = ("housing", "legal")
"""Handovers whose help is a different one in each nation."""
_SAID_OF_THEMSELVES = {
    "fathers": r"\b(?:i'?m|i am|as) (?:a |the |their )?(?:\w+ )?(?:dad|father)\b",
    "mothers": r"\b(?:i'?m|i am|as) (?:a |the |their )?(?:\w+ )?(?:mum|mam|mother)\b",
    "men": r"\b(?:i'?m|i am|as) a (?:\w+ )?(?:man|bloke|guy)\b",
    "women": r"\b(?:i'?m|i am|as) a (?:\w+ )?woman\b",
    "lgbt": r"\b(?:i'?m|i am|as|we'?re|we are) (?:a |an )?(?:gay|lesbian|bisexual|bi|trans|transgender|lgbt\w*)\b",
    "single_parents": r"\b(?:i'?m|i am|as) (?:a )?(?:single|lone) (?:parent|mum|dad|mother|father)\b",
    "self_employed": r"\b(?:i'?m|i am|as) (?:a )?self[- ]?employed\b",
    "kinship_carers": r"\bkinship care|\b(?:i'?m|i am) (?:a )?(?:kinship|special) (?:carer|guardian)\b",
}


def stated_groups(text: str) -> frozenset[str]:
    """The groups that a parent has said they belong to, in the directory's names. Nothing is concluded from anything else."""
    return frozenset(group for group, said in _SAID_OF_THEMSELVES.items() if re.search(said, text, re.IGNORECASE))


def nation_matters(topic: str, at: datetime) -> bool:
    """Whether parents in different nations would be shown different organisations."""
    shown = {tuple(o.id for o in organisations(topic, nation, at=at)) for nation in NATIONS}
    return len(shown) > 1


def show(
    dispatcher: CollectingDispatcher, topic: str, nation: str | None, groups: frozenset[str], at: datetime
) -> None:
    """Say a signpost topic's words with its organisations."""
    dispatcher.utter_message(response=f"utter_{topic}")
    found = organisations(topic, nation, groups or None, at)
    signal(dispatcher, "organisations_shown", ids=[o.id for o in found])


def ask_nation(dispatcher: CollectingDispatcher) -> list[EventType]:
    """Ask which nation the parent lives in; once, since no answer is an answer too."""
    dispatcher.utter_message(response="utter_ask_nation")
    return [SlotSet("open_question", "nation"), SlotSet("nation_asked", True)]


def ask_nation_for_help(dispatcher: CollectingDispatcher, tracker: Tracker, topic: str | None) -> list[EventType]:
    """Ask for the nation where the help that goes with a handover depends on it, unless it is known or was asked."""
    if topic not in HELP_BY_NATION or tracker.get_slot("nation") or tracker.get_slot("nation_asked"):
        return []
    return ask_nation(dispatcher)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ActionShowOrganisations(Action):
    """Answers a signpost topic."""

    clock: Callable[[], datetime] = staticmethod(_utc_now)

    def name(self) -> str:
        return "action_show_organisations"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        topic, nation, at = heard_topic(tracker), tracker.get_slot("nation"), self.clock()
        show(dispatcher, topic, nation, stated_groups(words(tracker)), at)
        if nation or tracker.get_slot("nation_asked") or not nation_matters(topic, at):
            return []
        return ask_nation(dispatcher)
