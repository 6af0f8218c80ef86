"""Reading a text with the eye: its pieces, their vectors, and which kinds of danger these speak of."""

import json
from collections.abc import Mapping, Sequence
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
CALM = 3.0
"""What a figure of speech, a no or paperwork in a piece takes off its log odds."""
ALONE = 4.0
"""What is taken off the log odds of a clause read alone."""
MOST_PIECES = 20
"""Neighbouring clauses are read together where there are more, so that all of a long text is read in its time."""

Vectors = Mapping[str, np.ndarray]


class WrongEncoder(Exception):
    """The lines were learned over the vectors of another encoder, and mean nothing over these."""


class Lines(NamedTuple):
    """A line over vectors for each topic, the kinds of danger first: `weights` (topics x dimensions) and `bias` (topics)."""

    topics: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray

    def best(self, vectors: np.ndarray, calm: Sequence[bool]) -> np.ndarray:
        """How much the vectors of a text (pieces x dimensions, the whole first) speak of each kind rather than of anything harmless.

        In log odds. A clause out of its sentence often sounds graver than it is, so it has to speak more clearly; and so has
        a piece with a figure of speech, a no or paperwork in it.
        """
        by_topic = vectors @ self.weights.T + self.bias
        harmless = np.logaddexp.reduce(by_topic[:, len(Kind) :], axis=1)
        by_piece = by_topic[:, : len(Kind)] - harmless[:, None] - CALM * np.array(calm, dtype=float)[:, None]
        by_piece[1:] -= ALONE
        return by_piece.max(axis=0)


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
        learned = card["lines"]
        self._lines = Lines(tuple(learned), *(np.array([of[part] for of in learned.values()], dtype=np.float32) for part in ("weights", "bias")))
        if self._lines.topics[: len(Kind)] != tuple(map(str, Kind)):
            raise ValueError("the lines do not begin with the kinds of danger")
        self._least = np.array([card["kinds"][kind]["threshold"] for kind in Kind], dtype=np.float32)
        self._doubt = np.array([card["kinds"][kind]["doubt"] for kind in Kind], dtype=np.float32)

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
        read = [as_read(piece) for piece in pieces]
        vectors = {text: self._encoder.embed(text) for text in dict.fromkeys(read)}
        above = self._lines.best(np.stack([vectors[text] for text in read]), [is_calm(piece) for piece in pieces]) - self._least
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
