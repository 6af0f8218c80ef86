"""What is measured: idle parents, acknowledgements, the relay to an agent, growth with what is stored."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx

from benchmarks import idle_memory
from benchmarks.load.clients import Line, open_line, open_lines, share
from benchmarks.load.fill import fill
from benchmarks.load.places import STORES, new_store, one_gateway
from chat_server import conversations, logs
from chat_server.app import make_services
from chat_server.gateway import Gateway
from chat_server.protocol import Hello, Say
from chat_server.rates import OwnRates
from chat_server.services import Services, now
from chat_server.settings import Settings
from chat_server.store.migrate import upgrade
from chat_server.store.unit_of_work import Store
from tests.agents import add_agent
from tests.fakes import FakeAssistant
from tests.faults.world import Places

IDLE_GOAL_KIB, ACK_GOAL_S, RELAY_GOAL_S, TURNS_GOAL = 60.0, 0.100, 0.050, 2.0


@dataclass
class Result:
    """One row of the table, and the points of a picture where there is one."""

    what: str
    value: str
    goal: str = ""
    met: bool | None = None
    facts: dict[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------------- idle parents


async def idle(sizes: Sequence[int]) -> list[Result]:
    """Memory for each parent who is connected and says nothing, on one gateway process."""
    results = []
    for parents in sizes:
        with tempfile.TemporaryDirectory() as folder:
            environ = {**os.environ, "CHAT_DATA_DIR": folder, "CHAT_LOG_LEVEL": "WARNING"}
            command = [sys.executable, "-m", "chat_server", "serve"]
            each = await asyncio.to_thread(idle_memory.measure, lambda _: command, environ, parents) / 1024
        results.append(
            Result(f"memory for each of {parents:,} idle parents", f"{each:.1f} KiB", f"{IDLE_GOAL_KIB:.0f} KiB", each <= IDLE_GOAL_KIB, {"parents": parents, "kib": each})
        )
    return results


# ---------------------------------------------------------------------- store and acknowledge


async def acknowledge(own: Places, rate: int, seconds: float, stores: Sequence[str] = STORES) -> list[Result]:
    """Messages that arrive at a steady rate whatever the gateway does; each also starts a turn, whose answer is stored too."""
    results = []
    for store in stores:
        async with one_gateway(store, own) as (gateway, _):
            lines = await open_lines(gateway.url, rate * 2)
            listening = [asyncio.create_task(line.listen()) for line in lines]
            began = time.perf_counter() + 0.5
            for n in range(int(rate * seconds)):
                due = began + n / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                await lines[n % len(lines)].say(f"message {n}", at=due)
            with suppress(TimeoutError):
                async with asyncio.timeout(60):
                    while any(line.waiting for line in lines):
                        await asyncio.sleep(0.05)
            acked = [time_s for line in lines for time_s in line.acked]
            missing = int(rate * seconds) - len(acked)
            for task in listening:
                task.cancel()
            await asyncio.gather(*(line.ws.close() for line in lines), return_exceptions=True)
        p50, p99 = share(acked, 50), share(acked, 99)
        facts = {"store": store, "rate": rate, "p50_ms": p50 * 1000, "p99_ms": p99 * 1000, "missing": missing}
        results.append(
            Result(f"store and acknowledge at {rate}/s, {store}: p99 (p50)", f"{p99 * 1000:.0f} ms ({p50 * 1000:.0f} ms)", f"{ACK_GOAL_S * 1000:.0f} ms", p99 <= ACK_GOAL_S and not missing, facts)
        )
    return results


# ---------------------------------------------------------------------- relay


async def relay(own: Places, pairs: int, per_second: float, seconds: float, stores: Sequence[str] = STORES) -> list[Result]:
    """From a parent's word to the agent's console, with so many pairs in talk at once."""
    results = []
    for store in stores:
        async with one_gateway(store, own) as (gateway, url):
            parents, agents = await _pairs(gateway.url, url, pairs)
            took: list[float] = []
            sent: dict[str, float] = {}

            async def hear(agent: Line, took: list[float] = took, sent: dict[str, float] = sent) -> None:
                async for raw in agent.ws:
                    frame = json.loads(raw)
                    if frame["type"] == "message" and frame["from"] == "parent" and frame["text"] in sent:
                        took.append(time.perf_counter() - sent.pop(frame["text"]))

            tasks = [asyncio.create_task(hear(agent)) for agent in agents] + [asyncio.create_task(parent.listen()) for parent in parents]
            began = time.perf_counter() + 0.5
            for n in range(int(per_second * seconds)):
                due = began + n / per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                sent[f"word {n}"] = due
                await parents[n % pairs].say(f"word {n}", at=due)
            with suppress(TimeoutError):
                async with asyncio.timeout(60):
                    while sent:
                        await asyncio.sleep(0.05)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*(line.ws.close() for line in (*parents, *agents)), return_exceptions=True)
        p50, p99 = share(took, 50), share(took, 99)
        facts = {"store": store, "pairs": pairs, "p50_ms": p50 * 1000, "p99_ms": p99 * 1000, "missing": len(sent)}
        results.append(
            Result(f"parent to agent, {pairs} pairs, {per_second:.0f} words/s, {store}: p99 (p50)", f"{p99 * 1000:.0f} ms ({p50 * 1000:.0f} ms)", f"{RELAY_GOAL_S * 1000:.0f} ms", p99 <= RELAY_GOAL_S and not sent, facts)
        )
    return results


async def _pairs(gateway: str, url: str, pairs: int) -> tuple[list[Line], list[Line]]:
    """Parents and agents who have each other: put so into the store, then connected."""
    store = Store(Settings(database_url=url).database)
    some = cast(Services, SimpleNamespace(store=store, clock=now))
    resumes: list[str] = []
    tokens: list[tuple[str, list[str]]] = []
    try:
        for number in range(0, pairs, 10):
            agent = await add_agent(some, f"Agent{number}", places=10)
            refs = []
            for _ in range(min(10, pairs - number)):
                begun = await conversations.begin(some, Hello(type="hello"))
                async with store.work() as work:
                    held = await work.load(begun.conversation.id)
                    held.ask_for_agent("human_request", "button", now())
                    held.agent_joins(agent.agent.id, agent.agent.name, held.version, now())
                    held.lease_until = now() + timedelta(hours=1)
                    await work.save(held)
                    await work.commit()
                resumes.append(begun.resume)
                refs.append(held.ref)
            tokens.append((agent.token, refs))
    finally:
        await store.close()
    agents = []
    async with httpx.AsyncClient(base_url=gateway, trust_env=False, timeout=60) as http:
        for token, refs in tokens:
            ticket = (await http.post("/api/agent/ticket", cookies={"options_desk": token})).json()["ticket"]
            line = await open_line(gateway, "/ws/agent", ticket=ticket)
            await line.until("desk")
            for ref in refs:
                await line.ws.send(json.dumps({"type": "watch", "conversation": ref, "last_seq": 0}))
                await line.until("conversation")
            agents.append(line)
    return [await open_line(gateway, resume=resume) for resume in resumes], agents


# ---------------------------------------------------------------------- growth


async def growth(own: Places, sizes: Sequence[int], takes: int, stores: Sequence[str] = STORES) -> list[Result]:
    """Acknowledging a message and reading the queue, with so many conversations stored."""
    results = []
    for store in stores:
        url = await new_store(store, own)
        database = Settings(database_url=url).database
        await upgrade(database)
        for size in sizes:
            await fill(database, size)
            took = await _takes(Settings(database_url=url, data_dir=own.folder), takes)
            for what, times in took.items():
                results.append(
                    Result(f"{what}, {store}, {size:,} conversations: p50 (p99)", f"{share(times, 50) * 1000:.1f} ms ({share(times, 99) * 1000:.1f} ms)",
                           facts={"store": store, "what": what, "size": size, "p50_ms": share(times, 50) * 1000, "p99_ms": share(times, 99) * 1000})
                )
        for what in ("acknowledge", "read the queue"):
            ms = [result.facts["p50_ms"] for result in results if result.facts.get("what") == what and result.facts["store"] == store]
            results.append(Result(f"{what}, {store}: most stored to fewest", f"{ms[-1] / ms[0]:.2f}", "2", ms[-1] / ms[0] <= 2))
    return results


async def _takes(settings: Settings, takes: int) -> dict[str, list[float]]:
    """The gateway's own code in this process: one message after the other of new conversations, and the queue in between."""
    logs.set_up("WARNING")
    services = replace(make_services(settings), assistant=FakeAssistant(), rates=OwnRates())
    gateway = Gateway(services)
    await services.bus.start(services.hub)
    took: dict[str, list[float]] = {"acknowledge": [], "read the queue": []}
    try:
        for n in range(takes):
            begun = await conversations.begin(services, Hello(type="hello"))
            frame = Say(type="say", id=f"00000000-0000-4000-8000-{n:012d}", text="we are separating")
            began = time.perf_counter()
            await gateway.inbox.take(begun.conversation.id, frame, lambda ack, began=began: took["acknowledge"].append(time.perf_counter() - began))
            while begun.conversation.id in gateway.turns._running:
                await asyncio.sleep(0.001)
            began = time.perf_counter()
            async with services.store.reading() as reading:
                await reading.queue()
                await reading.recent_waits_s()
                await reading.waiting_turns(services.clock())
            took["read the queue"].append(time.perf_counter() - began)
    finally:
        await gateway.turns.stop()
        await services.store.close()
    return took
