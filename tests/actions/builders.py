"""Trackers built from the few facts that matter, and an action run without Rasa."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


def tracker(
    topic: str, text: str | None = None, *, ranking: tuple[tuple[str, float], ...] = (), form: str | None = None, **slots: Any
) -> Tracker:
    """A parent's message about a topic; `slots` are what is known already."""
    message = {
        "text": text,
        "intent": {"name": topic, "confidence": 0.9},
        "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking],
        "entities": [],
    }
    return Tracker("a turn", slots, message, [], False, None, {"name": form} if form else {}, "action_listen")


class Told:
    """What an action did: keys said, signals given, slots set."""

    def __init__(self, action: Action, about: Tracker) -> None:
        dispatcher = CollectingDispatcher()
        self.events = action.run(dispatcher, about, {})
        self.keys = [m["response"] for m in dispatcher.messages if m["response"]]
        self.choices = [c for m in dispatcher.messages for c in m.get("choices", [])]
        self.signals = [m["custom"] for m in dispatcher.messages if m["custom"]]
        self.sentences = [m["text"] for m in dispatcher.messages if m["text"]]
        self.slots = {e["name"]: e["value"] for e in self.events if e["event"] == "slot"}
        self.ends_form = any(e["event"] == "active_loop" and e["name"] is None for e in self.events)

    @property
    def payloads(self) -> list[str]:
        return [choice["payload"] for choice in self.choices]
