"""A conversation with the estimate's actions as Rasa runs them: the form's turns, rejections and result, without Rasa."""

from pathlib import Path
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import estimate as actions
from chat_server.core.wording import Wording

ROOT = Path(__file__).parents[2]
WORDING = Wording(ROOT / "domain" / "wording")
NOT_BLANKS = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
WORRIES = {"housing", "legal", "distress", "human_request", "self_harm", "domestic_abuse", "child_safety"}
ASK = {cls().name(): cls() for cls in actions.AskQuestion.__subclasses__()}


class Talk:
    """One parent's conversation; `topic` of a message is what the dialogue model would hear in it."""

    def __init__(self, **slots: Any) -> None:
        self.slots: dict[str, Any] = slots
        self.form = False
        self.keys: list[str] = []
        self.estimates: list[dict[str, Any]] = []
        self.signals: list[str] = []
        self.asked: list[str] = []
        self.left_to: str | None = None
        self.texts: list[str] = []
        self.wording = WORDING

    @property
    def asking(self) -> str | None:
        return self.slots.get("requested_slot") if self.form else None

    @property
    def estimate(self) -> dict[str, Any]:
        return self.estimates[-1]

    def start(self, text: str = "how much would it be?") -> "Talk":
        """The parent asks for the estimate."""
        self._begin_turn()
        self.form = True
        self._set("requested_slot", None)
        self._run(actions.ValidateEstimateForm(), self._tracker(text, "estimate.start"))
        return self._ask_or_show()

    def say(self, text: str, topic: str = "out_of_scope", confidence: float = 0.9) -> "Talk":
        """The parent answers; outside the form, only a correction of a shown figure is for these actions."""
        self._begin_turn()
        tracker = self._tracker(text, topic, confidence)
        if not self.form:
            self._run(actions.ActionTakeCorrection(), tracker)
            if self.form:
                self._run(actions.ValidateEstimateForm(), self._tracker(text, topic, confidence, "action_take_correction"))
                return self._ask_or_show()
            return self
        self._run(actions.ValidateEstimateForm(), tracker)
        if self.left_to is None:
            return self._ask_or_show()
        if self.form and topic not in WORRIES:
            self._run(actions.ValidateEstimateForm(), self._tracker(text, topic, confidence, f"utter_{topic}"))
            return self._ask_or_show()
        self.form = False
        return self

    def choose(self, answer: str) -> "Talk":
        """The parent presses a button."""
        self._begin_turn()
        message = {"text": f'/estimate.start{{"answer":"{answer}"}}', "intent": {"name": "estimate.start", "confidence": 1.0}}
        message["entities"] = [{"entity": "answer", "value": answer}]
        tracker = self._tracker("", "estimate.start")
        tracker.latest_message = message
        self._run(actions.ValidateEstimateForm(), tracker)
        return self._ask_or_show()

    def _begin_turn(self) -> None:
        self.keys, self.texts, self.signals, self.left_to = [], [], [], None

    def _ask_or_show(self) -> "Talk":
        asking = self.slots.get("requested_slot")
        if self.form and asking:
            self.asked.append(asking)
            self._run(ASK[f"action_ask_estimate_form_{asking}"], self._tracker("", ""))
        else:
            self.form = False
            self._run(actions.ActionShowEstimate(), self._tracker("", ""))
        return self

    def _tracker(self, text: str, topic: str, confidence: float = 0.9, after: str | None = None) -> Tracker:
        message = {"text": text, "intent": {"name": topic, "confidence": confidence}, "entities": [], "intent_ranking": []}
        events = [{"event": "action", "name": name} for name in (after, "estimate_form") if name]
        loop = {"name": "estimate_form"} if self.form else {}
        return Tracker("a turn", dict(self.slots), message, events, False, None, loop, "estimate_form")

    def _run(self, action: Any, tracker: Tracker) -> None:
        dispatcher = CollectingDispatcher()
        for event in action.run(dispatcher, tracker, {}):
            if event["event"] == "slot":
                self._set(event["name"], event["value"])
            elif event["event"] == "active_loop":
                self.form = event["name"] is not None
            elif event["event"] == "action_execution_rejected":
                self.left_to = (tracker.latest_message["intent"] or {})["name"]
        for message in dispatcher.messages:
            if message["response"]:
                blanks = {name: value for name, value in message.items() if name not in NOT_BLANKS}
                self.keys.append(message["response"])
                self.texts.append(self.wording.say(message["response"], self.slots, **blanks).text)
            elif message["custom"]:
                self.signals.append(message["custom"]["signal"])
                if message["custom"]["signal"] == "estimate_shown":
                    self.estimates.append(message["custom"]["estimate"])

    def _set(self, name: str, value: Any) -> None:
        if value is None:
            self.slots.pop(name, None)
        else:
            self.slots[name] = value
