"""Finding Python 3.10 for Rasa, and installing only what changed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chat_server.launch import bootstrap
from chat_server.launch.bootstrap import CannotInstall, find_python_310, stamped, version_of

ROOT = Path(__file__).parents[2]


def command(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def python(path: Path, version: str = "3 10") -> Path:
    return command(path, f"echo {version}")


@pytest.fixture
def environ(tmp_path):
    (tmp_path / "bin").mkdir()
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}


def test_the_python310_on_the_path_is_used(environ, tmp_path):
    found = python(tmp_path / "bin/python3.10")
    assert find_python_310(environ, uv=None) == found


def test_the_newest_python310_of_pyenv_is_used_when_its_shim_does_not_run(environ, tmp_path):
    command(tmp_path / "bin/python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    python(tmp_path / ".pyenv/versions/3.9.1/bin/python3.10", "3 9")
    found = python(tmp_path / ".pyenv/versions/3.10.13/bin/python3.10")
    assert find_python_310(environ, uv=None) == found


def test_pyenv_root_is_looked_into(environ, tmp_path):
    found = python(tmp_path / "elsewhere/versions/3.10.4/bin/python3.10")
    assert find_python_310({**environ, "PYENV_ROOT": str(tmp_path / "elsewhere")}, uv=None) == found


def test_a_python_that_only_bears_the_name_is_passed_over(environ, tmp_path):
    python(tmp_path / "bin/python3.10", "3 12")
    with pytest.raises(CannotInstall):
        find_python_310(environ, uv=None)


def test_the_named_python_comes_first(environ, tmp_path):
    python(tmp_path / "bin/python3.10")
    named = python(tmp_path / "mine/python")
    assert find_python_310({**environ, "CHAT_PYTHON310": str(named)}, uv=None) == named


def test_a_named_python_of_another_version_is_refused_by_name(environ, tmp_path):
    python(tmp_path / "bin/python3.10")
    named = python(tmp_path / "mine/python", "3 11")
    with pytest.raises(CannotInstall, match=f"CHAT_PYTHON310 is {named}"):
        find_python_310({**environ, "CHAT_PYTHON310": str(named)}, uv=None)


def test_uv_is_asked_to_fetch_one_when_the_machine_has_none(environ, tmp_path):
    fetched = tmp_path / "fetched/python3.10"
    kept = python(tmp_path / "kept/python3.10")
    uv = command(
        tmp_path / "uv",
        f'case "$2" in install) mkdir -p {fetched.parent}; cp {kept} {fetched};; '
        f'find) [ -e {fetched} ] && echo {fetched};; esac',
    )
    for tool in ("mkdir", "cp"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    assert find_python_310(environ, uv) == fetched


def test_without_any_one_line_says_what_to_install(environ, tmp_path):
    uv = command(tmp_path / "uv", "exit 1")
    with pytest.raises(CannotInstall) as refused:
        find_python_310(environ, uv)
    line = str(refused.value)
    assert "\n" not in line and "Python 3.10" in line and "install it" in line and "CHAT_PYTHON310" in line


def test_a_missing_program_has_no_version(tmp_path):
    assert version_of(tmp_path / "nothing") is None
    assert version_of(sys.executable) == sys.version_info[:2]


def test_a_step_is_done_again_only_when_its_files_change_or_it_failed(tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1")

    def is_needed(fails: bool = False) -> bool:
        with stamped(tmp_path, "step", [requirements]) as needed:
            if fails:
                raise CannotInstall
        return needed

    with pytest.raises(CannotInstall):
        is_needed(fails=True)
    assert is_needed() is True
    assert is_needed() is False
    requirements.write_text("one==2")
    assert is_needed() is True


def test_without_python310_make_says_it_in_one_line_and_installs_nothing_large(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(bootstrap, "prepare_installer", lambda: bootstrap.Installer(uv=None))
    monkeypatch.setattr(bootstrap, "DIALOGUE", tmp_path / ".venv-rasa")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap.Installer, "install", lambda *_: pytest.fail("something was installed"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    assert bootstrap.main([]) == 1
    assert capfd.readouterr().err == bootstrap.NO_PYTHON_310 + "\n"


def test_pip_is_used_where_uv_fails(tmp_path, monkeypatch):
    """A real environment and a uv that always fails; nothing has to be fetched for an empty list of requirements."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("")
    monkeypatch.setattr(bootstrap, "say", lambda line: said.append(line))
    said: list[str] = []
    bootstrap.Installer(uv=command(tmp_path / "uv", "exit 2")).install(environment, [requirements])
    assert said == ["uv could not install the packages; trying pip."]


def test_bootstrap_needs_nothing_but_the_standard_library():
    alone = [sys.executable, "-I", "-S", str(ROOT / "chat_server/launch/bootstrap.py"), "--help"]
    assert subprocess.run(alone, capture_output=True).returncode == 0
