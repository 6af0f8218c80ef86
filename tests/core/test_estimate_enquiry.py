"""The enquiry: what is asked, what is taken whatever was asked, and what counts only after it was shown back."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.core.enquiry import QUESTIONS, Enquiry, household, next_question
from chat_server.core.estimate import estimate
from chat_server.core.figures import in_force
from chat_server.core.hearing import MOST_MISSES, Outcome, hear, miss
from chat_server.core.household import Assumed
from chat_server.core.told import sum_of_nights, told

FIGURES = in_force(date(2026, 11, 21))


class Talk:
    """A parent's answers to an enquiry, one after another."""

    def __init__(self, role: str | None = None) -> None:
        self.enquiry = Enquiry(role=role)
        self.asked: list[str] = []
        self.heard = None
        self._ask()

    def says(self, *texts: str) -> "Talk":
        for text in texts:
            self.heard = hear(self.enquiry, text, self.asking, FIGURES)
            if self.heard.outcome is Outcome.NOTHING:
                self.heard = miss(self.enquiry, self.asking)
            self.enquiry = self.heard.enquiry
            self._ask()
        return self

    def _ask(self) -> None:
        self.question = next_question(self.enquiry, FIGURES)
        self.asking = self.question.fact if self.question else None
        self.asked += [self.asking] if self.asking else []

    @property
    def facts(self):
        return self.enquiry.facts

    @property
    def result(self):
        assert self.question is None, f"still asks {self.question}"
        return estimate(household(self.enquiry, FIGURES), FIGURES)


def test_the_ordinary_case_takes_seven_questions():
    talk = Talk("paying").says("28k", "5%", "2 girls and a boy", "every other weekend and half the holidays", "yes", "no", "no")
    assert talk.asked == ["income", "pension", "children", "nights", "nights", "other_children", "other_homes"]
    assert str(talk.result.weekly) == "83.08"


def test_facts_in_the_first_message_are_not_asked_for_again():
    talk = Talk().says("I earn 28k, 2 kids, they stay 60 nights a year")
    assert {"income", "children", "nights"} <= set(talk.facts)
    talk.says("no pension", "no", "no")
    assert talk.asked == ["income", "pension", "other_children", "other_homes"]


def test_what_was_all_told_at_once_is_shown_before_it_counts():
    talk = Talk().says("28000 a year, no pension, 2 children, 60 nights a year, no other kids")
    assert talk.asking == "check"
    assert set(talk.question.value) >= {"income", "pension", "children", "nights"}
    assert str(talk.says("yes").result.weekly) == "73.65"


def test_a_correction_of_what_was_shown_is_shown_again():
    talk = Talk().says("28000 a year, no pension, 2 children, 60 nights a year, no other kids", "it's 30k")
    assert talk.asking == "check" and talk.question.value == ["income"]
    assert talk.says("yes").result.household.income.amount == 30000


def test_the_check_waits_for_an_answer():
    talk = Talk().says("28000 a year, no pension, 2 children, 60 nights a year, no other kids", "hmm")
    assert talk.asking == "check"


@pytest.mark.parametrize(
    ("answer", "nights", "words"),
    [
        ("every other weekend and half the holidays", 84, ["Every other weekend", "39 weeks: 39", "holidays: 45"]),
        ("2 nights a week", 104, ["2 a week for 52 weeks: 104"]),
        ("she has them 9 nights out of 14", 130, ["5 a fortnight for 52 weeks: 130"]),
        ("50/50", 182, ["Half of a year's nights: 182"]),
        ("I have them 3 nights a week and half the school holidays", 162, ["39 weeks: 117", "45"]),
    ],
)
def test_a_pattern_becomes_a_years_nights_with_its_sum_shown_and_confirmed(answer, nights, words):
    talk = Talk("paying").says("28k", "no", "2", answer)
    assert (talk.question.fact, talk.question.how) == ("nights", "confirm")
    assert talk.question.value["nights"] == nights
    for part in words:
        assert part in sum_of_nights(talk.question.value)
    assert talk.says("yes").facts["nights"]["confirmed"]


def test_the_same_pattern_again_confirms_it_and_a_number_replaces_it():
    assert Talk().says("28k", "no", "2", "2 nights a week", "2 nights a week").asking == "other_children"
    talk = Talk().says("28k", "no", "2", "2 nights a week", "no, 90")
    assert talk.facts["nights"]["nights"] == 90 and talk.asking == "other_children"


def test_a_plain_no_to_the_sum_asks_for_the_nights_in_another_way():
    talk = Talk().says("28k", "no", "2", "2 nights a week", "no")
    assert (talk.question.fact, talk.question.how) == ("nights", "again")
    assert talk.says("5 nights in 14").question.value["nights"] == 130


def test_a_years_nights_need_no_sum():
    assert Talk().says("28k", "no", "2", "60 nights a year").asking == "other_children"


def test_a_bare_number_of_nights_asks_per_what():
    talk = Talk().says("28k", "no", "2", "3")
    assert (talk.question.fact, talk.question.how) == ("nights", "period")
    assert talk.says("a week").question.value["nights"] == 156


def test_nights_that_vary_become_one_a_week_said_as_an_assumption():
    talk = Talk().says("28k", "no", "2", "it varies", "no idea", "no", "no")
    assert talk.result.household.homes[0].children[0].nights == FIGURES.assumed_nights
    assert Assumed.NIGHTS_SHARED in talk.result.household.assumed


def test_175_nights_lead_to_the_one_question_on_equal_care_and_both_answers_are_taken():
    assert "equal_care" not in Talk().says("45k", "no", "2", "170 nights a year").asked
    talk = Talk().says("45k", "no", "2", "175 nights a year")
    assert talk.asking == "equal_care"
    assert str(Talk().says("45k", "no", "2", "175 nights a year", "no", "no", "no").result.weekly) == "53.78"
    equal = talk.says("yes")
    assert equal.result.rate == "none"


def test_not_being_sure_of_equal_care_gives_the_figure_and_says_so():
    talk = Talk().says("45k", "no", "2", "182 nights", "not sure", "no", "no")
    assert talk.result.weekly > 0 and Assumed.EQUAL_CARE in talk.result.household.assumed


@pytest.mark.parametrize(
    ("told_first", "then", "facts"),
    [
        (["28k"], "no sorry, 30k", {"income": "30000"}),
        (["28k", "no", "2"], "no sorry, 3 kids", {"children": 3}),
        (["28k", "no", "2", "60 nights a year"], "actually it's 2 nights a week", {"nights": 104}),
        (["28k", "no", "2", "60 nights a year", "no"], "wait, I earn 31k", {"income": "31000"}),
        (["28k", "no", "2"], "sorry i meant 3", {"children": 3}),
        (["28k", "no", "2"], "actually 3", {"children": 3}),
    ],
)
def test_a_correction_is_taken_whatever_was_asked(told_first, then, facts):
    talk = Talk().says(*told_first)
    asking = talk.asking
    talk.says(then)
    for name, value in facts.items():
        now = talk.facts[name]
        assert (now["amount"] if name == "income" else now["nights"] if name == "nights" else now) == value
        assert name in talk.heard.changed
    assert talk.asking in (asking, "nights")


@pytest.mark.parametrize("answer", ["don't know", "rather not say", "no idea", "skip"])
def test_whatever_is_not_known_is_assumed_and_never_asked_again(answer):
    talk = Talk().says(answer, answer, "2", answer, answer)
    assert talk.result.rate == "default"
    assert len(talk.asked) == len(set(talk.asked))
    income = Talk().says("28k", answer, "2", answer, answer, answer)
    assert {Assumed.PENSION, Assumed.NIGHTS, Assumed.OTHER_CHILDREN, Assumed.OTHER_HOMES} <= income.result.household.assumed


def test_the_number_of_children_cannot_be_left_out():
    talk = Talk().says("28k", "no", "don't know")
    assert talk.asking == "children" and talk.heard.remark == "children_needed"


def test_ranges_give_a_range():
    talk = Talk().says("between 28 and 30k", "no", "2", "2 or 3 nights a week", "yes", "no", "no")
    assert talk.result.low < talk.result.weekly < talk.result.high


def test_a_guess_is_said_to_be_one():
    assert Assumed.INCOME_GUESSED in Talk().says("I'd guess 30k", "no", "1", "none", "no", "no").result.household.assumed


def test_take_home_pay_asks_once_for_the_figure_before_tax():
    talk = Talk().says("I take home 1800 a month")
    assert (talk.question.fact, talk.question.how) == ("income", "net")
    assert talk.says("2300 gross").facts["income"]["amount"] == "2300"
    unsure = Talk().says("1800 a month net", "don't know", "no", "1", "none", "no", "no")
    assert Assumed.INCOME_TAKE_HOME in unsure.result.household.assumed


@pytest.mark.parametrize(
    ("first", "how", "then", "amount", "period"),
    [
        ("one and a half grand", "period", "a month", "1500", "month"),
        ("£450", "period", "each week", "450", "week"),
        ("30", "thousands", "yes", "30000", "year"),
        ("£12 an hour", "hours", "37 hours", "444", "week"),
        ("my turnover is 80k", "turnover", "profit about 35k", "35000", "year"),
        ("£800", "period", "fortnightly", "400", "week"),
    ],
)
def test_half_of_an_income_asks_for_the_other_half(first, how, then, amount, period):
    talk = Talk().says(first)
    assert (talk.question.fact, talk.question.how) == ("income", how)
    talk.says(then)
    assert (Decimal(talk.facts["income"]["amount"]), talk.facts["income"]["period"]) == (Decimal(amount), period)


def test_whose_income_it_is_follows_who_writes():
    assert Talk("receiving").says("he earns 50k and I earn 20k").facts["income"]["amount"] == "50000"
    assert Talk("paying").says("she earns 50k and I earn 20k").facts["income"]["amount"] == "20000"
    own = Talk("receiving").says("I earn 20k")
    assert own.heard.remark == "income_not_counted" and own.asking == "income"
    unknown = Talk().says("he earns 50k and I earn 20k")
    assert unknown.asking == "role"
    assert unknown.says("he would").facts["income"]["amount"] == "50000"
    assert unknown.enquiry.role == "receiving"


def test_income_of_last_year_and_now_are_both_kept():
    talk = Talk().says("40k last year, 30k now", "no", "1", "none", "no", "no")
    assert talk.result.household.historic_income.amount == 40000
    assert any(step.key == "income_is_current" for step in talk.result.steps)


@pytest.mark.parametrize(
    ("answers", "rate"),
    [
        (["on UC, not working", "2", "none", "no"], "flat"),
        (["I'm on universal credit", "no work at all", "1", "none", "no"], "flat"),
        (["150 a week", "state pension", "1", "none", "no"], "flat"),
        (["150 a week", "no", "no", "1", "none", "no", "no"], "reduced"),
        (["80 a week", "no", "1", "no"], "flat"),
        (["he's in prison", "2"], "nil"),
        (["I don't know", "no", "2", "no"], "default"),
        (["not working", "no", "1"], "nil"),
    ],
)
def test_benefits_prison_and_low_income_ask_only_what_matters(answers, rate):
    talk = Talk().says(*answers)
    assert talk.result.rate == rate
    assert len(talk.asked) == len(answers)


def test_two_homes_are_one_rate_shared():
    talk = Talk().says("640 a week", "no", "2", "none", "no", "yes 1 with another ex", "through the CMS", "104 nights a year")
    assert [str(home.weekly) for home in talk.result.homes] == ["81.07", "28.95"]


def test_nights_of_the_other_home_may_be_told_in_two_steps():
    talk = Talk().says("640 a week", "no", "2", "none", "no", "1", "CMS", "2", "a week")
    assert talk.asking == "check" and "104 nights a year" in told(talk.facts, talk.question.value)
    assert str(talk.says("yes").result.homes[1].weekly) == "28.95"


BEFORE_HOMES = ("640 a week", "no", "2", "none", "no")


@pytest.mark.parametrize(
    ("answers", "homes", "private"),
    [
        (("2 kids", "one home", "cms", "none"), ["60.80", "60.80"], 0),
        (("3 kids with two different mums", "2 and 1", "cms for both", "52 nights a year", "none"), ["48.64", "41.69", "24.32"], 0),
        (("a boy with one ex and a girl with another", "cms", "private arrangement", "none"), ["60.80", "30.40"], 1),
        (("2", "no, separate homes", "both cms", "none", "104 nights a year"), ["60.80", "30.40", "21.71"], 0),
        (("2", "don't know", "cms", "don't know"), ["60.80", "60.80"], 0),
        (("3", "all in one home", "cms", "eldest 104 nights and the other two none", "yes"), ["48.64", "66.01"], 0),
    ],
)
def test_children_may_live_in_several_further_homes_each_with_its_own_nights(answers, homes, private):
    talk = Talk("paying").says(*BEFORE_HOMES, *answers)
    assert [str(home.weekly) for home in talk.result.homes] == homes
    assert talk.result.household.private_children == private


def test_each_further_home_is_shown_back_with_its_own_facts():
    talk = Talk().says(*BEFORE_HOMES, "2", "each in a different home", "cms", "private")
    line = told(talk.facts, ["other_homes", "private_children"])
    assert "1 child and 1 child in further homes" in line
    assert "the statutory service for the further home (home 1)" in line and "private arrangement" in line


def test_another_number_of_children_elsewhere_asks_again_how_they_are_paid_for():
    talk = Talk().says(*BEFORE_HOMES, "2", "one home", "cms", "actually 3 kids with another woman")
    assert talk.facts["private_children"] is None and talk.asking == "other_homes"


def test_a_child_supported_privately_is_left_out_of_the_rate():
    talk = Talk().says("640 a week", "no", "2", "none", "no", "one", "a private arrangement")
    assert str(talk.result.weekly) == "81.07"


def test_different_nights_for_each_child():
    talk = Talk().says("520 a week", "no", "2", "the eldest 110 nights and the youngest 60", "yes", "no", "no")
    assert str(talk.result.weekly) == "65.37"


def test_an_unreadable_answer_is_asked_again_and_then_left_out():
    talk = Talk().says("28k")
    for _ in range(MOST_MISSES):
        talk.says("qwerty")
        assert (talk.asking, talk.heard.remark) == ("pension", "unclear")
    talk.says("qwerty")
    assert talk.facts["pension"] == {"unknown": True} and talk.asking == "children"


@pytest.mark.parametrize(
    ("text", "remark"),
    [("10,001 kids", "children_too_many"), ("no children", "children_none"), ("0", "children_none")],
)
def test_impossible_numbers_of_children_are_refused(text, remark):
    talk = Talk().says("28k", "no", text)
    assert talk.heard.remark == remark and talk.asking == "children"


def test_more_nights_than_a_year_has_are_refused():
    talk = Talk().says("28k", "no", "2", "400 nights a year")
    assert talk.heard.remark == "nights_too_many" and talk.asking == "nights"


def test_what_is_known_survives_as_plain_json():
    talk = Talk("paying").says("about £2,300 a month before tax", "5%", "2", "every other weekend")
    stored = json.loads(json.dumps([talk.facts, talk.enquiry.to_state()]))
    again = Enquiry.from_state(*stored, "paying")
    assert next_question(again, FIGURES) == next_question(talk.enquiry, FIGURES)


def test_what_was_told_is_said_back_in_plain_words():
    talk = Talk().says("28k", "5%", "2 girls and a boy", "60 nights a year", "no")
    words = told(talk.facts, ["income", "pension", "children", "nights", "other_children"])
    assert words == (
        "£28,000 a year before tax; 5% into a pension; 3 children; 60 nights a year with the parent who pays; "
        "no other children at home"
    )


@pytest.mark.parametrize("words", ["he beats me", "my ex beats me", "she beats me every week"])
def test_being_beaten_is_no_way_of_not_knowing(words):
    assert "income" not in Talk("receiving").says(words).facts
    assert Talk("receiving").says("beats me").facts["income"] == {"unknown": True}


@given(st.lists(st.text(max_size=60) | st.sampled_from(["28k", "yes", "no", "2", "every other weekend", "don't know", "a month", "UC"]), max_size=12))
def test_no_message_breaks_an_enquiry(texts):
    talk = Talk().says(*texts)
    json.dumps([talk.facts, talk.enquiry.to_state()])
    assert talk.asking is None or talk.asking in (*QUESTIONS, "role", "check")
    if talk.asking is None:
        assert talk.result.weekly >= 0
    told(talk.facts, talk.facts)
