"""When unsure the assistant asks; a second miss running brings the offer of a person."""

import pytest

from tests.rasa_server import Chat


@pytest.mark.parametrize("words", ["asdf qwer zxcv", "purple monkey dishwasher", "jjjj kkkk"])
def test_nonsense_is_asked_back(chat: Chat, words: str) -> None:
    said = chat.say(words)
    assert said.topic == "out_of_scope"
    assert said.keys[0] in ("utter_clarify", "utter_clarify_one", "utter_clarify_again", "utter_out_of_scope")


def test_the_second_miss_running_offers_a_person_and_yes_brings_one(chat: Chat) -> None:
    chat.say("asdf qwer zxcv")
    said = chat.say("purple monkey dishwasher")
    assert said.keys == ["utter_clarify_again"] and "!human" in said.choices
    assert chat.say("yes please").signal("handover")["topic"] == "human_request"


def test_a_message_that_is_understood_ends_the_count_of_misses(chat: Chat) -> None:
    chat.say("asdf qwer zxcv")
    chat.choose("/statutory.fees")
    assert chat.say("purple monkey dishwasher").keys != ["utter_clarify_again"]


def test_offered_topics_are_few_and_none_is_danger_or_small_talk(chat: Chat) -> None:
    for words in ("money", "the form", "what about her", "it stopped", "letter", "he never"):
        said = Chat(chat.server).say(words)
        offered = [payload.lstrip("/") for payload in said.choices if payload != "!human"]
        assert len(said.choices) <= 3
        assert not {"self_harm", "domestic_abuse", "child_safety", "out_of_scope"} & set(offered)
        assert not any(topic.startswith("chat.") for topic in offered)
