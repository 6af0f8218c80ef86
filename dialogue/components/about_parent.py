"""The pipeline's place for `dialogue.reading.about_parent`."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from dialogue.reading.about_parent import about_parent


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class AboutParent(GraphComponent, EntityExtractorMixin):
    """Adds what `about_parent` finds to a message."""

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "AboutParent":
        """Nothing to learn or load (see parent class)."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities."""
        for message in messages:
            entities = [{**entity, "extractor": "AboutParent"} for entity in about_parent(message.get(TEXT) or "")]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
