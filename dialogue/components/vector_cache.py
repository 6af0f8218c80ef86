"""Vectors of training examples, kept between trainings: a changed example costs one reading, not thousands."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path
from typing import Dict, List, Text

import numpy as np

from chat_server.encoder.sentence_encoder import SentenceEncoder

EVERY = 500
"""Examples between two lines of progress."""


def vectors_of(texts: List[Text], encoder: SentenceEncoder, name: Text) -> np.ndarray:
    """One vector for each text, from the cache where it has been read before; `name` tells encoders apart."""
    file = _file(name)
    known = _load(file)
    vectors = []
    for done, text in enumerate(texts, start=1):
        key = hashlib.sha256(text.encode()).hexdigest()[:32]
        if key not in known:
            known[key] = encoder.embed(text)
        vectors.append(known[key])
        if done % EVERY == 0 or done == len(texts):
            print(f"  read {done} of {len(texts)} examples", flush=True)
    used = {hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts}
    _keep(file, {key: vector for key, vector in known.items() if key in used})
    return np.array(vectors)


def _file(name: Text) -> Path:
    return Path(os.environ.get("RASA_CACHE_DIRECTORY", ".rasa/cache")) / f"vectors-{name}.npz"


def _load(file: Path) -> Dict[Text, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return {}  # nothing there yet, or cut short: read again


def _keep(file: Path, vectors: Dict[Text, np.ndarray]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as out:
        np.savez(out, keys=np.array(list(vectors)), vectors=np.array(list(vectors.values())))
    os.replace(part, file)
