"""The words that are not said, from `avoid.yaml`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "avoid.yaml"


@dataclass(frozen=True)
class Rule:
    """Words to avoid, what to say instead, and why."""

    use: str
    why: str
    avoid: tuple[re.Pattern[str], ...]
    allow: tuple[re.Pattern[str], ...] = ()
    except_in: tuple[str, ...] = ()

    def applies_to(self, key: str) -> bool:
        return not key.startswith(self.except_in) if self.except_in else True


@dataclass(frozen=True)
class Hit:
    """Words that were found, and where in the text they begin."""

    words: str
    at: int
    rule: Rule


def pattern(entry: str) -> re.Pattern[str]:
    """An entry of the list: whole words in any case, `*` for any ending, or a regular expression between slashes."""
    if entry.startswith("/") and entry.endswith("/"):
        return re.compile(entry[1:-1], re.IGNORECASE)
    words = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in entry.split())
    return re.compile(rf"(?<![\w'’-]){words}(?![\w-])", re.IGNORECASE)


def load(path: Path = FILE) -> tuple[Rule, ...]:
    """The rules of a file like `avoid.yaml`."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        Rule(
            use=rule["use"],
            why=rule["why"],
            avoid=tuple(map(pattern, rule["avoid"])),
            allow=tuple(map(pattern, rule.get("allow", ()))),
            except_in=tuple(rule.get("except_in", ())),
        )
        for rule in raw["rules"]
    )


@lru_cache
def rules() -> Sequence[Rule]:
    """The rules of this product."""
    return load()


def find(text: str, key: str = "", allow: Iterable[str] = (), using: Sequence[Rule] | None = None) -> Iterator[Hit]:
    """Each thing in `text` that should not be said under `key`. `allow` are phrases that this text may hold."""
    here = tuple(map(pattern, allow))
    for rule in rules() if using is None else using:
        if not rule.applies_to(key):
            continue
        open_text = _without((*here, *rule.allow), text)
        for avoided in rule.avoid:
            for hit in avoided.finditer(open_text):
                yield Hit(" ".join(hit.group().split()), hit.start(), rule)


def _without(allowed: Iterable[re.Pattern[str]], text: str) -> str:
    """The text with allowed phrases blotted out; the rest keeps its place."""
    for phrase in allowed:
        text = phrase.sub(lambda hit: re.sub(r"\S", "#", hit.group()), text)
    return text
