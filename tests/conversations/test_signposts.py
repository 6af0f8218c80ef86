"""Who can help: named, for the parent's nation, at most three, the nation asked once."""

import pytest

from tests.rasa_server import Chat


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("where can i find a mediator to help us agree", "signpost.mediation"),
        ("im in debt and the credit cards are out of control, who can help", "signpost.debt"),
        ("which benefits can i claim now im on my own", "signpost.benefits"),
        ("is there any help with childcare costs", "signpost.childcare"),
        ("i need help to find a job", "signpost.work"),
    ],
)
def test_who_can_help_is_answered_with_names(chat: Chat, words: str, topic: str) -> None:
    said = chat.say(words)
    assert said.topic == topic
    assert 1 <= len(said.organisations) <= 3


def test_the_nation_is_asked_once_then_used(chat: Chat) -> None:
    first = chat.choose("/signpost.mediation")
    assert first.asking == "nation" and first.keys[-1] == "utter_ask_nation"
    there = chat.say("northern ireland")
    assert there.topic == "signpost.mediation" and there.asking is None
    assert there.organisations != first.organisations


def test_no_answer_about_the_nation_is_accepted(chat: Chat) -> None:
    chat.choose("/signpost.mediation")
    said = chat.choose("/signpost.debt")
    assert said.asking is None and said.organisations


def test_the_same_help_is_named_for_a_man_and_a_woman(chat: Chat) -> None:
    one, other = (Chat(chat.server).say(f"my {ex} left me with the credit card debt, who can help") for ex in ("wife", "husband"))
    assert one.keys == other.keys and one.raw["signals"] == other.raw["signals"]
