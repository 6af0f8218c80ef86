"""The estimate: the statutory sum with its steps, what was assumed, and what could change it.

`estimate` is the one function behind the chat, `POST /api/estimate` and the agents' console.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from chat_server.core import explain
from chat_server.core.figures import Figures, in_force
from chat_server.core.formula import HomeSum, Rate, penny, work_out
from chat_server.core.household import Child, Collection, Home, Household, Money, parse_household


@dataclass(frozen=True, slots=True)
class Estimate:
    """The result of protocol section 4. Amounts are pounds; `low` and `high` are weekly ends when a range was given."""

    household: Household
    rate: Rate
    weekly: Decimal
    monthly: Decimal
    annual: Decimal
    homes: tuple[HomeSum, ...]
    steps: tuple[explain.Step, ...]
    assumptions: tuple[str, ...]
    could_change: tuple[str, ...]
    paying_total: Decimal
    receiving_total: Decimal
    application_fee: Decimal
    as_of: date
    low: Decimal
    high: Decimal
    lang: str = "en"

    def to_dict(self, *, safe_first: bool = False) -> dict[str, Any]:
        """As JSON. Where fear or control was mentioned (`safe_first`), a sentence on safety stands before everything else,
        and nothing speaks of agreeing with the other parent."""
        words = explain.words(self.lang)
        out: dict[str, Any] = {
            "lang": self.lang,
            "rate": self.rate.value,
            "rate_name": explain.rate_name(self.rate, self.lang),
            "weekly": str(self.weekly),
            "monthly": str(self.monthly),
            "annual": str(self.annual),
            "range": None if self.low == self.high else {"low": str(self.low), "high": str(self.high)},
            "homes": [{"name": home.name, "children": home.children, "weekly": str(home.weekly)} for home in self.homes],
            "steps": [{"key": step.key, "text": step.text, "value": step.value} for step in self.steps],
            "assumptions": list(self.assumptions),
            "could_change": list(self.could_change),
            "fees": {
                "collection": self.household.collection.value,
                "application": str(penny(self.application_fee)),
                "paying_total": str(self.paying_total),
                "receiving_total": str(self.receiving_total),
            },
            "options": words["options_when_unsafe" if safe_first else "options"],
            "as_of": self.as_of.isoformat(),
            "input": self.household.to_input(),
        }
        if safe_first:
            out["safety"] = words["safety"]
        return out


def estimate(household: Household, figures: Figures, lang: str = "en") -> Estimate:
    """Work out the household by the figures, with the steps in English or Welsh.

    Of a range, the steps use the middle; the ends are worked out beside it.
    """
    used = _middle(household)
    working = work_out(used, figures)
    lines = explain.total_lines(working, used, figures)
    amounts = {line.key: line.value for line in lines}
    ends = [work_out(end, figures).weekly for end in _ends(household)] or [working.weekly]
    paying = receiving = working.weekly
    if household.collection is Collection.COLLECT_AND_PAY:
        paying, receiving = explain.with_charges(working.weekly, figures)
    return Estimate(
        household=household,
        rate=working.rate,
        weekly=working.weekly,
        monthly=amounts["monthly"],
        annual=amounts["annual"],
        homes=working.homes,
        steps=explain.steps(working, lines, lang),
        assumptions=tuple(explain.assumptions(used, household, working, figures, lang)),
        could_change=tuple(explain.could_change(used, working, figures, lang)),
        paying_total=paying,
        receiving_total=receiving,
        application_fee=figures.application_fee,
        as_of=figures.on,
        low=min(ends),
        high=max(ends),
        lang=lang,
    )


def said_in(lang: str, shown: dict[str, Any]) -> dict[str, Any]:
    """An estimate that was made as JSON, with its sentences in this language. Figures and date stay as they were."""
    if shown.get("lang", "en") == lang:
        return shown
    again = estimate(parse_household(shown["input"]), in_force(date.fromisoformat(shown["as_of"])), lang)
    return again.to_dict(safe_first="safety" in shown)


def _has_range(household: Household) -> bool:
    income = household.income
    return (income is not None and income.up_to is not None) or any(
        child.nights_up_to is not None for home in household.homes for child in home.children
    )


def _middle(household: Household) -> Household:
    if not _has_range(household):
        return household
    return _at(household, Decimal("0.5"), Decimal("0.5"))


def _ends(household: Household) -> Iterator[Household]:
    """The household at each corner of its ranges; nothing when it has none."""
    if _has_range(household):
        for income, nights in product((Decimal(0), Decimal(1)), repeat=2):
            yield _at(household, income, nights)


def _at(household: Household, income_part: Decimal, nights_part: Decimal) -> Household:
    """The household at a point of its ranges, 0 being the lower end and 1 the upper."""
    homes = tuple(
        Home(home.name, tuple(_child_at(child, nights_part) for child in home.children)) for home in household.homes
    )
    return replace(household, income=_money_at(household.income, income_part), homes=homes)


def _money_at(money: Money | None, part: Decimal) -> Money | None:
    if money is None or money.up_to is None:
        return money
    return Money(money.amount + (money.up_to - money.amount) * part, money.period)


def _child_at(child: Child, part: Decimal) -> Child:
    if child.nights_up_to is None:
        return child
    return Child(child.nights + int((child.nights_up_to - child.nights) * part), child.equal_care)
