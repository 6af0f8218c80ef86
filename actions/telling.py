"""Reading a tracker and telling the gateway, in the few forms that actions need."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

Choice = dict[str, str]


def heard_topic(tracker: Tracker) -> str:
    """The topic of the parent's last message."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "nlu_fallback")


def ranking(tracker: Tracker) -> list[tuple[str, float]]:
    """The likeliest topics of the last message with their confidence, likeliest first."""
    ranked = tracker.latest_message.get("intent_ranking") or []
    return [(str(one["name"]), float(one["confidence"])) for one in ranked]


def words(tracker: Tracker) -> str:
    """What the parent wrote; empty when a button was chosen."""
    return str(tracker.latest_message.get("text") or "")


def signal(dispatcher: CollectingDispatcher, name: str, **facts: Any) -> None:
    """Tell the gateway a fact; it belongs to the message said before it."""
    dispatcher.utter_message(json_message={"signal": name, **facts})


def topic_choice(topic: str) -> Choice:
    """An offered topic, labelled in everyday words."""
    return {"payload": f"/{topic}", "label_key": f"utter_label_{topic}"}


def person_choice() -> Choice:
    """The offer of a person."""
    return {"payload": "!human", "label_key": "utter_label_human_request"}


def end_of_form(tracker: Tracker) -> list[EventType]:
    """Ends the form that is open: a worry is not followed by the next question about money."""
    if not (tracker.active_loop or {}).get("name"):
        return []
    return [ActiveLoop(None), SlotSet("requested_slot", None)]

