"""What an estimate says: its steps in the parent's own numbers, what was assumed, what could change it."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_server.core import explain, formula
from chat_server.core.estimate import estimate
from chat_server.core.explain import words
from chat_server.core.figures import in_force
from chat_server.core.formula import work_out
from chat_server.core.household import (
    Assumed,
    Benefit,
    Child,
    Collection,
    Home,
    Household,
    Money,
    NilReason,
    Period,
    parse_household,
)

TODAY = in_force(date(2026, 11, 21))

AVOID = re.compile(
    r"right amount|correct amount|should|entitle|owed|\bowe\b|have to|must|need to|expected to|your ex\b|\bhe\b|\bshe\b"
    r"|absent|non-resident|parent with care|primary carer|custod|\bcontact\b|access|visitation|residence|alimony|\bCSA\b"
    r"|currently|at the moment|soon|shortly|simply|\bjust\b|\beasy\b|don't|!",
    re.IGNORECASE,
)


def case(**changes) -> dict:
    return {
        "income": {"amount": "28000", "period": "year"},
        "pension": {"amount": "0", "period": "week"},
        "receiving_parents": [{"name": "A", "children": [{"nights_per_year": 60}]}],
        "other_children_at_home": 0,
        "privately_maintained_children": 0,
        "benefit": "none",
    } | changes


def said(**changes) -> dict:
    return estimate(parse_household(case(**changes)), TODAY).to_dict()


def step_texts(result) -> dict[str, str]:
    return {step["key"]: step["text"] for step in result["steps"]}


def test_steps_are_in_order_and_hold_the_parents_own_numbers():
    result = said(pension={"amount": "100", "period": "month"}, other_children_at_home=1)
    assert [step["key"] for step in result["steps"]] == [
        "income_year", "pension", "other_children", "basic", "nights_same", "weekly", "annual", "monthly",
    ]  # fmt: skip
    texts = step_texts(result)
    assert "£28,000 a year" in texts["income_year"] and "£536.99" in texts["income_year"]
    assert "£100 a month" in texts["pension"] and "£513.98" in texts["pension"]
    assert "1 other child" in texts["other_children"] and "11%" in texts["other_children"]
    assert "60 nights" in texts["nights_same"] and "one seventh" in texts["nights_same"]


def test_each_step_value_is_the_amount_that_it_left():
    result = said(income={"amount": "420", "period": "week"}, collection="collect_and_pay")
    values = {step["key"]: step["value"] for step in result["steps"]}
    assert values["basic"] == "50.40"
    assert values["weekly"] == values["nights_same"] == result["weekly"] == "43.20"
    assert values["annual"] == result["annual"]
    assert values["monthly"] == result["monthly"]
    assert values["collect_paying"] == result["fees"]["paying_total"]


def test_two_homes_are_told_apart():
    homes = [
        {"name": "A", "children": [{"nights_per_year": 0}, {"nights_per_year": 0}]},
        {"name": "B", "children": [{"nights_per_year": 104}]},
    ]
    texts = [step["text"] for step in said(receiving_parents=homes)["steps"]]
    assert any(text.startswith("A: 2 children of 3") for text in texts)
    assert any(text.startswith("B: 104 nights") for text in texts)


def test_what_nobody_stated_is_said_to_be_assumed_and_what_was_stated_is_not():
    minimal = {"income": {"amount": "28000", "period": "year"}, "receiving_parents": [{"children": [{}]}]}
    assumed = " ".join(estimate(parse_household(minimal), TODAY).to_dict()["assumptions"])
    for word in ("pension", "nights", "other children", "another way", "benefit"):
        assert word in assumed.lower()
    stated = " ".join(said()["assumptions"])
    assert "none were given" not in stated
    assert stated.count("estimate") == 1


@pytest.mark.parametrize(
    ("changes", "words_said"),
    [
        ({}, ["from 60 to 104 a year", "from 60 to 51 a year", "25%", "£21,000 a year", "£35,000 a year", "pension", "child benefit"]),
        ({"income": {"amount": "4000", "period": "week"}}, ["court"]),
        ({"income": {"amount": "80", "period": "week"}}, ["£100"]),
        ({"income": {"amount": "2", "period": "week"}}, ["£7"]),
        ({"income": None}, ["even a guess"]),
        ({"benefit": "own_list"}, ["52 nights", "other income is above £100", "benefit ends"]),
        ({"nil_reason": "prisoner"}, ["When this ends"]),
        ({"receiving_parents": [{"children": [{"nights_per_year": 175}]}]}, ["is all day-to-day care equal"]),
        ({"receiving_parents": [{"children": [{"equal_care": True}]}]}, ["left out would count"]),
    ],
)
def test_what_could_change_the_figure(changes, words_said):
    text = " ".join(said(**changes)["could_change"])
    for expected in words_said:
        assert expected in text


def test_one_more_night_is_told_with_the_amount_that_it_gives():
    household = parse_household(case(receiving_parents=[{"children": [{"nights_per_year": 103}]}]))
    across = replace(household, homes=(Home("A", (Child(104),)),))
    expected = f"from 103 to 104 a year, the formula would give about £{work_out(across, TODAY).weekly} a week"
    assert any(expected in line for line in estimate(household, TODAY).could_change)


def test_a_range_of_income_gives_a_range_and_says_that_the_middle_was_used():
    result = said(income={"amount": "28000", "period": "year", "up_to": "30000"})
    low, high = (said(income={"amount": amount, "period": "year"})["weekly"] for amount in ("28000", "30000"))
    assert result["range"] == {"low": low, "high": high}
    assert result["weekly"] == said(income={"amount": "29000", "period": "year"})["weekly"]
    assert any("£28,000 to £30,000 a year" in line and "£29,000" in line for line in result["assumptions"])


def test_a_range_of_nights_gives_a_range():
    child = {"nights_per_year": 104, "nights_per_year_up_to": 156}
    result = said(receiving_parents=[{"children": [child]}])
    assert result["range"]["low"] < result["weekly"] <= result["range"]["high"]
    assert any("104 to 156" in line for line in result["assumptions"])


def test_a_single_figure_has_no_range():
    assert said()["range"] is None


def test_parents_may_agree_any_amount_is_always_said():
    assert "any amount" in said()["options"]


def test_where_fear_was_mentioned_the_safe_route_is_there_and_nothing_tells_to_show_the_figure():
    result = estimate(parse_household(case()), TODAY).to_dict(safe_first=True)
    assert "safety" in result["safety"]
    assert "does not" in result["safety"] or "Nothing here has to be shared" in result["safety"]
    assert "safety" not in said()


# --- the words themselves ---------------------------------------------------------------------------------------------

kinds = st.builds(
    Household,
    income=st.one_of(
        st.none(),
        st.builds(Money, st.decimals(0, 4000, places=2), st.sampled_from(Period)),
        st.decimals(0, 4000, places=2).map(lambda low: Money(low, Period.WEEK, low + 50)),
    ),
    homes=st.lists(
        st.lists(
            st.one_of(
                st.builds(Child, st.sampled_from([0, 1, 30, 52, 104, 156, 175, 366]), st.sampled_from([False, False, True])),
                st.just(Child(104, False, 156)),
            ),
            min_size=1,
            max_size=3,
        ).map(tuple),
        min_size=1,
        max_size=3,
    ).map(lambda lists: tuple(Home(f"Home {index}", kids) for index, kids in enumerate(lists))),
    historic_income=st.one_of(st.none(), st.builds(Money, st.decimals(0, 4000, places=2), st.sampled_from(Period))),
    pension=st.one_of(st.none(), st.builds(Money, st.decimals(0, 90, places=2), st.sampled_from(Period))),
    other_children=st.integers(0, 4),
    private_children=st.integers(0, 4),
    benefit=st.sampled_from([Benefit.NONE] * 3 + list(Benefit)),
    partner_means_tested_benefit=st.sampled_from([False] * 3 + [True]),
    partner_is_paying_parent=st.booleans(),
    nil_reason=st.sampled_from([None] * 8 + list(NilReason)),
    collection=st.sampled_from(Collection),
    assumed=st.frozensets(st.sampled_from(Assumed)),
)


@given(kinds)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300)
def test_every_sentence_is_whole_plain_and_impartial(household):
    result = estimate(household, TODAY).to_dict(safe_first=True)
    sentences = [*(step["text"] for step in result["steps"]), *result["assumptions"], *result["could_change"]]
    for text in [*sentences, result["options"], result["safety"]]:
        assert "{" not in text and "None" not in text and "Decimal" not in text
        assert not AVOID.search(text), text
        assert text.endswith(".")


@given(kinds)
@settings(max_examples=50)
def test_what_the_card_gets_is_the_protocols_object(household):
    result = estimate(household, TODAY).to_dict()
    for name in ("weekly", "monthly", "annual"):
        assert re.fullmatch(r"\d+\.\d\d", result[name])
    assert all(re.fullmatch(r"\d+\.\d\d", step["value"]) for step in result["steps"])
    again = parse_household(result["input"])
    assert (again.homes, again.income, again.other_children) == (household.homes, household.income, household.other_children)
    assert parse_household(again.to_input()) == again


def test_sentences_are_short():
    """Twenty words at most, blanks counted as one word."""
    for part in ("steps", "assumptions", "could_change"):
        for key, text in words()[part].items():
            for sentence in re.split(r"(?<=[.:?])\s", text):
                assert len(sentence.split()) <= 20, f"{part}.{key}: {sentence}"


def test_no_sentence_of_a_step_is_left_over():
    """Each key of the file is the name of a rule in the formula, or of a line about the total."""
    code = "".join(Path(module.__file__).read_text() for module in (explain, formula))
    families = ("nil_", "income_")
    for key in words()["steps"]:
        assert f'"{key}"' in code or any(key.startswith(stem) and f'f"{stem}{{' in code for stem in families), key
