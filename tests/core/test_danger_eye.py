"""Both eyes of the danger screen on the project's own danger set, and that the eye belongs to what it is used with."""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from chat_server.core.safety import screen
from chat_server.danger_eye.eye import MOST_PIECES, Eye, card_of, pieces_of
from chat_server.danger_eye.learn import fingerprint, told_examples
from chat_server.danger_screen import together
from chat_server.encoder.sentence_encoder import CURRENT, ENCODERS
from chat_server.encoder.tidy import as_read

HERE = Path(__file__).parent
LEARN_AGAIN = "run `make danger-eye`, and look at `python -m benchmarks.danger_screen`"


class Told(NamedTuple):
    text: str
    kinds: frozenset[str]
    how: str
    held: bool
    found: frozenset[str]


def messages(name: str) -> list[str]:
    return [text for group in yaml.safe_load((HERE / name).read_text(encoding="utf-8")) for text in group["messages"]]


@pytest.fixture(scope="module")
def told() -> list[Told]:
    """The danger set, looked at by both."""
    eye = Eye.current()
    groups = yaml.safe_load((HERE / "danger_set.yml").read_text(encoding="utf-8"))
    return [
        Told(text, frozenset(g["is"]), g["how"], g["held"], frozenset(map(str, together(screen(text), eye.look(text)).kinds)))
        for g in groups
        for text in g["messages"]
    ]


def test_the_lines_belong_to_the_encoder_in_use():
    assert card_of()["encoder_sha256"] == ENCODERS[CURRENT].sha256, f"the encoder has changed: {LEARN_AGAIN}"


def test_the_lines_were_learned_from_the_examples_of_danger_that_there_are():
    assert card_of()["examples_fingerprint"] == fingerprint(), f"examples of danger have changed: {LEARN_AGAIN}"


def test_nothing_is_learned_from_the_unseen_messages():
    unseen = {as_read(text) for name in ("danger_unseen.yml", "danger_unseen_second.yml") for text in messages(name)}
    assert len(unseen) == 1020
    assert not unseen & {as_read(example.text) for example in told_examples()}
    assert not unseen & {as_read(text) for text in messages("danger_set.yml")}


@pytest.mark.parametrize(("held", "how", "least_seen", "least_right"), [
    (True, "stated", 0.98, 0.97),
    (True, "hidden", 0.94, 0.94),
    (False, "stated", 0.99, 0.99),
    (False, "hidden", 0.95, 0.95),
])
def test_both_together_see_danger_and_its_kind(told: list[Told], held: bool, how: str, least_seen: float, least_right: float):
    group = [t for t in told if t.held == held and t.how == how]
    missed = [t.text for t in group if not t.found]
    wrong = [t.text for t in group if not t.kinds <= t.found]
    assert 1 - len(missed) / len(group) >= least_seen, missed if not held else len(missed)
    assert 1 - len(wrong) / len(group) >= least_right, wrong if not held else len(wrong)


@pytest.mark.parametrize(("held", "most"), [(True, 0.07), (False, 0.1)])
def test_both_together_stay_calm_at_look_alikes(told: list[Told], held: bool, most: float):
    calm = [t for t in told if t.held == held and not t.kinds]
    alarmed = [t.text for t in calm if t.found]
    assert len(alarmed) / len(calm) <= most, alarmed if not held else len(alarmed)


def test_a_long_text_is_read_to_its_last_word_in_few_pieces():
    text = ". ".join(f"sentence number {n} says something" for n in range(60))
    whole, *pieces = pieces_of(text)
    assert whole == text and len(pieces) <= MOST_PIECES
    assert "number 0 " in pieces[0] and "number 59 " in pieces[-1]


def test_a_short_text_is_read_once():
    assert pieces_of("he wont pay") == ["he wont pay"]


def test_a_look_hands_on_the_vectors_that_it_computed():
    look = Eye.current().look("He pays on time. My wages go into his account and I get none of it back")
    assert next(iter(look.vectors)) == as_read("He pays on time. My wages go into his account and I get none of it back")
    assert len(look.vectors) > 1 and look.encoder == ENCODERS[CURRENT].sha256
