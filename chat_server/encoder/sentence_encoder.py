"""Turn a text into a vector: an int8 ONNX encoder on one thread, its weights checked before they run.

    encoder = SentenceEncoder.named(CURRENT)
    vector = encoder.embed(as_read(text))
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict

import numpy as np
from tokenizers import BertWordPieceTokenizer

WEIGHTS = Path(__file__).parent / "weights"
"""Encoders that `make encoder` made, each with a card of how."""
VOCABULARY = Path(__file__).parent / "vocab.txt"
"""The WordPiece vocabulary of BERT base uncased (Apache-2.0), which the encoder was made with."""
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"


class UntrustedWeights(Exception):
    """A file of weights is not the one that this code was written for; nothing of it was run."""


@dataclass(frozen=True)
class EncoderFile:
    """Where the weights of an encoder lie and what they must hash to."""

    locate: Callable[[], Path]
    sha256: str
    tokens: int = 256
    """Longest text that is read, in word pieces; the rest is left to the clauses."""


def _made(card: Path) -> EncoderFile:
    """One that `make encoder` made. The hash is in its card, which git keeps beside it."""
    return EncoderFile(lambda: card.with_suffix(".onnx"), json.loads(card.read_text(encoding="utf-8"))["sha256"])


ENCODERS: Dict[str, EncoderFile] = {card.stem: _made(card) for card in sorted(WEIGHTS.glob("*.json"))}
"""All encoders by name, each with the hash of its weights."""
CURRENT = "options-minilm-2"
"""The one that the product uses."""


class SentenceEncoder:
    """Vectors of unit length; texts that mean the same lie close together.

    Safe to share between threads. Each text is run alone: int8 weights scale to what is in a batch, so a text in company would get another vector.
    """

    def __init__(self, file: EncoderFile) -> None:
        """Load the weights. Raises UntrustedWeights when they are not the expected ones."""
        import onnxruntime

        weights = checked(file.locate(), file.sha256)
        self._tokenizer = BertWordPieceTokenizer(str(checked(VOCABULARY, VOCABULARY_SHA256)), lowercase=True)
        self._tokenizer.enable_truncation(file.tokens)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._asks_for = {asked.name for asked in self._session.get_inputs()}

    @classmethod
    def named(cls, name: str) -> "SentenceEncoder":
        """The encoder with this name in ENCODERS."""
        return cls(ENCODERS[name])

    def embed(self, text: str) -> np.ndarray:
        """The vector of one text: the mean over its word pieces, scaled to length 1."""
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        feeds: Dict[str, Any] = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        feeds = {name: feed for name, feed in feeds.items() if name in self._asks_for}
        mean = self._session.run(None, feeds)[0][0].mean(axis=0)
        return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)


def checked(path: Path, sha256: str) -> Path:
    """The path, once its content has the expected hash. Raises UntrustedWeights otherwise."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise UntrustedWeights(f"{path.name}: expected sha256 {sha256}, found {found}")
    return path
