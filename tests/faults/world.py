"""A service of its own for each scenario: real gateways over real PostgreSQL, Redis or SQLite, and people who talk while it breaks."""

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from chat_server.launch.watchdog import Watchdog
from chat_server.services import Services, now
from chat_server.settings import Settings
from chat_server.store.unit_of_work import Store
from tests.agents import add_agent
from tests.faults import people
from tests.faults.people import Agent, Parent
from tests.faults.places import OwnGateway, OwnPostgres, OwnRedis, gateways, small_disk
from tests.faults.scenarios import Plan
from tests.faults.verdict import Verdict, judge
from tests.stand_in import StandIn, stand_in

SETTLE_WITHIN_S = 90.0
NORMAL_WITHIN_S = 90.0
NORMAL_ANSWER_S = 2.0
"""A stranger who writes now is answered within this: the service is as usual."""
IN_A_ROW = 3


@dataclass
class World:
    """One scenario's service, and the people in it."""

    plan: Plan
    rng: random.Random
    scale: float
    folder: Path
    gateways: list[OwnGateway]
    model: StandIn
    second: StandIn
    own: "Places"
    parents: list[Parent] = field(default_factory=list)
    crowd: list[Parent] = field(default_factory=list)
    note: str = ""
    ended_at: float | None = None

    def seconds(self, usual: float) -> float:
        """How long a fault lasts; the short version has shorter ones."""
        return usual * self.scale

    def times(self, usual: int) -> int:
        return max(1, round(usual * self.scale))

    def fault_ended(self, at: float | None = None) -> None:
        self.ended_at = asyncio.get_running_loop().time() if at is None else at


class Places:
    """PostgreSQL and Redis for a run, each started when a scenario first needs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.watchdog = Watchdog()
        self._postgres: OwnPostgres | None = None
        self._redis: OwnRedis | None = None

    async def postgres(self) -> OwnPostgres:
        if self._postgres is None:
            self._postgres = OwnPostgres(self.folder / "postgres", self.watchdog)
            await self._postgres.make()
        return self._postgres

    async def redis(self) -> OwnRedis:
        if self._redis is None:
            self._redis = OwnRedis(self.folder / "redis", self.watchdog)
            await self._redis.start()
        return self._redis

    async def close(self) -> None:
        if self._postgres:
            await self._postgres.stop()
        if self._redis:
            await self._redis.kill()
        self.watchdog.close()


@asynccontextmanager
async def places(folder: Path) -> AsyncIterator[Places]:
    folder.chmod(0o755)  # PostgreSQL may run as an account of its own
    some = Places(folder)
    try:
        yield some
    finally:
        await some.close()


async def play(plan: Plan, seed: int, own: Places, scale: float = 1.0) -> Verdict:
    """Run one scenario and judge it."""
    folder = own.folder / f"{plan.name.replace(' ', '-').replace(',', '')}-{secrets.token_hex(3)}"
    disk = small_disk(folder, plan.small_disk_mb) if plan.small_disk_mb else contextlib.nullcontext(folder)
    with disk:
        folder.mkdir(exist_ok=True)
        async with stand_in() as model, stand_in() as second:
            world = World(plan, random.Random(f"{seed} {plan.name}"), scale, folder, [], model, second, own)
            environ = await _environ(world)
            async with gateways(plan.gateways, folder, own.watchdog, environ, plan.faults) as running:
                world.gateways = running
                return await _play(world, environ["CHAT_DATABASE_URL"])


async def _environ(world: World) -> dict[str, str]:
    plan = world.plan
    models = [world.model] + ([world.second] if "two" in plan.name else [])
    common = {"CHAT_RASA_URL": ",".join(model.url for model in models), "CHAT_RASA_TOKEN": "x" * 16, "CHAT_BEAT_EVERY_S": str(plan.beat_s)}
    if plan.store == "sqlite":
        return common | {"CHAT_DATABASE_URL": f"sqlite:///{world.folder / 'chat.sqlite3'}"}
    database = await (await world.own.postgres()).new_database(f"faults_{secrets.token_hex(6)}")
    return common | {"CHAT_DATABASE_URL": database, "CHAT_REDIS_URL": (await world.own.redis()).url}


async def _play(world: World, database: str) -> Verdict:
    plan = world.plan
    world.parents = [
        Parent(f"parent {n}", random.Random(world.rng.random()), world.gateways, messages=10**6, cut=plan.cut, human=n < plan.with_agent)
        for n in range(plan.parents)
    ]
    world.crowd = [
        Parent(f"one of the crowd {n}", random.Random(world.rng.random()), world.gateways, messages=1, ping_after_s=15.0) for n in range(plan.crowd)
    ]
    agents = [await _agent(world, database, n) for n in range(1 if plan.with_agent else 0)]
    lives = [asyncio.create_task(one.live()) for one in (*world.parents, *agents)]
    try:
        lives += await _gather_crowd(world)
        await asyncio.sleep(2.0)
        await plan.go_wrong(world)
        if world.ended_at is None:
            world.fault_ended()
        normal = asyncio.create_task(_until_normal(world))
        await asyncio.sleep(2.0)
        for parent in world.parents:
            parent.speaking = False
        settled_s = await _until_settled(world)
        normal_s = await normal
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
    verdict = await judge([*world.parents, *world.crowd])
    assert world.ended_at is not None
    verdict.normal_s, verdict.settled_s, verdict.note = normal_s, settled_s, world.note
    for gateway in world.gateways:
        if "Traceback" in gateway.end_of_log() and not verdict.clean:
            verdict.details.append(f"{gateway.name}: …{gateway.end_of_log()[-1500:]}")
    return verdict


async def _gather_crowd(world: World) -> list["asyncio.Task[None]"]:
    """Let the crowd come in, a hundred at a time, each with one message that is answered."""
    lives = []
    for first in range(0, len(world.crowd), 50):
        some = world.crowd[first : first + 50]
        lives += [asyncio.create_task(one.live()) for one in some]
        async with asyncio.timeout(120):
            while not all(one.settled for one in some):
                await asyncio.sleep(0.05)
        for one in some:
            one.speaking = False
    return lives


async def _agent(world: World, database: str, number: int) -> Agent:
    """Somebody who has signed in, as the store knows it."""
    store = Store(Settings(database_url=database).database)
    try:
        signed_in = await add_agent(cast(Services, SimpleNamespace(store=store, clock=now)), f"Agent{number}", places=10)
    finally:
        await store.close()
    return Agent(signed_in.agent.name, signed_in.token, random.Random(world.rng.random()), world.gateways)


async def _until_settled(world: World) -> float | None:
    """Seconds after the fault's end until every message was acknowledged and answered; None when that never came."""
    assert world.ended_at is not None
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_WITHIN_S
    while not all(parent.settled for parent in (*world.parents, *world.crowd)):
        if loop.time() > deadline:
            return None
        await asyncio.sleep(0.05)
    return max(0.0, loop.time() - world.ended_at)


async def _until_normal(world: World) -> float | None:
    """Seconds after the fault's end until strangers are answered promptly at every gateway, several in a row."""
    assert world.ended_at is not None
    loop = asyncio.get_running_loop()
    deadline, since, good = loop.time() + NORMAL_WITHIN_S, 0.0, 0
    while good < IN_A_ROW:
        began = loop.time()
        if began > deadline:
            return None
        well = all(await asyncio.gather(*(_is_normal(world, gateway) for gateway in world.gateways)))
        if not well:
            good = 0
            await asyncio.sleep(0.1)
            continue
        since = loop.time() if good == 0 else since
        good += 1
    return max(0.0, since - world.ended_at)


async def _is_normal(world: World, gateway: OwnGateway) -> bool:
    stranger = Parent("a stranger", random.Random(time.monotonic()), [gateway], messages=1)
    try:
        async with asyncio.timeout(NORMAL_ANSWER_S):
            async with stranger._connection() as ws:
                session = asyncio.create_task(stranger._session(ws))
                try:
                    while not stranger.settled and not session.done():
                        await asyncio.sleep(0.01)
                finally:
                    session.cancel()
                    await asyncio.gather(session, return_exceptions=True)
    except people.GONE:
        return False
    return stranger.settled and not any(people.is_apology(frame) for frame in stranger.heard.values())
