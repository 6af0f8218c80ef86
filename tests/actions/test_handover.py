"""A person takes over, in the parent's own terms; danger is told; no form goes on."""

import pytest

from actions.handover import ActionHandOver, ActionRaiseDanger, worry
from actions.nation import ActionAnswerNo
from tests.actions.builders import Told, tracker


@pytest.mark.parametrize(
    ("topic", "text", "about"),
    [
        ("housing", "my wife has told me to leave my home, and she wants £200 a week", "money"),
        ("housing", "he wants me out of the house", "house"),
        ("housing", "we had a section 21 notice on the flat", "letter"),
        ("housing", "she wants me and the kids out", "children"),
        ("housing", "where do I sleep tonight", None),
        ("legal", "got a letter from her solicitor", "solicitor"),
        ("legal", "the hearing is on monday and i have 50 quid", "court"),
        ("legal", "papers came today", "letter"),
        ("distress", "I'm losing my kids", "children"),
        ("distress", "i cant do this any more", None),
        ("legal", "we are in a dispute over who keeps the house", "house"),
        ("legal", "she is taking half my pension and all the money in the divorce", "money"),
        ("human_request", "let me talk to a real person about my house", "house"),
        ("human_request", "i want to speak to somebody about my arrears", "money"),
        ("human_request", "let me talk to a real person", "person"),
        ("human_request", "is this the child benefit line, can i talk to someone", "person"),
    ],
)
def test_a_worry_is_named_by_the_parent_s_own_noun(topic: str, text: str, about: str | None) -> None:
    assert worry(topic, text) == about
    told = Told(ActionHandOver(), tracker(topic, text, nation="wales"))
    assert told.slots["worry"] == about
    assert told.keys == [f"utter_{topic}"]
    assert told.signals == [{"signal": "handover", "topic": topic, "reason": "topic"}]


def test_after_legal_words_the_nation_is_asked_for_so_that_the_right_help_can_be_named() -> None:
    told = Told(ActionHandOver(), tracker("legal", "i have been sent court papers"))
    assert told.keys == ["utter_legal", "utter_ask_nation"] and told.slots["open_question"] == "nation"


def test_about_the_home_safety_is_asked_first_and_the_nation_after_the_answer() -> None:
    told = Told(ActionHandOver(), tracker("housing", "she wants me out"))
    assert told.keys == ["utter_housing"] and told.slots["safety_asked"] is True and "open_question" not in told.slots
    no = Told(ActionAnswerNo(), tracker("chat.deny", "no", last_topic="housing", safety_asked=True))
    assert no.keys == ["utter_chat.deny", "utter_ask_nation"] and no.slots["open_question"] == "nation"
    again = Told(ActionHandOver(), tracker("housing", "where do i go", safety_asked=True))
    assert again.keys == ["utter_housing", "utter_ask_nation"]


@pytest.mark.parametrize("known", [{"nation": "scotland"}, {"nation_asked": True}])
@pytest.mark.parametrize("topic", ["housing", "legal"])
def test_a_nation_that_is_known_or_was_asked_for_is_not_asked_again(topic: str, known: dict[str, object]) -> None:
    told = Told(ActionHandOver(), tracker(topic, "what now", safety_asked=True, **known))
    assert told.keys == [f"utter_{topic}"]
    assert Told(ActionAnswerNo(), tracker("chat.deny", "no", last_topic=topic, **known)).keys == ["utter_chat.deny"]


@pytest.mark.parametrize("last_topic", [None, "distress", "statutory.fees", "signpost.mediation"])
def test_a_no_to_anything_else_asks_nothing(last_topic: str | None) -> None:
    assert Told(ActionAnswerNo(), tracker("chat.deny", "no", last_topic=last_topic)).keys == ["utter_chat.deny"]


def test_a_new_worry_takes_the_place_of_the_last() -> None:
    assert Told(ActionHandOver(), tracker("distress", "it is too much", worry="house")).slots["worry"] is None


def test_a_man_and_a_woman_with_the_same_worry_are_named_the_same() -> None:
    for topic, man, woman in [
        ("housing", "my wife told me to leave the house", "my husband told me to leave the house"),
        ("legal", "his solicitor wrote to me", "her solicitor wrote to me"),
        ("distress", "I'm a father and I miss my son", "I'm a mother and I miss my daughter"),
    ]:
        assert worry(topic, man) == worry(topic, woman) is not None


@pytest.mark.parametrize("action", [ActionHandOver(), ActionRaiseDanger()])
def test_no_question_about_money_follows_a_worry(action: ActionHandOver | ActionRaiseDanger) -> None:
    told = Told(action, tracker("housing", "we are on the street", form="estimate_form"))
    assert told.ends_form and told.slots["requested_slot"] is None
    assert not Told(action, tracker("housing", "we are on the street")).ends_form


@pytest.mark.parametrize("kind", ["self_harm", "domestic_abuse", "child_safety"])
def test_danger_is_told_and_nothing_else_is_said(kind: str) -> None:
    told = Told(ActionRaiseDanger(), tracker(kind, "..."))
    assert told.signals == [{"signal": "danger", "kind": kind}]
    assert told.keys == told.sentences == []
    assert told.slots.get("abuse_mentioned", False) is (kind == "domestic_abuse")
