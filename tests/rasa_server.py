"""The dialogue model as the gateway meets it: real Rasa and the real action server, started once for all tests."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat_server.core.wording import Wording
from chat_server.launch.model import RASA_PYTHON
from chat_server.launch.ports import free_port
from tests.collector import Collector
from tests.stack import ROOT, trained_model
from tests.waiting import eventually

TOKEN = "a token for the tests"
READY_WITHIN_S = 180.0

Json = dict[str, Any]


class DialogueServer:
    """Rasa and its action server on free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.actions_port, self.port = free_port(), free_port()
        self.traces = Collector()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHAT_")},
            "CHAT_DATA_DIR": str(folder),
            "CHAT_RASA_TOKEN": TOKEN,
            "CHAT_ACTIONS_URL": f"http://127.0.0.1:{self.actions_port}/webhook",
            "CHAT_TRACES_URL": self.traces.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "SANIC_HOST": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
        }
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/webhooks/gateway", timeout=30, trust_env=False,
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        model = trained_model()
        (self.folder / "models").mkdir(parents=True)
        os.link(model, self.folder / "models" / model.name)
        self.start_actions()
        serve = (RASA_PYTHON, "-m", "dialogue.serve", "--model", self.folder / "models" / model.name, "--port", self.port)
        self._start("dialogue", *map(str, serve))
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once a turn would be answered."""
        eventually(self._ready, "the dialogue model answers", READY_WITHIN_S)

    def start_actions(self) -> None:
        self._start("actions", sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(self.actions_port))

    def stop_actions(self) -> None:
        """As when the action server has died."""
        self._end("actions")

    def stop(self) -> None:
        self.http.close()
        for name in tuple(self._processes):
            self._end(name)
        self.traces.close()

    def turn(self, **body: Any) -> httpx.Response:
        """One turn as the gateway asks for it, with what the test says in place of the usual."""
        usual: Json = {"conversation": "test", "turn": 1, "slots": {"lang": "en", "nation": None, "open_now": True}, "memory": None}
        return self.http.post("/turn", json={**usual, **body})

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _ready(self) -> bool:
        for name, process in self._processes.items():
            assert process.poll() is None, f"{name} stopped:\n{self.log(name)[-3000:]}"
        with contextlib.suppress(httpx.HTTPError):
            status = self.http.get("/status").json()
            return bool(status["ready"] and status["actions"])
        return False

    def _start(self, name: str, *command: str) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _end(self, name: str) -> None:
        process = self._processes.pop(name)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


WORDING = Wording(ROOT / "domain" / "wording")
STANDING_BLANKS = ("hours", "retention", "limit", "next_open")
"""What the gateway fills in by itself."""


@dataclass
class Said:
    """What came back for one message."""

    raw: Json
    texts: list[str] = field(default_factory=list)
    """What the parent reads: the words of the keys, as the gateway chooses them."""

    @property
    def topic(self) -> str:
        return self.raw["topic"]

    @property
    def keys(self) -> list[str]:
        return [message["key"] for message in self.raw["messages"]]

    @property
    def choices(self) -> list[str]:
        """The payloads that actions offered."""
        return [choice["payload"] for message in self.raw["messages"] for choice in message.get("choices", [])]

    @property
    def signals(self) -> list[str]:
        return [signal["signal"] for signal in self.raw["signals"]]

    def signal(self, name: str) -> Json:
        found = [signal for signal in self.raw["signals"] if signal["signal"] == name]
        assert len(found) == 1, f"expected one {name}, got {self.raw['signals']}"
        return found[0]

    @property
    def organisations(self) -> list[str]:
        return self.signal("organisations_shown")["ids"]

    @property
    def asking(self) -> str | None:
        return self.raw["asking"]

    def slot(self, name: str) -> Any:
        return self.raw["slots"].get(name)


@dataclass
class Chat:
    """A parent's conversation with the dialogue model; does what the gateway does between turns."""

    server: DialogueServer
    slots: Json = field(default_factory=lambda: {"lang": "en", "nation": None, "open_now": True})
    memory: Json | None = None
    turns: int = 0
    keys_said: list[str] = field(default_factory=list)

    def say(self, text: str) -> Said:
        return self._turn(text=text)

    def choose(self, payload: str) -> Said:
        return self._turn(payload=payload)

    def _turn(self, **body: Any) -> Said:
        self.turns += 1
        response = self.server.turn(turn=self.turns, slots=self.slots, memory=self.memory, **body)
        assert response.status_code == 200, response.text
        said = Said(response.json())
        self.memory = said.raw["memory"]
        for signal in said.raw["signals"]:
            if signal["signal"] == "prefer":
                self.slots |= {name: signal[name] for name in ("nation", "lang") if signal.get(name)}
        self._read(said)
        return said

    def _read(self, said: Said) -> None:
        """Take in the words of a turn: a question among them says what a plain yes means next."""
        facts = {**said.raw["slots"], **self.slots}
        for message in said.raw["messages"]:
            key, blanks = message["key"], dict.fromkeys(STANDING_BLANKS, "…") | message.get("blanks", {})
            words = WORDING.say(key, facts | {"again": key in self.keys_said}, self.slots["lang"], **blanks)
            said.texts.append(words.text)
            if words.yes and self.memory:
                self.memory["slots"]["offer"] = words.yes
        self.keys_said += said.keys


@contextlib.contextmanager
def running_dialogue() -> Iterator[DialogueServer]:
    """A dialogue server, stopped and removed afterwards."""
    parent = ROOT / "var" / "test"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix="dialogue-") as folder:
        server = DialogueServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


_RUNNING = pytest.StashKey[DialogueServer]()


@pytest.fixture(scope="session")
def dialogue_server(pytestconfig: pytest.Config) -> DialogueServer:
    """The one dialogue server of a test run, whichever folders ask for it."""
    if _RUNNING not in pytestconfig.stash:
        stack = contextlib.ExitStack()
        pytestconfig.add_cleanup(stack.close)
        pytestconfig.stash[_RUNNING] = stack.enter_context(running_dialogue())
    return pytestconfig.stash[_RUNNING]


@pytest.fixture
def chat(dialogue_server: DialogueServer) -> Chat:
    """A new conversation."""
    return Chat(dialogue_server)
