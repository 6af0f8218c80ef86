"""Cut a long message into the clauses that people pack into it."""

from __future__ import annotations

import re
from typing import List

LEAST_WORDS = 3
"""Shorter pieces say too little to be read alone; they stay with the piece before."""
MOST_CLAUSES = 24
"""A wall of text is read up to here, the end included: worries come last."""

_SENTENCE = re.compile(r"(?<=[.!?;\n])\s+|\n+|\s+[-–—]+\s+|\.{2,}")
_JOINT = re.compile(
    r",\s+|\s+(?:and|but|so|cos|cause|coz|because|plus|also|then|now|though|although|anyway|except)\s+(?=\w+\s+\w+)",
    re.IGNORECASE,
)


def clauses(text: str) -> List[str]:
    """The clauses in order. One clause, or none, when the text is short enough to be read as it is."""
    pieces: List[str] = []
    for sentence in _SENTENCE.split(text):
        for piece in _JOINT.split(sentence or ""):
            piece = piece.strip(" ,.;:-–—\t\n")
            if not piece:
                continue
            if pieces and len(piece.split()) < LEAST_WORDS:
                pieces[-1] = f"{pieces[-1]} {piece}"
            else:
                pieces.append(piece)
    if len(pieces) > MOST_CLAUSES:
        half = MOST_CLAUSES // 2
        pieces = pieces[:half] + pieces[-half:]
    return pieces
