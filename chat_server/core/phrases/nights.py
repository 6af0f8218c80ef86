"""Nights as parents tell them, made into a year's nights: "every other weekend and half the holidays", "9 nights out of 14".

A reading keeps its parts, so that the sum can be shown to the parent and put right.
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from chat_server.core.phrases import answers
from chat_server.core.phrases import night_words as said

Value = dict[str, Any]

YEAR_NIGHTS = 365
HALF_YEAR = 182
WEEKS = 52
HOLIDAY_WEEKS = 13
SUMMER_WEEKS = 6
MOST_NIGHTS = 366
BARE_IS_YEARLY_FROM = 32
"""A bare number of nights from here on is a year's; below it the period is asked for."""

LEAST_YEARLY_FOR_A_CHILD = 14
"""Beside another child's nights a bare number above this is a year's."""

# How often in a year each kind of pattern comes round.
TIMES = {
    "week": Fraction(52),
    "fortnight": Fraction(26),
    "three_weeks": Fraction(52, 3),
    "four_weeks": Fraction(13),
    "month": Fraction(12),
    "year": Fraction(1),
}
CYCLE = {"week": 7, "fortnight": 14, "three_weeks": 21, "four_weeks": 28}
THIRD, QUARTER, TWO_THIRDS, MOST = Fraction(1, 3), Fraction(1, 4), Fraction(2, 3), Fraction(3, 4)


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a pattern: nights `each` time, by `kind` of how often; `weeks` are those of the year it runs in."""

    kind: str
    each: Fraction
    nights: Fraction
    up_to: Fraction | None = None
    weeks: int = WEEKS
    off: int = 0

    def to_value(self) -> Value:
        return {"kind": self.kind, "each": _plain(self.each), "weeks": self.weeks, "nights": int(self.nights)}


@dataclass(frozen=True, slots=True)
class Nights:
    """What a text says: `value` for the slot, or `lacks`: `period`, `varies`, `each`, `too_many`.

    With something lacking, `value` holds what is known already: a bare number, or each child's nights.
    """

    value: Value | None
    lacks: str | None = None


def read_nights(
    text: str, *, asked: bool, role: str | None = None, children: int | None = None
) -> tuple[Nights | None, str]:
    """Nights a year with the paying parent, by a normalised text, and the text left over. None when it tells nothing.

    `role` is the writer's; it tells whose "I" is. Unknown, the smaller part of the nights is taken as the paying parent's.
    """
    if not asked and (not said.STAYS.search(text) and not said.HALF.search(text)):
        return None, text
    text = said.AT_WORK.sub("#", re.sub(r"\bp/?w\b", "a week", text))
    text = said.NIGHTS_ARE.sub(lambda found: f"{found.group('n') or found.group('only')} nights", text)
    while (told := said.SAME_UNIT.sub(r"\g<first> \g<unit>", text)) != text:
        text = told
    text = said.DENIED.sub("#", said.FORMER.sub("#", text))
    text = said.IN_SO_MANY.sub(r"every \1th ", text)
    text = said.WEEK_AT.sub(r"1 week at \1", said.WEEK_ON.sub("", text))
    text = said.BETWEEN.sub(r"\1-\2", text)
    text = said.SOMETIMES_MORE.sub(r"\g<n>-\g<m> \g<rest>", text)
    if each := _each_child(said.NEXT_CHILD.sub(", ", text), role, children):
        return each, ""
    if (found := said.DAYS_ONLY.search(text)) and not said.EXCEPT.search(text) and not said.BUT_NIGHTS.search(text):
        return Nights(_value([], Fraction(0), Fraction(0))), _cut(text, found)
    text = _of_paying_parent(_only_exceptions(text), role)
    parts, left = _parts(text, asked)
    if answers.corrects(text):
        parts = _last_of_each_kind(parts)
    if not parts:
        return _without_pattern(text, asked, role)
    total = sum((part.nights for part in parts), Fraction(0))
    high = sum((part.up_to or part.nights for part in parts), Fraction(0))
    if total > MOST_NIGHTS:
        return (Nights(None, "too_many"), left) if asked else (None, text)
    value = _value(parts, total, high)
    return Nights(_seen_from(value, parts, text, role)), left


def _only_exceptions(text: str) -> str:
    """ "They live with me except every other weekend": only what is excepted tells the other parent's nights."""
    found = said.EXCEPT.search(text)
    if not found:
        return text
    before = text[: found.start()]
    if not _parts(before, False)[0] and _parts(text[found.end() :], True)[0]:
        return text[found.end() :]
    if said.ALL.search(before) or re.search(r"\b(?:with|lives?|always|all|every (?:night|day))\b", before):
        return text[found.end() :]
    return before


def _of_paying_parent(text: str, role: str | None) -> str:
    """ "With me Monday to Friday, and their dad has every weekend": where both were told, the paying parent's clause."""
    if role not in ("paying", "receiving") or _of_me_and_them(text):
        return text
    clauses = {_owner_of_nights(clause): clause for clause in _clauses(text) if _parts(clause, True)[0]}
    return clauses["me" if role == "paying" else "them"] if {"me", "them"} <= clauses.keys() else text


def _owner_of_nights(clause: str) -> str | None:
    me, them = said.WITH_ME.search(clause), said.WITH_THEM.search(clause)
    if me and them:
        return "me" if me.start() < them.start() else "them"
    return "me" if me else "them" if them else None


def _parts(text: str, asked: bool) -> tuple[list[Part], str]:
    """All pieces of a pattern, holidays first, and the text without them. Pieces run in the weeks that holidays leave."""
    holidays, left = _holidays(text)
    parts: list[Part] = []
    for reader in (_shared_out, _weekends, _alternating, _fraction, _out_of, _per, _days, _half):
        found, left = reader(left)
        parts += [part for part in found if part.kind != "half" or part not in parts]
        if reader is _out_of and found:
            break
    if not parts and not holidays:
        parts, left = _plain_numbers(left, asked)
    if not asked and parts and not holidays and not _strictly_about_nights(text, parts):
        return [], text
    off = max((part.off for part in holidays), default=0)
    if not off and said.IN_TERM.search(text):
        off = HOLIDAY_WEEKS
    return [_in_weeks(part, WEEKS - off) for part in parts] + holidays, left


def _last_of_each_kind(parts: list[Part]) -> list[Part]:
    """ "I said 2 nights a week but it's 3 nights a week": the later one counts."""
    return list({part.kind: part for part in parts}.values())


def _strictly_about_nights(text: str, parts: list[Part]) -> bool:
    return bool(said.STAYS.search(text) or any(part.kind.startswith(("weekend", "half")) for part in parts)) and not (
        said.WORKS.search(text) and not re.search(rf"{said.NIGHT}|{said.WEEKEND}|stay|50|with me|have them|week on", text)
    )


def _in_weeks(part: Part, weeks: int) -> Part:
    if weeks == WEEKS or part.kind in ("year", "month", "weekend_month", "weekend_count", "fraction"):
        return part
    share = Fraction(weeks, WEEKS)
    up_to = part.up_to * share if part.up_to else None
    return replace(part, nights=Fraction(int(part.nights * share)), up_to=up_to, weeks=weeks)


def _holidays(text: str) -> tuple[list[Part], str]:
    parts: list[Part] = []
    if found := said.HALF_HOLIDAYS.search(text):
        weeks = _weeks_of(found)
        parts.append(_holiday("holidays_half", Fraction(weeks * 7, 2), weeks))
        text = _cut(text, found)
    elif found := said.PART_HOLIDAYS.search(text):
        shares = {"a third": THIRD, "1 third": THIRD, "third": THIRD, "a quarter": QUARTER, "quarter": QUARTER, "most": MOST}
        share = shares.get(found.group("part"), TWO_THIRDS)
        weeks = _weeks_of(found)
        parts.append(_holiday("holidays_part", weeks * 7 * share, weeks))
        text = _cut(text, found)
    elif (found := said.ALL_HOLIDAYS.search(text)) and not re.search(r"\d (?:weeks?|nights?|days?) $", text[: found.start()]):
        weeks = _weeks_of(found)
        parts.append(_holiday("holidays_all", Fraction(weeks * 7), weeks))
        text = _cut(text, found)
    if found := said.HALF_TERMS.search(text):
        parts.append(_holiday("holidays_all", Fraction(21), 3))
        text = _cut(text, found)
    while found := said.WEEKS_OF_HOLIDAY.search(text):
        told = found.group("m") or found.group("n")
        number = Fraction(told) if told.isdigit() else Fraction(1)
        length = {"w": 7, "f": 14, "m": 28}.get(found.group("unit")[0], 1)
        nights = number * length
        parts.append(_holiday("holiday_nights", nights, int(nights // 7)))
        text = _cut(text, found)
    if parts and len(parts) > 1:
        parts = [*parts[:-1], replace(parts[-1], off=sum(part.off for part in parts))]
    return parts, text


def _weeks_of(found: re.Match[str]) -> int:
    words = found.group()
    if re.search(r"\bsummer|6 weeks", words):
        return SUMMER_WEEKS
    if re.search(r"easter|christmas|xmas", words):
        return 2
    return 3 if re.search(r"half[- ]term", words) else HOLIDAY_WEEKS


def _holiday(kind: str, nights: Fraction, weeks: int) -> Part:
    return Part(kind, nights, Fraction(int(nights)), off=weeks, weeks=weeks)


def _weekends(text: str) -> tuple[list[Part], str]:
    parts: list[Part] = []
    text = said.ONCE_FOR_A_WEEKEND.sub(_so_many_weekends, text)
    while found := said.WEEKENDS.search(text):
        if said.SOME_WEEKENDS.search(text[: found.start("word")]):
            return parts, text
        each, around = _nights_of_weekend(text, found)
        kind, times = _weekend_frequency(found, text)
        up_to = Fraction(int(found.group("upto"))) * 12 * each if found.group("upto") else None
        parts.append(Part(kind, each, each * times, up_to))
        text = text[: around[0]] + "#" + text[around[1] :]
    return parts, text


def _so_many_weekends(found: re.Match[str]) -> str:
    return f"{2 if found.group(1) in ('twice', '2') else 1} weekend a {found.group(2)}"


def _weekend_frequency(found: re.Match[str], text: str) -> tuple[str, Fraction]:
    if found.group("eow") or found.group("other") or found.group("fort"):
        return "weekend_other", Fraction(26)
    if found.group("nth"):
        return "weekend_count", Fraction(52, int(found.group("nth")))
    if found.group("third"):
        return "weekend_third", Fraction(52, 3)
    if found.group("most"):
        return "weekend_most", Fraction(40)
    count = found.group("count")
    if count or found.group("per"):
        number = Fraction(int(count)) if count and count.isdigit() else Fraction(1)
        match (found.group("per") or "").split(" ")[0]:
            case "4" | "month":
                return ("weekend_month", number * 12) if found.group("per") == "month" else ("weekend_count", number * 13)
            case "fortnight" | "2":
                return "weekend_other", number * 26
            case "3":
                return "weekend_third", number * Fraction(52, 3)
            case "year":
                return "weekend_count", number
        if count in ("first", "last", "1st"):
            return "weekend_month", Fraction(12)
        if said.BY_THE_MONTH.search(text[found.end() : found.end() + 30]):
            return "weekend_month", number * 12
    before = text[max(0, found.start() - 40) : found.start()]
    if every := said.EVERY_N_WEEKS.search(before):
        return "weekend_count", Fraction(52, int(every.group(1)))
    if re.search(rf"(?:{said.OTHER}|\b(?:every|each|a) fortnight(?: for| on| at| over)?(?: the| a)?)\W*$", before):
        return "weekend_other", Fraction(26)
    return "weekend", Fraction(52)


def _nights_of_weekend(text: str, found: re.Match[str]) -> tuple[Fraction, tuple[int, int]]:
    """Nights of one weekend: two, unless days or a number beside it say otherwise; and the span that tells it."""
    start, end = found.span()
    after = re.match(
        rf"[ ,(:=-]*(?:from |on |of |for |is |being |which is |ie |i\.e\.? |that's |so |just |only |the |"
        rf"has them |stays |usually )*(?:(?P<span>{said.ANY_SPAN})|(?P<n>\d) ?{said.NIGHT}(?! ?(?:mid|week ?night|(?:a|"
        rf"per|each|every|in)\b))|(?P<list>{said.DAY_LIST.pattern})(?! to| until| till))",
        text[end:],
    )
    if after and after.group("span"):
        return Fraction(_span(said.DAY_SPAN.search(text[end:]))), (start, end + after.end())
    if after and after.group("n"):
        return Fraction(int(after.group("n"))), (start, end + after.end())
    if after and after.group("list") and _weekend_days(after.group("list")):
        return Fraction(_days_in(after.group("list"))), (start, end + after.end())
    before = text[:start]
    if span := _last(said.DAY_SPAN, before, r"[ ,]*(?:of |on |at |in |for |over )?(?:the )?$"):
        return Fraction(_span(span)), (span.start(), end)
    if nights := re.search(rf"(?P<n>\d|\ban?|\b1) ?{said.NIGHT}(?: (?:on|at|of|in|for|over))?,? ?(?:the )?$", before):
        number = nights.group("n")
        return Fraction(int(number) if number.isdigit() else 1), (nights.start(), end)
    if days := _last(said.DAY_LIST, before, r"[ ,]*(?:of |on |at |in )?(?:the )?$"):
        if _weekend_days(days.group()):
            return Fraction(_days_in(days.group())), (days.start(), end)
    return Fraction(3 if re.search(r"\blong\b", found.group()) else 2), (start, end)


def _last(pattern: re.Pattern[str], text: str, then: str) -> re.Match[str] | None:
    """The last match that is followed only by `then`."""
    for found in reversed(list(pattern.finditer(text))):
        if re.match(then, text[found.end() :]):
            return found
    return None


def _weekend_days(words: str) -> bool:
    """Friday, Saturday and Sunday belong to a weekend; another day beside one is a night of its own."""
    return {said.DAY_NUMBER[day.group()[:3]] for day in said.ONE_DAY.finditer(words)} <= {4, 5, 6}


def _span(found: re.Match[str] | None) -> int:
    """Friday to Sunday is two nights; "Friday to Sunday night" is three."""
    assert found
    first, last = said.DAY_NUMBER[found.group("a")[:3]], said.DAY_NUMBER[found.group("b")[:3]]
    return ((last - first) % 7 or 7) + bool(found.group("last"))


def _days_in(words: str) -> int:
    return len({day.group()[:3] for day in said.ONE_DAY.finditer(words)})


def _alternating(text: str) -> tuple[list[Part], str]:
    """Weeks that differ: "2 nights one week and 3 the next", "1 week in 4", rotas."""
    if found := said.ROTA.search(text):
        return [Part("half", Fraction(HALF_YEAR), Fraction(HALF_YEAR))], _cut(text, found)
    if (found := said.ON_AND_OFF.search(text)) and found.group("on") == found.group("off"):
        return [Part("half", Fraction(HALF_YEAR), Fraction(HALF_YEAR))], _cut(text, found)
    if found := said.WEEKS_OF_YEAR.search(text):
        nights = Fraction(int(found.group("n")) * (7 if found.group("unit") == "week" else 30))
        return [Part("weeks", nights, nights)], _cut(text, found)
    if found := said.ONE_THEN_NEXT.search(text):
        each = Fraction(sum(int(found.group(n)) if found.group(n).isdigit() else 0 for n in "ab"))
        return [Part("fortnight", each, each * 26)], _cut(text, found)
    if found := said.WEEKS_OUT_OF.search(text):
        if found.group("third"):
            number, of = Fraction(1), 3
        elif found.group("each"):
            number, of = Fraction(_count(found.group("each"))), 0
        else:
            number, of = Fraction(_count(found.group("n"))), int(found.group("m"))
        nights = number * 7 * 12 if not of else number * 7 * Fraction(52, of)
        if number and (not of or number < of):
            return [Part("weeks", number * 7, Fraction(int(nights)))], _cut(text, found)
    return [], text


def _shared_out(text: str) -> tuple[list[Part], str]:
    """ "With me 5 nights, him 2": two numbers that make up a week or a fortnight. In "a 5/9 split" the smaller counts."""
    if split := said.SPLIT.search(text):
        one, other = int(split.group(1)), int(split.group(2))
        if whole := {7: "week", 14: "fortnight"}.get(one + other):
            fewer = Fraction(min(one, other))
            return [Part(whole, fewer, fewer * TIMES[whole])], _cut(text, split)
    for percent in said.PERCENT_EACH.finditer(text):
        one, other = int(percent.group(1)), int(percent.group(2))
        if one + other == 100 and one != other:
            own = re.match(r" ?%? ?(?:of the time )?(?:with|at|to) (?:me|mine|us)\b", text[percent.end(1) :])
            share = Fraction(one if own else min(one, other))
            return [Part("fraction", share, Fraction(int(share * YEAR_NIGHTS / 100)))], _cut(text, percent)
    if not (shared := _of_me_and_them(text)):
        return [], text
    me, kind, found = shared
    return [Part(kind, Fraction(me), me * TIMES[kind])], _cut(text, found)


def _of_me_and_them(text: str) -> tuple[int, str, re.Match[str]] | None:
    """The writer's nights where both parents' were told, the period that they make up, and where that stands."""
    for pattern in (said.ME_AND_THEM, said.THEM_AND_ME, said.NUMBER_ME_AND_THEM):
        if found := pattern.search(text):
            me, them = int(found.group("me")), int(found.group("them"))
            if kind := {7: "week", 14: "fortnight"}.get(me + them):
                return me, kind, found
    return None


def _out_of(text: str) -> tuple[list[Part], str]:
    found = said.OUT_OF.search(text)
    if not found or re.match(rf" ?{said.WEEKEND}", text[found.end() :]):
        return [], text
    number, of = Fraction(int(found.group("n"))), int(found.group("m"))
    if number > of:
        return [], text
    kinds = {7: "week", 14: "fortnight", 21: "three_weeks", 28: "four_weeks", 30: "month", 31: "month", 365: "year"}
    kind = kinds.get(of, "fraction")
    nights = number * TIMES[kind] if kind in TIMES else number * Fraction(YEAR_NIGHTS, of)
    return [Part(kind, number, Fraction(int(nights)))], _cut(text, found)


def _per(text: str) -> tuple[list[Part], str]:
    parts: list[Part] = []
    for pattern in (said.EVERY_FOR, said.YEARLY, said.WEEKLY_ADVERB, said.PER, said.MIDWEEK):
        while (found := pattern.search(text)) and len(parts) < 6:
            part = _part_per(found, pattern)
            text = _cut(text, found)
            if part:
                parts.append(part)
    return parts, text


def _part_per(found: re.Match[str], pattern: re.Pattern[str]) -> Part | None:
    groups = found.groupdict()
    number, up_to = _number(groups)
    if pattern is said.MIDWEEK:
        return Part("week", number, number * 52)
    if pattern is said.EVERY_FOR:
        kind = next((name for name in TIMES if groups.get(name)), "week")
    elif pattern is said.YEARLY:
        kind = "year"
    elif pattern is said.WEEKLY_ADVERB:
        kind = next(name for name in ("week", "fortnight", "month", "year") if groups[name])
    else:
        kind = next(name for name in TIMES if groups.get(f"p{name}"))
    if kind in CYCLE and number > CYCLE[kind]:
        return None
    most = up_to * TIMES[kind] if up_to else None
    return Part(kind, number, Fraction(int(number * TIMES[kind])), most)


def _number(groups: dict[str, str | None]) -> tuple[Fraction, Fraction | None]:
    if groups.get("adverb"):
        return Fraction({"once": 1, "twice": 2, "thrice": 3}[groups["adverb"] or ""]), None
    number = Fraction(groups.get("n") or groups.get("k") or "1")
    more = groups.get("m")
    return number, Fraction(more) if more and Fraction(more) > number else None


def _days(text: str) -> tuple[list[Part], str]:
    parts: list[Part] = []
    while found := said.DAY_SPAN.search(text):
        text, part = _of_days(text, found, Fraction(_span(found)))
        parts.append(part)
    while found := said.DAY_LIST.search(text):
        text, part = _of_days(text, found, Fraction(_days_in(found.group())))
        parts.append(part)
    return parts, text


def _of_days(text: str, found: re.Match[str], each: Fraction) -> tuple[str, Part]:
    before, after = text[max(0, found.start() - 30) : found.start()], text[found.end() : found.end() + 32]
    other = re.search(rf"\b(?:{said.OTHER}|(?:every|each|a) fortnight)\W*(?:week )?\W*(?:on |from )?$", before) or re.match(
        rf"[ ,]*(?:nights? |night )?(?:on |in )?(?:{said.OTHER}|each second|every second) ?(?:weeks?|wks?|"
        rf"1)?\b(?! ?{said.WEEKEND})|[ ,]*(?:nights? )?(?:every|each|a|per) (?:fortnight|2 weeks)\b|[ ,]*(?:nights? )?(?:1|one) week (?:on|in 2)", after
    )
    third = re.search(rf"\b{said.THIRD}\W*$", before) or re.match(rf"[ ,]*{said.THIRD} weeks?", after)
    month = re.match(r"[ ,]*(?:nights? )?(?:once |1 |every |a |per |of the |each |of each |of every |in the )+month", after)
    start = found.start() - (len(before) - other.start() if other and other.re.pattern.endswith("$") else 0)
    if other:
        end = found.end() + (other.end() if not other.re.pattern.endswith("$") else 0)
        return text[: max(start, 0)] + "#" + text[end:], Part("fortnight", each, each * 26)
    if third:
        return _cut(text, found), Part("three_weeks", each, Fraction(int(each * Fraction(52, 3))))
    if month:
        return text[: found.start()] + "#" + text[found.end() + month.end() :], Part("month", each, each * 12)
    return _cut(text, found), Part("week", each, each * 52)


def _half(text: str) -> tuple[list[Part], str]:
    found = said.HALF.search(text)
    if not found:
        return [], text
    return [Part("half", Fraction(HALF_YEAR), Fraction(HALF_YEAR))], _cut(text, found)


def _fraction(text: str) -> tuple[list[Part], str]:
    found = said.FRACTION.search(text)
    if not found:
        return [], text
    groups = found.groupdict()
    shares = {"two_thirds": TWO_THIRDS, "three_quarters": MOST, "third": THIRD, "quarter": QUARTER}
    shares |= {"two_fifths": Fraction(2, 5), "fifth": Fraction(1, 5)}
    share = next((share for name, share in shares.items() if groups[name] or groups.get(f"{name}_alone")), None)
    share = share or Fraction(int(groups["percent"] or groups["bare"] or 0), 100)
    return [Part("fraction", share * 100, Fraction(int(share * YEAR_NIGHTS)))], _cut(text, found)


def _plain_numbers(text: str, asked: bool) -> tuple[list[Part], str]:
    """A number of nights without a period: a year's nights when it is large; otherwise the period is missing."""
    found = said.PLAIN_NIGHTS.search(text) or (said.BARE.search(text) if asked else None)
    if not found:
        return [], text
    number, up_to = _number(found.groupdict())
    if number < BARE_IS_YEARLY_FROM and number != 0:
        return [], text
    return [Part("year", number, number, up_to)], _cut(text, found)


def _without_pattern(text: str, asked: bool, role: str | None) -> tuple[Nights | None, str]:
    if found := said.NONE.search(text) or (said.NONE_ASKED.search(text) if asked else None):
        return Nights(_value([], Fraction(0), Fraction(0))), _cut(text, found)
    if said.ALL.search(text) and (said.WITH_ME.search(text) or said.WITH_THEM.search(text)):
        whole = Part("year", Fraction(YEAR_NIGHTS), Fraction(YEAR_NIGHTS))
        value = _value([whole], whole.nights, whole.nights)
        return Nights(_seen_from(value, [whole], text, role)), ""
    if not asked:
        return None, text
    if said.VARIES.search(text):
        return Nights(None, "varies"), text
    if bare := said.PLAIN_NIGHTS.search(text) or said.BARE.search(text):
        number, _ = _number(bare.groupdict())
        if number:
            return Nights({"bare": _plain(number)}, "period"), _cut(text, bare)
        return Nights(_value([], number, number)), ""
    if answers.no(text) and len(text.split()) <= 4 and not answers.corrects(text) and not re.search(r"\d", text):
        return Nights(_value([], Fraction(0), Fraction(0))), ""
    return None, text


def with_period(bare: str, text: str) -> Nights | None:
    """A bare number of nights, once the parent has said per what."""
    joined = "" if re.match(r"(?:a|per|each|every|in)\b", text) else "a "
    return read_nights(f"{bare} nights {joined}{text}", asked=True)[0]


def _value(parts: list[Part], total: Fraction, high: Fraction) -> Value:
    nights, most = int(total), min(int(high), MOST_NIGHTS)
    return {"nights": nights, "up_to": most if most > nights else None, "parts": [part.to_value() for part in parts]}


def _seen_from(value: Value, parts: list[Part], text: str, role: str | None) -> Value:
    """The paying parent's nights, when the words told the other parent's."""
    whose = None if said.SPLIT.search(text) else _whose(text)
    if whose is None:
        return value
    other = (role == "paying" and whose == "them") or (role == "receiving" and whose == "me")
    if role not in ("paying", "receiving"):
        other = value["nights"] > HALF_YEAR
    if not other:
        return value
    if len(parts) == 1 and parts[0].kind in CYCLE:
        part = parts[0]
        each = CYCLE[part.kind] - part.each
        turned = Part(part.kind, each, Fraction(int(each * TIMES[part.kind])))
        return _value([turned], turned.nights, turned.nights) | {"turned": True}
    nights = max(YEAR_NIGHTS - value["nights"], 0)
    rest = Part("rest", Fraction(value["nights"]), Fraction(nights))
    return {"nights": nights, "up_to": None, "parts": [rest.to_value()], "turned": True}


def _whose(text: str) -> str | None:
    """Whose nights a text tells: the clause with the pattern decides."""
    if _of_me_and_them(text):
        return "me"
    for clause in _clauses(text):
        owner = _owner_of_nights(clause)
        if owner and (_parts(clause, True)[0] or said.ALL.search(clause)):
            return owner
    return None


def _clauses(text: str) -> list[str]:
    """Pieces of a text that each speak of one parent."""
    return [clause for clause in said.OTHER_PARENT.split(text) if clause.strip()]


def _each_child(text: str, role: str | None, children: int | None) -> Nights | None:
    """Different nights for each child: "the eldest 110 nights and the youngest 60"."""
    told: list[tuple[int | None, Value]] = []
    words = ""
    reference: re.Match[str] | None = None
    for segment in [*said.SEGMENT.split(text), None]:
        found = said.REF.match(segment) if segment is not None else None
        if segment is not None and not found:
            words += f" and {segment}"
            continue
        if reference is not None and (value := _nights_of(words, role)):
            told.append((_how_many(reference), value))
        reference, words = found, segment[found.end() :] if found and segment is not None else ""
    if len(told) < 2:
        return None
    if len({value["nights"] for _, value in told}) == 1:
        return Nights(told[0][1])
    counts = [count for count, _ in told]
    if counts.count(None) > 1 or (None in counts and not children):
        counts = [count or 1 for count in counts]
    known = sum(count for count in counts if count)
    nights: list[int] = []
    for count, (_, value) in zip(counts, told, strict=True):
        nights += [value["nights"]] * (count if count is not None else max((children or 0) - known, 1))
    if children and len(nights) != children:
        return Nights({"each": nights}, "each")
    return Nights({"nights": max(nights), "up_to": None, "parts": [], "each": nights})


def _nights_of(words: str, role: str | None) -> Value | None:
    parts, _ = _parts(words, True)
    if not parts:
        if said.NONE.search(words) or said.NONE_ASKED.search(words) or answers.no(words.strip(" -:,")):
            return _value([], Fraction(0), Fraction(0))
        bare = said.NUMBER_FOR_A_CHILD.match(words)
        yearly = bare and (bare.group(1) == "0" or int(bare.group(1)) > LEAST_YEARLY_FOR_A_CHILD)
        return _value([], Fraction(int(bare.group(1))), Fraction(0)) if bare and yearly else None
    total = sum((part.nights for part in parts), Fraction(0))
    return _seen_from(_value(parts, total, total), parts, words, role) if total <= MOST_NIGHTS else None


def _how_many(reference: re.Match[str]) -> int | None:
    """How many children a reference means; None for "the boys", "the others": those that are left."""
    number = reference.group("n") or reference.group("one") or (re.findall(r"\d", reference.group("ref") or "") or [None])[0]
    if number and "year" not in reference.group():
        return int(number)
    if (reference.group("ref") or "") in ("twins", "both"):
        return 2
    return None if said.THE_OTHERS.search(reference.group("ref") or "") else 1


def _count(word: str) -> int:
    return int(word) if word.isdigit() else 1


def _cut(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + "#" + text[found.end() :]


def _plain(number: Fraction) -> str:
    return str(int(number)) if number.denominator == 1 else f"{float(number):.1f}"
