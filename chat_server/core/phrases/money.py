"""Amounts of money as parents write them: income, pension contributions, last year's income.

"28k", "£2,300 a month before tax", "between 28 and 30k", "19k basic and 8k commission", "£12 an hour for 30 hours".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Any

from chat_server.core.phrases import answers
from chat_server.core.phrases import money_words as said

Value = dict[str, Any]

YEARLY_FROM = Decimal(10_000)
"""A bare amount from here on is a yearly one; below it the period is asked for."""
THOUSANDS_BELOW = Decimal(200)
"""A bare number below this, without a pound sign, may mean thousands."""

LEAST_INCOME = 50
"""A smaller number with a period but without a pound sign says nothing about income unless it was asked for."""
LEAST_PENSION = 5
"""A smaller bare number is not taken for money."""
MOST_MENTIONS = 12
"""Amounts that are looked at in one message; a longer list is no statement of an income."""



@dataclass(frozen=True, slots=True)
class Mention:
    """An amount in a text: its ends, the period said with it, where it stands, and the clause around it."""

    amount: Decimal
    up_to: Decimal | None
    pounds: bool
    thousands: bool
    period: str | None
    start: int
    end: int
    clause: str

    @property
    def bare(self) -> bool:
        return not (self.pounds or self.thousands or self.period)


@dataclass(frozen=True, slots=True)
class Income:
    """What a text says about income: `value` for the slot, or `lacks`, what has to be asked before it counts.

    `lacks` is `period`, `thousands`, `net`, `hours` or `turnover`. `owner` is `me`, `them` or None, by the words used.
    """

    value: Value
    lacks: str | None = None
    owner: str | None = None
    last_year: Value | None = None


def read_incomes(text: str, *, asked: bool) -> tuple[list[Income], str]:
    """Incomes in a normalised text, and the text without them. When income was asked for, a plain number is enough."""
    text = said.SHIFTS.sub(_hours_of_shifts, said.MOVED.sub(_then_and_now, text))
    if said.SEVERAL_JOBS.search(text):
        text = said.OF_ONE_JOB.sub("and ", text)
    found = [mention for mention in mentions(text) if _is_income(mention, text, asked)]
    if not found:
        return _no_income(text, asked)
    groups = _joined(found, text)
    incomes = [_income(group, text, asked and len(groups) == 1) for group in groups]
    incomes = _with_last_year(incomes, groups, text)
    incomes = _in_total(incomes, groups, text)
    return _one_for_each_owner(incomes, text), _without(text, found)


def read_pension(text: str, *, asked: bool) -> tuple[Value | None, str | None, str]:
    """Pension contributions: the slot's value or None, what is lacking (`amount`, `period`) or None, the text left.

    The value is {"amount", "period"}, {"percent"}, {"none": True} or {"already": True}.
    """
    if not asked and not said.PENSION.search(text):
        return None, None, text
    if percent := _pension_percent(text, asked):
        return _percentage(percent.group(1)), None, _cut(text, percent.span())
    if asked and (bare := said.BARE_PERCENT.match(text)):
        return _percentage(bare.group(1)), None, ""
    found = [mention for mention in mentions(text) if _is_pension(mention, asked)]
    if found:
        amount = found[0]
        period = amount.period if amount.period in ("year", "month", "four_weeks", "week", "fortnight") else None
        if period is None and re.match(r"\s?of (?:that|it|this)\b", text[amount.end :]):
            period = next((mention.period for mention in mentions(text) if mention.period), None)
        value, lacks = _pension_amount(amount, period)
        return value, lacks, _without(text, found[:1])
    return *_pension_in_words(text, asked), text


def mentions(text: str) -> list[Mention]:
    """Every amount of money, and every number that could be one, in order."""
    text = said.DECADE.sub(_in_decade, text)
    every = (match for match in said.MENTION.finditer(text) if not _counts_something(match, text))
    found = list(islice(every, MOST_MENTIONS))
    kept = [match for match in found if not said.DENIED.search(text[: match.start()])] or found
    return [_mention(match, [other for other in found if other in kept or _is_far(other, match)], text) for match in kept]


def _is_far(one: re.Match[str], other: re.Match[str]) -> bool:
    """Of so different a size that one period cannot hold for both: "27k, not 2100 a month"."""
    low, high = sorted((_ends(one)[0], _ends(other)[0]))
    return low * 5 < high


def _then_and_now(found: re.Match[str]) -> str:
    """ "Gone from 35 to 38k" as "was 35k, now 38k"."""
    return f"was {found.group('then')}{found.group('k') or found.group('now_k')}{found.group('words')}, now "


def _hours_of_shifts(found: re.Match[str]) -> str:
    """ "4 12 hour shifts" as "48 hours"."""
    one, other = re.findall(r"\d+(?:\.\d+)?", found.group())
    return f"{Decimal(one) * Decimal(other):f} hours"


def _in_decade(found: re.Match[str]) -> str:
    """ "Mid 30s" as a range in thousands, of the same length as the words, so that places in the text stay right."""
    parts = {"low": (0, 3), "early": (0, 3), "mid": (4, 6), "high": (7, 9), "late": (7, 9), "upper": (7, 9)}
    low, high = parts[found.group("part")]
    tens = int(found.group("tens"))
    return f"{tens + low}-{tens + high}k".ljust(len(found.group()))


def _counts_something(match: re.Match[str], text: str) -> bool:
    after = text[match.end() :]
    money = _pounds(match) or _thousands(match)
    if money:
        return bool(re.match(r"\s?(?:%|per ?cent)", after))
    number = match.group("cnum") or match.group("bnum") or match.group("enum")
    if number in ("2", "4") and re.match(r"[ -]?week(?:s|ly)\b", after):
        return True
    if said.YEAR_NUMBER.match(number) and said.DATED.search(text[: match.start()]):
        return True
    before = text[: match.start()]
    named = said.COUNTED.search(before)
    if said.COUNTS.match(after) or (named and (named.group("joined") or re.match(r"\s*(?:$|[,;.])", after))):
        return True
    return Decimal(number) < 100 and bool(said.AGE_BEFORE.search(before))


def _mention(match: re.Match[str], found: list[re.Match[str]], text: str) -> Mention:
    place = found.index(match)
    low, high = _ends(match)
    start, end = match.span()
    odd = said.ODD.match(text, end)
    if odd and odd.group().strip().endswith(("grand", "thousand", "k")) and low < 1000:
        low *= 1000
    clause_start, clause_end = _clause(text, start, end)
    before = found[place - 1].end() if place else 0
    after = found[place + 1].start() if place + 1 < len(found) else len(text)
    period = _period_of(text, start, end, clause_start, min(clause_end, after))
    pounds = _pounds(match) or bool(re.match(r"\s?(?:quid|pounds?|gbp)\b", text[end:]))
    thousands = _thousands(match) or low >= 1000
    return Mention(low, high, pounds, thousands, period, start, end, text[max(clause_start, before) : min(clause_end, after)])


def _pounds(match: re.Match[str]) -> bool:
    return any(match.group(f"{n}cur") for n in "abdec")


def _thousands(match: re.Match[str]) -> bool:
    return any(match.group(f"{n}mult") for n in "abdec")


def _ends(match: re.Match[str]) -> tuple[Decimal, Decimal | None]:
    if match.group("cnum"):
        return _scaled(match.group("cnum"), match.group("cmult")), None
    a, b = ("a", "b") if match.group("anum") else ("d", "e")
    low, high = (_scaled(match.group(f"{n}num"), match.group(f"{n}mult")) for n in (a, b))
    if low < 10 and high < 1000 and high >= 100 and not high % 100:
        low *= 100  # "between three and four hundred"
    if match.group(f"{b}mult") and not match.group(f"{a}mult") and low < 1000:
        low = _scaled(match.group(f"{a}num"), match.group(f"{b}mult"))
    if low > high:
        low, high = high, low
    return low, high if high != low else None


def _scaled(number: str, multiplier: str | None) -> Decimal:
    return Decimal(number) * {"k": 1000, "m": 1_000_000}.get(multiplier or "", 1)


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    begins = max((found.end() for found in said.BREAK.finditer(text, 0, start)), default=0)
    ends = said.BREAK.search(text, end)
    return begins, ends.start() if ends else len(text)


def _period_of(text: str, start: int, end: int, clause_start: int, clause_end: int) -> str | None:
    if said.HOURS_AT.search(text, 0, start):
        return "hour"
    found = said.PERIOD.search(text, end, min(clause_end, end + 60)) or said.PERIOD.search(text, clause_start, start)
    if found is None and (adverb := said.PERIODLY.search(text)):
        found = said.PERIOD.search(adverb.group())
    return found.lastgroup if found else None


def _is_income(mention: Mention, text: str, asked: bool) -> bool:
    clause = mention.clause
    before = text[: mention.start]
    if asked and not mention.amount and not mention.period:
        return False
    if said.EARNED.search(before):
        return True
    if said.HANDED_OVER.search(before) and not said.PAID_BY_WORK.search(clause):
        return False
    if asked and re.search(r"\bafter (?:\w+ )?pension", clause):
        return True
    if said.PENSION.search(clause) and not said.PENSION_INCOME.search(clause) and not said.INCOME.search(clause):
        return False
    if said.PENSION.search(clause) and said.PAYS_INTO.search(clause) and not said.PENSION_INCOME.search(clause):
        return False
    if said.NOT_INCOME.search(clause) and not said.SURELY_INCOME.search(clause):
        return False
    if asked:
        return True
    if mention.bare:
        return bool(said.INCOME.search(clause)) and mention.amount >= 20
    if said.INCOME.search(clause) or mention.thousands:
        return True
    return mention.period is not None and (mention.pounds or mention.amount >= LEAST_INCOME)


def _joined(found: list[Mention], text: str) -> list[list[Mention]]:
    """Amounts that are parts of one income: "19k basic and 8k commission", "two jobs, 900 and 600 a month"."""
    groups: list[list[Mention]] = []
    several_jobs = bool(said.SEVERAL_JOBS.search(text))
    for mention in found:
        between = text[groups[-1][-1].end : mention.start] if groups else ""
        parted = said.PARTS_COMPANY.search(between) or said.TOTAL.search(between)
        if said.JOINS.search(between) and not parted:
            parts = bool(said.COMPONENT.search(mention.clause) or said.COMPONENT.search(groups[-1][-1].clause))
            changes_owner = _owner(mention.clause) not in (None, _owner(groups[-1][-1].clause))
            if (parts or several_jobs) and not changes_owner:
                groups[-1].append(mention)
                continue
        groups.append([mention])
    return groups


def _income(group: list[Mention], text: str, alone: bool) -> Income:
    """`alone`: the whole text is about this one income."""
    period = next((mention.period for mention in group if mention.period), None)
    around = " ".join(mention.clause for mention in group)
    owner = _owner(around)
    low = sum((mention.amount for mention in group), Decimal(0))
    high = sum((mention.up_to or mention.amount for mention in group), Decimal(0))
    whole = text if alone else around
    value: Value = {"amount": low, "period": period, "up_to": high if high > low else None}
    value["guess"] = answers.guesses(text)
    value["net"] = bool(said.NET.search(whole)) and not said.GROSS.search(whole)
    value["after_pension"] = bool(re.search(r"\bafter (?:\w+ )?pension", whole))
    lacks = _settle_period(value, group[0], text)
    if lacks is None and said.TURNOVER.search(whole) and not re.search(r"\bprofit\b", whole):
        lacks = "turnover"
    if lacks is None and value["net"]:
        lacks = "net"
    return Income(value, lacks, owner)


def _settle_period(value: Value, mention: Mention, text: str) -> str | None:
    """Bring the period to one of the four of the formula; says what is lacking when that cannot be done."""
    match value["period"]:
        case "hour" | "day" as unit:
            every = (said.HOURS if unit == "hour" else said.DAYS).findall(text)
            if not every:
                value["unit"] = unit
                return "hours"
            _scale(value, Decimal(every[-1 if said.NOW.search(text) else 0]), "week")
        case "fortnight":
            _scale(value, Decimal("0.5"), "week")
        case None if mention.amount >= YEARLY_FROM or (mention.up_to or 0) >= YEARLY_FROM:
            value["period"] = "year"
        case None:
            bare = mention.amount < THOUSANDS_BELOW and not mention.pounds and not mention.thousands
            return "thousands" if bare and mention.amount >= 5 else "period"
    return None


def _scale(value: Value, times: Decimal, period: str) -> None:
    value["amount"] *= times
    if value["up_to"] is not None:
        value["up_to"] *= times
    value["period"] = period


def _with_last_year(incomes: list[Income], groups: list[list[Mention]], text: str) -> list[Income]:
    """ "40k last year, 30k now": the income now, with last year's beside it."""
    if len(incomes) == 1 and said.LAST_YEAR.search(text) and said.NOTHING_NOW.search(text):
        return [Income(_nothing(), None, incomes[0].owner, incomes[0].value)]
    if len(incomes) < 2:
        return incomes
    around = [_said_of(group, groups, text) for group in groups]
    for index, last in enumerate(incomes):
        if not said.LAST_YEAR.search(around[index]) or said.NOW.search(around[index]):
            continue
        others = [at for at, one in enumerate(incomes) if at != index and _same_person(one, last)]
        now = next((at for at in others if said.NOW.search(around[at])), others[0] if len(others) == 1 else None)
        if now is not None:
            current = incomes[now]
            period = last.value["period"] or current.value["period"]
            rest = [one for at, one in enumerate(incomes) if at not in (now, index)]
            return [replace(current, last_year=last.value | {"period": period}), *rest]
    return incomes


def _same_person(one: Income, other: Income) -> bool:
    return one.owner == other.owner or None in (one.owner, other.owner)


def _in_total(incomes: list[Income], groups: list[list[Mention]], text: str) -> list[Income]:
    """ "22k basic, but with overtime it's 27k": the whole counts, not the part."""
    if len(incomes) != len(groups):
        return incomes
    whole = [one for one, group in zip(incomes, groups, strict=True) if said.TOTAL.search(_said_of(group, groups, text))]
    return whole if len(whole) == 1 and len(incomes) > 1 else incomes


def _said_of(group: list[Mention], groups: list[list[Mention]], text: str) -> str:
    """The words about an amount: since the amount before it, and after it where its clause ends before the next."""
    at = groups.index(group)
    begins = groups[at - 1][-1].end if at else 0
    next_start = groups[at + 1][0].start if at + 1 < len(groups) else len(text)
    ends = _clause(text, group[-1].start, group[-1].end)[1]
    return text[begins : group[0].start] + " " + (text[group[-1].end : ends] if ends <= next_start else "")


def _one_for_each_owner(incomes: list[Income], text: str) -> list[Income]:
    """Of several amounts for one person the first counts, or the last when it puts the first right. Before tax wins."""
    chosen: dict[str | None, Income] = {}
    if any(income.value["net"] for income in incomes) and said.GROSS.search(text):
        incomes = [_in_period_of(income, incomes) for income in incomes if not income.value["net"]] or incomes
    for income in incomes:
        if income.owner not in chosen or answers.corrects(text):
            chosen[income.owner] = income
    return list(chosen.values())


def _in_period_of(income: Income, others: list[Income]) -> Income:
    """ "Take home 2k a month but gross is 2.6k": one period holds for both."""
    period = next((one.value["period"] for one in others if one.value["period"]), None)
    if income.lacks not in ("period", "thousands") or not period:
        return income
    return replace(income, value=income.value | {"period": period}, lacks=None)


def _no_income(text: str, asked: bool) -> tuple[list[Income], str]:
    found = said.NO_INCOME.search(text) or (said.NOTHING.match(text) if asked else None)
    if not found or said.WHEN.search(text[: found.start()]):
        return [], text
    start, end = _clause(text, *found.span())
    return [Income(_nothing(), None, _owner(text[start:end]))], _cut(text, found.span())


def income_not_known(text: str) -> bool:
    """ "I don't know what he earns": of the other parent, without being asked."""
    return bool(said.INCOME_NOT_KNOWN.search(text)) and not said.OFFERED.search(text)


def _nothing() -> Value:
    return {"amount": Decimal(0), "period": "week", "up_to": None, "guess": False, "net": False, "after_pension": False}


def _owner(clause: str) -> str | None:
    """Whose money: by the first person or the third, whichever comes first."""
    clause = said.ASIDE.sub(" ", clause)
    me, them = said.ME.search(clause), said.THEM.search(clause)
    if me and them:
        if re.search(r"\bmy (?:ex|husband|wife|partner|son|daughter|brother|sister|client|kids'?|children'?s)\b", clause):
            return "them"
        return "me" if me.start() < them.start() else "them"
    return "me" if me else "them" if them else None


def _is_pension(mention: Mention, asked: bool) -> bool:
    if mention.bare and mention.amount < LEAST_PENSION:
        return False
    if said.PENSION.search(mention.clause):
        return not said.PENSION_INCOME.search(mention.clause)
    small = mention.amount < (YEARLY_FROM if mention.period else 1000)
    return asked and small and not said.INCOME.search(said.OUT_OF_PAY.sub(" ", mention.clause))


def _pension_percent(text: str, asked: bool) -> re.Match[str] | None:
    for found in said.PERCENT.finditer(text):
        start, end = _clause(text, *found.span())
        clause = text[start:end]
        told_before = said.PENSION.search(text[:start]) and said.IT_IS.fullmatch(text[start : found.start()])
        if not said.EMPLOYER.search(_of_one_percent(found, text, start, end)) and (asked or told_before or said.PENSION.search(clause)):
            return found
    return None


def _of_one_percent(found: re.Match[str], text: str, start: int, end: int) -> str:
    """The words of a clause that belong to one of its percentages: "3% me 5% employer", "employer 5% me 3%"."""
    every = list(said.PERCENT.finditer(text, start, end))
    at = next(place for place, one in enumerate(every) if one.start() == found.start())
    if len(every) == 1:
        return text[start:end]
    before = text[start : every[0].start()]
    if said.EMPLOYER.search(before) or said.OWN.search(before):
        return text[every[at - 1].end() if at else start : found.start()]
    return text[found.end() : every[at + 1].start() if at + 1 < len(every) else end]


def _percentage(number: str) -> Value:
    return {"percent": number} if Decimal(number) else {"none": True}


def _pension_amount(mention: Mention, period: str | None) -> tuple[Value, str | None]:
    value: Value = {"amount": mention.amount, "period": period}
    if not mention.amount:
        return {"none": True}, None
    if period == "fortnight":
        value = {"amount": mention.amount / 2, "period": "week"}
    return (value, None) if value["period"] else (value, "period")


def _pension_in_words(text: str, asked: bool) -> tuple[Value | None, str | None]:
    if said.NO_PENSION.search(text):
        return {"none": True}, None
    if said.AFTER_PENSION.search(text):
        return {"already": True}, None
    if not asked:
        return None, None
    if answers.no(text):
        return {"none": True}, None
    if answers.unknown(text):
        return None, None
    if answers.yes(text) or said.HAS_PENSION.search(text):
        return None, "amount"
    return None, None


def _without(text: str, found: list[Mention]) -> str:
    """The text with the amounts taken out, so that no other reader counts them again."""
    for mention in reversed(found):
        text = _cut(text, (mention.start, mention.end))
    return text


def _cut(text: str, span: tuple[int, int]) -> str:
    return text[: span[0]] + "#" + text[span[1] :]


def periods_in(text: str) -> Iterator[str]:
    """The periods named in an answer to "is that a week, a month or a year?"."""
    for found in said.PERIOD.finditer(text):
        assert found.lastgroup
        yield found.lastgroup
