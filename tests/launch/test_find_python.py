"""Which Python `make` starts with, on machines with several, some of which do not work."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "chat_server/launch/find_python.sh"
REAL = Path(sys.executable).resolve()


def command(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def working(path: Path) -> Path:
    """A Python of the right version. It calls itself by the path it was found at."""
    return command(path, f'case "$2" in *executable*) echo "{path}";; *) exec "{REAL}" "$@";; esac')


def too_old(path: Path) -> Path:
    return command(path, "exit 1")


@pytest.fixture
def find(tmp_path):
    (tmp_path / "home").mkdir()

    def run(**environ: str) -> subprocess.CompletedProcess:
        found = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home"), **environ}
        return subprocess.run([shutil.which("sh"), SCRIPT], env=found, capture_output=True, text=True)

    return run


def test_python3_is_taken_when_it_is_new_enough(find, tmp_path):
    python3 = working(tmp_path / "bin/python3")
    working(tmp_path / "bin/python3.12")
    assert find().stdout.strip() == str(python3)


def test_a_later_name_is_taken_when_python3_is_too_old(find, tmp_path):
    too_old(tmp_path / "bin/python3")
    python312 = working(tmp_path / "bin/python3.12")
    assert find().stdout.strip() == str(python312)


def test_a_shim_that_does_not_run_is_passed_over_for_the_version_behind_it(find, tmp_path):
    command(tmp_path / "bin/python3.11", "echo 'pyenv: python3.11: command not found' >&2; exit 127")
    version = working(tmp_path / "home/.pyenv/versions/3.11.7/bin/python3")
    assert find().stdout.strip() == str(version)


def test_pyenv_root_is_looked_into(find, tmp_path):
    version = working(tmp_path / "elsewhere/versions/3.13.0/bin/python3")
    assert find(PYENV_ROOT=str(tmp_path / "elsewhere")).stdout.strip() == str(version)


def test_the_named_python_comes_first(find, tmp_path):
    working(tmp_path / "bin/python3")
    named = working(tmp_path / "mine/python")
    assert find(CHAT_PYTHON=str(named)).stdout.strip() == str(named)


def test_a_named_python_that_is_too_old_is_refused_by_name(find, tmp_path):
    working(tmp_path / "bin/python3")
    named = too_old(tmp_path / "mine/python")
    refused = find(CHAT_PYTHON=str(named))
    assert refused.returncode == 1 and refused.stdout == ""
    assert refused.stderr.count("\n") == 1 and f"CHAT_PYTHON is {named}" in refused.stderr


def test_without_any_one_line_says_what_to_install(find, tmp_path):
    too_old(tmp_path / "bin/python3")
    refused = find()
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1 and "install" in refused.stderr and "3.11" in refused.stderr
    assert os.listdir(tmp_path / "home") == []
