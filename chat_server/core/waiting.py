"""The queue's order, and what may honestly be said about the wait."""

from collections.abc import Sequence
from datetime import datetime

BANDS = ((120, "under_2"), (300, "2_to_5"), (600, "5_to_10"), (1200, "10_to_20"))
"""Upper ends of the wait bands in seconds, with the ending of their wording key."""

LONGEST_BAND = "over_20"
FEWEST_WAITS = 5
"""Measured waits below which no band is named: a guess would be a promise."""


def order(urgent: bool, lost_agent: bool, queued_at: datetime) -> tuple[int, int, datetime]:
    """The sort key of a waiting conversation: urgent, then lost agent, then the time of the handover."""
    return (0 if urgent else 1, 0 if lost_agent else 1, queued_at)


def band(position: int, recent_waits_s: Sequence[float]) -> tuple[str, int | None]:
    """The wait as a band: (ending of the wording key, its upper end in seconds or None when not known).

    The estimate is the median of recent waits, stretched for those further back than the first place.
    """
    if len(recent_waits_s) < FEWEST_WAITS:
        return "unknown", None
    middle = sorted(recent_waits_s)[len(recent_waits_s) // 2]
    likely = middle * (1 + (position - 1) / 2)
    for end, name in BANDS:
        if likely <= end:
            return name, end
    return LONGEST_BAND, None
