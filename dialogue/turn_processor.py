"""How one message is handled: words are read as words, context is taken in, actions are called leanly."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Dict, Optional, Text, Tuple, Union

from rasa.core.actions.action import Action
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.events import ActionExecutionRejected
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.lean_actions import KeptConnection, lean_action
from dialogue.lean_runner import LeanRunner
from dialogue.reading.context import in_context
from dialogue.settling import settle


ABOUT_PARENT = {"nation", "role", "asker", "lang"}
"""What a button may say about the parent; anything else that it says is an answer to a form."""
STARTS_FORM = {"estimate.start": "estimate_form"}


def _leaves_form(message: UserMessage, tracker: DialogueStateTracker) -> bool:
    """Whether a button that belongs to another topic was chosen while a form is open: nothing to read for the form."""
    form = tracker.active_loop_name
    if message.parse_data is None or not form or STARTS_FORM.get(message.parse_data["intent"]["name"]) == form:
        return False
    return all(entity["entity"] in ABOUT_PARENT for entity in message.parse_data["entities"])


class TurnProcessor(MessageProcessor):
    """Rasa's processor with our places in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        endpoint = kwargs.get("action_endpoint")
        if endpoint is not None and not isinstance(endpoint, KeptConnection):
            kwargs["action_endpoint"] = KeptConnection.to(endpoint)
        super().__init__(*args, **kwargs)

    @staticmethod
    def _load_model(model_path: Union[Text, Path]) -> Tuple[Text, ModelMetadata, GraphRunner]:
        """The model's name, what it says of itself, and its parts, run leanly (see parent class)."""
        with tempfile.TemporaryDirectory() as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), Path(model_path), LocalModelStorage, LeanRunner
            )
        return os.path.basename(model_path), metadata, runner

    async def parse_message(
        self,
        message: UserMessage,
        tracker: Optional[DialogueStateTracker] = None,
        only_output_properties: bool = True,
    ) -> Dict[Text, Any]:
        """Read a parent's words. A leading "/" is dropped for the reading, so that words never become a command."""
        words = UserMessage(
            (message.text or "").lstrip("/ \t\r\n\f\v\u00a0\u200b\u2060\ufeff"),
            message.output_channel,
            message.sender_id,
            input_channel=message.input_channel,
            message_id=message.message_id,
            metadata=message.metadata,
        )
        parsed = await super().parse_message(words, tracker, only_output_properties)
        parsed["text"] = message.text
        if tracker is not None and not tracker.active_loop_name:
            parsed = in_context(parsed, tracker.current_slot_values())
        return parsed

    async def handle_message(self, message: UserMessage) -> None:
        """Handle one message, then settle what is remembered of it."""
        tracker = await self.log_message(message, should_save_tracker=False)
        tracker = await self.run_action_extract_slots(message.output_channel, tracker)
        if _leaves_form(message, tracker):
            tracker.update(ActionExecutionRejected(tracker.active_loop_name), self.domain)
        await self._run_prediction_loop(message.output_channel, tracker)
        tracker.update_with_events(settle(tracker), self.domain)
        await self.save_tracker(tracker)

    def predict_next_with_tracker_if_should(self, tracker: DialogueStateTracker) -> Tuple[Action, PolicyPrediction]:
        """The next action, in its lean kind, and why (see parent class)."""
        if self.is_action_limit_reached(tracker, self.should_predict_another_action(tracker.latest_action_name)):
            raise ActionLimitReached("The limit of actions to predict has been reached.")
        prediction = self._predict_next_with_tracker(tracker)
        name = self.domain.action_names_or_texts[prediction.max_confidence_index]
        return lean_action(name, self.domain, self.action_endpoint), prediction

    def _get_action(self, action_name: Text) -> Optional[Action]:
        return lean_action(action_name, self.domain, self.action_endpoint)
