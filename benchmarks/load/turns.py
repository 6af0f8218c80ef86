"""Turns a second through one Rasa process: ours behind its channel, and stock Rasa behind its REST channel, on the same model.

Both are asked directly, without a gateway before them, by so many conversations at once; each conversation is a new one after
some turns. One action server serves both.
"""

import asyncio
import shutil
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.common import answers, processes
from benchmarks.turn import MESSAGES, start_stock
from chat_server.launch import supervisor
from chat_server.launch.ports import free_port
from chat_server.settings import Settings

TURNS_OF_ONE = 10
Ask = Callable[[aiohttp.ClientSession, str, int, str, dict[str, Any]], Awaitable[None]]


async def turns_a_second(model: Path, at_once: int, seconds: float) -> tuple[float, float]:
    """Ours and stock's."""
    parent = Settings().data_dir.absolute()
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="load-", dir=parent) as name, processes(Path(name)) as running:
        folder, stock_port, token = Path(name), free_port(), uuid.uuid4().hex
        (folder / "models").mkdir()
        trained = Path(shutil.copy(model, folder / "models"))
        product = supervisor.everything(Settings(data_dir=folder, rasa_token=token), free_port(), trained)
        ports = {service.name: service.port for service in product}
        for service in product:
            running.start(service.name, service.command, service.environ)
        start_stock(running, folder, trained, stock_port, ports["actions"], "memory")
        await asyncio.to_thread(running.wait_until, lambda: answers(f"http://127.0.0.1:{ports['gateway']}/readyz"), "the product is ready")
        await asyncio.to_thread(running.wait_until, lambda: answers(f"http://127.0.0.1:{stock_port}/webhooks/rest/"), "stock Rasa is ready")
        ours = _ours(f"http://127.0.0.1:{ports['dialogue']}/webhooks/gateway/turn", token)
        stock = _stock(f"http://127.0.0.1:{stock_port}/webhooks/rest/webhook")
        rates: dict[Ask, list[float]] = {ours: [], stock: []}
        for asked in (ours, stock):
            await _rate(asked, at_once, 2.0)
        for _ in range(3):  # in turn, so that a machine that is slower for a while is slower for both
            for asked, found in rates.items():
                found.append(await _rate(asked, at_once, seconds / 3))
        return sum(rates[ours]) / 3, sum(rates[stock]) / 3


async def _rate(ask: Ask, at_once: int, seconds: float) -> float:
    began, answered = time.perf_counter(), 0

    async def one(session: aiohttp.ClientSession) -> None:
        nonlocal answered
        turn, name, held = 0, uuid.uuid4().hex, dict[str, Any]()
        while time.perf_counter() - began < seconds:
            if turn == TURNS_OF_ONE:
                turn, name, held = 0, uuid.uuid4().hex, {}
            turn += 1
            await ask(session, name, turn, MESSAGES[turn % len(MESSAGES)], held)
            answered += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(one(session) for _ in range(at_once)))
    return answered / (time.perf_counter() - began)


def _ours(url: str, token: str) -> Ask:
    async def ask(session: aiohttp.ClientSession, name: str, turn: int, text: str, held: dict[str, Any]) -> None:
        body = {"conversation": name, "turn": turn, "text": text, "slots": {"lang": "en", "nation": None, "open_now": True}, "memory": held.get("memory")}
        async with session.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, raise_for_status=True) as answer:
            held["memory"] = (await answer.json())["memory"]

    return ask


def _stock(url: str) -> Ask:
    async def ask(session: aiohttp.ClientSession, name: str, turn: int, text: str, held: dict[str, Any]) -> None:
        async with session.post(url, json={"sender": name, "message": text}, raise_for_status=True) as answer:
            await answer.read()

    return ask
