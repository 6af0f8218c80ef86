"""When the dialogue model has to be trained again."""

import asyncio
import sys
from pathlib import Path

import pytest

from chat_server.launch import model
from chat_server.launch.fingerprint import fingerprint
from chat_server.launch.supervisor import watching

WORDING = """
version: "3.1"
responses:
  utter_housing:
    - text: You can stay at home.
  utter_label_housing:
    - text: Losing the home
"""


@pytest.fixture
def project(tmp_path):
    for folder in ("nlu", "stories/rules", "domain/wording", "dialogue"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "nlu/housing.yml").write_text("- my wife told me to leave")
    (tmp_path / "domain/_shared.yml").write_text("slots: {}")
    (tmp_path / "domain/wording/housing.yml").write_text(WORDING)
    (tmp_path / "dialogue/config.yml").write_text("pipeline: []")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("nlu/housing.yml", "- my husband told me to leave"),
        ("nlu/new.yml", "- hello"),
        ("stories/rules/housing.yml", "rules: []"),
        ("domain/_shared.yml", "slots: {lang: {}}"),
        ("domain/wording/housing.yml", WORDING.replace("utter_label_housing", "utter_label_home")),
        ("dialogue/config.yml", "pipeline: [x]"),
        ("dialogue/component.py", "x = 1"),
    ],
)
def test_changed_training_data_asks_for_training(project, file, text):
    before = fingerprint(project)
    (project / file).write_text(text)
    assert fingerprint(project) != before


def test_a_reworded_sentence_asks_for_none(project):
    before = fingerprint(project)
    (project / "domain/wording/housing.yml").write_text(WORDING.replace("You can stay", "You may stay"))
    assert fingerprint(project) == before


def test_a_sentence_that_moved_to_another_file_asks_for_none(project):
    before = fingerprint(project)
    (project / "domain/wording/housing.yml").rename(project / "domain/wording/home.yml")
    assert fingerprint(project) == before


def test_what_python_leaves_behind_asks_for_none(project):
    before = fingerprint(project)
    (project / "dialogue/__pycache__").mkdir()
    (project / "dialogue/__pycache__/config.py").write_text("x")
    (project / "dialogue/config.yml.swp").write_text("x")
    (project / "dialogue/report").mkdir()
    (project / "dialogue/report/page.py").write_text("x")
    assert fingerprint(project) == before


@pytest.fixture
def trainer(project, monkeypatch):
    """A stand-in for the training: a module that says something and writes its output file, counting its runs."""
    monkeypatch.setattr(model, "RASA_PYTHON", Path(sys.executable))
    (project / "dialogue/__init__.py").write_text("")
    (project / "dialogue/train.py").write_text(
        "import pathlib, sys, time\n"
        "runs = pathlib.Path('runs'); runs.write_text(runs.read_text() + 'x' if runs.exists() else 'x')\n"
        "print('\\x1b[92mhearing 1 of 2\\x1b[0m', flush=True)\n"
        "print('UserWarning: something', file=sys.stderr)\n"
        "if pathlib.Path('broken').exists(): sys.exit('the story contradicts the rule')\n"
        "pathlib.Path(sys.argv[2]).write_text('a model')\n"
    )
    (project / "dialogue/report").mkdir()
    (project / "dialogue/report/__init__.py").write_text("")
    (project / "dialogue/report/__main__.py").write_text(
        "import pathlib\n"
        "if pathlib.Path('no report').exists(): raise SystemExit('unreadable')\n"
        "print('a warning')\nprint('The report on it is here')\n"
    )
    return project


async def ensure(project: Path, said: list[str]) -> Path:
    with watching() as watchdog:
        return await model.ensure(project / "var", said.append, watchdog, project)


async def test_a_model_is_trained_once_with_its_progress_told(trainer):
    first, second = [], []
    made = await ensure(trainer, first)
    assert made.read_text() == "a model" and made.name == f"{fingerprint(trainer)}.tar.gz"
    assert first[1] == "  hearing 1 of 2"
    assert not any("UserWarning" in line for line in first) and "UserWarning" in (trainer / "var/logs/training.log").read_text()
    assert await ensure(trainer, second) == made
    assert second == [] and (trainer / "runs").read_text() == "x"


async def test_a_training_ends_with_where_its_report_is_and_does_without_one(trainer):
    said, unreported = [], []
    await ensure(trainer, said)
    assert said[-1] == "The report on it is here"
    (trainer / "no report").touch()
    (trainer / "nlu/housing.yml").write_text("- another example")
    assert (await ensure(trainer, unreported)).is_file()
    assert "no report" in unreported[-1] and "report.log" in unreported[-1]


async def test_two_copies_that_share_the_models_train_once(trainer):
    made = await asyncio.gather(ensure(trainer, []), ensure(trainer, []))
    assert made[0] == made[1] and (trainer / "runs").read_text() == "x"


async def test_a_failed_training_says_why_and_leaves_no_model(trainer):
    (trainer / "broken").touch()
    with pytest.raises(model.TrainingFailed, match="the story contradicts the rule"):
        await ensure(trainer, [])
    assert list((trainer / "var/models").glob("*.gz")) == []


async def test_older_models_are_removed_and_the_newest_few_kept(trainer):
    for number in range(6):
        (trainer / "nlu/housing.yml").write_text(f"- example {number}")
        made = await ensure(trainer, [])
    left = list((trainer / "var/models").glob("*.tar.gz"))
    assert made in left and len(left) == model.MODELS_KEPT
