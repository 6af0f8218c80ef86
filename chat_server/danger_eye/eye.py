"""Reading a text with the eye: its pieces, their vectors, and which kinds of danger these speak of."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chat_server.core import safety
from chat_server.core.safety import Kind
from chat_server.encoder.clauses import clauses
from chat_server.encoder.sentence_encoder import CURRENT, ENCODERS, SentenceEncoder
from chat_server.encoder.tidy import as_read, tidy

LINES = Path(__file__).parent / "lines.json"
WHOLE_ALONE = 12
"""A text of fewer words says one thing, and is read whole only."""
MOST_PIECES = 20
"""Neighbouring clauses are read together where there are more, so that all of a long text is read in its time."""

Vectors = Mapping[str, np.ndarray]


class WrongEncoder(Exception):
    """The lines were learned over the vectors of another encoder, and mean nothing over these."""


class Look(NamedTuple):
    """What the eye saw: how sure it is of each kind, the kinds it names, those that it would not believe if the patterns
    named them, and each text that it read with its vector.

    The whole text comes first. The vectors are those of `encoder`, so that whoever reads the same texts need not
    compute them again.
    """

    sure: Mapping[Kind, float]
    kinds: tuple[Kind, ...]
    doubted: tuple[Kind, ...]
    encoder: str
    vectors: Vectors


class Eye:
    """Safe to share between threads; a look is calculation alone."""

    def __init__(self, encoder: SentenceEncoder, card: Mapping[str, Any]) -> None:
        self._encoder = encoder
        self._encoder_sha256 = card["encoder_sha256"]
        self._weights = np.array([card["kinds"][kind]["weights"] for kind in Kind], dtype=np.float32)
        self._bias = np.array([card["kinds"][kind]["bias"] for kind in Kind], dtype=np.float32)
        self._least = np.array([card["kinds"][kind]["threshold"] for kind in Kind], dtype=np.float32)
        self._doubt = np.array([card["kinds"][kind]["doubt"] for kind in Kind], dtype=np.float32)
        self._calm = float(card["calm"])

    @classmethod
    @cache
    def current(cls) -> "Eye":
        """The eye of this version, over the encoder in use; read once. Raises WrongEncoder, UntrustedWeights, OSError."""
        card = card_of()
        if card["encoder_sha256"] != ENCODERS[CURRENT].sha256:
            raise WrongEncoder(f"{LINES.name} belongs to {card['encoder']}, another encoder than {CURRENT}: run `make danger-eye`")
        eye = cls(SentenceEncoder.named(CURRENT), card)
        eye.look("warm up")
        return eye

    def look(self, text: str) -> Look:
        """See what a text of any length speaks of."""
        pieces = pieces_of(text)
        vectors = {piece: self._encoder.embed(piece) for piece in dict.fromkeys(map(as_read, pieces))}
        by_piece = np.stack([self._weights @ vectors[as_read(piece)] + self._bias for piece in pieces])
        by_piece -= self._least + self._calm * np.array([[is_calm(piece)] for piece in pieces])
        above = by_piece.max(axis=0)
        kinds = tuple(kind for kind, much in zip(Kind, above, strict=True) if much > 0)
        doubted = tuple(kind for kind, much, doubt in zip(Kind, above, self._doubt, strict=True) if much < -doubt)
        return Look(dict(zip(Kind, above.tolist(), strict=True)), kinds, doubted, self._encoder_sha256, vectors)


def card_of(path: Path = LINES) -> dict[str, Any]:
    """The lines, what they were learned from and how they did."""
    return json.loads(path.read_text(encoding="utf-8"))


def pieces_of(text: str) -> list[str]:
    """The whole text, and its clauses where it says more than one thing."""
    whole = tidy(text)
    if len(whole.split()) < WHOLE_ALONE:
        return [whole]
    found = clauses(whole)
    together = -(-len(found) // MOST_PIECES)
    if together > 1:
        found = [". ".join(found[i : i + together]) for i in range(0, len(found), together)]
    return [whole, *found] if len(found) > 1 else [whole]


def is_calm(piece: str) -> bool:
    """Whether a piece holds a figure of speech, a no or paperwork, by the phrases that reviewers keep."""
    return safety.has_calm(piece)
