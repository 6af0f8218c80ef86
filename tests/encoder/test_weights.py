"""The encoder in use is the one that its card describes, and puts like with like."""

import hashlib
import json
from pathlib import Path

import pytest

from chat_server.encoder.sentence_encoder import CURRENT, ENCODERS, WEIGHTS, EncoderFile, SentenceEncoder, UntrustedWeights
from chat_server.encoder.tidy import as_read


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.named(CURRENT)


@pytest.mark.parametrize("card", sorted(WEIGHTS.glob("*.json")), ids=lambda card: card.stem)
def test_weights_are_those_of_their_card(card: Path) -> None:
    assert hashlib.sha256(card.with_suffix(".onnx").read_bytes()).hexdigest() == json.loads(card.read_text())["sha256"]


def test_the_one_in_use_is_ours() -> None:
    assert (WEIGHTS / f"{CURRENT}.json").is_file()


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    changed = tmp_path / "changed.onnx"
    changed.write_bytes(ENCODERS[CURRENT].locate().read_bytes()[:-1] + b"!")
    with pytest.raises(UntrustedWeights, match="changed.onnx"):
        SentenceEncoder(EncoderFile(lambda: changed, ENCODERS[CURRENT].sha256))


@pytest.mark.parametrize(
    ("one", "alike", "other"),
    [
        ("shes put my bags on the drive", "locked out of my own flat tonight", "how is the amount worked out"),
        ("what do you charge", "is there a fee to use the service", "he is hitting the kids"),
        ("i just want to talk to somebody real", "put me through to an adviser", "do i need a solicitor for the divorce"),
    ],
)
def test_what_means_the_same_to_us_lies_close(encoder: SentenceEncoder, one: str, alike: str, other: str) -> None:
    here, near, far = (encoder.embed(as_read(text)) for text in (one, alike, other))
    assert here @ near > here @ far


def test_a_text_of_any_length_has_a_vector(encoder: SentenceEncoder) -> None:
    for text in ("", "?", "🙂", "word " * 2000):
        assert abs(float(encoder.embed(as_read(text)) @ encoder.embed(as_read(text))) - 1) < 1e-4
