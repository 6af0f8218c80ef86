"""What no tracked file may hold: a package registry's host, a path of somebody's machine, a lock file."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGISTRIES = re.compile("|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(org|com)", r"deb\." + r"debian\.org"]))
MACHINE_PATHS = re.compile(r"(?<![\w.}~])/" + r"(work|root|home)/(?=\w)")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def found(pattern: re.Pattern[str]) -> list[str]:
    """Each place with the pattern in a text file."""
    places = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        places += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    return places


def test_no_registry_is_named():
    assert found(REGISTRIES) == []


def test_no_path_of_somebodys_machine_is_named():
    assert found(MACHINE_PATHS) == []


def test_there_is_no_lock_file():
    assert [path.name for path in tracked() if re.fullmatch(r".*\.lock|package-lock\.json|uv\.lock", path.name)] == []


def test_what_running_leaves_behind_is_ignored():
    left = [".venv/x", ".venv-rasa/x", ".venv.lock", "var/chat.sqlite3", "chat_server/__pycache__/x.pyc", ".hypothesis/x"]
    ignored = subprocess.run(["git", "check-ignore", *left], cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert ignored == left


def test_the_threat_model_names_tests_that_exist():
    page = (ROOT / "docs" / "threat-model.md").read_text()
    named = re.findall(r"`((?:\w+/)+\w*)`", page)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / "tests" / name).is_dir() and not (ROOT / "tests" / f"{name}.py").is_file()] == []
