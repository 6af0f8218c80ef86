"""What an action tells the gateway beside words. Actions tell; they never call back."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Handover:
    """A person takes over; `reason` says what started it."""

    topic: str
    reason: str = "topic"


@dataclass(frozen=True, slots=True)
class Danger:
    """The dialogue model heard danger of this kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class EstimateShown:
    """An estimate belongs to the message before it; `estimate` is the object of protocol section 4."""

    estimate: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrganisationsShown:
    """Directory ids, in order, that belong to the message before them."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefer:
    """The parent said which nation they live in, or which language they want."""

    nation: str | None = None
    lang: str | None = None


Signal = Handover | Danger | EstimateShown | OrganisationsShown | Prefer


def parse(raw: dict[str, Any]) -> Signal:
    """Read one signal as actions send it. Raises ValueError for anything else."""
    try:
        match raw.get("signal"):
            case "handover":
                return Handover(str(raw["topic"]), str(raw.get("reason", "topic")))
            case "danger":
                return Danger(str(raw["kind"]))
            case "estimate_shown":
                return EstimateShown(dict(raw["estimate"]))
            case "organisations_shown":
                return OrganisationsShown(tuple(str(i) for i in raw["ids"]))
            case "prefer":
                return Prefer(raw.get("nation"), raw.get("lang"))
    except (KeyError, TypeError, ValueError) as broken:
        raise ValueError(f"signal {raw.get('signal')!r} is malformed: {broken}") from broken
    raise ValueError(f"unknown signal {raw.get('signal')!r}")
