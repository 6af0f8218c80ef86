"""How long a parent waits for an answer, against stock Rasa with the same model and the same custom actions.

    .venv/bin/python -m benchmarks.turn

Ours: a `say` over the parents' socket until its `done`, through the whole product as `make run` starts it, with every
message and reply committed to the SQLite store. Stock: `rasa run` with the REST channel, Rasa's own tracker store, words
and action calls. Both load the same model file and call the same action server; only Rasa's own defaults differ.
Each message is answered by a custom action, which is checked on both sides.

Goals, as medians of several conversations in one run: at most 0.6 of stock at turn 5, at most 0.3 at turn 100, and our
turn 100 at most 1.25 of our own turn 5.
"""

import argparse
import http.client
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from websockets.sync.client import ClientConnection, connect

from benchmarks.common import NotMeasured, Processes, answers, json_line, met, processes, table
from chat_server.launch import model, supervisor
from chat_server.launch.fingerprint import ROOT
from chat_server.launch.ports import free_port
from chat_server.protocol import SUBPROTOCOL
from chat_server.rates import PER_SECOND
from chat_server.settings import Settings

TURNS = (5, 30, 100)
MOST_OF_STOCK = {5: 0.6, 100: 0.3}
MOST_OF_OWN_FIRST = 1.25
ANSWER_WITHIN_S = 60.0
BREATH_S = 0.25
"""Pause before each measured turn, so that none pays for what the one before it left behind."""
MESSAGES = (
    "where can i find a mediator?",
    "what benefits can i claim as a single parent",
    "i have debts i cant pay, who can help",
    "who can help with childcare costs",
    "we are thinking of separating, is there counselling for couples",
    "can somebody help me find a job",
)
"""Each is about a signpost topic, which `action_show_organisations` answers."""
STORES = {"memory": None, "sqlite": {"type": "SQL", "dialect": "sqlite"}}
"""Stock Rasa's tracker stores: its default, and the one that keeps conversations on disk, as ours does."""


class Ours:
    """A parent at the socket of the gateway."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        self._ws: ClientConnection = stack.enter_context(
            connect(f"ws://127.0.0.1:{port}/ws/chat", subprotocols=[SUBPROTOCOL], compression=None, proxy=None)
        )
        self._ws.send(json.dumps({"type": "hello"}))
        self._hear_until("welcome")
        self._may_speak_at = 0.0

    def say(self, text: str) -> float:
        """Say something, no faster than the gateway lets a parent speak; the seconds until the turn is complete."""
        time.sleep(max(0.0, self._may_speak_at - time.monotonic()))
        self._may_speak_at = time.monotonic() + 1 / PER_SECOND
        frame = json.dumps({"type": "say", "id": str(uuid.uuid4()), "text": text})
        began = time.perf_counter()
        self._ws.send(frame)
        heard = self._hear_until("done")
        took_s = time.perf_counter() - began
        if not any(frame.get("organisations") for frame in heard):
            raise NotMeasured(f"no custom action answered {text!r}: {heard}")
        return took_s

    def _hear_until(self, kind: str) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["type"] != kind:
            heard.append(json.loads(self._ws.recv(ANSWER_WITHIN_S)))
            if heard[-1]["type"] in ("error", "bye"):
                raise NotMeasured(f"the gateway said {heard[-1]}")
        return heard


class Stock:
    """The same parent at stock Rasa's REST channel, over one connection that stays open."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_S)
        stack.callback(self._http.close)
        self._name = uuid.uuid4().hex

    def say(self, text: str) -> float:
        """Say something; the seconds until the answer is there."""
        began = time.perf_counter()
        heard = self._post(text)
        took_s = time.perf_counter() - began
        if not any((message.get("custom") or {}).get("signal") == "organisations_shown" for message in heard):
            raise NotMeasured(f"stock: no custom action answered {text!r}: {heard}")
        return took_s

    def _post(self, text: str) -> list[dict[str, Any]]:
        body = json.dumps({"sender": self._name, "message": text})
        self._http.request("POST", "/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
        return json.loads(self._http.getresponse().read())


@dataclass(frozen=True)
class Ports:
    """Where both sides listen."""

    ours: int
    stock: int


@contextmanager
def both_sides(trained: Path, store: str) -> Iterator[Ports]:
    """The product and a stock Rasa, ready, with one action server between them."""
    # In the data folder, so that our commits cost what they cost the product.
    parent = Settings().data_dir.absolute()
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=parent) as name, processes(Path(name)) as running:
        folder, ports = Path(name), Ports(free_port(), free_port())
        (folder / "models").mkdir()
        trained = Path(shutil.copy(trained, folder / "models"))
        product = supervisor.everything(Settings(data_dir=folder), ports.ours, trained)
        for service in product:
            running.start(service.name, service.command, service.environ)
        actions_port = next(service.port for service in product if service.name == "actions")
        start_stock(running, folder, trained, ports.stock, actions_port, store)
        running.wait_until(lambda: answers(f"http://127.0.0.1:{ports.ours}/readyz"), "the product is ready")
        running.wait_until(lambda: answers(f"http://127.0.0.1:{ports.stock}/webhooks/rest/"), "stock Rasa is ready")
        yield ports


def start_stock(running: Processes, folder: Path, trained: Path, port: int, actions_port: int, store: str) -> None:
    """`rasa run` as Rasa's own documentation shows it: the REST channel and an action endpoint, all else by default."""
    endpoints: dict[str, Any] = {"action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"}}
    if STORES[store]:
        endpoints["tracker_store"] = STORES[store] | {"db": str(folder / "stock.sqlite3")}
    (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints))
    (folder / "credentials.yml").write_text(yaml.safe_dump({"rest": None}))
    command = (
        str(model.RASA_PYTHON), "-m", "rasa", "run", "--model", str(trained), "--interface", "127.0.0.1", "--port", str(port),
        "--endpoints", str(folder / "endpoints.yml"), "--credentials", str(folder / "credentials.yml"),
    )
    running.start("stock", command, {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"})


def current_model() -> Path:
    """The model of `make run`, trained first when there is none."""
    subprocess.run([sys.executable, "-m", "chat_server", "train"], cwd=ROOT, check=True)
    return model.model_path(Settings().data_dir.absolute() / "models")


SIDES = ("ours", "stock")
Took = dict[str, dict[int, list[float]]]
"""Seconds by side and turn, one for each conversation."""


@dataclass(frozen=True)
class Held:
    """A conversation on both sides, of which one turn is measured."""

    number: int
    measured: int
    sides: dict[str, Ours | Stock]

    def words(self, turn: int) -> str:
        """What is said in a turn: in turn 5 and in turn 100 of conversations with the same number, the same."""
        return MESSAGES[(self.number + self.measured - turn) % len(MESSAGES)]


def measure(ports: Ports, conversations: int, turns: Sequence[int]) -> Took:
    """Bring conversations to just before each turn, then take those turns in a mixed order, both sides alternating.

    So a machine that is slower for a while is slower for both sides and for early and late turns alike.
    """
    took: Took = {side: {turn: [] for turn in turns} for side in SIDES}
    with ExitStack() as stack:
        held = [
            Held(number, turn, {"ours": Ours(ports.ours, stack), "stock": Stock(ports.stock, stack)})
            for turn in turns for number in range(conversations)
        ]
        with ThreadPoolExecutor() as both:
            for ended in [both.submit(_bring_near, held, side) for side in SIDES]:
                ended.result()
        random.Random(0).shuffle(held)
        for n, conversation in enumerate(held):
            turn = conversation.measured
            for side in SIDES if n % 2 else reversed(SIDES):
                time.sleep(BREATH_S)
                took[side][turn].append(conversation.sides[side].say(conversation.words(turn)))
    return took


def _bring_near(held: Sequence[Held], side: str) -> None:
    """Hold conversations, one turn of each at a time, until each stands just before the turn that is measured."""
    for turn in range(1, max(one.measured for one in held)):
        for one in held:
            if turn < one.measured:
                one.sides[side].say(one.words(turn))


def report(took: Took, store: str) -> str:
    """The table for people and, last, the line for programs."""
    ms = {side: {turn: statistics.median(all_) * 1000 for turn, all_ in by_turn.items()} for side, by_turn in took.items()}
    ratios = {turn: ms["ours"][turn] / ms["stock"][turn] for turn in ms["ours"]}
    first, last = min(ratios), max(ratios)
    growth = ms["ours"][last] / ms["ours"][first]
    rows = []
    for turn, ratio in ratios.items():
        goal = MOST_OF_STOCK.get(turn)
        rows.append((
            f"turn {turn}: ours to stock", f"{ms['ours'][turn]:.1f} ms", f"{ms['stock'][turn]:.1f} ms", f"{ratio:.2f}",
            f"{goal}" if goal else "", met(ratio <= goal) if goal else "",
        ))
    rows.append((
        f"ours: turn {last} to turn {first}", f"{ms['ours'][last]:.1f} ms", f"{ms['ours'][first]:.1f} ms", f"{growth:.2f}",
        f"{MOST_OF_OWN_FIRST}", met(growth <= MOST_OF_OWN_FIRST),
    ))
    return "\n".join((
        table(("medians", "ours", "against", "ratio", "goal", ""), rows),
        json_line(
            benchmark="turn", conversations=len(took["ours"][first]), stock_store=store,
            ours_ms=_rounded(ms["ours"]), stock_ms=_rounded(ms["stock"]), ratio=_rounded(ratios), growth=round(growth, 3),
            goals_met=growth <= MOST_OF_OWN_FIRST and all(ratios[t] <= goal for t, goal in MOST_OF_STOCK.items() if t in ratios),
        ),
    ))


def _rounded(by_turn: dict[int, float]) -> dict[int, float]:
    return {turn: round(value, 3) for turn, value in by_turn.items()}


def main() -> int:
    """Measure from the command line; not 0 when nothing could be measured, whatever the goals."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turn", description=__doc__.partition("\n")[0])
    parser.add_argument("--conversations", type=int, default=12, help="for each turn that is measured")
    parser.add_argument("--turns", type=int, nargs="+", default=TURNS, help="the turns whose time counts")
    parser.add_argument("--stock-store", choices=STORES, default="memory", help="where stock Rasa keeps conversations")
    parser.add_argument("--model", type=Path, help="a model file; the current one, trained when there is none, if not given")
    options = parser.parse_args()
    try:
        with both_sides(options.model or current_model(), options.stock_store) as ports:
            took = measure(ports, options.conversations, sorted(options.turns))
    except (NotMeasured, subprocess.CalledProcessError) as failed:
        print(f"Not measured: {failed}", file=sys.stderr)
        return 1
    print(report(took, options.stock_store))
    return 0


if __name__ == "__main__":
    sys.exit(main())
