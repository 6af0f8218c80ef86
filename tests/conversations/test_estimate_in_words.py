"""The estimate over the real dialogue model, in parents' words."""

import pytest

from tests.rasa_server import Chat


def finish(chat: Chat, *answers: str) -> dict:
    """Say the answers; the last brings the figure."""
    for answer in answers[:-1]:
        said = chat.say(answer)
        assert said.asking, (answer, said.keys)
    return chat.say(answers[-1]).signal("estimate_shown")["estimate"]


def test_the_ordinary_case(chat: Chat) -> None:
    said = chat.say("how much would I have to pay? I earn 28k and have 2 kids")
    assert said.keys[0] == "utter_estimate.start"
    assert said.asking == "pension"
    figure = finish(chat, "5%", "every other weekend and half the holidays", "yes", "no", "no")
    assert (figure["rate"], figure["weekly"]) == ("basic", "69.96")
    assert figure["input"]["receiving_parents"][0]["children"][0]["nights_per_year"] == 84


def test_the_parent_who_receives_may_not_know(chat: Chat) -> None:
    assert chat.say("how much should I get from my ex").asking == "income"
    assert chat.slots is not None
    figure = finish(chat, "no idea what he earns", "not that I know", "2 girls", "don't know")
    assert (figure["rate"], figure["weekly"]) == ("default", "51.00")


@pytest.mark.parametrize(
    ("answers", "rate", "weekly"),
    [
        (("on UC, not working", "1", "none", "no"), "flat", "7.00"),
        (("he is in prison", "yes", "two kids"), "nil", "0.00"),
        (("40k last year but 30k now", "no pension", "1", "never", "no", "no"), "basic", "69.04"),
        (("640 a week", "none", "2", "none", "no", "yes 1 with another ex", "cms", "104 nights a year"), "basic", "110.02"),
        (("520 a week", "no", "2", "the eldest 110 nights and the youngest 60", "yes", "no", "no"), "basic", "65.37"),
        (("640 a week", "no", "2", "none", "no", "2 kids with two different mums", "cms for both", "104 nights a year", "none"), "basic", "112.91"),
        (("self employed, about 35k profit", "no", "1", "week on week off", "yes", "no", "no", "no"), "basic", None),
    ],
)
def test_cases_that_are_not_ordinary(chat: Chat, answers: tuple[str, ...], rate: str, weekly: str | None) -> None:
    chat.choose("/estimate.start")
    figure = finish(chat, *answers)
    assert figure["rate"] == rate
    assert weekly is None or figure["weekly"] == weekly


def test_corrections_digressions_and_what_if(chat: Chat) -> None:
    chat.say("can you work out maintenance for me please")
    chat.say("28k")
    assert chat.say("no sorry, 30k").slot("income")["amount"] == "30000"
    said = chat.say("what counts as income?")
    assert said.keys[0] == "utter_estimate.income" and said.asking == "pension"
    figure = finish(chat, "no", "2", "60 nights a year", "no", "no")
    assert figure["weekly"] == "78.90"
    assert chat.say("what if they stay 2 nights a week?").asking == "nights"
    changed = chat.say("yes")
    assert "utter_estimate_compared" in changed.keys
    assert changed.signal("estimate_shown")["estimate"]["weekly"] == "65.75"
    assert chat.say("no sorry, 3 kids").signal("estimate_shown")["estimate"]["weekly"] == "78.08"
    assert chat.say("thanks").keys == ["utter_chat.thanks"]


def test_stopping_and_coming_back(chat: Chat) -> None:
    chat.say("how much would I pay on 28k")
    said = chat.say("stop")
    assert said.keys == ["utter_estimate_stopped"] and said.asking is None and said.slot("estimate_refused") is True
    again = chat.say("how much would I pay")
    assert again.keys[0] == "utter_estimate_resume" and again.asking == "pension"


def test_buttons_answer_the_questions(chat: Chat) -> None:
    chat.choose("/estimate.start")
    assert chat.choose('/estimate.start{"answer":"on benefits"}').asking == "benefits"
    chat.choose('/estimate.start{"answer":"universal credit"}')
    assert chat.choose('/estimate.start{"answer":"not working"}').asking == "children"


def test_after_a_mention_of_fear_the_safe_way_comes_first(chat: Chat) -> None:
    chat.slots["abuse_mentioned"] = True
    chat.choose("/estimate.start")
    for answer in ("28k", "no", "2", "none", "no"):
        chat.say(answer)
    said = chat.say("no")
    assert said.keys[-2:] == ["utter_estimate_safe_first", "utter_estimate_result"]
    assert said.organisations
    assert "safety" in said.signal("estimate_shown")["estimate"]


@pytest.mark.parametrize(
    "words",
    [
        "she wants £200 a week and I have to be out of my house by friday",
        "i got a letter from her solicitor about maintenance and i earn 28k",
        "my ex hits me when i ask for money for the kids",
        "i cant afford to live any more, 28k goes nowhere and im in bits",
    ],
)
def test_no_estimate_in_a_turn_with_a_worry(chat: Chat, words: str) -> None:
    said = chat.say(words)
    assert not any("estimate" in key for key in said.keys)
    assert not any("estimate" in payload for payload in said.choices)
    assert said.asking is None or said.asking == "nation"
