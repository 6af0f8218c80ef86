"""Makes the two Python environments from the hashed requirement files, then runs a command in the first.

Runs before anything is installed, so it uses the standard library alone:

    python3 chat_server/launch/bootstrap.py [--tests] [--no-dialogue] [--then ARGUMENTS OF PYTHON ...]

`.venv` holds the gateway and the action server on the Python that runs this file (3.11 or later). `.venv-rasa` holds
Rasa, which needs Python 3.10. Both are left alone while their requirement files have not changed.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVING = ROOT / ".venv"
DIALOGUE = ROOT / ".venv-rasa"
INSTALLER_REQUIREMENTS = ROOT / "chat_server/launch/requirements.txt"
SERVING_REQUIREMENTS = (ROOT / "chat_server/requirements.txt", ROOT / "actions/requirements.txt")
TESTS_REQUIREMENTS = (ROOT / "tests/requirements.txt",)
DIALOGUE_REQUIREMENTS = (ROOT / "dialogue/requirements.txt",)
STILL_BUSY_EVERY_S = 15

NO_PYTHON_310 = (
    "Rasa needs Python 3.10 and none was found: install it ('pyenv install 3.10', 'uv python install 3.10', or your "
    "system's python3.10 with its venv package), or name one with CHAT_PYTHON310."
)


class CannotInstall(Exception):
    """Something that the person at the keyboard must do first; the message is the one line that says what."""


@dataclass(frozen=True)
class Installer:
    """Puts packages into an environment: uv where it works, pip where it does not."""

    uv: Path | None

    def install(self, folder: Path, requirements: Sequence[Path]) -> None:
        files = [part for file in requirements for part in ("-r", str(file))]
        if self.uv and self._ran([self.uv, "pip", "install", "--quiet", "--python", python_of(folder), "--require-hashes", *files]):
            return
        if self.uv:
            say("uv could not install the packages; trying pip.")
        pip = [python_of(folder), "-m", "pip"]
        if not self._ran([*pip, "--version"], quiet=True) and not self._ran([python_of(folder), "-m", "ensurepip", "--upgrade"]):
            raise CannotInstall(f"Neither uv nor pip works in {folder.name}: install your system's venv package for this Python.")
        if not self._ran([*pip, "install", "--quiet", "--require-hashes", *files]):
            raise CannotInstall(f"The packages of {folder.name} could not be installed; the messages above say why.")

    def make_environment(self, python: Path, folder: Path) -> None:
        if self._ran([python, "-m", "venv", "--clear", folder], quiet=True):
            return
        if self.uv and self._ran([self.uv, "venv", "--quiet", "--clear", "--no-project", "--python", python, folder]):
            return
        raise CannotInstall(f"{python} cannot make an environment: install your system's venv package for it (on Debian: python3-venv).")

    @staticmethod
    def _ran(command: Sequence[str | Path], quiet: bool = False) -> bool:
        out = subprocess.DEVNULL if quiet else None
        began = time.monotonic()
        with subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=out, stderr=out) as process:
            try:
                while True:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        return process.wait(STILL_BUSY_EVERY_S) == 0
                    say(f"  {time.monotonic() - began:4.0f} s  still busy")
            except BaseException:
                process.kill()
                raise


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def version_of(python: str | Path) -> tuple[int, int] | None:
    """The version that this command answers when it is run; None when it does not work, as a pyenv shim may not."""
    try:
        asked = subprocess.run(
            [str(python), "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"(\d+) (\d+)", asked.stdout.strip())
    return (int(match[1]), int(match[2])) if match and asked.returncode == 0 else None


def local_pythons_310(environ: Mapping[str, str]) -> Iterator[str]:
    """Where a Python 3.10 may lie on this machine, best first. They still have to be tried."""
    if on_path := shutil.which("python3.10", path=environ.get("PATH")):
        yield on_path
    pyenv = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "~")).expanduser() / ".pyenv")
    for folder in sorted(pyenv.glob("versions/3.10*"), reverse=True):
        yield str(folder / "bin/python3.10")


def find_python_310(environ: Mapping[str, str], uv: Path | None) -> Path:
    """A Python 3.10 that runs: the one named, one on the machine, or one that uv knows or fetches."""
    if named := environ.get("CHAT_PYTHON310"):
        if version_of(named) == (3, 10):
            return Path(named)
        raise CannotInstall(f"CHAT_PYTHON310 is {named}, which is not a working Python 3.10.")
    for candidate in local_pythons_310(environ):
        if version_of(candidate) == (3, 10):
            return Path(candidate)
    if uv:
        for fetch in (False, True):
            if fetch:
                say("No Python 3.10 on this machine; asking uv to fetch one.")
                subprocess.run([uv, "python", "install", "--quiet", "3.10"], env=dict(environ), capture_output=True)
            found = subprocess.run([uv, "python", "find", "--no-project", "3.10"], env=dict(environ), capture_output=True, text=True)
            if found.returncode == 0 and version_of(found.stdout.strip()) == (3, 10):
                return Path(found.stdout.strip())
    raise CannotInstall(NO_PYTHON_310)


def digest(files: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.read_bytes())
    return whole.hexdigest()


@contextlib.contextmanager
def stamped(folder: Path, name: str, files: Sequence[Path]) -> Iterator[bool]:
    """Whether the step still has to be done for these files; remembered as done only when it did not fail."""
    stamp = folder / f".installed-{name}"
    wanted = digest(files)
    if stamp.is_file() and stamp.read_text() == wanted:
        yield False
        return
    yield True
    stamp.write_text(wanted)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One installation at a time in this folder: a second `make` waits for the first."""
    with open(ROOT / ".venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_installer() -> Installer:
    """`.venv` with its installer in it."""
    if (version_of(python_of(SERVING)) or (0, 0)) < (3, 11):
        say("Making the environment of the gateway (.venv).")
        Installer(uv=None).make_environment(Path(sys.executable), SERVING)
    uv = SERVING / "bin" / "uv"
    with stamped(SERVING, "installer", [INSTALLER_REQUIREMENTS]) as needed:
        if needed:
            pip = [str(python_of(SERVING)), "-m", "pip", "install", "--quiet", "--require-hashes"]
            subprocess.run([*pip, "-r", str(INSTALLER_REQUIREMENTS)], cwd=ROOT)
    works = uv.is_file() and subprocess.run([uv, "--version"], capture_output=True).returncode == 0
    return Installer(uv if works else None)


def prepare(environ: Mapping[str, str], tests: bool = False, dialogue: bool = True) -> None:
    """Install whatever is missing; quick when nothing changed."""
    with alone():
        installer = prepare_installer()
        if dialogue and version_of(python_of(DIALOGUE)) != (3, 10):
            installer.make_environment(find_python_310(environ, installer.uv), DIALOGUE)
        with stamped(SERVING, "serving", SERVING_REQUIREMENTS) as needed:
            if needed:
                say("Installing the gateway and the action server (.venv).")
                installer.install(SERVING, SERVING_REQUIREMENTS)
        if tests:
            with stamped(SERVING, "tests", TESTS_REQUIREMENTS) as needed:
                if needed:
                    say("Installing what the tests need (.venv).")
                    installer.install(SERVING, TESTS_REQUIREMENTS)
        if dialogue:
            with stamped(DIALOGUE, "dialogue", DIALOGUE_REQUIREMENTS) as needed:
                if needed:
                    say("Installing Rasa (.venv-rasa). It is large: some minutes on the first run.")
                    installer.install(DIALOGUE, DIALOGUE_REQUIREMENTS)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Install what the product needs, then run a command in its environment.")
    parser.add_argument("--tests", action="store_true", help="also install what the tests need")
    parser.add_argument("--no-dialogue", action="store_true", help="leave Rasa out")
    parser.add_argument("--then", nargs=argparse.REMAINDER, default=[], help="arguments for the environment's python")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        prepare(os.environ, tests=options.tests, dialogue=not options.no_dialogue)
    except CannotInstall as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130
    if options.then:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.execv(python_of(SERVING), [str(python_of(SERVING)), *options.then])
    return 0


if __name__ == "__main__":
    sys.exit(main())
