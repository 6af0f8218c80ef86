"""The dialogue server starts only as it should: with a token, with weights and a model of our own, on loopback."""

import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from chat_server.launch.model import RASA_PYTHON
from tests.rasa_server import TOKEN, DialogueServer
from tests.stack import ROOT, trained_model


def in_rasa(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run Rasa's Python from the repository's root."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    return subprocess.run(
        [str(RASA_PYTHON), *arguments], cwd=ROOT, env={**clean, **environ}, capture_output=True, text=True, timeout=240
    )


def test_without_a_token_it_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "x.tar.gz"
    model.write_bytes(b"never opened")
    for token in ("", "short"):
        done = in_rasa("-m", "dialogue.serve", "--model", str(model), CHAT_DATA_DIR=str(tmp_path), CHAT_RASA_TOKEN=token)
        assert done.returncode == 1
        assert "CHAT_RASA_TOKEN" in done.stderr.splitlines()[-1]


def test_a_model_file_from_elsewhere_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    elsewhere = tmp_path / "x.tar.gz"
    elsewhere.write_bytes(b"never opened")
    (tmp_path / "models" / "link.tar.gz").symlink_to(elsewhere)
    for path in (elsewhere, tmp_path / "models" / "link.tar.gz", tmp_path / "models" / "none.tar.gz"):
        done = in_rasa("-m", "dialogue.serve", "--model", str(path), CHAT_DATA_DIR=str(tmp_path), CHAT_RASA_TOKEN=TOKEN)
        assert done.returncode == 1
        assert "is no model in" in done.stderr.splitlines()[-1]


def test_changed_weights_are_refused_before_they_run(tmp_path: Path) -> None:
    changed = tmp_path / "model.onnx"
    changed.write_bytes(b"something else")
    done = in_rasa(
        "-c",
        "from pathlib import Path\n"
        "from chat_server.encoder.sentence_encoder import EncoderFile, SentenceEncoder, UntrustedWeights\n"
        f"try: SentenceEncoder(EncoderFile(lambda: Path({str(changed)!r}), 'a' * 64))\n"
        "except UntrustedWeights as refused: print('refused', refused)\n",
    )
    assert done.stdout.startswith("refused model.onnx"), done.stderr


def test_texts_that_mean_the_same_lie_close_whatever_else_is_read() -> None:
    done = in_rasa(
        "-c",
        "from chat_server.encoder.sentence_encoder import CURRENT, SentenceEncoder\n"
        "e = SentenceEncoder.named(CURRENT)\n"
        "one, two, other = (e.embed(t) for t in ('he stopped paying me', 'she no longer pays', 'where is my nearest nursery'))\n"
        "print(one @ two > one @ other, bool((e.embed('he stopped paying me') == one).all()), round(float(one @ one), 3))\n",
    )
    assert done.stdout.split() == ["True", "True", "1.0"], done.stderr


def test_a_model_holds_nothing_that_runs_when_it_is_loaded() -> None:
    with tarfile.open(trained_model()) as archive:
        names = archive.getnames()
    assert any(name.endswith("reader.npz") for name in names)
    assert not [name for name in names if re.search(r"\.(pkl|pickle|joblib|skops|h5|pb)$", name)]


def test_it_listens_on_loopback_only(dialogue_server: DialogueServer) -> None:
    listening = {
        line.split()[1] for file in ("/proc/net/tcp", "/proc/net/tcp6") for line in Path(file).read_text().splitlines()[1:] if line.split()[3] == "0A"
    }
    for port in (dialogue_server.port, dialogue_server.actions_port):
        hosts = {address.split(":")[0] for address in listening if int(address.split(":")[1], 16) == port}
        assert hosts == {"0100007F"}


def test_what_a_parent_wrote_is_not_in_the_log(dialogue_server: DialogueServer) -> None:
    dialogue_server.turn(text="my secret is Zanzibar and my house is gone")
    dialogue_server.turn(text="Zanzibar", memory={"format": 9})
    assert "zanzibar" not in (dialogue_server.log("dialogue") + dialogue_server.log("actions")).lower()


@pytest.mark.parametrize("out", ["model.zip", "model"])
def test_a_model_s_name_ends_as_a_model_s_does(tmp_path: Path, out: str) -> None:
    assert in_rasa("-m", "dialogue.train", "--out", str(tmp_path / out)).returncode == 2
    assert list(tmp_path.iterdir()) == []
