"""The estimate's actions as Rasa runs them: questions, notes, digressions, stopping, the result. No Rasa."""

import json

import pytest

from actions import estimate as actions
from tests.actions.estimate_talk import ROOT, Talk

USUAL = ("28k", "no pension", "2", "60 nights a year", "no", "no")
"""Answers that lead to a figure: £73.65 a week."""


def finished(**slots) -> Talk:
    talk = Talk(**slots).start()
    for answer in USUAL:
        talk.say(answer)
    assert talk.estimates, talk.keys
    return talk


def test_it_starts_with_what_it_is_and_one_question_with_its_reason():
    talk = Talk().start()
    assert talk.keys == ["utter_estimate.start", "utter_ask_estimate_form_income"]
    assert "any amount" in talk.texts[0]
    assert talk.texts[1].count("?") == 1 and "formula starts from it" in talk.texts[1]
    assert talk.asking == "income"


def test_what_was_read_is_said_back_before_the_next_question():
    talk = Talk().start().say("28k")
    assert talk.texts[0] == "I have noted: £28,000 a year before tax."
    assert talk.asking == "pension"


def test_the_first_message_is_taken_whole():
    talk = Talk().start("I earn 28k and we have 2 kids, what would I pay")
    assert "£28,000 a year before tax; 2 children" in talk.texts[1]
    assert talk.asking == "pension"


def test_the_result_has_the_figure_the_card_and_the_other_ways_with_equal_weight():
    talk = finished()
    assert talk.keys[-1] == "utter_estimate_result"
    figure, others = talk.texts[-1].split("\n\n")
    assert "£73.65" in figure and "any amount" in others
    assert abs(len(figure.split()) - len(others.split())) < 12
    assert talk.signals == ["estimate_shown"]
    assert talk.estimate["weekly"] == "73.65"
    assert talk.estimate["steps"] and talk.estimate["could_change"] and "any amount" in talk.estimate["options"]
    assert talk.asking is None


def test_each_question_is_asked_once():
    talk = Talk(role="paying").start()
    for answer in ("28k", "5%", "2 girls and a boy", "every other weekend and half the holidays", "yes", "no", "no"):
        talk.say(answer)
    assert talk.asked == ["income", "pension", "children", "nights", "nights", "other_children", "other_homes"]
    assert talk.estimate["weekly"] == "83.08"


def test_the_sum_of_the_nights_is_shown_and_asked_about():
    talk = Talk().start().say("28k").say("no").say("2").say("Wednesdays and alternate weekends")
    assert "That makes 104 nights a year" in talk.texts[-1]


@pytest.mark.parametrize("topic", ["estimate.income", "statutory.fees", "signpost.debt", "chat.thanks", "service.privacy"])
def test_another_question_is_left_to_its_rule_and_the_form_asks_again(topic):
    talk = Talk().start().say("28k").say("something else entirely", topic)
    assert talk.left_to == topic
    assert talk.asking == "pension" and talk.keys == ["utter_ask_estimate_form_pension"]


def test_a_fact_and_a_question_in_one_message_are_both_met():
    talk = Talk().start().say("28k, does overtime count?", "estimate.income")
    assert talk.left_to == "estimate.income"
    assert talk.slots["income"]["amount"] == "28000"
    assert talk.keys == ["utter_estimate_form_noted", "utter_ask_estimate_form_pension"]


@pytest.mark.parametrize("topic", ["housing", "legal", "distress", "human_request", "self_harm", "domestic_abuse", "child_safety"])
def test_a_worry_is_never_followed_by_a_question_about_money(topic):
    talk = Talk().start().say("28k").say("I cannot sleep and they have told me to be out of the house by the weekend", topic)
    assert talk.left_to == topic
    assert talk.keys == [] and talk.asking is None


def test_what_a_worrying_message_told_is_kept_for_later_without_a_word_about_it():
    talk = Talk().start().say("I only earn 28k and she has thrown me out of our house tonight", "housing")
    assert talk.left_to == "housing" and talk.keys == []
    assert talk.slots["income"]["amount"] == "28000"


@pytest.mark.parametrize(("text", "topic"), [("he's in prison", "legal"), ("2 girls and a boy", "child_safety"), ("a boy", "distress")])
def test_a_short_answer_is_an_answer_whatever_it_sounds_like(text, topic):
    talk = Talk().start()
    if topic != "legal":
        talk.say("28k").say("no")
    talk.say(text, topic)
    assert talk.left_to is None and talk.keys


def test_an_unsure_topic_is_no_digression():
    talk = Talk().start().say("erm what", "statutory.fees", confidence=0.2)
    assert talk.left_to is None and talk.keys[0] == "utter_estimate_form_income_unclear"


def test_stopping_ends_it_kindly_and_it_is_not_offered_again():
    talk = Talk().start().say("28k").say("stop", "chat.deny")
    assert talk.keys == ["utter_estimate_stopped"]
    assert not talk.form and not talk.estimates
    assert talk.slots["estimate_refused"] is True


def test_it_goes_on_where_it_stopped():
    talk = Talk().start().say("28k").say("no").say("stop", "chat.deny").start("can we do the estimate now")
    assert talk.keys[0] == "utter_estimate_resume"
    assert "£28,000 a year before tax; no pension payments" in talk.texts[0]
    assert talk.asking == "children"
    assert not talk.slots["estimate_refused"]


def test_starting_again_forgets_what_was_told():
    talk = Talk().start().say("28k").say("start again", "chat.help")
    assert talk.keys[0] == "utter_estimate_restarted"
    assert talk.asking == "income" and "income" not in talk.slots


def test_a_question_about_the_question_is_answered_and_it_is_asked_again():
    talk = Talk().start().say("why do you ask", "service.privacy")
    assert talk.keys == ["utter_estimate_form_income_why", "utter_ask_estimate_form_income"]


def test_buttons_answer_like_words():
    talk = Talk().start().choose("on benefits")
    assert talk.keys == ["utter_ask_estimate_form_benefits_which"]
    talk.choose("universal credit")
    assert talk.keys == ["utter_ask_estimate_form_benefits_earnings"]
    talk.choose("not working")
    assert talk.asking == "children"


def test_every_button_of_a_question_is_understood():
    for key in Talk().wording.keys:
        if not key.startswith("utter_ask_estimate_form_"):
            continue
        for variation in Talk().wording.variations(key):
            for button in variation.buttons:
                assert button.payload.startswith('/estimate.start{"answer":'), key
    plain = {"income": [], "pension": ["28k"], "children": ["28k", "no"], "nights": ["28k", "no", "2"]}
    plain["equal_care"] = ["45k", "no", "2", "182 nights"]
    plain["other_children"] = ["28k", "no", "2", "none"]
    plain["other_homes"] = [*plain["other_children"], "no"]
    plain["private_children"] = [*plain["other_homes"], "one"]
    plain["other_nights"] = [*plain["private_children"], "cms"]
    plain["benefits"] = ["150 a week"]
    plain["check"] = ["28000 a year, no pension, 2 children, 60 nights a year, no other kids"]
    for fact, before in plain.items():
        for button in Talk().wording.variations(f"utter_ask_estimate_form_{fact}")[0].buttons:
            talk = Talk().start()
            for text in before:
                talk.say(text)
            assert talk.asking == fact
            talk.choose(json.loads(button.payload.partition("{")[1] + button.payload.partition("{")[2])["answer"])
            assert not [key for key in talk.keys if "unclear" in key], (fact, button.label)


def test_a_fact_told_after_the_figure_changes_it_and_the_two_are_compared():
    talk = finished().say("no sorry, 3 kids", "chat.deny")
    assert talk.texts[0] == "I have changed that: 3 children."
    assert "£87.45" in talk.texts[1] and "£73.65" in talk.texts[1] and "any amount" in talk.texts[1]
    assert talk.estimate["weekly"] == "87.45"


def test_a_pattern_of_nights_told_after_the_figure_is_confirmed_before_it_counts():
    talk = finished().say("what if they stay 2 nights a week?", "estimate.shared_care")
    assert talk.asking == "nights" and len(talk.estimates) == 1
    assert "2 a week for 52 weeks: 104" in talk.texts[-1]
    talk.say("yes", "chat.affirm")
    assert "£61.37" in talk.texts[-1] and "£73.65" in talk.texts[-1]


def test_a_sum_of_nights_that_is_wrong_is_put_right_and_the_figure_waits():
    talk = finished().say("actually its every other weekend and half the holidays", "estimate.shared_care")
    assert len(talk.estimates) == 1
    talk.say("no, 60 nights a year", "chat.deny")
    assert talk.estimate["input"]["receiving_parents"][0]["children"][0]["nights_per_year"] == 60


def test_a_years_nights_told_after_the_figure_are_compared_at_once():
    talk = finished().say("what if it was 110 nights a year", "estimate.shared_care")
    assert "£61.37" in talk.texts[-1] and talk.asking is None


def test_two_further_homes_are_asked_about_one_by_one():
    talk = Talk().start()
    for answer in ("640 a week", "no", "2", "none", "no", "2 kids", "each in a different home", "cms", "cms", "none", "none"):
        assert talk.asking, talk.texts
        talk.say(answer)
    assert talk.keys[-1] == "utter_estimate_result_several_homes"
    assert [home["weekly"] for home in talk.estimate["homes"]] == ["60.80", "30.40", "30.40"]
    assert "£60.80" in talk.texts[-1] and "2 other homes" in talk.texts[-1]


def test_a_child_at_home_is_a_further_one():
    talk = finished().say("and with 1 child at home?", "estimate.other_children")
    assert "1 other child at home" in talk.texts[0]
    assert talk.estimate["input"]["other_children_at_home"] == 1


def test_a_change_that_needs_another_question_asks_it():
    talk = finished().say("what if it was 182 nights", "estimate.shared_care")
    assert talk.asking == "equal_care"
    talk.say("no")
    assert talk.estimates[-1]["rate"] == "basic" and "before" not in talk.asked


def test_another_question_after_the_figure_gets_its_own_answer():
    talk = finished().say("what counts as income?", "estimate.income")
    assert talk.keys == ["utter_estimate.income"]
    talk.say("blah", "out_of_scope")
    assert talk.keys == ["utter_out_of_scope"]


def test_a_range_is_shown_as_a_range():
    talk = Talk().start().say("between 28 and 30k")
    for answer in USUAL[1:]:
        talk.say(answer)
    assert talk.keys[-1] == "utter_estimate_result_range"
    assert "£73.65 to £78.90" in talk.texts[-1]


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        (("don't know", "no", "2", "no"), "utter_estimate_result_default"),
        (("he's in prison", "2"), "utter_estimate_result_nil"),
        (("45k", "no", "1", "182 nights", "yes"), "utter_estimate_result_none"),
        (("640 a week", "no", "2", "none", "no", "one", "cms", "104"), "utter_estimate_result_homes"),
        (("on UC, not working", "1", "52 nights", "no"), "utter_estimate_result_nil"),
    ],
)
def test_each_kind_of_result_has_its_own_words(answers, key):
    talk = Talk().start()
    for answer in answers:
        talk.say(answer)
    assert talk.keys[-1] == key
    assert "any amount" in talk.texts[-1]


def test_after_a_mention_of_fear_the_safe_way_comes_first_and_nothing_leads_to_the_other_parent():
    talk = finished(abuse_mentioned=True, nation="scotland")
    assert talk.keys[-2:] == ["utter_estimate_safe_first", "utter_estimate_result"]
    assert talk.signals == ["organisations_shown", "estimate_shown"]
    assert "999" in talk.texts[-2]
    words = " ".join([*talk.texts, talk.estimate["options"], talk.estimate["safety"]])
    for leading in ("agree", "show it", "show them", "talk to them", "share this"):
        assert leading not in words
    assert "for you alone" in talk.texts[-1]


def test_a_parent_who_receives_is_asked_about_the_other_parents_income():
    assert "other parent's income" in Talk(role="receiving").start().texts[1]
    assert "your income" in Talk(role="paying").start().texts[1]
    assert "the parent who pays" in Talk(asker="relative").start().texts[1]


def test_actions_only_say_keys_that_have_words():
    source = (ROOT / "actions" / "estimate.py").read_text()
    for remark in ("income_not_counted", "income_too_large", "nights_too_many", "children_none", "children_too_many", "children_needed", "check_wrong", "left_out"):
        assert f"utter_estimate_form_{remark}" in Talk().wording
    for question in actions.AskQuestion.__subclasses__():
        assert f"utter_ask_estimate_form_{question.fact}" in Talk().wording
        if question.fact not in ("role", "check"):
            assert f"utter_estimate_form_{question.fact}_unclear" in Talk().wording
            assert f"utter_estimate_form_{question.fact}_why" in Talk().wording
    assert "text=" not in source


def test_the_memory_of_an_estimate_is_small():
    talk = finished()
    assert all(len(json.dumps(value)) < 2000 for value in talk.slots.values())
