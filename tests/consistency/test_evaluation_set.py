"""The held-out messages in tests/dialogue/evaluation*.yml are complete, well formed and truly held out."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TOPICS = ROOT / "chat_server" / "core" / "facts" / "topics.yaml"
TRAINING = ROOT / "nlu"


class Fewest(NamedTuple):
    """How many messages a set must hold, so that a result of it means something."""

    messages: int
    per_topic: int
    for_weighty: int
    hard_negatives: int


SETS = {
    ROOT / "tests" / "dialogue" / "evaluation.yml": Fewest(680, 8, 16, 70),
    ROOT / "tests" / "dialogue" / "evaluation_second.yml": Fewest(400, 6, 12, 50),
    ROOT / "tests" / "dialogue" / "evaluation_third.yml": Fewest(390, 3, 5, 25),
}
# A wrong answer costs most in these topics, so their results need more messages behind them.
WEIGHTY = (
    "housing",
    "legal",
    "distress",
    "human_request",
    "self_harm",
    "domestic_abuse",
    "child_safety",
    "out_of_scope",
    "estimate.start",
)
HEAVY_OUTCOMES = {"handover", "urgent"}
# "hello" and "yes please" are everybody's words; only a longer message can have been copied.
SHORTEST_COPY = 6


@pytest.fixture(scope="module", params=SETS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """Each held-out set in turn."""
    return request.param


@pytest.fixture(scope="module")
def messages(path: Path) -> list[dict[str, Any]]:
    return messages_of(path)


@pytest.fixture(scope="module")
def fewest(path: Path) -> Fewest:
    return SETS[path]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    """Outcome of each topic, by name."""
    listed = yaml.safe_load(TOPICS.read_text(encoding="utf-8"))
    return {name: about["outcome"] for name, about in listed.items()}


def messages_of(path: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["messages"]


def plain(text: str) -> str:
    """The words alone, so that a changed comma or capital does not hide a copy."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("’", "")))


@cache
def training_examples() -> frozenset[str]:
    """Every training example as plain words, entity marks removed."""
    found: set[str] = set()
    for path in TRAINING.rglob("*.yml"):
        for block in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("nlu", []):
            if "intent" in block:
                for line in block.get("examples", "").splitlines():
                    words = re.sub(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})", r"\1", line.removeprefix("-").lstrip("- "))
                    found.add(plain(words))
    return frozenset(found)


def test_each_message_has_the_agreed_fields(messages: list[dict[str, Any]]) -> None:
    for message in messages:
        assert {"text", "topic"} <= set(message) <= {"text", "topic", "also", "tags"}, message
        assert isinstance(message["text"], str) and message["text"].strip() == message["text"] != "", message
        for field in ("also", "tags"):
            values = message.get(field, [])
            assert all(isinstance(value, str) for value in values), message
            assert len(values) == len(set(values)), message


def test_topics_are_known(messages: list[dict[str, Any]], outcomes: dict[str, str]) -> None:
    named = {name for message in messages for name in (message["topic"], *message.get("also", []))}
    assert named <= set(outcomes), sorted(named - set(outcomes))
    assert not [message["text"] for message in messages if message["topic"] in message.get("also", [])]


def test_every_topic_has_enough_messages(
    messages: list[dict[str, Any]], outcomes: dict[str, str], fewest: Fewest
) -> None:
    counted = Counter(message["topic"] for message in messages)
    assert len(messages) >= fewest.messages
    assert {name: counted[name] for name in outcomes if counted[name] < fewest.per_topic} == {}
    assert {name: counted[name] for name in WEIGHTY if counted[name] < fewest.for_weighty} == {}


def test_hard_negatives_are_many_and_harmless(
    messages: list[dict[str, Any]], outcomes: dict[str, str], fewest: Fewest
) -> None:
    hard = [message for message in messages if "hard_negative" in message.get("tags", [])]
    assert len(hard) >= fewest.hard_negatives
    assert not [message["text"] for message in hard if outcomes[message["topic"]] in HEAVY_OUTCOMES]


def test_no_message_is_there_twice(messages: list[dict[str, Any]]) -> None:
    counted = Counter(plain(message["text"]) or message["text"] for message in messages)
    assert [text for text, times in counted.items() if times > 1] == []


def test_the_sets_share_no_message() -> None:
    counted = Counter(text for path in SETS for text in {plain(message["text"]) for message in messages_of(path)})
    assert [text for text, sets in counted.items() if sets > 1 and len(text.split()) >= SHORTEST_COPY] == []


def test_no_message_is_trained_on(messages: list[dict[str, Any]]) -> None:
    trained = training_examples()
    texts = [plain(message["text"]) for message in messages]
    copied = [text for text in texts if len(text.split()) >= SHORTEST_COPY and text in trained]
    assert copied == [], "remove these from nlu/: this set is for judging only"
