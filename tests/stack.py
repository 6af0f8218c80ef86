"""The whole product as a parent meets it: real Rasa, real action server, real gateway, started by the supervisor."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx

from chat_server.launch.ports import free_port
from tests.waiting import eventually

ROOT = Path(__file__).parents[1]
TRAINED_IN = ROOT / "var"
"""Where `make run` trains too, so that a model is trained once for both."""
READY_WITHIN_S = 180.0


@cache
def trained_model() -> Path:
    """The current dialogue model, trained first when there is none."""
    environ = {**os.environ, "CHAT_DATA_DIR": str(TRAINED_IN)}
    done = subprocess.run([sys.executable, "-m", "chat_server", "train"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(re.search(r"^The current model is (.+)\.$", done.stdout, re.MULTILINE)[1])


class Stack:
    """A running product on a free port, with a data folder of its own."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = data_dir / "output.log"
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHAT_")},
            "CHAT_PORT": str(self.port),
            "CHAT_DATA_DIR": str(data_dir),
            "CHAT_OPENING_HOURS": "always",
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        model = trained_model()
        (self.data_dir / "models").mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.link(model, self.data_dir / "models" / model.name)
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chat_server", "up"],
                cwd=ROOT, env=self._environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )

    def stop(self) -> None:
        """Ask the product to stop, as Ctrl-C does, and wait until it has."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def wait_until_ready(self, within_s: float = READY_WITHIN_S) -> "Stack":
        """Return once a parent's message would be answered."""
        def ready() -> bool:
            assert self.process and self.process.poll() is None, f"the product stopped:\n{self.everything_said()}"
            return self.readiness() == 200

        try:
            eventually(ready, "ready", within_s)
        except AssertionError as late:
            late.add_note(self.everything_said())
            raise
        return self

    def readiness(self) -> int | None:
        """The status of `/readyz`; None when nothing answers."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/readyz", timeout=10, trust_env=False).status_code
        return None

    def children(self) -> dict[str, dict]:
        """What the supervisor has written down of each service: pid, restarts, state."""
        return json.loads((self.data_dir / "run" / "children.json").read_text())

    def kill(self, name: str) -> None:
        """Kill one service (`gateway`, `dialogue`, `actions`) as a power cut would."""
        os.kill(self.children()[name]["pid"], signal.SIGKILL)

    def kill_and_wait(self, name: str) -> None:
        """Kill one service and return once it was started again and messages are answered."""
        before = self.children()[name]["restarts"]
        self.kill(name)
        eventually(
            lambda: self.children()[name]["restarts"] > before and self.children()[name]["state"] == "running",
            f"{name} runs again", within_s=120,
        )
        self.wait_until_ready(120)

    def log(self, name: str) -> str:
        path = self.data_dir / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def everything_said(self) -> str:
        """The end of each output, for a failure's report."""
        logs = {"supervisor": self.output.read_text(errors="replace") if self.output.exists() else ""}
        logs |= {name: self.log(name) for name in ("training", "actions", "dialogue", "gateway")}
        return "\n".join(f"--- {name}\n{text[-3000:]}" for name, text in logs.items() if text)


@contextlib.contextmanager
def running_stack(**environ: str) -> Iterator[Stack]:
    """A product of its own, ready, stopped and removed afterwards. Arguments are environment variables."""
    parent = ROOT / "var" / "test"
    parent.mkdir(parents=True, exist_ok=True)
    data_dir = Path(tempfile.mkdtemp(prefix="stack-", dir=parent))
    stack = Stack(data_dir, **environ)
    stack.start()
    try:
        yield stack.wait_until_ready()
    finally:
        stack.stop()
        shutil.rmtree(data_dir, ignore_errors=True)
