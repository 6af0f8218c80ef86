"""The list of topics."""

from pathlib import Path

import pytest

from chat_server.core.topics import TOPICS, Outcome, load, with_outcome


def test_there_are_57_topics_each_with_a_line_about_it():
    assert len(TOPICS) == 57
    assert all(topic.name == name and len(topic.about) >= 5 for name, topic in TOPICS.items())


def test_topics_that_need_a_person_or_emergency_help_are_exactly_these():
    assert {t.name for t in with_outcome(Outcome.HANDOVER)} == {"housing", "legal", "distress", "human_request"}
    assert {t.name for t in with_outcome(Outcome.URGENT)} == {"self_harm", "domestic_abuse", "child_safety"}


@pytest.mark.parametrize(
    ("outcome", "count"),
    [("inform", 34), ("estimate", 1), ("signpost", 7), ("handover", 4), ("urgent", 3), ("chat", 7), ("clarify", 1)],
)
def test_each_outcome_has_its_topics(outcome: str, count: int):
    assert len(with_outcome(Outcome(outcome))) == count


@pytest.mark.parametrize(("name", "family"), [("statutory.fees", "statutory"), ("housing", "housing")])
def test_the_family_is_the_first_part_of_the_name(name: str, family: str):
    assert TOPICS[name].family == family


def test_the_list_cannot_be_changed_while_running():
    with pytest.raises(TypeError):
        TOPICS["housing"] = TOPICS["legal"]  # type: ignore[index]


@pytest.mark.parametrize("line", ["housing: {outcome: hope, about: Home.}", "housing: {outcome: handover}"])
def test_a_wrong_line_is_refused_by_the_topics_name(tmp_path: Path, line: str):
    file = tmp_path / "topics.yaml"
    file.write_text(line)
    with pytest.raises(ValueError, match="housing"):
        load(file)
