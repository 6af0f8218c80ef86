"""Words that the gateway's danger screen has read are not read a second time, and never wrongly."""

from base64 import b64encode
from typing import Any

import pytest

from chat_server.danger_screen import Heard
from chat_server.core.safety import Finding
from chat_server.encoder.sentence_encoder import CURRENT, ENCODERS, SentenceEncoder
from chat_server.encoder.tidy import as_read
from tests.rasa_server import DialogueServer

ASKED = "where can i find a mediator?"
OTHER = "i want to speak to a real person please"


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.named(CURRENT)


def sent(encoder: SentenceEncoder, meaning: str, text: str = ASKED, sha256: str = ENCODERS[CURRENT].sha256) -> dict[str, Any] | None:
    return Heard(Finding(), {as_read(text): encoder.embed(as_read(meaning))}, sha256).packed()


def confidence(server: DialogueServer, **body: Any) -> float:
    answer = server.turn(text=ASKED, **body)
    assert answer.status_code == 200, answer.text
    return {one["topic"]: one["confidence"] for one in answer.json()["ranking"]}.get("signpost.mediation", 0.0)


def test_the_same_vectors_give_the_same_topic(dialogue_server: DialogueServer, encoder: SentenceEncoder) -> None:
    assert confidence(dialogue_server, vectors=sent(encoder, ASKED)) == pytest.approx(confidence(dialogue_server), abs=1e-3)


def test_what_came_with_a_turn_is_what_is_read(dialogue_server: DialogueServer, encoder: SentenceEncoder) -> None:
    assert confidence(dialogue_server, vectors=sent(encoder, OTHER)) < confidence(dialogue_server) - 0.05


def test_vectors_of_another_encoder_of_other_words_or_in_no_form_are_left_alone(
    dialogue_server: DialogueServer, encoder: SentenceEncoder
) -> None:
    plain = confidence(dialogue_server)
    of_others = sent(encoder, OTHER, text="something that was masked")
    short = {"encoder": ENCODERS[CURRENT].sha256, "of": {ASKED: b64encode(b"abc").decode()}}
    for vectors in (sent(encoder, OTHER, sha256="0" * 64), of_others, short, {"encoder": 1}, [1], "x"):
        assert confidence(dialogue_server, vectors=vectors) == pytest.approx(plain, abs=1e-3), vectors
