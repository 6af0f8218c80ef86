"""The name of the dialogue model that belongs to the training files: `python -m chat_server.launch.fingerprint`.

Imports nothing of ours, so that Rasa's environment and image can ask too.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]

_TRAINED_FROM = ("nlu", "stories", "domain", "dialogue", "chat_server/encoder")
_BESIDE = {"__pycache__", "learn", "report"}
"""Folders that no training reads. The weights of an encoder are named by the hash in its card."""
_SUFFIXES = {".yml", ".yaml", ".py", ".txt", ".json"}


def fingerprint(root: Path = ROOT) -> str:
    """Names the model that belongs to these training files.

    Of the wording only the keys count: the gateway speaks the sentences, so a changed sentence needs no training.
    """
    whole = hashlib.sha256()
    keys: set[str] = set()
    for path in _training_files(root):
        if path.is_relative_to(root / "domain" / "wording"):
            keys.update(_keys_of(path))
            continue
        whole.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    whole.update("\n".join(sorted(keys)).encode())
    return whole.hexdigest()[:16]


def _training_files(root: Path) -> Iterable[Path]:
    for folder in _TRAINED_FROM:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file() and not _BESIDE & set(path.parts):
                yield path


def _keys_of(path: Path) -> Iterable[str]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_bytes(), Loader=loader) or {}
    return (content.get("responses") or {}).keys()


if __name__ == "__main__":
    print(fingerprint())
