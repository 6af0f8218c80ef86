"""The commands of the front page."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def test_make_alone_lists_every_command():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.M)[1].split()
    assert re.findall(r"^  make ([a-z-]+) ", listed, re.M) == targets


def test_every_command_of_the_front_page_exists():
    for command in re.findall(r"^make ([a-z-]+)", (ROOT / "README.md").read_text(), re.M):
        assert re.search(rf"^{command}:", MAKEFILE, re.M), command


def test_every_command_of_the_program_that_make_uses_exists():
    from chat_server.__main__ import COMMANDS

    used = re.findall(r"-m chat_server ([a-z-]+)", MAKEFILE)
    assert len(used) >= 3 and set(used) <= set(COMMANDS)


def test_continuous_integration_runs_make_test(tmp_path):
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\npwd\necho "$@"\ncat\n')
    make.chmod(0o755)
    ran = subprocess.run(
        ["bash", script], cwd=tmp_path, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True, timeout=20
    )
    folder, arguments = ran.stdout.strip().split("\n")
    assert Path(folder) == ROOT and arguments.startswith("test")
