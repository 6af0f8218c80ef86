"""The facts that an estimate needs, and how the input of `POST /api/estimate` becomes them.

Everything that is out of range is refused here with the field's name, so that the sum never sees it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

MAX_AMOUNT = Decimal(1_000_000_000)
MAX_HOMES = 10
MAX_CHILDREN = 20
MAX_NIGHTS = 366
MAX_NAME = 40
MAX_EXPONENT = 12

Name = TypeVar("Name", bound=StrEnum)

_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?")


class BadInput(ValueError):
    """A fact that cannot be: `field` is its path in the input, `detail` says in words what is asked for."""

    code = "bad_input"

    def __init__(self, field: str, detail: str):
        self.field = field
        self.detail = detail
        super().__init__(f"{field}: {detail}")


class Period(StrEnum):
    YEAR = "year"
    MONTH = "month"
    FOUR_WEEKS = "four_weeks"
    WEEK = "week"


class Benefit(StrEnum):
    """Which list of Regs 44 the paying parent's own benefit is on, if any."""

    NONE = "none"
    OWN_LIST = "own_list"
    MEANS_TESTED = "means_tested"


class NilReason(StrEnum):
    """The groups of Regs 45 for whom the rate is nil whatever their income."""

    CHILD = "child"
    PRISONER = "prisoner"
    AGED_16_17_ON_BENEFIT = "aged_16_17_on_benefit"
    YOUTH_TRAINING = "youth_training"
    CARE_HOME_ON_BENEFIT = "care_home_on_benefit"


class Collection(StrEnum):
    NONE = "none"
    DIRECT_PAY = "direct_pay"
    COLLECT_AND_PAY = "collect_and_pay"


class Assumed(StrEnum):
    """A fact that nobody stated: the estimate says what it took instead. `..._guessed` was stated, as a guess."""

    PENSION = "pension"
    NIGHTS = "nights"
    NIGHTS_SHARED = "nights_shared"
    OTHER_CHILDREN = "other_children_at_home"
    PRIVATE_CHILDREN = "privately_maintained_children"
    OTHER_HOMES = "other_homes"
    BENEFIT = "benefit"
    EQUAL_CARE = "equal_care"
    INCOME_GUESSED = "income_guessed"
    INCOME_TAKE_HOME = "income_take_home"
    NIGHTS_GUESSED = "nights_guessed"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount for a period in pounds; `up_to` is the upper end when only a range is known."""

    amount: Decimal
    period: Period
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A child being paid for: nights a year with the paying parent, and whether all care (not nights) is equal."""

    nights: int = 0
    equal_care: bool = False
    nights_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """A receiving parent's home and the children there who are being paid for."""

    name: str
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """All facts of one estimate. `income` None means that it is not known; it is before tax."""

    income: Money | None
    homes: tuple[Home, ...]
    historic_income: Money | None = None
    pension: Money | None = None
    other_children: int = 0
    private_children: int = 0
    benefit: Benefit = Benefit.NONE
    partner_means_tested_benefit: bool = False
    partner_is_paying_parent: bool = False
    nil_reason: NilReason | None = None
    collection: Collection = Collection.NONE
    assumed: frozenset[Assumed] = field(default_factory=frozenset)

    def to_input(self) -> dict[str, Any]:
        """The normalised protocol input: given to `parse_household`, it makes this household again."""
        return {
            "income": _money_out(self.income),
            "historic_income": _money_out(self.historic_income),
            "pension": _money_out(self.pension),
            "receiving_parents": [
                {"name": home.name, "children": [_child_out(child) for child in home.children]} for home in self.homes
            ],
            "other_children_at_home": self.other_children,
            "privately_maintained_children": self.private_children,
            "benefit": self.benefit.value,
            "partner_means_tested_benefit": self.partner_means_tested_benefit,
            "partner_is_paying_parent": self.partner_is_paying_parent,
            "nil_reason": self.nil_reason.value if self.nil_reason else None,
            "collection": self.collection.value,
            "assumed": sorted(assumed.value for assumed in self.assumed),
        }


def parse_household(data: Any) -> Household:
    """Read the protocol's input object. Raises `BadInput` for the first field that is missing, unknown or impossible."""
    known = _object(data, "", required=("income", "receiving_parents"), optional=_OPTIONAL)
    assumed = _assumed(known.get("assumed"))
    for name, fact in _ASSUMED_WHEN_ABSENT.items():
        if known.get(name) is None:
            assumed.add(fact)
    homes = _homes(known["receiving_parents"], assumed)
    return Household(
        income=_money(known["income"], "income"),
        homes=homes,
        historic_income=_money(known.get("historic_income"), "historic_income", range_allowed=False),
        pension=_money(known.get("pension"), "pension", range_allowed=False),
        other_children=_whole(known.get("other_children_at_home"), "other_children_at_home", MAX_CHILDREN),
        private_children=_whole(known.get("privately_maintained_children"), "privately_maintained_children", MAX_CHILDREN),
        benefit=_one_of(Benefit, known.get("benefit"), "benefit") or Benefit.NONE,
        partner_means_tested_benefit=_flag(known.get("partner_means_tested_benefit"), "partner_means_tested_benefit"),
        partner_is_paying_parent=_flag(known.get("partner_is_paying_parent"), "partner_is_paying_parent"),
        nil_reason=_one_of(NilReason, known.get("nil_reason"), "nil_reason"),
        collection=_one_of(Collection, known.get("collection"), "collection") or Collection.NONE,
        assumed=frozenset(assumed),
    )


def plain(amount: Decimal) -> str:
    """An amount as the decimal string of the protocol: `28000`, `2300.50`."""
    text = format(amount, "f")
    if "." not in text:
        return text
    whole, _, pence = text.partition(".")
    pence = pence.rstrip("0")
    return f"{whole}.{pence.ljust(2, '0')}" if pence else whole


_ASSUMED_WHEN_ABSENT: Mapping[str, Assumed] = {
    "pension": Assumed.PENSION,
    "other_children_at_home": Assumed.OTHER_CHILDREN,
    "privately_maintained_children": Assumed.PRIVATE_CHILDREN,
    "benefit": Assumed.BENEFIT,
}

_OPTIONAL = (
    "historic_income",
    "pension",
    "other_children_at_home",
    "privately_maintained_children",
    "benefit",
    "partner_means_tested_benefit",
    "partner_is_paying_parent",
    "nil_reason",
    "collection",
    "assumed",
)


def _object(data: Any, path: str, required: tuple[str, ...], optional: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise BadInput(path or "body", "give an object with named fields")
    prefix = f"{path}." if path else ""
    for name in data:
        if name not in required and name not in optional:
            raise BadInput(f"{prefix}{str(name)[:MAX_NAME]}", "this field is not known")
    for name in required:
        if name not in data:
            raise BadInput(f"{prefix}{name}", "this field is required")
    return data


def _homes(data: Any, assumed: set[Assumed]) -> tuple[Home, ...]:
    items = _list(data, "receiving_parents", MAX_HOMES, "one receiving parent or more")
    homes = tuple(_home(item, index, assumed) for index, item in enumerate(items))
    if sum(len(home.children) for home in homes) > MAX_CHILDREN:
        raise BadInput("receiving_parents", f"give at most {MAX_CHILDREN} children in all")
    return homes


def _home(data: Any, index: int, assumed: set[Assumed]) -> Home:
    path = f"receiving_parents[{index}]"
    known = _object(data, path, required=("children",), optional=("name",))
    name = known.get("name")
    if name is None:
        name = chr(ord("A") + index)
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise BadInput(f"{path}.name", f"give a name of 1 to {MAX_NAME} characters")
    items = _list(known["children"], f"{path}.children", MAX_CHILDREN, "one child or more")
    children = tuple(_child(item, f"{path}.children[{number}]", assumed) for number, item in enumerate(items))
    return Home(name.strip(), children)


def _child(data: Any, path: str, assumed: set[Assumed]) -> Child:
    known = _object(data, path, required=(), optional=("nights_per_year", "nights_per_year_up_to", "equal_care"))
    equal = _flag(known.get("equal_care"), f"{path}.equal_care")
    nights = known.get("nights_per_year")
    if nights is None and not equal:
        assumed.add(Assumed.NIGHTS)
    nights = _whole(nights, f"{path}.nights_per_year", MAX_NIGHTS)
    up_to = known.get("nights_per_year_up_to")
    if up_to is not None:
        up_to = _whole(up_to, f"{path}.nights_per_year_up_to", MAX_NIGHTS)
        if up_to < nights:
            raise BadInput(f"{path}.nights_per_year_up_to", "give a number that is not below nights_per_year")
    return Child(nights, equal, up_to)


def _money(data: Any, path: str, range_allowed: bool = True) -> Money | None:
    if data is None:
        return None
    optional = ("up_to",) if range_allowed else ()
    known = _object(data, path, required=("amount", "period"), optional=optional)
    amount = _amount(known["amount"], f"{path}.amount")
    period = _one_of(Period, known["period"], f"{path}.period")
    if period is None:
        raise BadInput(f"{path}.period", f"give one of: {', '.join(Period)}")
    up_to = known.get("up_to")
    if up_to is not None:
        up_to = _amount(up_to, f"{path}.up_to")
        if up_to < amount:
            raise BadInput(f"{path}.up_to", "give an amount that is not below the first")
    return Money(amount, period, up_to)


def _amount(value: Any, path: str) -> Decimal:
    """A decimal string; a JSON whole number or exact decimal is taken too, a binary float never."""
    match value:
        case bool():
            text = ""
        case str():
            text = value
        case int():
            text = str(value) if abs(value) <= MAX_AMOUNT else ""
        case Decimal():
            # Writing out a huge exponent would itself be costly.
            text = format(value, "f") if value.is_finite() and abs(value.adjusted()) < MAX_EXPONENT else ""
        case _:
            text = ""
    if not _AMOUNT.fullmatch(text) or (amount := Decimal(text)) > MAX_AMOUNT:
        raise BadInput(path, f"give pounds as a decimal string from 0 to {MAX_AMOUNT:,}, such as 28000 or 2300.50")
    return amount


def _whole(value: Any, path: str, most: int) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadInput(path, f"give a whole number from 0 to {most}")
    return value


def _flag(value: Any, path: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise BadInput(path, "give true or false")
    return value


def _one_of(names: type[Name], value: Any, path: str) -> Name | None:
    if value is None:
        return None
    try:
        return names(value)
    except ValueError:
        raise BadInput(path, f"give one of: {', '.join(names)}") from None


def _list(data: Any, path: str, most: int, what: str) -> list[Any]:
    if not isinstance(data, list) or not data:
        raise BadInput(path, f"give a list of {what}")
    if len(data) > most:
        raise BadInput(path, f"give at most {most}")
    return data


def _assumed(data: Any) -> set[Assumed]:
    if data is None:
        return set()
    if not isinstance(data, list) or len(data) > len(Assumed):
        raise BadInput("assumed", "give a list of names of facts")
    return {fact for item in data if (fact := _one_of(Assumed, item, "assumed"))}


def _money_out(money: Money | None) -> dict[str, str] | None:
    if money is None:
        return None
    out = {"amount": plain(money.amount), "period": money.period.value}
    return out if money.up_to is None else out | {"up_to": plain(money.up_to)}


def _child_out(child: Child) -> dict[str, Any]:
    out: dict[str, Any] = {"nights_per_year": child.nights, "equal_care": child.equal_care}
    return out if child.nights_up_to is None else out | {"nights_per_year_up_to": child.nights_up_to}
