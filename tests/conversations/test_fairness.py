"""Either parent, paying or receiving, in any nation: the same worry gets the same answer, word for word."""

import pytest

from tests.fairness.swaps import NATIONS, other_parent
from tests.rasa_server import Chat, Said

EITHER = [
    "my wife has told me to leave my home, and she wants £200 a week",
    "she has changed the locks and i have nowhere to sleep tonight",
    "i got a letter from his solicitor about the children",
    "i miss my kids so much i cant stop crying since he left",
    "he hits me when i ask for money",
    "my husband left me with his credit card debt, who can help",
    "he stopped paying, what happens now",
    "how much would he have to pay? he earns 28k and we have 2 kids",
    "can i keep the children from her if she wont pay",
    "she lives in Spain, can the service still get maintenance",
    "we agreed between us but now he wants to change it",
    "im a mum of three, how do i apply",
]
PAYING = ["I pay maintenance", "I get maintenance"]
WHATEVER_THE_MONEY = [
    "{} and the landlord is throwing me out on friday, where do i go",
    "{} and i cant cope any more, i cant stop crying",
    "{}. can i talk to a real person please",
    "{} and my ex keeps hitting me",
]
ANYWHERE = ["i live in {} and ive been told to leave my house", "im in {} and i want to talk to a real person", "i live in {}. my ex beats me"]


def answer(chat: Chat, words: str) -> tuple[object, ...]:
    said: Said = Chat(chat.server).say(words)
    signals = [signal for signal in said.raw["signals"] if signal["signal"] != "prefer"]
    return said.topic, said.keys, said.texts, said.choices, signals, said.asking


@pytest.mark.parametrize("words", EITHER)
def test_a_mother_and_a_father_get_the_same_answer(chat: Chat, words: str) -> None:
    assert other_parent(words) != words
    assert answer(chat, words) == answer(chat, other_parent(words))


@pytest.mark.parametrize("words", WHATEVER_THE_MONEY)
def test_a_worry_is_heard_the_same_from_the_parent_who_pays_and_the_one_who_receives(chat: Chat, words: str) -> None:
    one, other = (answer(chat, words.format(role)) for role in PAYING)
    assert one[0] == other[0] and one[1] == other[1] and one[4] == other[4]


@pytest.mark.parametrize("words", ANYWHERE)
def test_a_worry_is_heard_the_same_in_every_nation(chat: Chat, words: str) -> None:
    first, *others = [answer(chat, words.format(nation)) for nation in NATIONS]
    assert all((one[0], one[1], one[4]) == (first[0], first[1], first[4]) for one in others)
