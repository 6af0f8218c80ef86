"""What the encoder is taught: every example, retyped and in company, without a false lesson."""

import random

import pytest

from chat_server.encoder.learn.examples import Example, examples_of, fingerprint, outcomes, split
from chat_server.encoder.learn.variations import Variations

CALM = [Example("statutory.fees", f"what does it cost to collect {n} pounds") for n in range(5)]


def test_every_topic_is_taught_and_moving_examples_to_another_file_changes_nothing(tmp_path) -> None:
    examples = examples_of()
    assert {example.topic for example in examples} == set(outcomes())
    (tmp_path / "any.yml").write_text("nlu:\n- intent: b\n  examples: |\n    - Two\n- intent: a\n  examples: |\n    - one\n    - one\n")
    assert examples_of(tmp_path) == [("a", "one"), ("b", "two")]
    shuffled = random.Random(1).sample(examples, len(examples))
    assert fingerprint(shuffled) == fingerprint(examples) != fingerprint(examples[1:])


def test_what_is_kept_back_is_of_every_topic_and_never_learned() -> None:
    learned, kept = split(examples_of(), 0.1, seed=3)
    assert {example.topic for example in kept} == set(outcomes())
    assert not set(learned) & set(kept)


@pytest.mark.parametrize("topic", ["housing", "self_harm"])
def test_beside_another_matter_a_message_is_about_the_graver_one(topic: str) -> None:
    grave = Example(topic, "the grave matter that must be heard by us")
    variations = Variations(CALM, outcomes(), seed=5)
    made = [variations.of(grave) for _ in range(300)]
    assert all(about == {topic: 1.0} for _, about in made)
    assert any("collect" in text for text, _ in made)


def test_two_calm_matters_in_one_message_are_both_heard() -> None:
    variations = Variations(CALM, outcomes(), seed=5)
    made = [about for _, about in (variations.of(Example("effect.benefits", "does it change my benefits at all")) for _ in range(300))]
    assert {"effect.benefits": 0.5, "statutory.fees": 0.5} in made
    assert all(abs(sum(about.values()) - 1) < 1e-9 for about in made)


def test_the_same_seed_teaches_the_same() -> None:
    one, two = (Variations(CALM, outcomes(), seed=5) for _ in range(2))
    assert [one.of(CALM[0]) for _ in range(50)] == [two.of(CALM[0]) for _ in range(50)]
