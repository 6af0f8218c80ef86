"""Plain words and figures from what parents type, and the short answers."""

import pytest

from chat_server.core.phrases import answers
from chat_server.core.phrases.words import normalise


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("one and a half grand", "1.5k"),
        ("Twenty-eight thousand five hundred", "28500"),
        ("2½ grand", "2.5k"),
        ("£28,000", "£28000"),
        ("£ 2 300 a month", "£2300 a month"),
        ("28 000 a year", "28000 a year"),
        ("22,000ish", "22000ish"),
        ("a hundred and fifty a week", "150 a week"),
        ("four fifty a week", "450 a week"),
        ("between two and three nights", "between 2 and 3 nights"),
        ("a couple of nights", "2 nights"),
        ("half a grand", "0.5k"),
        ("I’ve three kids – two girls", "i've 3 kids - 2 girls"),
        ("450pw b4 tax", "450 pw before tax"),
        ("mid thirties", "mid 30s"),
        ("fifteen hundred", "1500"),
        ("thirty five to forty thousand", "35 to 40k"),
        ("he doesnt have em", "he doesn't have them"),
        ("two weans n a littl'un", "2 kids and a kid"),
        ("five ton a week, a ton a month", "500 a week, 100 a month"),
        ("our two every weekend, our two bedroom flat", "our 2 kids every weekend, our 2 bedroom flat"),
    ],
)
def test_text_is_made_plain(typed, plain):
    assert normalise(typed) == plain


@pytest.mark.parametrize(
    "text",
    ["stop", "Stop please", "cancel", "not now", "never mind", "forget it", "I changed my mind", "can we stop this", "that's enough",
     "I don't want to do this", "leave it for now", "no more questions", "later"],
)  # fmt: skip
def test_a_wish_to_stop_is_heard(text):
    assert answers.stop(normalise(text))


@pytest.mark.parametrize("text", ["he stopped paying", "28k", "no", "2 nights, stops at weekends", "they stop with me every weekend"])
def test_what_only_sounds_like_stopping_is_an_answer(text):
    assert not answers.stop(normalise(text))


@pytest.mark.parametrize("text", ["start again", "can we start over please", "reset", "let's begin again"])
def test_starting_again_is_heard(text):
    assert answers.restart(normalise(text))


@pytest.mark.parametrize("text", ["why?", "why do you ask", "what's that for", "what do you mean?", "I don't understand", "do you need to know that"])
def test_a_question_about_the_question_is_heard(text):
    assert answers.asks_why(normalise(text))


@pytest.mark.parametrize(
    "text", ["don't know", "dunno", "no idea", "not sure", "rather not say", "skip", "haven't a clue", "I do not know", "prefer not to say"]
)
def test_not_knowing_and_not_saying_are_heard(text):
    assert answers.unknown(normalise(text))
    assert not answers.no(normalise(text))


@pytest.mark.parametrize("text", ["yes", "Yep.", "that's right", "ok", "yeah about right", "sounds good", "correct"])
def test_a_yes_is_heard(text):
    assert answers.yes(normalise(text))


@pytest.mark.parametrize("text", ["no", "Nope", "none", "not any", "just these two", "not that I know of", "don't think so"])
def test_a_no_is_heard(text):
    assert answers.no(normalise(text))
