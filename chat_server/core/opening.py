"""Open or closed at a moment: weekly hours in local time, bank holidays, and the same hours in plain words.

The facts are in `facts/opening.yaml` (the team's own hours) and `facts/bank_holidays.yaml`.
`WeekHours` also serves the directory, whose organisations keep hours of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

FACTS = Path(__file__).parent / "facts"
LONDON = ZoneInfo("Europe/London")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DIVISIONS = ("england_and_wales", "scotland")
MINUTES_A_DAY = 24 * 60
LOOK_AHEAD_DAYS = 31
"""How far `next_open` looks: longer than any run of closed days."""

Span = tuple[int, int]
"""Minutes after midnight, from and to; `to` is above 1440 where the span ends on the next day."""


@dataclass(frozen=True)
class WeekHours:
    """The hours of an ordinary week: for each weekday, Monday first, its spans in local time."""

    days: tuple[tuple[Span, ...], ...]

    @classmethod
    def parse(cls, lines: Iterable[str]) -> "WeekHours":
        """Read lines such as `mon-fri 08:00-20:00`, `sat,sun 24h`, `daily 17:00-24:00`, `mon 18:00-02:00`.

        Raises ValueError naming the line that cannot be read.
        """
        days: list[list[Span]] = [[] for _ in DAYS]
        for line in lines:
            for day in _days_of(line):
                days[day].append(_span_of(line))
        return cls(tuple(tuple(sorted(spans)) for spans in days))

    @property
    def always(self) -> bool:
        """True when there is no closed minute in the week."""
        return all(spans == ((0, MINUTES_A_DAY),) for spans in self.days)

    def is_open(self, local: datetime, closed: frozenset[date] = frozenset()) -> bool:
        """Whether the local moment is inside a span; spans that begin on a closed date do not count."""
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        minute = local.hour * 60 + local.minute
        return (today not in closed and _within(self.days[today.weekday()], minute)) or (
            yesterday not in closed and _within(self.days[yesterday.weekday()], minute + MINUTES_A_DAY)
        )

    def starts(self, day: date) -> Iterator[time]:
        """The times at which spans begin on this date, earliest first."""
        for begin, _ in self.days[day.weekday()]:
            yield time(begin // 60, begin % 60)

    def phrase(self, lang: str = "en") -> str:
        """The hours in plain words, in English or Welsh: "Monday to Friday 8am to 8pm, Saturday 9am to 4pm"."""
        words = _WORDS[lang]
        if self.always:
            return words["always"]
        parts = [
            f"{_day_words(group, words)} {_spans_words(self.days[group[0]], words)}"
            for group in self._groups()
            if self.days[group[0]]
        ]
        return ", ".join(parts)

    def _groups(self) -> list[list[int]]:
        """Neighbouring weekdays with the same hours, together."""
        groups: list[list[int]] = []
        for day in range(7):
            if groups and self.days[groups[-1][0]] == self.days[day]:
                groups[-1].append(day)
            else:
                groups.append([day])
        return groups


@dataclass(frozen=True)
class Opening:
    """When people on the team answer. `hours` of None means never."""

    hours: WeekHours | None
    closed: frozenset[date] = frozenset()
    timezone: ZoneInfo = LONDON

    @classmethod
    def from_setting(cls, setting: str) -> "Opening":
        """`standard`, `always`, `never`, or the path of a file shaped like `facts/opening.yaml`.

        Raises ValueError when the file says something that cannot be read, OSError when there is none.
        """
        if setting == "always":
            return cls(WeekHours.parse(["daily 24h"]))
        if setting == "never":
            return cls(None)
        path = FACTS / "opening.yaml" if setting == "standard" else Path(setting)
        return cls._from_facts(yaml.safe_load(path.read_text(encoding="utf-8")))

    @classmethod
    def _from_facts(cls, facts: Mapping[str, Any]) -> "Opening":
        return cls(
            hours=WeekHours.parse(facts["hours"]),
            closed=bank_holidays(*facts.get("bank_holidays", [])),
            timezone=ZoneInfo(facts.get("timezone", "Europe/London")),
        )

    def is_open(self, at: datetime) -> bool:
        """Whether somebody answers at this aware moment."""
        return self.hours is not None and self.hours.is_open(self._local(at), self.closed)

    def next_open(self, at: datetime) -> datetime | None:
        """The first moment from `at` on when somebody answers, in local time; None where there is none in a month."""
        local = self._local(at)
        if self.hours is None:
            return None
        if self.is_open(at):
            return local
        for ahead in range(LOOK_AHEAD_DAYS + 1):
            day = local.date() + timedelta(days=ahead)
            if day in self.closed:
                continue
            for start in self.hours.starts(day):
                begins_at = datetime.combine(day, start, self.timezone)
                if begins_at >= local:
                    return begins_at
        return None

    def hours_table(self, lang: str = "en") -> str:
        """The hours as one plain phrase, with the closed days, for wording: "Monday to Friday 8am to 8pm, ..."."""
        words = _WORDS[lang]
        if self.hours is None:
            return words["never"]
        if not self.closed:
            return self.hours.phrase(lang)
        return f"{self.hours.phrase(lang)}; {words['closed_on_bank_holidays']}"

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("opening hours need a moment with a time zone")
        return at.astimezone(self.timezone)


@lru_cache
def bank_holidays(*divisions: str) -> frozenset[date]:
    """The listed bank holidays of these divisions. Raises ValueError for a division that is not listed."""
    for division in divisions:
        if division not in DIVISIONS:
            raise ValueError(f"bank holidays: no division {division!r}, only {', '.join(DIVISIONS)}")
    facts = yaml.safe_load((FACTS / "bank_holidays.yaml").read_text(encoding="utf-8"))
    return frozenset(entry["date"] for entry in facts["days"] if set(entry["in"]) & set(divisions))


def clock(minute: int, lang: str = "en") -> str:
    """Minutes after midnight as people say them: 9am, 12:30pm, midday, midnight."""
    hour, rest = divmod(minute % MINUTES_A_DAY, 60)
    if rest == 0 and hour in (0, 12):
        return _WORDS[lang]["midday" if hour else "midnight"]
    return f"{hour % 12 or 12}{f':{rest:02}' if rest else ''}{'am' if hour < 12 else 'pm'}"


def _days_of(line: str) -> list[int]:
    named = line.split()[0] if line.split() else ""
    if named == "daily":
        return list(range(7))
    days: list[int] = []
    try:
        for part in named.split(","):
            first, _, last = part.partition("-")
            days.extend(range(DAYS.index(first), DAYS.index(last or first) + 1))
    except ValueError:
        raise ValueError(f"hours: cannot read the days of {line!r}") from None
    return days


def _span_of(line: str) -> Span:
    hours = line.split()[-1]
    if hours == "24h":
        return 0, MINUTES_A_DAY
    try:
        begin, end = (_minutes(clock_time) for clock_time in hours.split("-"))
    except ValueError:
        raise ValueError(f"hours: cannot read the times of {line!r}") from None
    return begin, end if end > begin else end + MINUTES_A_DAY


def _minutes(clock_time: str) -> int:
    hour, minute = (int(part) for part in clock_time.split(":"))
    if not (0 <= minute < 60 and 0 <= hour * 60 + minute <= MINUTES_A_DAY):
        raise ValueError(clock_time)
    return hour * 60 + minute


def _within(spans: tuple[Span, ...], minute: int) -> bool:
    return any(begin <= minute < end for begin, end in spans)


def _day_words(days: list[int], words: Mapping[str, Any]) -> str:
    names = words["days"]
    if len(days) == 1:
        return names[days[0]]
    if len(days) == 7:
        return words["every_day"]
    joined = words["and"] if len(days) == 2 else words["to_day"]
    return joined.format(names[days[0]], words["to_days"][days[-1]] if len(days) > 2 else names[days[-1]])


def _spans_words(spans: tuple[Span, ...], words: Mapping[str, Any]) -> str:
    return words["joined"].join(_span_words(span, words) for span in spans)


def _span_words(span: Span, words: Mapping[str, Any]) -> str:
    if span == (0, MINUTES_A_DAY):
        return words["all_day"]
    return words["to"].format(clock(span[0], words["lang"]), clock(span[1], words["lang"]))


_WORDS: Mapping[str, Mapping[str, Any]] = {
    "en": {
        "lang": "en",
        "days": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "to_days": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "every_day": "every day",
        "to_day": "{} to {}",
        "and": "{} and {}",
        "joined": " and ",
        "to": "{} to {}",
        "midday": "midday",
        "midnight": "midnight",
        "all_day": "all day",
        "always": "24 hours a day, every day",
        "never": "nobody from the team is here to answer",
        "closed_on_bank_holidays": "closed on bank holidays",
        "today": "today",
        "at": "{} at {}",
        "months": (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
    },
    "cy": {
        "lang": "cy",
        "days": ("dydd Llun", "dydd Mawrth", "dydd Mercher", "dydd Iau", "dydd Gwener", "dydd Sadwrn", "dydd Sul"),
        "to_days": ("ddydd Llun", "ddydd Mawrth", "ddydd Mercher", "ddydd Iau", "ddydd Gwener", "ddydd Sadwrn", "ddydd Sul"),
        "every_day": "bob dydd",
        "to_day": "{} i {}",
        "and": "{} a {}",
        "joined": " a ",
        "to": "{} i {}",
        "midday": "hanner dydd",
        "midnight": "hanner nos",
        "all_day": "drwy'r dydd",
        "always": "24 awr y dydd, bob dydd",
        "never": "nid oes neb o'r tîm yma i ateb",
        "closed_on_bank_holidays": "ar gau ar wyliau banc",
        "today": "heddiw",
        "at": "{} am {}",
        "months": (
            "Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin",
            "Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr",
        ),
    },
}


def moment(opens_at: datetime, at: datetime, lang: str = "en") -> str:
    """When, seen from `at`, as people say it: "today at 8am", "Monday at 8am", "Monday 28 December at 8am"."""
    words = _WORDS[lang]
    seen_from = at.astimezone(opens_at.tzinfo)
    time_of_day = clock(opens_at.hour * 60 + opens_at.minute, lang)
    if opens_at.date() == seen_from.date():
        day = words["today"]
    else:
        day = words["days"][opens_at.weekday()]
        if opens_at.date() - seen_from.date() > timedelta(days=6):
            day = f"{day} {opens_at.day} {words['months'][opens_at.month - 1]}"
    return words["at"].format(day, time_of_day)
