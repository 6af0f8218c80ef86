"""What is known so far of a parent's case, what a message adds to it, and what to ask next.

An enquiry is plain JSON-like data, so that it can travel with the conversation. Facts have the names of the protocol's
`asking`; a fact that is known is not asked for again, and any later message may put it right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chat_server.core.figures import Figures
from chat_server.core.formula import penny, weekly
from chat_server.core.further_homes import OF_A_HOME, FurtherHome, further_homes, may_be_several, open_home, several
from chat_server.core.household import (
    Assumed,
    Benefit,
    Child,
    Home,
    Household,
    Money,
    NilReason,
    Period,
    plain,
)

Fact = Any

QUESTIONS = (
    "income",
    "benefits",
    "pension",
    "children",
    "nights",
    "equal_care",
    "other_children",
    "other_homes",
    "private_children",
    "other_nights",
)
"""The facts that can be asked for, in the order of asking."""
UNSTATED = ("nil_reason", "historic_income", "partner_pays")
"""Facts that are taken when a parent mentions them, and never asked for."""
FLAT_BENEFITS = ("own_list", "means_tested", "partner")
UNKNOWN = {"unknown": True}
HOME_NAMES = "BCDEFGHIJ"
"""The names of further homes; A is the home that is asked about."""



@dataclass(frozen=True, slots=True)
class Enquiry:
    """What is known: facts by name, what is half told and has to be settled (`pending`), the facts that were shown back.

    `misses` counts unreadable answers running, `last` is the fact told last, `role` the writer's.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    pending: Mapping[str, Any] | None = None
    shown: tuple[str, ...] = ()
    misses: int = 0
    last: str | None = None
    role: str | None = None

    def to_state(self) -> dict[str, Any]:
        """What is remembered of it beside the facts and the role."""
        return {"pending": self.pending, "shown": list(self.shown), "misses": self.misses, "last": self.last}

    @classmethod
    def from_state(cls, facts: Mapping[str, Fact], state: Mapping[str, Any] | None, role: str | None) -> "Enquiry":
        """The enquiry of facts and state as they were remembered; a state that is missing is a new enquiry's."""
        state = state or {}
        shown, misses = tuple(state.get("shown") or ()), state.get("misses") or 0
        return cls(facts, state.get("pending"), shown, misses, state.get("last"), role)


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask next: the fact, and how, where the plain question does not fit (`confirm`, `period`, `net`, ...)."""

    fact: str
    how: str | None = None
    value: Fact = None


def next_question(enquiry: Enquiry, figures: Figures) -> Question | None:
    """What to ask next, or None when everything that the sum needs is known."""
    if enquiry.pending:
        return Question(enquiry.pending["fact"], enquiry.pending["how"], enquiry.pending.get("value"))
    for fact in needed(enquiry.facts, figures):
        value = enquiry.facts.get(fact)
        if fact in OF_A_HOME and several(enquiry.facts):
            if (place := open_home(enquiry.facts, fact)) is not None:
                return Question(fact, "home", place)
            continue
        if value is None:
            return Question(fact)
        if fact == "other_homes" and may_be_several(enquiry.facts):
            return Question(fact, "apart", value)
        if fact == "nights" and value.get("confirmed") is False:
            return Question("nights", "confirm", value)
    unseen = [name for name in stated_facts(enquiry.facts) if name not in enquiry.shown]
    return Question("check", None, unseen) if unseen else None


def stated_facts(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """The names of the facts that are known, in the order of asking."""
    return tuple(name for name in (*UNSTATED, *QUESTIONS) if facts.get(name) is not None)


def needed(facts: Mapping[str, Fact], figures: Figures) -> Iterator[str]:
    """The facts that the sum needs, by what is known already: each answer can make others unnecessary."""
    if facts.get("nil_reason"):
        yield "children"
        return
    benefits = facts.get("benefits")
    flat = benefits in FLAT_BENEFITS
    if not flat:
        yield "income"
        if _benefits_matter(facts.get("income"), figures):
            yield "benefits"
    income = _weekly_income(facts)
    low = income is not None and income <= figures.flat_up_to
    without_income = income is None and not flat
    if not (flat or low or without_income):
        yield "pension"
    yield "children"
    if not (low or without_income) or flat:
        yield "nights"
        if not flat and _reaches_half(facts.get("nights"), figures):
            yield "equal_care"
            if facts.get("equal_care") is True and _all_reach_half(facts["nights"], figures):
                return
    if not (flat or low or without_income):
        yield "other_children"
    if income is None or income >= figures.nil_below or flat:
        yield "other_homes"
        if further_homes(facts):
            yield "private_children"
            if any(home.how == "cms" for home in further_homes(facts)) and not (low or without_income):
                yield "other_nights"


def household(enquiry: Enquiry, figures: Figures) -> Household:
    """The household of an enquiry whose needed facts are all known. What is not known is assumed, and said to be."""
    facts = enquiry.facts
    assumed: set[Assumed] = set()
    income = _income_out(facts.get("income"), assumed)
    children = _children_out(facts, figures, assumed)
    elsewhere = further_homes(facts)
    paid_by_service = [home for home in elsewhere if home.how == "cms"]
    homes = [Home("A", children)]
    homes += [Home(name, _children_there(home, assumed)) for name, home in zip(HOME_NAMES, paid_by_service, strict=False)]
    if facts.get("other_homes") in (None, UNKNOWN) or any(home.how == UNKNOWN for home in elsewhere):
        assumed.add(Assumed.OTHER_HOMES)
    others = facts.get("other_children")
    if others in (None, UNKNOWN):
        assumed.add(Assumed.OTHER_CHILDREN)
    benefits = facts.get("benefits")
    if benefits in (None, UNKNOWN):
        assumed.add(Assumed.BENEFIT)
    nil_reason = facts.get("nil_reason")
    return Household(
        income=income,
        homes=tuple(homes),
        historic_income=_income_out(facts.get("historic_income"), set()),
        pension=_pension_out(facts.get("pension"), income, assumed),
        other_children=others if isinstance(others, int) else 0,
        private_children=sum(home.children for home in elsewhere if home.how == "private"),
        benefit=Benefit(benefits) if benefits in ("own_list", "means_tested") else Benefit.NONE,
        partner_means_tested_benefit=benefits == "partner",
        partner_is_paying_parent=facts.get("partner_pays") is True,
        nil_reason=NilReason(nil_reason) if nil_reason else None,
        assumed=frozenset(assumed),
    )


def _income_out(value: Fact, assumed: set[Assumed]) -> Money | None:
    if not value or value == UNKNOWN:
        return None
    if value.get("guess"):
        assumed.add(Assumed.INCOME_GUESSED)
    if value.get("net"):
        assumed.add(Assumed.INCOME_TAKE_HOME)
    up_to = Decimal(value["up_to"]) if value.get("up_to") else None
    return Money(Decimal(value["amount"]), Period(value["period"]), up_to)


def _pension_out(value: Fact, income: Money | None, assumed: set[Assumed]) -> Money | None:
    if value in (None, UNKNOWN):
        assumed.add(Assumed.PENSION)
        return None
    if "percent" in value:
        if income is None:
            return None
        middle = (income.amount + income.up_to) / 2 if income.up_to else income.amount
        return Money(penny(middle * Decimal(value["percent"]) / 100), income.period)
    if "amount" in value:
        return Money(Decimal(value["amount"]), Period(value["period"]))
    return Money(Decimal(0), Period.WEEK)


def _children_out(facts: Mapping[str, Fact], figures: Figures, assumed: set[Assumed]) -> tuple[Child, ...]:
    nights = facts.get("nights") or {"nights": 0, "unknown": True}
    if nights.get("unknown"):
        assumed.add(Assumed.NIGHTS)
    if nights.get("shared_unknown"):
        assumed.add(Assumed.NIGHTS_SHARED)
    if nights.get("guess"):
        assumed.add(Assumed.NIGHTS_GUESSED)
    number = facts.get("children") or 1
    each = nights.get("each") or []
    of_each = each if len(each) == number else [nights["nights"]] * number
    equal = facts.get("equal_care")
    if equal == UNKNOWN:
        assumed.add(Assumed.EQUAL_CARE)
    up_to = None if each else nights.get("up_to")
    return tuple(Child(own, equal is True and own >= figures.half_care_nights, up_to) for own in of_each)


def _children_there(home: FurtherHome, assumed: set[Assumed]) -> tuple[Child, ...]:
    """The children of a further home; nights are a number for all of them, or `each`."""
    nights = home.nights
    if isinstance(nights, Mapping) and len(nights.get("each") or ()) == home.children:
        return tuple(Child(own) for own in nights["each"])
    if not isinstance(nights, int):
        assumed.add(Assumed.NIGHTS)
        nights = 0
    return (Child(nights),) * home.children


def _weekly_income(facts: Mapping[str, Fact]) -> Decimal | None:
    """The weekly income that decides which questions matter; the upper end of a range."""
    value = facts.get("income")
    if not value or value == UNKNOWN:
        return None
    return weekly(Money(Decimal(value.get("up_to") or value["amount"]), Period(value["period"])))


def _benefits_matter(income: Fact, figures: Figures) -> bool:
    if income is None:
        return False
    amount = _weekly_income({"income": income})
    return amount is None or amount < figures.basic_from


def _reaches_half(nights: Fact, figures: Figures) -> bool:
    if not nights:
        return False
    return max(nights["nights"], nights.get("up_to") or 0, *(nights.get("each") or [0])) >= figures.half_care_nights


def _all_reach_half(nights: Fact, figures: Figures) -> bool:
    return min(nights.get("each") or [nights["nights"]]) >= figures.half_care_nights
