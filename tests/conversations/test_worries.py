"""A worry is heard first, is handed to a person, and is never answered with a sum."""

import pytest

from tests.rasa_server import Chat


def no_sum(said_keys: list[str], choices: list[str]) -> bool:
    return not any("estimate" in one for one in [*said_keys, *choices])


def test_the_father_s_first_message_is_heard_as_housing_and_not_as_a_sum(chat: Chat) -> None:
    said = chat.say("my wife has told me to leave my home, and she wants £200 a week")
    assert said.topic == "housing"
    assert said.keys == ["utter_housing"] and said.slot("worry") == "money"
    assert said.signal("handover") == {"signal": "handover", "topic": "housing", "reason": "topic", "after": 1}
    assert said.asking is None and no_sum(said.keys, said.choices)


def test_the_same_message_from_a_mother_gets_the_same_answer(chat: Chat) -> None:
    said = chat.say("my husband has told me to leave my home, and he wants £200 a week")
    assert said.topic == "housing" and said.keys == ["utter_housing"] and said.slot("worry") == "money"


@pytest.mark.parametrize(
    ("words", "topic", "about"),
    [
        ("ive had a letter from her solicitor and dont know what to do", "legal", "solicitor"),
        ("the landlord has given us notice to leave the flat", "housing", None),
        ("i cant stop crying, i cant cope with losing my kids", "distress", "children"),
        ("can i talk to a real person please", "human_request", "person"),
    ],
)
def test_a_worry_brings_a_person_and_is_named_in_the_parent_s_terms(chat: Chat, words: str, topic: str, about: str | None) -> None:
    said = chat.say(words)
    assert said.topic == topic
    assert said.signal("handover")["topic"] == topic
    if about:
        assert said.slot("worry") == about


def test_one_clause_in_a_long_calm_message_is_enough(chat: Chat) -> None:
    said = chat.say(
        "Hi, we split in March after eleven years and have two girls, 6 and 9. I earn about 31000 and have always paid for "
        "their clubs and shoes. They stay with me every other weekend and half the holidays. We get on all right most days. "
        "Yesterday she told me that I have to be out of the house by Friday and I have nowhere to go."
    )
    assert said.topic == "housing"
    assert "handover" in said.signals and no_sum(said.keys, said.choices)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("they would all be better off if i was dead", "self_harm"),
        ("he punched me again last night", "domestic_abuse"),
        ("my son came back from his dads covered in bruises", "child_safety"),
    ],
)
def test_danger_is_raised_and_nothing_else_is_said(chat: Chat, words: str, kind: str) -> None:
    said = chat.say(words)
    assert said.signal("danger")["kind"] == kind
    assert said.keys == []


@pytest.mark.parametrize("topic", ["housing", "signpost.mediation", "service.privacy"])
def test_a_plain_yes_to_the_question_about_safety_brings_help(chat: Chat, topic: str) -> None:
    chat.choose(f"/{topic}")
    said = chat.say("yes")
    assert said.signal("danger")["kind"] == "domestic_abuse" and said.keys == []


@pytest.mark.parametrize("answer", ["no", "/chat.deny"])
def test_a_no_to_the_question_about_safety_asks_for_the_nation_and_then_names_its_help(chat: Chat, answer: str) -> None:
    chat.choose("/housing")
    said = chat.choose(answer) if answer.startswith("/") else chat.say(answer)
    assert said.keys == ["utter_chat.deny", "utter_ask_nation"] and said.asking == "nation"
    assert "The home is the main thing" in said.texts[0]
    there = chat.say("Wales")
    assert "shelter-cymru" in there.organisations and "handover" not in there.signals


def test_with_a_legal_worry_the_nation_is_asked_at_once_since_help_depends_on_it(chat: Chat) -> None:
    said = chat.choose("/legal")
    assert said.keys == ["utter_legal", "utter_ask_nation"] and said.asking == "nation"
    assert chat.choose("/legal").keys == ["utter_legal"]


def test_a_worry_that_comes_back_is_not_answered_with_the_same_words(chat: Chat) -> None:
    chat.slots["nation"] = "england"
    first, again = chat.choose("/housing"), chat.choose("/housing")
    assert first.texts != again.texts and "You have written about your home again" in again.texts[0]


def test_a_nation_after_a_handover_brings_that_nation_s_help_not_a_second_handover(chat: Chat) -> None:
    chat.choose("/housing")
    said = chat.say("Scotland")
    assert said.topic == "housing"
    assert said.keys == ["utter_nation_noted_help"] and "handover" not in said.signals
    assert said.signal("prefer")["nation"] == "scotland"


def test_a_second_worry_is_worded_as_the_second(chat: Chat) -> None:
    assert chat.say("she wants me out of the house").slot("worry") == "house"
    said = chat.say("and now ive got a letter from her solicitor about court")
    assert said.topic in ("legal", "housing")
    assert said.slot("worry") == "solicitor"
