"""One way to write each text, whatever phone it was typed on."""

from __future__ import annotations

import re
import unicodedata

from chat_server.encoder.even import even

MOST_CHARACTERS = 4000
"""Longer texts are cut in the middle before reading: the beginning and the end carry the matter."""

_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "`": "'"})


def tidy(text: str) -> str:
    """The text as it is read: one kind of quote, nothing that is not seen, no capitals."""
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS // 2] + " " + text[-MOST_CHARACTERS // 2 :]
    # Line ends stay: they part clauses. Control characters would only hide words.
    return "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C").lower()


def as_read(text: str) -> str:
    """The text as an encoder is given it: tidied, even, one line with one space between words."""
    return even(_SPACE.sub(" ", tidy(text)).strip())
