"""What benchmarks share: starting the product's processes, and saying what was measured."""

import json
import os
import resource
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from chat_server.launch.fingerprint import ROOT

READY_WITHIN_S = 240.0


class NotMeasured(Exception):
    """The benchmark could not run; the message says why."""


class Processes:
    """Processes started for a benchmark, each with a log of its own, and stopped with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Iterable[str], environ: Mapping[str, str] | None = None) -> int:
        """Start a process in the repository's top folder; its process id. CHAT_ variables of our own do not reach it."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith("CHAT_")}
        with open(self._log(name), "wb") as log:
            self._running[name] = subprocess.Popen(
                tuple(command), cwd=ROOT, env={**ours, "PYTHONUNBUFFERED": "1", **(environ or {})},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        return self._running[name].pid

    def wait_until(self, look: Callable[[], bool], what: str, within_s: float = READY_WITHIN_S) -> None:
        """Look until it is so. Raises NotMeasured when a process ends or the time is over."""
        deadline = time.monotonic() + within_s
        while not look():
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise NotMeasured(f"{name} ended with code {process.returncode}:\n{self._end_of_log(name)}")
            if time.monotonic() > deadline:
                logs = "\n".join(f"--- {name}\n{self._end_of_log(name)}" for name in self._running)
                raise NotMeasured(f"not within {within_s:g} s: {what}\n{logs}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop all of them, the last started first."""
        for process in reversed(self._running.values()):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
        self._running.clear()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _end_of_log(self, name: str) -> str:
        return self._log(name).read_text(errors="replace")[-3000:]


@contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """Processes that are stopped at the end, however it comes."""
    running = Processes(folder)
    try:
        yield running
    finally:
        running.stop()


def answers(url: str) -> bool:
    """Whether a GET there succeeds."""
    with suppress(OSError), urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
        return answer.status == 200
    return False


def allow_many_sockets(needed: int) -> None:
    """Raise this process's limit of open files, which its children inherit. Raises NotMeasured when the system allows fewer."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise NotMeasured(f"{needed} open files are needed, the system allows {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else hard, hard))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns for people: the first one to the left, figures to the right."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) if n == 0 else cell.rjust(width) for n, (cell, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )


def met(goal: bool) -> str:
    """How a table says whether a goal was reached."""
    return "met" if goal else "MISSED"


def json_line(**facts: object) -> str:
    """The same result for programs, on one line."""
    return json.dumps(facts, separators=(",", ":"))
