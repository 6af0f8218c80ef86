"""Vectors of a parent's words that the gateway has computed for its danger screen and sends along with the turn.

    {"encoder": "<sha256 of its weights>", "of": {"<text as it was read>": "<float32, little endian, base64>"}}

They save the second reading of the same words. A text that is not among them is read here; so is everything when the
gateway's encoder is another.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Dict, Mapping, Text

import numpy as np

SIZE = 384
METADATA = "vectors"
"""Where a message carries them."""


def known_vectors(raw: Any, encoder_sha256: Text) -> Mapping[Text, np.ndarray]:
    """The vectors by text, where they are of this encoder; nothing where they are not, or cannot be read."""
    if not isinstance(raw, dict) or raw.get("encoder") != encoder_sha256 or not isinstance(raw.get("of"), dict):
        return {}
    found: Dict[Text, np.ndarray] = {}
    for text, packed in raw["of"].items():
        try:
            vector = np.frombuffer(base64.b64decode(packed, validate=True), dtype="<f4")
        except (binascii.Error, TypeError, ValueError):
            return {}
        if vector.size != SIZE:
            return {}
        found[text] = vector
    return found
