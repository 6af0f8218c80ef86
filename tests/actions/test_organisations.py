"""Who can help: named, few, right for the nation; the nation is asked once and remembered."""

from datetime import UTC, datetime

import pytest

from actions.nation import ActionAnswerNation
from actions.organisations import ActionShowOrganisations, stated_groups
from chat_server.core.directory import NATIONS, get
from chat_server.core.topics import TOPICS, Outcome
from tests.actions.builders import Told, tracker

SIGNPOSTS = [topic.name for topic in TOPICS.values() if topic.outcome is Outcome.SIGNPOST]
WEEKDAY, NIGHT = datetime(2026, 11, 24, 11, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture(autouse=True, params=[WEEKDAY, NIGHT], ids=["in the morning", "at night"])
def _at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionShowOrganisations, "clock", staticmethod(lambda: request.param))


@pytest.mark.parametrize("nation", [None, *NATIONS])
@pytest.mark.parametrize("topic", SIGNPOSTS)
def test_each_signpost_names_one_to_three_organisations_that_serve_the_nation(topic: str, nation: str | None) -> None:
    told = Told(ActionShowOrganisations(), tracker(topic, "who can help", nation=nation, nation_asked=True))
    assert told.keys == [f"utter_{topic}"]
    ids = told.signals[0]["ids"]
    assert 1 <= len(ids) <= 3 and len(set(ids)) == len(ids)
    assert all(get(id_).serves(nation) for id_ in ids)


def test_the_nation_is_asked_once_where_it_matters() -> None:
    first = Told(ActionShowOrganisations(), tracker("signpost.mediation", "mediation near me"))
    assert first.keys == ["utter_signpost.mediation", "utter_ask_nation"]
    assert first.slots["open_question"] == "nation"
    again = Told(ActionShowOrganisations(), tracker("signpost.debt", "debts", nation_asked=first.slots["nation_asked"]))
    assert again.keys == ["utter_signpost.debt"]


def test_a_known_nation_is_not_asked_for() -> None:
    assert "utter_ask_nation" not in Told(ActionShowOrganisations(), tracker("signpost.mediation", nation="wales")).keys


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("as a dad", {"fathers"}), ("I'm their mum", {"mothers"}), ("i am self employed", {"self_employed"}),
        ("im a lone parent", {"single_parents"}), ("I'm gay", {"lgbt"}),
        ("I pay maintenance", set()), ("my husband left", set()), ("she won't let me see them", set()), ("my dad says", set()),
    ],
)
def test_a_group_is_only_what_the_parent_says_they_belong_to(text: str, groups: set[str]) -> None:
    assert stated_groups(text) == groups


def test_a_nation_repeats_the_last_answer_for_it() -> None:
    told = Told(ActionAnswerNation(), tracker("nation", "and in Scotland?", nation="scotland", last_topic="statutory.fees"))
    assert told.keys == ["utter_statutory.fees"]
    told = Told(ActionAnswerNation(), tracker("nation", "Wales", nation="wales", last_topic="signpost.mediation"))
    assert told.keys == ["utter_signpost.mediation"]
    assert all(get(id_).serves("wales") for id_ in told.signals[0]["ids"])


@pytest.mark.parametrize("topic", ["housing", "legal", "distress", "domestic_abuse", "self_harm", "child_safety"])
@pytest.mark.parametrize("nation", NATIONS)
def test_a_nation_after_a_worry_brings_that_nation_s_help_and_no_second_handover(topic: str, nation: str) -> None:
    told = Told(ActionAnswerNation(), tracker("nation", "Scotland", nation=nation, last_topic=topic))
    assert told.keys == ["utter_nation_noted_help"]
    assert [s["signal"] for s in told.signals] == ["organisations_shown"]
    ids = told.signals[0]["ids"]
    assert ids and all(get(id_).serves(nation) for id_ in ids)


@pytest.mark.parametrize("last_topic", [None, "service.privacy", "estimate.start", "chat.greet", "gone.topic"])
def test_a_nation_with_nothing_to_answer_is_noted(last_topic: str | None) -> None:
    assert Told(ActionAnswerNation(), tracker("nation", "Wales", nation="wales", last_topic=last_topic)).keys == ["utter_nation_noted"]


def test_a_nation_choice_without_a_nation_asks_which() -> None:
    assert Told(ActionAnswerNation(), tracker("nation", None, last_topic="statutory.fees")).keys == ["utter_ask_nation"]
