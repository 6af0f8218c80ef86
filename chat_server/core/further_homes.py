"""Children in further homes: how many live in each, how each home is paid for, the nights in each.

A number of children is one home's, or several homes' as long as nobody said. A list has a number for each home; where it
has more than one, the facts about homes are lists too, filled home by home.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OF_A_HOME = ("private_children", "other_nights")
"""The facts that are asked for each further home."""


@dataclass(frozen=True, slots=True)
class FurtherHome:
    """A further home; what is not known of it yet is None."""

    children: int
    how: Any = None
    nights: Any = None


def further_homes(facts: Mapping[str, Any]) -> tuple[FurtherHome, ...]:
    """What is known of each further home."""
    return tuple(
        FurtherHome(children, *(_of_home(facts.get(name), place) for name in OF_A_HOME))
        for place, children in enumerate(_children(facts))
    )


def several(facts: Mapping[str, Any]) -> bool:
    """Whether the facts about homes are lists."""
    return isinstance(facts.get("other_homes"), list) and len(facts["other_homes"]) > 1


def may_be_several(facts: Mapping[str, Any]) -> bool:
    """Several children, and nobody said whether they live in one home."""
    told = facts.get("other_homes")
    return isinstance(told, int) and not isinstance(told, bool) and told > 1


def open_home(facts: Mapping[str, Any], fact: str) -> int | None:
    """The place of the first home of which a fact is not known; nights count only where the service is paid."""
    for place, home in enumerate(further_homes(facts)):
        if fact == "private_children" and home.how is None:
            return place
        if fact == "other_nights" and home.how == "cms" and home.nights is None:
            return place
    return None


def told_of_home(facts: Mapping[str, Any], fact: str, value: Any, *, all_homes: bool = False) -> Any:
    """The value of a fact when this is said of the home that is asked about, or of `all_homes` that are open."""
    if not several(facts):
        return value
    values = [_of_home(facts.get(fact), place) for place in range(len(facts["other_homes"]))]
    while (place := open_home({**facts, fact: values}, fact)) is not None:
        values[place] = value
        if not all_homes:
            break
    return values


def _children(facts: Mapping[str, Any]) -> list[int]:
    told = facts.get("other_homes")
    if isinstance(told, list):
        return told
    return [told] if isinstance(told, int) and told else []


def _of_home(value: Any, place: int) -> Any:
    if isinstance(value, list):
        return value[place] if place < len(value) else None
    return value
