"""Greetings, thanks, questions to a machine about itself, anger; and who else may write."""

import pytest

from tests.rasa_server import Chat


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("hello", "utter_chat.greet"),
        ("thanks, that helped", "utter_chat.thanks"),
        ("bye for now", "utter_chat.goodbye"),
        ("are you a robot?", "utter_chat.bot"),
        ("start again", "utter_chat.help"),
    ],
)
def test_courtesies_are_answered_in_kind(chat: Chat, words: str, key: str) -> None:
    said = chat.say(words)
    assert said.keys == [key] and not said.signals


@pytest.mark.parametrize(
    "words", ["you are useless, get me a person", "stupid robot, i want to complain", "this is a waste of time let me talk to someone"]
)
def test_abuse_of_the_assistant_is_met_with_a_person_and_calm_words(chat: Chat, words: str) -> None:
    said = chat.say(words)
    assert said.signal("handover")["topic"] == "human_request"
    assert "If I have got something wrong or let you down" in said.texts[0]


@pytest.mark.parametrize("courtesy", ["hello", "thanks", "are you a robot?"])
def test_a_courtesy_in_the_middle_of_the_estimate_is_answered_and_the_question_stands(chat: Chat, courtesy: str) -> None:
    asked = chat.choose("/estimate.start").asking
    assert chat.say(courtesy).asking == asked


@pytest.mark.parametrize("question", ["are you a real person?", "is this a bot", "am i talking to a computer"])
def test_a_question_to_the_assistant_about_itself_gets_the_truth(chat: Chat, question: str) -> None:
    assert chat.say(question).texts[0].startswith("Yes, I am automatic, and not a person.")


@pytest.mark.parametrize("silence", ["...", "?", "."])
def test_a_message_without_words_is_not_taken_for_anything(chat: Chat, silence: str) -> None:
    said = chat.say(silence)
    assert said.keys and not said.signals and said.asking is None


def test_a_changed_mind_gets_the_other_answer_and_nothing_is_held_against_it(chat: Chat) -> None:
    chat.choose("/options.statutory")
    assert chat.choose("/options.family_based").keys == ["utter_options.family_based"]
    assert chat.choose("/estimate.start").asking
    assert chat.say("stop").asking is None
    assert chat.choose("/options.overview").keys == ["utter_options.overview"]


def test_a_repeated_question_is_answered_in_other_and_fewer_words(chat: Chat) -> None:
    first, again = (chat.choose("/statutory.fees").texts[0] for _ in range(2))
    assert first != again and len(again) < len(first)


def test_anger_at_the_assistant_brings_a_person_not_a_rebuke(chat: Chat) -> None:
    said = chat.say("you are useless, let me speak to a human")
    assert said.signal("handover")["topic"] == "human_request"


@pytest.mark.parametrize(
    ("words", "asker"),
    [
        ("I'm a grandmother, can I apply for maintenance for my grandson?", "relative"),
        ("I'm a health visitor, which service should a family use?", "professional"),
        ("asking for a friend, how does he apply?", "relative"),
    ],
)
def test_a_third_party_is_not_taken_for_the_parent(chat: Chat, words: str, asker: str) -> None:
    said = chat.say(words)
    assert said.slot("asker") == asker and said.slot("role") is None


def test_a_repeated_question_is_answered_by_the_same_key_so_that_the_gateway_can_shorten_it(chat: Chat) -> None:
    first, again = (chat.say("how much does the child maintenance service charge?") for _ in range(2))
    assert first.keys == again.keys
