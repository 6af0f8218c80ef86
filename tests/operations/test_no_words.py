"""What anybody writes is in no log, at no level, in no metric and in no span; whatever goes wrong with it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from actions.tracing import provider, without_words
from chat_server import services as collaborators
from chat_server import tracing
from chat_server.launch.ports import free_port
from chat_server.settings import Settings
from chat_server.store.unit_of_work import Store
from tests.agents import add_agent, console
from tests.gateways import Server
from tests.waiting import eventually

WORD = "quinceblossom"
"""Whatever holds it was written by somebody."""


class Nonsense(BaseHTTPRequestHandler):
    """A dialogue model that repeats what it was asked, in forms that nobody can use."""

    answers = [f'{{"topic": "{WORD}", "messages": "{WORD}"}}', WORD, f'{{"topic": "t", "messages": [{{"key": "{WORD}"}}]}}']

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).answers = [*self.answers[1:], self.answers[0]]
        body = self.answers[0].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def nonsense() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Nonsense)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Process:
    """A gateway in a process of its own, that logs all it can."""

    def __init__(self, folder: Path, rasa_url: str) -> None:
        self.port, self.log = free_port(), folder / "gateway.log"
        self.database = f"sqlite:///{folder / 'chat.sqlite3'}"
        environ = {
            **os.environ, "CHAT_PORT": str(self.port), "CHAT_DATA_DIR": str(folder), "CHAT_DATABASE_URL": self.database,
            "CHAT_RASA_URL": rasa_url, "CHAT_LOG_LEVEL": "DEBUG", "CHAT_OPENING_HOURS": "always",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "chat_server", "serve"], env=environ, stdout=log, stderr=log)
        eventually(self._up, "the gateway is up", 60)
        store = Store(Settings(database_url=self.database).database)
        self.server = Server(None, SimpleNamespace(store=store, clock=collaborators.now), self.port)

    def _up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture
def process(tmp_path: Path, nonsense: str) -> Iterator[Process]:
    started = Process(tmp_path, nonsense)
    yield started
    started.process.kill()
    started.process.wait()


async def write_everywhere(server: Server) -> None:
    """Put the word wherever a person can write, rightly and wrongly."""
    asha, bert = await add_agent(server.services, "Asha"), await add_agent(server.services, "Bert")
    async with console(server, asha) as agent, server.parent(hello={"via": WORD}) as parent:
        await parent.ask(f"my name is {WORD} and I want to kill myself")
        await parent.do("prefer", safe_contact={"how": WORD, "ask_for": WORD, "when": WORD})
        await parent.do("rate", answers={"overall": 3, "comment": WORD})
        ref = parent.welcome["conversation"]
        await agent.until("queue", ref)
        await agent.claim(ref)
        await agent.act("note", ref, text=WORD)
        await agent.act("say", ref, text=WORD)
        await agent.do("transfer", conversation=ref, version=1, to=bert.agent.id, reason=WORD)
        await agent.ws.send(f'{{"type": "{WORD}", "conversation": "{WORD}", "x": ')
        for raw in (WORD, f'{{"type": "{WORD}"}}', f'["{WORD}"]', f'{{"type": "say", "id": "{WORD}", "text": "{WORD}"}}', f'{{"type": "choose", "of": "{WORD}"}}'):
            await parent.ws.send(raw)
        await parent.hear("error")
        await parent.say(WORD * 1000)
        await parent.hear("error", code="too_long")
    async with server.parent() as other:
        await other.say(f"please help {WORD}")
        await other.hear("done")
    async with server.socket() as stranger:
        await stranger.send(type="hello", resume=WORD)
        assert await stranger.closed() == 4500
    await write_over_http(server)


async def write_over_http(server: Server) -> None:
    async with server.http() as http:
        begun = (await http.post("/api/conversations", json={"via": WORD})).json()
        path, bearer = f"/api/conversations/{begun['conversation']}", {"Authorization": f"Bearer {begun['resume']}"}
        for answer in [
            await http.put(f"{path}/messages/{WORD}", json={"text": WORD}, headers=bearer),
            await http.put(f"{path}/messages/00000000-0000-4000-8000-000000000001", json={"text": [WORD]}, headers=bearer),
            await http.put(f"{path}/messages/00000000-0000-4000-8000-000000000001", content=f'{{"text": "{WORD}', headers=bearer),
            await http.get(f"{path}/events", params={"after": WORD, WORD: WORD}, headers=bearer),
            await http.get(f"/api/conversations/{WORD}/events", headers={"Authorization": f"Bearer {WORD}"}),
            await http.post("/api/estimate", json={"income": WORD, "receiving_parents": WORD}),
            await http.get("/api/directory", params={"topic": WORD}),
            await http.post("/chat", data={"text": WORD, "id": WORD}, headers={"User-Agent": WORD, "Cookie": f"conversation={WORD}"}),
            await http.post("/api/agent/sign-in", json={"email": f"{WORD}@example.org", "password": WORD}, headers={"X-Forwarded-For": WORD}),
            await http.get(f"/{WORD}?{WORD}"),
        ]:
            assert answer.status_code < 500


async def test_nothing_that_was_written_is_in_logs_or_metrics_at_any_level(process: Process):
    await write_everywhere(process.server)
    async with process.server.http() as http:
        metrics = (await http.get("/metrics")).text
    process.process.terminate()
    process.process.wait(30)
    said = process.log.read_text()
    lines = [json.loads(line) for line in said.splitlines()]
    assert {"turn", "assistant_unavailable", "reply_without_words"} & {line["event"] for line in lines}, "something was logged of it"
    assert WORD not in said
    assert "127.0.0.1" not in said, "where a parent wrote from"
    assert WORD not in metrics and "chat_frames_refused_total{" in metrics


LOGGING = """
import logging, structlog
from chat_server import logs
logs.set_up("{level}")
def fail():
    try:
        raise KeyError("{word}")
    except KeyError as first:
        raise ValueError("{word}") from first
for log in (structlog.get_logger("ours"), logging.getLogger("asyncio")):
    try:
        fail()
    except ValueError:
        log.exception("it failed")
try:
    open("/nowhere/at/all")
except OSError:
    structlog.get_logger().exception("no file")
logging.getLogger("websockets.server").debug("< TEXT {word}")
logging.getLogger("uvicorn.error").debug("{word}")
structlog.get_logger().info("forged", value="x\\n{{\\"event\\": \\"admin signed in\\"}}\\u2028\\x1b[2J")
"""


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_an_exception_is_told_by_kind_and_place_and_a_line_cannot_be_forged(level: str):
    ran = subprocess.run([sys.executable, "-c", LOGGING.format(level=level, word=WORD)], capture_output=True, text=True)
    assert ran.returncode == 0 and WORD not in ran.stderr
    lines = [json.loads(line) for line in ran.stderr.split("\n") if line]
    failed = [line["exception"] for line in lines if line["event"] == "it failed"]
    assert len(failed) == 2
    assert all("builtins.KeyError" in told and "builtins.ValueError" in told and " fail" in told for told in failed)
    assert "No such file" in next(line for line in lines if line["event"] == "no file")["exception"]
    assert [line["event"] for line in lines].count("admin signed in") == 0 and "\x1b" not in ran.stderr


def test_without_a_place_to_send_traces_nothing_of_them_is_loaded():
    program = "import sys, chat_server.app; from chat_server import tracing; tracing.start(None); print('opentelemetry.exporter.otlp.proto.http.trace_exporter' in sys.modules, tracing.headers())"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={k: v for k, v in os.environ.items() if k != "CHAT_TRACES_URL"})
    assert ran.stdout == "False {}\n", ran.stderr


def test_an_exception_leaves_its_message_in_no_span():
    made = InMemorySpanExporter()
    tracing.start(None, SimpleSpanProcessor(made))
    try:
        with pytest.raises(ValueError), tracing.span("turn", seq=1):
            raise ValueError(WORD)
    finally:
        tracing.stop()
    [span] = made.get_finished_spans()
    assert WORD not in span.to_json() and span.status.description == "ValueError"


def test_what_rasa_sdk_would_tell_of_an_action_is_taken_out_before_it_is_sent():
    made = InMemorySpanExporter()
    tracer = provider(SimpleSpanProcessor(without_words(made))).get_tracer("rasa_sdk")
    with pytest.raises(ValueError), tracer.start_as_current_span("create_app.webhook") as current:
        current.set_attribute("next_action", "action_offer_topics")
        current.set_attribute("sender_id", WORD)
        raise ValueError(WORD)
    [span] = made.get_finished_spans()
    assert span.name == "action action_offer_topics" and not span.status.is_ok and WORD not in span.to_json()
