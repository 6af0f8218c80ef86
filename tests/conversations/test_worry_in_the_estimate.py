"""A worry or danger in the middle of an estimate ends it: no question about money follows."""

import pytest

from tests.rasa_server import Chat


@pytest.mark.parametrize(
    ("words", "signal"),
    [
        ("my landlord is throwing us out and we have nowhere to go", "handover"),
        ("i want to talk to a real person", "handover"),
        ("i want to kill myself", "danger"),
        ("he beats me", "danger"),
    ],
)
def test_a_worry_ends_the_estimate_and_the_next_message_is_free(chat: Chat, words: str, signal: str) -> None:
    assert chat.choose("/estimate.start").asking
    said = chat.say(words)
    assert signal in said.signals
    assert said.asking is None
    assert not any(key.startswith("utter_ask_estimate") for key in said.keys)
    assert chat.say("thanks").asking is None


def test_a_question_in_the_middle_is_answered_and_the_estimate_goes_on(chat: Chat) -> None:
    asked = chat.choose("/estimate.start").asking
    said = chat.choose("/service.privacy")
    assert said.keys[0] == "utter_service.privacy"
    assert said.asking == asked


def test_a_turn_of_the_estimate_asked_again_is_answered_the_same(chat: Chat) -> None:
    chat.choose("/estimate.start")
    body = {"turn": 2, "text": "28000 a year", "slots": chat.slots, "memory": chat.memory}
    first, again = (chat.server.turn(**body).json() for _ in range(2))
    assert first == again


def test_a_button_of_a_worry_ends_the_estimate_too(chat: Chat) -> None:
    chat.choose("/estimate.start")
    said = chat.choose("/housing")
    assert said.keys == ["utter_housing"] and said.asking is None
