"""The same message gets the same reading whichever parent writes it, and in whichever nation: without exception.

Over every message that the model learns from or is judged by, and over each part of the service that reads words.
What the whole product answers is in tests/conversations/test_fairness.py.
"""

import re
from datetime import date

import pytest

from actions.handover import worry
from chat_server.core.enquiry import Enquiry
from chat_server.core.figures import in_force
from chat_server.core.hearing import hear
from chat_server.core.safety import screen
from chat_server.core.topics import Outcome, with_outcome
from chat_server.encoder.clauses import clauses
from chat_server.encoder.even import even
from chat_server.encoder.tidy import tidy
from dialogue.reading.about_parent import about_parent
from tests.fairness.swaps import examples, held_out, other_nations, other_parent

MESSAGES = [*examples(), *held_out()]
BY_SEX = [(text, other) for text in MESSAGES if (other := other_parent(text)) != text]
BY_NATION = [(text, other) for text in MESSAGES for other in other_nations(text)]
FIGURES = in_force(date.today())


def read(text: str) -> list[str]:
    """What the model is given of a message: the whole, and each clause."""
    text = even(tidy(text))
    return [text, *clauses(text)]


def test_there_are_thousands_of_messages_to_compare():
    assert len(BY_SEX) > 2500 and len(BY_NATION) > 400


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("My wife told me he's her son", "My husband told me she's his son"),
        ("he gave it to her and left", "she gave it to him and left"),
        ("it is hers, not his", "it is his, not hers"),
        ("I'm a dad and HE left his daughter", "I'm a mum and SHE left her daughter"),
        ("the other parent left", "the other parent left"),
    ],
)
def test_a_message_of_the_other_parent(text: str, other: str):
    assert other_parent(text) == other


@pytest.mark.parametrize("pairs", [BY_SEX, BY_NATION], ids=["mother or father", "nation"])
def test_the_model_is_given_the_same_words(pairs: list[tuple[str, str]]):
    differ = [pair for pair in pairs if read(pair[0]) != read(pair[1])]
    assert not differ, differ[:5]


def test_the_danger_screen_hears_the_same():
    differ = [pair for pair in BY_SEX if screen(pair[0]) != screen(pair[1])]
    assert not differ, differ[:5]


def test_what_the_parent_says_of_themselves_is_read_the_same():
    def told(text: str) -> list[tuple[str, str]]:
        return [(entity["entity"], entity["value"]) for entity in about_parent(text)]

    differ = [pair for pair in BY_SEX if told(pair[0]) != told(pair[1])]
    assert not differ, differ[:5]


@pytest.mark.parametrize("topic", [topic.name for topic in with_outcome(Outcome.HANDOVER)])
def test_a_worry_is_named_by_the_same_noun(topic: str):
    differ = [pair for pair in BY_SEX if worry(topic, pair[0]) != worry(topic, pair[1])]
    assert not differ, differ[:5]


def test_the_estimate_takes_the_same_facts():
    def facts(text: str) -> object:
        return hear(Enquiry({}), text, None, FIGURES)

    with_numbers = [pair for pair in BY_SEX if re.search(r"\d", pair[0])]
    differ = [pair for pair in with_numbers if facts(pair[0]) != facts(pair[1])]
    assert not differ, differ[:5]
