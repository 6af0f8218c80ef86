"""Opening hours, bank holidays, and how both are said."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chat_server.core.opening import FACTS, LONDON, Opening, WeekHours, bank_holidays, clock

STANDARD = Opening.from_setting("standard")


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T07:59", False),
        ("2026-11-23T08:00", True),
        ("2026-11-23T19:59", True),
        ("2026-11-23T20:00", False),
        ("2026-11-28T08:59", False),
        ("2026-11-28T09:00", True),
        ("2026-11-28T15:59", True),
        ("2026-11-28T16:00", False),
        ("2026-11-29T12:00", False),
        ("2026-12-25T12:00", False),
        ("2026-12-26T12:00", False),
        ("2026-12-28T12:00", False),
        ("2026-12-29T12:00", True),
        ("2027-03-29T12:00", False),
        ("2027-08-02T12:00", True),
        ("2027-08-30T12:00", False),
    ],
)
def test_standard_hours_are_weekdays_and_saturday_without_bank_holidays(moment: str, is_open: bool):
    assert STANDARD.is_open(london(moment)) is is_open


def test_hours_follow_the_london_clock_in_summer_and_winter():
    assert STANDARD.is_open(datetime(2026, 7, 1, 7, 0, tzinfo=UTC))
    assert not STANDARD.is_open(datetime(2026, 12, 1, 7, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T06:00", "2026-11-23T08:00"),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-28T17:00", "2026-11-30T08:00"),
        ("2026-12-24T20:30", "2026-12-29T08:00"),
        ("2027-03-25T22:00", "2027-03-27T09:00"),
        ("2027-03-27T17:00", "2027-03-30T08:00"),
    ],
)
def test_when_closed_it_says_when_somebody_is_next_there(moment: str, opens: str):
    assert STANDARD.next_open(london(moment)) == london(opens)


def test_while_open_the_next_opening_is_now():
    assert STANDARD.next_open(london("2026-11-23T10:30")) == london("2026-11-23T10:30")


def test_always_and_never_do_what_they_say():
    christmas = london("2026-12-25T03:00")
    assert Opening.from_setting("always").is_open(christmas)
    assert not Opening.from_setting("never").is_open(christmas)
    assert Opening.from_setting("never").next_open(christmas) is None


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        STANDARD.is_open(datetime(2026, 11, 23, 10))


def test_a_file_can_set_other_hours_and_the_scottish_days(tmp_path: Path):
    file = tmp_path / "hours.yaml"
    file.write_text('hours: ["mon-fri 10:00-12:00", "mon-fri 13:00-24:00"]\nbank_holidays: [scotland]\n')
    opening = Opening.from_setting(str(file))
    assert opening.is_open(london("2026-11-23T23:59"))
    assert not opening.is_open(london("2026-11-23T12:30"))
    assert not opening.is_open(london("2026-11-30T11:00")), "St Andrew's Day"
    assert opening.is_open(london("2027-03-29T11:00")), "Easter Monday is no bank holiday in Scotland"


@pytest.mark.parametrize("text", ["hours: ['mon-fri 8 to 5']", "hours: ['funday 08:00-09:00']", "hours: ['mon 08:00-25:00']"])
def test_a_file_with_an_unreadable_line_is_refused_with_the_line(tmp_path: Path, text: str):
    file = tmp_path / "hours.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match="hours: cannot read"):
        Opening.from_setting(str(file))


def test_an_unknown_division_is_refused():
    with pytest.raises(ValueError, match="narnia"):
        bank_holidays("narnia")


def test_a_span_over_midnight_belongs_to_the_evening_it_began():
    hours = WeekHours.parse(["fri 18:00-02:00"])
    assert hours.is_open(london("2026-11-28T01:59")), "Saturday, early"
    assert not hours.is_open(london("2026-11-28T02:00"))
    assert not hours.is_open(london("2026-11-27T01:00")), "Friday, early"


def test_the_hours_are_said_in_plain_words_in_both_languages():
    assert STANDARD.hours_table() == "Monday to Friday 8am to 8pm, Saturday 9am to 4pm; closed on bank holidays"
    assert STANDARD.hours_table("cy") == "dydd Llun i ddydd Gwener 8am i 8pm, dydd Sadwrn 9am i 4pm; ar gau ar wyliau banc"
    assert Opening.from_setting("always").hours_table() == "24 hours a day, every day"
    assert WeekHours.parse(["sat-sun 09:30-12:00", "mon 17:00-24:00"]).phrase() == (
        "Monday 5pm to midnight, Saturday and Sunday 9:30am to midday"
    )


@pytest.mark.parametrize(("minute", "said"), [(0, "midnight"), (720, "midday"), (750, "12:30pm"), (545, "9:05am"), (1440, "midnight")])
def test_a_time_is_said_as_people_say_it(minute: int, said: str):
    assert clock(minute) == said


def easter(year: int) -> date:
    """Easter Sunday, by the Gregorian rule."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    ell = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + ell - 7 * ((a + 11 * h + 22 * ell) // 451) + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", range(2026, 2031))
def test_the_listed_holidays_follow_the_rules(year: int):
    england, scotland = bank_holidays("england_and_wales"), bank_holidays("scotland")
    sunday = easter(year)
    assert sunday - timedelta(days=2) in england & scotland
    assert sunday + timedelta(days=1) in england - scotland
    assert sum(d.year == year and d.weekday() < 5 for d in england) == 8
    assert sum(d.year == year and d.weekday() < 5 for d in scotland) == 9
    for month, last, division in [(5, False, england & scotland), (5, True, england & scotland), (8, True, england - scotland), (8, False, scotland - england)]:
        mondays = [date(year, month, d) for d in range(1, 32) if date(year, month, d).weekday() == 0]
        assert mondays[-1 if last else 0] in division


def test_the_list_reaches_a_year_beyond_its_own_date():
    facts = yaml.safe_load((FACTS / "bank_holidays.yaml").read_text())
    assert max(facts["years"]) > facts["as_of"].year
    assert {entry["date"].year for entry in facts["days"]} == set(facts["years"])


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 11, 30)))
def test_the_next_opening_is_open_and_nothing_before_it_is(moment: datetime):
    at = moment.replace(tzinfo=UTC)
    opens_at = STANDARD.next_open(at)
    assert opens_at is not None and opens_at >= at
    assert STANDARD.is_open(opens_at)
    if opens_at > at:
        assert not STANDARD.is_open(at)
        assert not STANDARD.is_open(opens_at - timedelta(minutes=1))
