"""The sentences of the service: read from `domain/wording/*.yml`, chosen by slots and language, blanks filled.

The files are Rasa `responses:`. Rasa's own process only names keys; the words are chosen here, so that they also exist
while the dialogue model is down and a change is live without training.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

BLANK = re.compile(r"\{(\w+)\}")


class WordingError(Exception):
    """A wording file cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Button:
    """A next step that is offered: what the parent sees, and what choosing it means."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to say a key, used when all its conditions are met."""

    text: str
    conditions: Mapping[str, Any]
    buttons: tuple[Button, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, slots: Mapping[str, Any]) -> bool:
        return all(slots.get(name) == value for name, value in self.conditions.items())

    @property
    def lang(self) -> str:
        return str(self.conditions.get("lang", "en"))


@dataclass(frozen=True, slots=True)
class Said:
    """Words ready to be shown, in the language that they are in."""

    key: str
    text: str
    lang: str
    buttons: tuple[Button, ...] = ()
    sources: tuple[str, ...] = ()
    as_of: str | None = None
    yes: str | None = None
    """What a plain "yes" to these words takes up: a payload."""


class Wording:
    """All keys with their variations. Read again when a file changes; a broken edit keeps the last good words."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._stamp = self._seen()
        self._keys = _read(folder)
        self.problem: str | None = None
        """Why the newest edit is not in use, or None."""

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._keys)

    def variations(self, key: str) -> tuple[Variation, ...]:
        return self._keys[key]

    def say(self, key: str, slots: Mapping[str, Any] | None = None, lang: str = "en", **blanks: Any) -> Said:
        """The words of a key: the fitting variation with the most conditions, its blanks filled.

        Raises KeyError for an unknown key, and when a blank of the words is not given.
        """
        facts = {**(slots or {}), "lang": lang}
        fitting = [v for v in self._keys[key] if v.fits(facts)]
        if lang != "en":
            # Words in the parent's language win over a closer variation in English.
            fitting = [v for v in fitting if v.lang == lang] or fitting
        chosen = max(fitting, key=lambda v: len(v.conditions))
        meta = chosen.metadata
        return Said(
            key=key,
            text=_fill(chosen.text, blanks),
            lang=chosen.lang,
            buttons=tuple(Button(_fill(b.label, blanks), b.payload) for b in chosen.buttons),
            sources=tuple(str(s) for s in meta.get("sources", ())),
            as_of=str(meta["as_of"]) if meta.get("as_of") else None,
            yes=str(meta["yes_means"]) if meta.get("yes_means") else None,
        )

    def refresh(self) -> bool:
        """Read the files again if one has changed; True when the words are new."""
        with self._lock:
            stamp = self._seen()
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            try:
                self._keys = _read(self._folder)
            except (WordingError, yaml.YAMLError, OSError) as broken:
                self.problem = str(broken)
                return False
            self.problem = None
            return True

    def _seen(self) -> tuple[tuple[str, int, int], ...]:
        stats = ((path, path.stat()) for path in sorted(self._folder.glob("*.yml")))
        return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def _read(folder: Path) -> dict[str, tuple[Variation, ...]]:
    keys: dict[str, tuple[Variation, ...]] = {}
    for path in sorted(folder.glob("*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) or {}
        for key, variations in (content.get("responses") or {}).items():
            if key in keys:
                raise WordingError(f"{path.name}: {key} is written twice")
            keys[key] = tuple(_variation(path, key, v) for v in variations)
            if not any(not v.conditions for v in keys[key]):
                raise WordingError(f"{path.name}: {key} has no variation without a condition")
    if not keys:
        raise WordingError(f"{folder}: no wording was found")
    return keys


def _variation(path: Path, key: str, raw: Mapping[str, Any]) -> Variation:
    try:
        return Variation(
            text=str(raw["text"]).strip(),
            conditions={c["name"]: c["value"] for c in raw.get("condition", ())},
            buttons=tuple(Button(str(b["title"]), str(b["payload"])) for b in raw.get("buttons", ())),
            metadata=raw.get("metadata") or {},
        )
    except (KeyError, TypeError) as broken:
        raise WordingError(f"{path.name}: a variation of {key} lacks {broken}") from broken


def _fill(text: str, blanks: Mapping[str, Any]) -> str:
    return BLANK.sub(lambda blank: str(blanks[blank.group(1)]), text)


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
