"""Other nights, another income or other children at home beside an estimate that was made, for comparison."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from chat_server.core.estimate import estimate
from chat_server.core.figures import in_force
from chat_server.core.household import parse_household

NUMBERS = ("nights", "income", "others")
"""What can be changed; a number that is left out stays as it is."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The first figure, the one with the changed numbers, and how far apart they are. Pounds a week."""

    first: Decimal
    weekly: Decimal

    @property
    def by(self) -> Decimal:
        return abs(self.weekly - self.first)


def numbers_of(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of an estimate that can be changed, as they are; nights only where all children stay the same."""
    facts = shown["input"]
    income = facts.get("income") or {}
    nights = {
        (child.get("nights_per_year") or 0, child.get("nights_per_year_up_to"))
        for home in facts["receiving_parents"]
        for child in home["children"]
    }
    numbers = {"income": income.get("amount", ""), "others": facts.get("other_children_at_home") or 0}
    return numbers | ({"nights": min(nights)[0]} if len(nights) == 1 else {})


def compare(shown: Mapping[str, Any], changes: Mapping[str, str]) -> Compared:
    """The figure with changed numbers, as they were typed, by the law of the same day.

    Raises BadInput for what cannot be.
    """
    facts, same = deepcopy(dict(shown["input"])), numbers_of(shown)
    changed = {name: text.strip() for name, text in changes.items() if text.strip() and text.strip() != str(same.get(name))}
    if "nights" in changed and "nights" in same:
        for home in facts["receiving_parents"]:
            for child in home["children"]:
                child.pop("nights_per_year_up_to", None)
                child["nights_per_year"] = _whole(changed["nights"])
    if "income" in changed:
        period = (facts.get("income") or {}).get("period", "year")
        facts |= {"income": {"amount": changed["income"].replace(",", "").lstrip("£"), "period": period}, "historic_income": None}
    if "others" in changed:
        facts["other_children_at_home"] = _whole(changed["others"])
    found = estimate(parse_household(facts), in_force(date.fromisoformat(shown["as_of"])))
    return Compared(Decimal(shown["weekly"]), found.weekly)


def _whole(text: str) -> Any:
    """A whole number; anything else stays text, and is refused as the field that it stands in."""
    return int(text) if text.isdecimal() and len(text) < 5 else text
