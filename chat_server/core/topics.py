"""The one list of topics, from `facts/topics.yaml`: what parents write about and what must then happen."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import yaml

FACTS = Path(__file__).parent / "facts" / "topics.yaml"


class Outcome(StrEnum):
    """What a parent sees when a topic comes up; the meanings stand in `facts/topics.yaml`."""

    INFORM = "inform"
    ESTIMATE = "estimate"
    SIGNPOST = "signpost"
    HANDOVER = "handover"
    URGENT = "urgent"
    CHAT = "chat"
    CLARIFY = "clarify"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `name` is stable and travels everywhere; `about` is for people who write content."""

    name: str
    outcome: Outcome
    about: str

    @property
    def family(self) -> str:
        """The part of the name before the dot: `statutory` of `statutory.fees`; the whole name where there is no dot."""
        return self.name.partition(".")[0]


def load(path: Path = FACTS) -> Mapping[str, Topic]:
    """Read the list. Raises ValueError naming the topic when an outcome is unknown or `about` is missing."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return MappingProxyType({name: _topic(name, fields) for name, fields in raw.items()})


def _topic(name: str, fields: dict[str, str]) -> Topic:
    about = (fields.get("about") or "").strip()
    if not about:
        raise ValueError(f"topic {name}: says nothing about itself")
    try:
        return Topic(name=name, outcome=Outcome(fields.get("outcome", "")), about=about)
    except ValueError:
        raise ValueError(f"topic {name}: unknown outcome {fields.get('outcome')!r}") from None


TOPICS: Mapping[str, Topic] = load()


def with_outcome(outcome: Outcome) -> tuple[Topic, ...]:
    """The topics with this outcome, in the order of the list."""
    return tuple(topic for topic in TOPICS.values() if topic.outcome is outcome)
