"""The statutory sum of Great Britain's 2012 scheme: a household and the law's figures in, a weekly amount out.

Only numbers here; `explain` puts the lines of the working into words. Each rule names its source: "Act" is the Child
Support Act 1991, Schedule 1 Part I, for gross-income cases; "Regs" the Child Support Maintenance Calculation
Regulations 2012 (SI 2012/2677), as amended. All amounts are pounds a week unless a name says otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from chat_server.core.figures import Figures
from chat_server.core.household import Benefit, Home, Household, Money, Period

PENNY = Decimal("0.01")
NOUGHT = Decimal("0.00")
DAYS_IN_YEAR = 365
DAYS_IN_WEEK = 7
FOURTEENTHS = 14


class Rate(StrEnum):
    NONE = "none"
    NIL = "nil"
    FLAT = "flat"
    HALF_FLAT = "half_flat"
    REDUCED = "reduced"
    BASIC = "basic"
    BASIC_PLUS = "basic_plus"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the working: the rule applied, the amount it left, and the numbers that its sentence needs."""

    key: str
    value: Decimal
    blanks: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HomeSum:
    """What one home receives, for the children there who count."""

    name: str
    children: int
    weekly: Decimal


@dataclass(frozen=True, slots=True)
class Working:
    """The sum done. `income` is gross weekly income after pension contributions, None where the rate does not need it."""

    rate: Rate
    weekly: Decimal
    homes: tuple[HomeSum, ...]
    income: Decimal | None
    lines: tuple[Line, ...]


def work_out(household: Household, figures: Figures) -> Working:
    """Do the sum in the order of the Act. Ranges are not looked at: give a household with single figures."""
    lines: list[Line] = []
    homes = _homes_that_count(household.homes, lines)
    if not any(home.children for home in homes):
        return _equal_shares(Rate.NONE, NOUGHT, homes, None, lines)
    if household.nil_reason:
        lines.append(Line(f"nil_{household.nil_reason}", NOUGHT, {}))
        return _equal_shares(Rate.NIL, NOUGHT, homes, None, lines)
    if benefit_line := _benefit_rule(household, figures):
        lines.append(benefit_line)
        return _flat_on_benefit(benefit_line, homes, figures, lines)
    if household.income is None and household.historic_income is None:
        return _default_rate(homes, figures, lines)

    income = _gross_weekly_income(household, figures, lines)
    if income < figures.nil_below:
        lines.append(Line("nil_income", NOUGHT, {"income": income, "line": figures.nil_below}))
        return _equal_shares(Rate.NIL, NOUGHT, homes, income, lines)
    if income <= figures.flat_up_to:
        blanks = {"income": income, "from_line": figures.nil_below, "to_line": figures.flat_up_to}
        lines.append(Line("flat_income", figures.flat_rate, blanks | {"flat": figures.flat_rate}))
        return _equal_shares(Rate.FLAT, figures.flat_rate, homes, income, lines)

    children = sum(len(home.children) for home in homes)
    counted = children + household.private_children
    if income < figures.basic_from:
        rate, amount = _reduced_rate(income, counted, household.other_children, figures, lines)
    else:
        rate, amount = _basic_rate(income, counted, household.other_children, figures, lines)
    amount = _leave_out_private_children(amount, children, household.private_children, figures, lines)
    shares = _share_between_homes(amount, homes, lines)
    shares = [_shared_care(home, share, figures, lines) for home, share in zip(homes, shares, strict=True)]
    shares = _at_least_minimum(shares, homes, figures, lines)
    return _working(rate, shares, homes, income, lines)


def penny(amount: Decimal) -> Decimal:
    """To the penny, half a penny up: the rounding of the 2012 scheme (Regs 6)."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def weekly(money: Money) -> Decimal:
    """An amount as pounds a week, not rounded. A year is divided by 365 and multiplied by 7 (Regs 35(1)(c)).

    The Regulations give no way for monthly pay: it is taken as a year of twelve months. Four-weekly pay is divided by 4.
    """
    match money.period:
        case Period.YEAR:
            return money.amount * DAYS_IN_WEEK / DAYS_IN_YEAR
        case Period.MONTH:
            return money.amount * 12 * DAYS_IN_WEEK / DAYS_IN_YEAR
        case Period.FOUR_WEEKS:
            return money.amount / 4
        case Period.WEEK:
            return money.amount


def exact_weekly(money: Money) -> Fraction:
    """`weekly` without any loss, for comparing with a threshold that counts when it is met exactly."""
    year = Fraction(DAYS_IN_WEEK, DAYS_IN_YEAR)
    factors = {Period.YEAR: year, Period.MONTH: 12 * year, Period.FOUR_WEEKS: Fraction(1, 4), Period.WEEK: Fraction(1)}
    return Fraction(money.amount) * factors[money.period]


def share_out(amount: Decimal, counts: Sequence[int]) -> list[Decimal]:
    """Divide an amount by numbers of children (Act 6), in pence that add up: odd pence go to the largest remainders."""
    pence, children = int(amount / PENNY), sum(counts)
    parts = [divmod(pence * count, children) for count in counts]
    shares = [whole for whole, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda index: -parts[index][1])
    for index in by_remainder[: pence - sum(shares)]:
        shares[index] += 1
    return [share * PENNY for share in shares]


def fourteenths_off(nights: int, figures: Figures) -> int:
    """What shared care takes off for one child (Act 7(4)): exact sevenths or a half, both counted in fourteenths."""
    if nights >= figures.half_care_nights:
        return FOURTEENTHS // 2
    return 2 * max((sevenths for line, sevenths in figures.shared_care_sevenths if nights >= line), default=0)


def _homes_that_count(homes: tuple[Home, ...], lines: list[Line]) -> tuple[Home, ...]:
    """Leave out children whose whole day-to-day care is equal: for them there is no paying parent (Regs 50)."""
    left_out = sum(child.equal_care for home in homes for child in home.children)
    if not left_out:
        return homes
    lines.append(Line("equal_care", NOUGHT, {"children": left_out}))
    return tuple(Home(home.name, tuple(child for child in home.children if not child.equal_care)) for home in homes)


def _benefit_rule(household: Household, figures: Figures) -> Line | None:
    """Flat rate for a benefit on either list (Act 4(1)(b) and (c), Regs 44(1) and (2)), whatever the income.

    It is half where the partner at home is a paying parent too and either gets a list-B benefit (Act 4(2), Regs 44(3)).
    Benefits come before the nil line and need no income, so an unknown income does not lead to the default rate here.
    """
    own_means_tested = household.benefit is Benefit.MEANS_TESTED
    if household.partner_is_paying_parent and (own_means_tested or household.partner_means_tested_benefit):
        return Line("half_flat", figures.half_flat_rate, {"flat": figures.flat_rate, "half": figures.half_flat_rate})
    blanks = {"flat": figures.flat_rate}
    if own_means_tested:
        return Line("flat_means_tested", figures.flat_rate, blanks)
    if household.partner_means_tested_benefit:
        return Line("flat_partner", figures.flat_rate, blanks)
    if household.benefit is Benefit.OWN_LIST:
        return Line("flat_own_list", figures.flat_rate, blanks)
    return None


def _flat_on_benefit(benefit: Line, homes: tuple[Home, ...], figures: Figures, lines: list[Line]) -> Working:
    """A home where any child stays 52 nights or more gets nothing, the others keep their share (Act 8(2))."""
    rate = Rate.HALF_FLAT if benefit.key == "half_flat" else Rate.FLAT
    shares = _share_between_homes(benefit.value, homes, lines)
    line = figures.night_lines[0]
    for index, home in enumerate(homes):
        if any(child.nights >= line for child in home.children):
            lines.append(Line("flat_nights", NOUGHT, {"home": home.name, "line": line}))
            shares[index] = NOUGHT
    return _working(rate, shares, homes, None, lines)


def _default_rate(homes: tuple[Home, ...], figures: Figures, lines: list[Line]) -> Working:
    """Fixed amounts when the income cannot be found out (Regs 49), divided by children, without shared care."""
    children = sum(len(home.children) for home in homes)
    amount = penny(_by_children(figures.default_rate, children))
    lines.append(Line("default", amount, {"children": children, "amount": amount}))
    return _equal_shares(Rate.DEFAULT, amount, homes, None, lines)


def _gross_weekly_income(household: Household, figures: Figures, lines: list[Line]) -> Decimal:
    """Gross weekly income before any cap (Regs 34 to 40): last tax year's, or today's where that differs enough."""
    money = _historic_or_current(household, figures, lines)
    income = penny(weekly(money))
    blanks = {"amount": money.amount, "weekly": income}
    if money.period is Period.MONTH:
        blanks["yearly"] = money.amount * 12
    lines.append(Line(f"income_{money.period}", income, blanks))
    if household.pension and household.pension.amount:
        income = _less_pension(income, household.pension, lines)
    return income


def _historic_or_current(household: Household, figures: Figures, lines: list[Line]) -> Money:
    """Today's income counts when it differs from the historic figure by 25% of it or more, up or down, or when the
    historic figure is nil (Regs 34(2) and (2A)). Both are compared after pension contributions (Regs 35(3) and 40)."""
    current, historic = household.income, household.historic_income
    if historic is None or current is None:
        money = current or historic
        assert money is not None, "an unknown income has the default rate"
        return money
    pension = exact_weekly(household.pension) if household.pension else Fraction(0)
    last, now = (max(exact_weekly(money) - pension, Fraction(0)) for money in (historic, current))
    differs = abs(now - last) * 100 >= last * Fraction(figures.income_change_percent)
    use_current = now > 0 if last == 0 else differs
    key = "income_is_current" if use_current else "income_is_historic"
    used = current if use_current else historic
    blanks = {
        "now": penny(weekly(current)),
        "last": penny(weekly(historic)),
        "percent": figures.income_change_percent,
    }
    lines.append(Line(key, penny(weekly(used)), blanks))
    return used


def _less_pension(income: Decimal, pension: Money, lines: list[Line]) -> Decimal:
    """Contributions that the parent makes come off once (Regs 35(3), 36(2), 40); the employer's are nobody's deduction."""
    off = penny(weekly(pension))
    left = max(income - off, NOUGHT)
    lines.append(Line("pension", left, {"amount": pension.amount, "period": pension.period, "weekly": off, "left": left}))
    return left


def _reduced_rate(income: Decimal, counted: int, others: int, figures: Figures, lines: list[Line]) -> tuple[Rate, Decimal]:
    """The flat rate plus a part of what is above its line (Act 3, Regs 43); the table allows for other children."""
    percent = figures.reduced_percent[min(counted, 3) - 1][min(others, 3)]
    above = income - figures.flat_up_to
    amount = penny(figures.flat_rate + above * percent / 100)
    blanks = {
        "income": income,
        "from_line": figures.flat_up_to,
        "to_line": figures.basic_from,
        "flat": figures.flat_rate,
        "percent": percent,
        "above": above,
        "children": counted,
        "others": others,
        "amount": amount,
    }
    lines.append(Line("reduced_others" if others else "reduced", amount, blanks))
    return Rate.REDUCED, amount


def _basic_rate(income: Decimal, counted: int, others: int, figures: Figures, lines: list[Line]) -> tuple[Rate, Decimal]:
    """A percentage of income, lower on the part above the line (Act 2(1) and (2)), which is tested after the cut."""
    income = _capped(income, figures, lines)
    income = _cut_for_other_children(income, others, figures, lines)
    first = min(income, figures.basic_plus_above)
    percent = _by_children(figures.basic_percent, counted)
    on_first = first * percent / 100
    if income <= figures.basic_plus_above:
        amount = penny(on_first)
        lines.append(Line("basic", amount, {"income": income, "percent": percent, "children": counted, "amount": amount}))
        return Rate.BASIC, amount
    above = income - figures.basic_plus_above
    percent_above = _by_children(figures.basic_plus_percent, counted)
    amount = penny(on_first + above * percent_above / 100)
    first_blanks = {"income": first, "percent": percent, "children": counted, "amount": penny(on_first)}
    above_blanks = {"above": above, "line": first, "percent": percent_above, "amount": amount}
    above_blanks["more"] = amount - penny(on_first)
    lines.append(Line("basic_first", penny(on_first), first_blanks))
    lines.append(Line("basic_above", amount, above_blanks))
    return Rate.BASIC_PLUS, amount


def _capped(income: Decimal, figures: Figures, lines: list[Line]) -> Decimal:
    """Income above the cap is not counted (Act 10(3)); the cap comes before the cut for other children."""
    if income <= figures.income_cap:
        return income
    lines.append(Line("cap", figures.income_cap, {"income": income, "cap": figures.income_cap}))
    return figures.income_cap


def _cut_for_other_children(income: Decimal, others: int, figures: Figures, lines: list[Line]) -> Decimal:
    """Income is cut for other children at home (Act 2(3), 10C(2)), at the basic rate only."""
    percent = figures.other_children_percent[min(others, 3)]
    if not percent:
        return income
    left = penny(income * (100 - percent) / 100)
    lines.append(Line("other_children", left, {"others": others, "percent": percent, "income": income, "left": left}))
    return left


def _leave_out_private_children(
    amount: Decimal, children: int, private: int, figures: Figures, lines: list[Line]
) -> Decimal:
    """Children maintained another way count for the rate, then their part is left out (Act 5A, Regs 48).

    How much is paid for them does not matter. What is left is raised to the flat rate before shared care.
    """
    if not private:
        return amount
    counted = children + private
    left = penny(amount * children / counted)
    blanks = {"private": private, "children": children, "counted": counted, "amount": amount, "left": left}
    lines.append(Line("private_children", left, blanks))
    if left < figures.minimum:
        lines.append(Line("private_minimum", figures.minimum, {"minimum": figures.minimum}))
        return figures.minimum
    return left


def _share_between_homes(amount: Decimal, homes: tuple[Home, ...], lines: list[Line]) -> list[Decimal]:
    """One rate for all children, divided between receiving parents by their children (Act 6)."""
    counts = [len(home.children) for home in homes]
    shares = share_out(amount, counts)
    if len(homes) > 1:
        for home, share in zip(homes, shares, strict=True):
            blanks = {"home": home.name, "children": len(home.children), "counted": sum(counts)}
            lines.append(Line("home_share", share, blanks | {"amount": amount, "share": share}))
    return shares


def _shared_care(home: Home, share: Decimal, figures: Figures, lines: list[Line]) -> Decimal:
    """Nights with the paying parent, home by home (Act 7): the children's fractions are averaged (Act 7(5)), then a
    further amount comes off for each child in the half band (Act 7(6)). Never below nought for a home."""
    if not any(child.nights for child in home.children):
        return share
    parts = [fourteenths_off(child.nights, figures) for child in home.children]
    off, whole = sum(parts), FOURTEENTHS * len(parts)
    after = share * (whole - off) / whole
    half = sum(child.nights >= figures.half_care_nights for child in home.children)
    left = penny(max(after - half * figures.half_care_further, NOUGHT))
    blanks = {"home": home.name, "share": share, "off": off, "whole": whole, "after": penny(after)}
    blanks |= {"nights": [child.nights for child in home.children], "parts": parts, "line": figures.night_lines[0]}
    key = "nights_few" if not off else "nights_same" if len(set(parts)) == 1 else "nights_average"
    lines.append(Line(key, penny(after), blanks))
    if half:
        further = {"home": home.name, "children": half, "each": figures.half_care_further, "left": left}
        lines.append(Line("half_care", left, further))
    return left


def _at_least_minimum(
    shares: list[Decimal], homes: tuple[Home, ...], figures: Figures, lines: list[Line]
) -> list[Decimal]:
    """The total for all homes is not less than the minimum, which is shared by number of children (Act 7(7))."""
    total = sum(shares, NOUGHT)
    if total >= figures.minimum:
        return shares
    lines.append(Line("minimum", figures.minimum, {"total": total, "minimum": figures.minimum}))
    return share_out(figures.minimum, [len(home.children) for home in homes])


def _equal_shares(
    rate: Rate, amount: Decimal, homes: tuple[Home, ...], income: Decimal | None, lines: list[Line]
) -> Working:
    """A working in which nights play no part: the amount divided by number of children."""
    shares = _share_between_homes(amount, homes, lines) if amount else [NOUGHT] * len(homes)
    return _working(rate, shares, homes, income, lines)


def _working(
    rate: Rate, shares: Sequence[Decimal], homes: tuple[Home, ...], income: Decimal | None, lines: list[Line]
) -> Working:
    sums = tuple(HomeSum(home.name, len(home.children), penny(share)) for home, share in zip(homes, shares, strict=True))
    return Working(rate, sum((home.weekly for home in sums), NOUGHT), sums, income, tuple(lines))


def _by_children(values: Sequence[Decimal], children: int) -> Decimal:
    """The value for one, two, or three and more children."""
    return values[min(children, len(values)) - 1]

