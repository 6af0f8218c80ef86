"""What happened in a conversation: numbered, frozen, in the past tense."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PRIVATE = "_"
"""Body fields that begin with this stay in the store and never cross a socket."""


@dataclass(frozen=True, slots=True)
class Event:
    """One durable thing that happened; `seq` counts from 1 within its conversation, without holes."""

    seq: int
    at: datetime
    type: str
    body: dict[str, Any] = field(default_factory=dict)

    def frame(self) -> dict[str, Any]:
        """The event as clients receive it: private fields left out, time in ISO 8601 UTC."""
        shown = {key: value for key, value in self.body.items() if not key.startswith(PRIVATE)}
        return {"type": self.type, "seq": self.seq, "at": utc_text(self.at), **shown}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who changed what, when and why; never what anybody wrote."""

    at: datetime
    actor: str
    cause: str
    from_state: str
    to_state: str
    version: int
    detail: dict[str, Any] = field(default_factory=dict)


def utc_text(at: datetime) -> str:
    """An aware UTC time as ISO 8601 with milliseconds and `Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
