"""Puts the working of an estimate into words: steps, assumptions, and what could change the figure.

The sentences are data, in `facts/estimate_words.yaml` and its Welsh twin; this module fills their blanks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from chat_server.core.figures import Figures
from chat_server.core.formula import FOURTEENTHS, Line, Rate, Working, penny, work_out
from chat_server.core.household import Assumed, Benefit, Child, Home, Household, Money, Period

FACTS = Path(__file__).parent / "facts"
FILES = {"en": FACTS / "estimate_words.yaml", "cy": FACTS / "estimate_words_cy.yaml"}
WEEKS_IN_YEAR = 52
MONTHS_IN_YEAR = 12
MOST_NIGHT_GROUPS = 3
EXTRA_PENSION = Decimal(10)

FROM_INCOME = frozenset({Rate.REDUCED, Rate.BASIC, Rate.BASIC_PLUS})


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the working in words; `value` is the amount that it left, pounds as a decimal string."""

    key: str
    text: str
    value: str


@cache
def words(lang: str = "en") -> Mapping[str, Any]:
    """The sentences of an estimate; in English where a language has none."""
    return yaml.safe_load(FILES.get(lang, FILES["en"]).read_text(encoding="utf-8"))


def rate_name(rate: Rate, lang: str = "en") -> str:
    return words(lang)["rates"][rate]


def steps(working: Working, extra: list[Line], lang: str = "en") -> tuple[Step, ...]:
    """Every line of the working in order, then the lines about the total."""
    several = len(working.homes) > 1
    return tuple(_step(line, several, lang) for line in (*working.lines, *extra))


def assumptions(
    household: Household, asked: Household, working: Working, figures: Figures, lang: str = "en"
) -> list[str]:
    """What was taken as so: `asked` is the household as given, with its ranges, and `household` the one worked out."""
    return [_say("assumptions", key, blanks, lang) for key, blanks in _assumed(household, asked, working, figures)]


def could_change(household: Household, working: Working, figures: Figures, lang: str = "en") -> list[str]:
    """What would move the figure, with the amount it would then be where that can be worked out."""
    return [_say("could_change", key, blanks, lang) for key, blanks in _changes(household, working, figures)]


def pounds(amount: Decimal) -> str:
    """As parents write it: whole pounds without pence."""
    if amount == amount.to_integral_value():
        return f"£{int(amount):,}"
    return f"£{penny(amount):,}"


def counted(noun: str, number: int, lang: str = "en") -> str:
    """A number of something in words: "1 child", "2 other children"."""
    one, several = words(lang)["nouns"][noun]
    return one if number == 1 else several.format(n=number)


def _step(line: Line, several_homes: bool, lang: str) -> Step:
    text = _say("steps", line.key, line.blanks, lang)
    if several_homes and (home := line.blanks.get("home")):
        text = words(lang)["home_prefix"].format(home=home) + text
    return Step(line.key, text, str(penny(line.value)))


def _say(part: str, key: str, blanks: Mapping[str, Any], lang: str) -> str:
    text = words(lang)[part][key]
    return text.format_map({name: _said(name, value, blanks, lang) for name, value in blanks.items()}) if blanks else text


def _said(name: str, value: Any, blanks: Mapping[str, Any], lang: str) -> str:
    table = words(lang)
    match value:
        case date():
            return f"{value.day} {table['months'][value.month - 1]} {value.year}"
        case Decimal():
            return f"{value.normalize():f}%" if name == "percent" else pounds(value)
        case int() if name == "off":
            return _part(value, blanks["whole"], table)
        case Period():
            return table["periods"][value]
        case int() if name in table["nouns"]:
            return counted(name, value, lang)
        case list() if name == "parts":
            return _join(_child_parts(blanks["nights"], value, table), table)
        case list():
            return table["nights_said"].format(nights=_join((str(number) for number in sorted(set(value))), table))
        case _:
            return str(value)


def _part(off: int, whole: int, table: Mapping[str, Any]) -> str:
    part = str(Fraction(off, whole))
    return table["fractions"].get(part, part)


def _child_parts(nights: list[int], parts: list[int], table: Mapping[str, Any]) -> Iterator[str]:
    for number, part in zip(nights, parts, strict=True):
        yield table["nights_of_a_child"].format(nights=number, part=_part(part, FOURTEENTHS, table))


def _join(items: Iterator[str], table: Mapping[str, Any]) -> str:
    *first, last = items
    return table["list_join"].join([", ".join(first), last]) if first else last


def total_lines(working: Working, household: Household, figures: Figures) -> list[Line]:
    """The lines after the sum: the total, Collect and Pay charges when chosen, a year, a month.

    The law knows only weeks. A year is taken as 52 of them and a month as a twelfth of that.
    """
    total = working.weekly
    lines = [Line("weekly", total, {"weekly": total})]
    if household.collection == "collect_and_pay":
        paying, receiving = with_charges(total, figures)
        lines.append(Line("collect_paying", paying, {"percent": figures.collect_paying_percent, "amount": paying}))
        blanks = {"percent": figures.collect_receiving_percent, "amount": receiving}
        lines.append(Line("collect_receiving", receiving, blanks))
    annual, monthly = total * WEEKS_IN_YEAR, penny(total * WEEKS_IN_YEAR / MONTHS_IN_YEAR)
    lines.append(Line("annual", annual, {"weekly": total, "annual": annual}))
    lines.append(Line("monthly", monthly, {"annual": annual, "monthly": monthly}))
    return lines


def with_charges(total: Decimal, figures: Figures) -> tuple[Decimal, Decimal]:
    """What is paid and what arrives with Collect and Pay (SI 2014/612), each to the penny."""
    paying = penny(total * (100 + figures.collect_paying_percent) / 100)
    return paying, penny(total * (100 - figures.collect_receiving_percent) / 100)


Said = Iterator[tuple[str, dict[str, Any]]]


def _assumed(household: Household, asked: Household, working: Working, figures: Figures) -> Said:
    yield "estimate", {}
    relevant = set(household.assumed)
    if working.rate is Rate.NONE or household.nil_reason:
        relevant.clear()
    if working.rate not in FROM_INCOME:
        relevant -= {Assumed.PENSION, Assumed.OTHER_CHILDREN, Assumed.PRIVATE_CHILDREN, Assumed.NIGHTS_GUESSED}
        if household.benefit is Benefit.NONE:
            relevant -= {Assumed.NIGHTS, Assumed.NIGHTS_SHARED, Assumed.EQUAL_CARE}
    if working.income is None:
        relevant -= {Assumed.INCOME_GUESSED, Assumed.INCOME_TAKE_HOME}
    elif household.historic_income is None:
        yield "income_last_year", {}
    if household.nil_reason or household.benefit is not Benefit.NONE or household.partner_means_tested_benefit:
        relevant.discard(Assumed.BENEFIT)
    if asked.income and asked.income.up_to is not None and household.income and working.income is not None:
        blanks = {"amount": asked.income.amount, "up_to": asked.income.up_to, "period": asked.income.period}
        yield "income_range", blanks | {"middle": household.income.amount}
    yield from _nights_ranges(household, asked)
    for fact in Assumed:
        if fact in relevant:
            yield fact.value, {}
    yield "law", {"on": figures.on}


def _nights_ranges(household: Household, asked: Household) -> Said:
    ranges = {
        (given.nights, given.nights_up_to, used.nights)
        for home, home_used in zip(asked.homes, household.homes, strict=True)
        for given, used in zip(home.children, home_used.children, strict=True)
        if given.nights_up_to is not None
    }
    for nights, up_to, middle in sorted(ranges):
        yield "nights_range", {"nights": nights, "up_to": up_to, "middle": middle}


def _changes(household: Household, working: Working, figures: Figures) -> Said:
    match working.rate:
        case Rate.NONE:
            yield "equal_care_left_out", {}
            return
        case Rate.DEFAULT:
            yield "income_found", {}
        case Rate.FLAT | Rate.HALF_FLAT if working.income is None:
            yield from _changes_on_benefit(household, figures)
        case Rate.FLAT:
            yield "income_above_flat", {"line": figures.flat_up_to}
        case Rate.NIL if working.income is None:
            yield "nil_ends", {}
        case Rate.NIL:
            yield "income_above_nil", {"line": figures.nil_below}
        case _:
            yield from _changes_of_nights(household, working, figures)
            yield from _changes_of_income(household, working, figures)
            yield from _changes_of_children(household, working, figures)
    if any(child.equal_care for home in household.homes for child in home.children):
        yield "equal_care_left_out", {}
    if working.rate in FROM_INCOME:
        yield "variation", {}


def _changes_on_benefit(household: Household, figures: Figures) -> Said:
    yield "nights_on_benefit", {"line": figures.night_lines[0]}
    if household.benefit is Benefit.OWN_LIST and not household.partner_means_tested_benefit:
        yield "other_income_on_benefit", {}
    yield "benefit_ends", {}


def _changes_of_nights(household: Household, working: Working, figures: Figures) -> Said:
    """One more night across a line for each group of children with the same nights; for a single group also back again."""
    groups = _groups_by_nights(household)
    single = len(groups) == 1
    for index, now in groups[:MOST_NIGHT_GROUPS]:
        more = [line for line in figures.night_lines if line > now][:1]
        fewer = [line - 1 for line in figures.night_lines if line <= now][-1:] if single else []
        for then in more + fewer:
            changed, children = _with_nights(household, index, now, then)
            weekly = work_out(changed, figures).weekly
            if weekly != working.weekly:
                key = "nights" if single else "nights_some"
                yield key, {"now": now, "then": then, "weekly": weekly, "children": children}
    if any(now >= figures.half_care_nights for _, now in groups):
        yield "equal_care", {}


def _groups_by_nights(household: Household) -> list[tuple[int, int]]:
    """Pairs of a home's place and a number of nights that children there stay, without repeats."""
    return list(
        dict.fromkeys(
            (index, child.nights)
            for index, home in enumerate(household.homes)
            for child in home.children
            if not child.equal_care
        )
    )


def _with_nights(household: Household, index: int, now: int, then: int) -> tuple[Household, int]:
    """The household with one group's nights changed, and the size of that group."""
    homes, moved = list(household.homes), 0
    children = []
    for child in homes[index].children:
        moves = child.nights == now and not child.equal_care
        moved += moves
        children.append(Child(then) if moves else child)
    homes[index] = Home(homes[index].name, tuple(children))
    return replace(household, homes=tuple(homes)), moved


def _changes_of_income(household: Household, working: Working, figures: Figures) -> Said:
    base = household.historic_income or household.income
    if base is not None and base.amount:
        part = base.amount * figures.income_change_percent / 100
        blanks = {"percent": figures.income_change_percent, "period": base.period}
        yield "income_change", blanks | {"low": penny(base.amount - part), "high": penny(base.amount + part)}
    assert working.income is not None, "a rate worked out from income has one"
    if working.income > figures.income_cap:
        yield "cap", {"cap": figures.income_cap}
        return
    changed = replace(household, income=Money(working.income, Period.WEEK), historic_income=None)
    changed = replace(changed, pension=Money(EXTRA_PENSION, Period.WEEK))
    weekly = work_out(changed, figures).weekly
    if weekly < working.weekly:
        yield "pension", {"extra": EXTRA_PENSION, "weekly": weekly}


def _changes_of_children(household: Household, working: Working, figures: Figures) -> Said:
    others = household.other_children + 1
    weekly = work_out(replace(household, other_children=others), figures).weekly
    if weekly != working.weekly:
        yield "other_children", {"others": others, "weekly": weekly}
    if Assumed.OTHER_HOMES in household.assumed or len(household.homes) == 1:
        yield "other_homes", {}
