"""Says which key to say, with its blanks; the words themselves are the gateway's."""

from __future__ import annotations

from typing import Any, Dict, Optional, Text

from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker

_NOT_BLANKS = frozenset(
    "text buttons elements custom template response image attachment choices domain_responses".split()
)
"""Names that Rasa and rasa_sdk's `utter_message` put beside the blanks."""


class KeysNlg(NaturalLanguageGenerator):
    """Turns `utter_message(response=key, blank=value, choices=[...])` into `{"key", "blanks", "choices"}`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Takes, and needs, nothing of what Rasa offers."""

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """The message for a key."""
        message: Dict[Text, Any] = {
            "key": utter_action,
            "blanks": {name: value for name, value in kwargs.items() if name not in _NOT_BLANKS},
        }
        if kwargs.get("choices"):
            message["choices"] = kwargs["choices"]
        return {"custom": message}
