"""Which of the 57 topics a message is about: read whole and clause by clause."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
from typing import Any, Dict, List, Mapping, Optional, Text, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from chat_server.encoder import even, sentence_encoder, tidy
from chat_server.encoder.clauses import clauses
from chat_server.encoder.sentence_encoder import CURRENT, ENCODERS, SentenceEncoder
from chat_server.encoder.tidy import as_read
from dialogue.components.vector_cache import vectors_of
from dialogue.reading.known_vectors import METADATA, known_vectors

NOTHING_KNOWN: Mapping[str, np.ndarray] = {}
logger = logging.getLogger(__name__)

URGENT = ("self_harm", "domestic_abuse", "child_safety")


def _grams(vocabulary: Optional[List[str]], words: bool, most: Optional[int] = None) -> TfidfVectorizer:
    """Counts of words and pairs of words, or of the pieces inside words, which survive a typo."""
    kind: Dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5)}
    if words:
        kind = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"[\w£']+"}
    return TfidfVectorizer(min_df=2, max_features=most, sublinear_tf=True, vocabulary=vocabulary, **kind)


class LinearReader:
    """A vector, pieces of words and words in, a probability for each topic out.

    Kept as plain arrays and lists, so that loading a model runs no code.
    """

    def __init__(
        self, topics: List[str], weights: np.ndarray, bias: np.ndarray, pieces: TfidfVectorizer, words: TfidfVectorizer,
        shares: Tuple[float, float],
    ) -> None:
        self.topics = topics
        self._weights = weights
        self._bias = bias
        self._grams = (pieces, words)
        self._shares = shares
        ends = np.cumsum([weights.shape[1] - sum(len(g.vocabulary_) for g in self._grams), len(pieces.vocabulary_)])
        vector, *grams = np.split(weights, ends, axis=1)
        # One row for each gram: a text has few of them, and rows are quick to pick.
        self._vector_weights = np.ascontiguousarray(vector)
        self._gram_weights = [np.ascontiguousarray(part.T) for part in grams]

    @classmethod
    def fit(cls, vectors: np.ndarray, texts: List[str], topics: List[str], config: Dict[Text, Any]) -> "LinearReader":
        """Learn from examples: one vector, one text and one topic each."""
        from scipy.sparse import csr_matrix, hstack

        shares = (float(config["piece_share"]), float(config["word_share"]))
        grams = (_grams(None, False, config["grams"]), _grams(None, True, config["grams"]))
        counted = [gram.fit_transform(texts) * share for gram, share in zip(grams, shares)]
        features = hstack([csr_matrix(vectors), *counted]).tocsr()
        model = LogisticRegression(C=config["C"], max_iter=config["max_iter"], class_weight="balanced")
        model.fit(features, topics)
        return cls([str(t) for t in model.classes_], model.coef_.astype(np.float32), model.intercept_, *grams, shares)

    def probabilities(self, vector: np.ndarray, text: str) -> np.ndarray:
        """How likely each of `topics` is for one text."""
        scores = self._vector_weights @ vector + self._bias
        for gram, share, weights in zip(self._grams, self._shares, self._gram_weights):
            found = gram.transform([text])
            if found.nnz:
                scores = scores + (found.data * share) @ weights[found.indices]
        scores = np.exp(scores - scores.max())
        return scores / scores.sum()

    def arrays(self) -> Tuple[Dict[str, np.ndarray], Dict[str, Any]]:
        """What to keep: numbers, and the names that belong to them."""
        pieces, words = (sorted(gram.vocabulary_, key=gram.vocabulary_.get) for gram in self._grams)
        numbers = {"weights": self._weights, "bias": self._bias, "pieces": self._grams[0].idf_, "words": self._grams[1].idf_}
        return numbers, {"topics": self.topics, "pieces": pieces, "words": words, "shares": self._shares}

    @classmethod
    def from_arrays(cls, numbers: Dict[str, np.ndarray], names: Dict[str, Any]) -> "LinearReader":
        """The reader that `arrays` came from."""
        pieces, words = _grams(names["pieces"], False), _grams(names["words"], True)
        pieces.idf_, words.idf_ = numbers["pieces"], numbers["words"]
        return cls(names["topics"], numbers["weights"], numbers["bias"], pieces, words, tuple(names["shares"]))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Sets intent and ranking. Unsure, it says so with `nlu_fallback` instead of guessing.

    One clause is enough for what must not be missed (`clause_topics`, each with the probability that a clause needs),
    unless the whole message speaks against it; in everything else the whole message decides.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Numbers to be set by measurement (`benchmarks/understanding.py`)."""
        return {
            "encoder": CURRENT,
            "C": 10.0,
            "max_iter": 200,
            # Most kinds of grams, and how much pieces of words and words weigh next to the vector.
            "grams": 20000,
            "piece_share": 1.0,
            "word_share": 1.2,
            # Below this the assistant asks; so it does when two topics are closer than `margin` and neither is likely.
            "threshold": 0.25,
            "margin": 0.03,
            "sure": 0.5,
            "ranking": 5,
            # Topics that count for more than their probability: what must rather be heard once too often than missed.
            "lean": {},
            # How likely danger has to be, of all kinds together, to be what a message is about.
            "urgent_sure": 0.85,
            # A shorter message is read whole only.
            "clauses_from_words": 10,
            "clause_topics": {},
            # A clause is not heard when the whole message makes its topic and the like of it less likely than this.
            "clause_doubt": 0.03,
        }

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        encoder: SentenceEncoder,
        reader: Optional[LinearReader] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._encoder = encoder
        self._reader = reader

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TopicClassifier":
        """An untrained classifier (see parent class)."""
        return cls(config, model_storage, resource, SentenceEncoder.named(config["encoder"]))

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TopicClassifier":
        """The classifier that was trained (see parent class)."""
        with model_storage.read_from(resource) as folder:
            with np.load(folder / "reader.npz", allow_pickle=False) as stored:
                numbers = {name: stored[name] for name in stored.files}
            names = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        encoder = SentenceEncoder.named(config["encoder"])
        return cls(config, model_storage, resource, encoder, LinearReader.from_arrays(numbers, names))

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Train again when the code beside this class or the encoder's weights have changed."""
        code = "".join(inspect.getsource(part) for part in (LinearReader, _grams, even, tidy, sentence_encoder))
        weights = ENCODERS[config.get("encoder", cls.get_default_config()["encoder"])].sha256
        return hashlib.sha256((code + weights).encode()).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples in `nlu/`."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        texts = [as_read(e.get(TEXT)) for e in examples]
        topics = [e.get(INTENT) for e in examples]
        vectors = vectors_of(texts, self._encoder, ENCODERS[self._config["encoder"]].sha256[:12])
        print(f"  learning {len(set(topics))} topics", flush=True)
        self._reader = LinearReader.fit(vectors, texts, topics, self._config)
        self._keep()
        return self._resource

    def _keep(self) -> None:
        assert self._reader is not None
        numbers, names = self._reader.arrays()
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / "reader.npz", **numbers)
            (folder / "reader.json").write_text(json.dumps(names), encoding="utf-8")

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this component learns from its guesses."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and ranking of each message that does not have them already."""
        for message in messages:
            if message.get(INTENT):
                continue
            sent = (message.get("metadata") or {}).get(METADATA)
            known = known_vectors(sent, ENCODERS[self._config["encoder"]].sha256)
            ranking = self.rank(message.get(TEXT) or "", known)
            message.set("intent", self._decide(ranking), add_to_output=True)
            message.set("intent_ranking", ranking[: self._config["ranking"]], add_to_output=True)
        return messages

    def rank(self, text: str, known: Mapping[str, np.ndarray] = NOTHING_KNOWN) -> List[Dict[str, Any]]:
        """All topics with their confidence, likeliest first; clauses that must be heard are in it.

        `known` holds vectors of texts that need not be read again.
        """
        if self._reader is None or not text.strip():
            return []
        # Before it is cut into clauses, so that the cuts are the same too.
        text = even.even(tidy.tidy(text))
        scores = self._read(text, known)
        raised: Dict[int, float] = {}
        for piece in self._clauses(text):
            found = self._read(piece, known)
            best = int(found.argmax())
            if self._heard_clearly(best, found, scores):
                raised[best] = max(raised.get(best, 0.0), float(found[best]))
        order = self._order(self._leant(scores), raised)
        return [{"name": self._reader.topics[i], "confidence": c} for i, c in order]

    def _leant(self, scores: np.ndarray) -> np.ndarray:
        """Nothing leans away from danger that is likely enough; what is less likely is left to the danger screen, which has looked already."""
        assert self._reader is not None
        topics = self._reader.topics
        if topics[int(scores.argmax())] in URGENT:
            urgent = np.isin(topics, URGENT)
            if scores[urgent].sum() >= self._config["urgent_sure"]:
                return scores
            scores = np.where(urgent, 0.0, scores)
        scores = scores * [self._config["lean"].get(topic, 1.0) for topic in self._reader.topics]
        return scores / scores.sum()

    def _heard_clearly(self, topic: int, clause: np.ndarray, whole: np.ndarray) -> bool:
        """Danger counts together, and so do the other worries: which of them it is matters less than that it is one."""
        assert self._reader is not None
        needed = self._config["clause_topics"]
        topics = self._reader.topics
        if topics[topic] not in needed:
            return False
        like = [i for i, name in enumerate(topics) if name in needed and (name in URGENT) == (topics[topic] in URGENT)]
        return bool(clause[like].sum() >= needed[topics[topic]] and whole[like].sum() >= self._config["clause_doubt"])

    def _clauses(self, text: str) -> List[str]:
        pieces = clauses(text) if len(text.split()) >= self._config["clauses_from_words"] else []
        return pieces if len(pieces) > 1 else []

    def _order(self, scores: np.ndarray, raised: Dict[int, float]) -> List[Tuple[int, float]]:
        """Heard clauses go before the whole message's topic, unless that is one of their kind already."""
        assert self._reader is not None
        whole = {i: float(s) for i, s in enumerate(scores)}
        top = int(scores.argmax())
        heard = self._config["clause_topics"]
        kept = {
            i: c
            for i, c in raised.items()
            # A clause never takes a message away from danger, and one worry does not displace another.
            if self._reader.topics[i] in URGENT or self._reader.topics[top] not in heard
        }
        confidence = {i: max(c, kept.get(i, 0.0)) for i, c in whole.items()}
        return sorted(confidence.items(), key=lambda item: (item[0] in kept, item[1]), reverse=True)

    def _read(self, text: str, known: Mapping[str, np.ndarray]) -> np.ndarray:
        assert self._reader is not None
        text = as_read(text)
        vector = known[text] if text in known else self._encoder.embed(text)
        return self._reader.probabilities(vector, text)

    def _decide(self, ranking: List[Dict[str, Any]]) -> Dict[str, Any]:
        if not ranking:
            return {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 0.0}
        first = ranking[0]
        second = ranking[1]["confidence"] if len(ranking) > 1 else 0.0
        close = first["confidence"] < self._config["sure"] and first["confidence"] - second < self._config["margin"]
        if first["confidence"] < self._config["threshold"] or close:
            return {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": first["confidence"]}
        return dict(first)
