"""The faults, one function each: what is broken while parents write, and what is given back."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.places import fill

if TYPE_CHECKING:
    from tests.faults.world import World

Break = Callable[["World"], Awaitable[None]]
KILLS = 4
"""How often each gateway dies where it dies at a point."""


@dataclass(frozen=True)
class Plan:
    """One scenario: the service's shape, who is there, and what goes wrong."""

    name: str
    what: str
    go_wrong: Break
    store: str = "postgresql"
    gateways: int = 2
    parents: int = 24
    with_agent: int = 4
    """So many of them ask for a person, and an agent answers."""
    cut: tuple[float, float] | None = None
    faults: tuple[str, ...] = ()
    """Laid into each gateway: one for each of its lives."""
    crowd: int = 0
    beat_s: float = 20.0
    small_disk_mb: int = 0


async def sockets_cut(world: "World") -> None:
    await asyncio.sleep(world.seconds(12))
    for parent in world.parents:
        parent.cutting = False


async def dies_at_points(world: "World") -> None:
    """Each gateway dies at its point, again and again, until all that was laid has gone off."""
    async with asyncio.timeout(240):
        while any(gateway.deaths < len(world.plan.faults) for gateway in world.gateways):
            await asyncio.sleep(0.1)
    world.fault_ended(max(gateway.last_death for gateway in world.gateways))


async def killed_at_random(world: "World") -> None:
    for _ in range(world.times(6)):
        await asyncio.sleep(world.rng.uniform(0.3, 2.5))
        gateway = world.rng.choice(world.gateways)
        gateway.send(signal.SIGKILL)
    world.fault_ended()


async def dialogue_killed(world: "World") -> None:
    await world.model.stop()
    await asyncio.sleep(world.seconds(4))
    await world.model.start()


async def one_of_two_dialogues_killed(world: "World") -> None:
    await world.second.stop()
    await asyncio.sleep(world.seconds(6))
    await world.second.start()


def dialogue(mode: str, for_s: float) -> Break:
    """The dialogue model behaves like this for a while."""

    async def behaves(world: "World") -> None:
        world.model.behave(mode)
        await asyncio.sleep(world.seconds(for_s))
        world.model.behave("well")

    return behaves


async def redis_gone(world: "World") -> None:
    redis = await world.own.redis()
    await redis.kill()
    await asyncio.sleep(world.seconds(8))
    await redis.start()


async def redis_hangs(world: "World") -> None:
    redis = await world.own.redis()
    redis.send(signal.SIGSTOP)
    await asyncio.sleep(world.seconds(8))
    redis.send(signal.SIGCONT)


async def postgres_restarted(world: "World") -> None:
    postgres = await world.own.postgres()
    await postgres.crash()
    await asyncio.sleep(world.seconds(3))
    await postgres.start()


async def disk_full(world: "World") -> None:
    ballast = await asyncio.to_thread(fill, world.folder)
    await asyncio.sleep(world.seconds(6))
    ballast.unlink()


async def clock_jumps(world: "World") -> None:
    """One gateway is an hour ahead and dies with work in hand; the other is an hour behind for a while."""
    ahead, behind = world.gateways[:2]
    world.model.slow_s = 1.5
    world.model.behave("slow")
    ahead.clock.write_text("3600")
    await asyncio.sleep(world.seconds(4))
    ahead.clock.write_text("0")
    ahead.send(signal.SIGKILL)
    behind.clock.write_text("-3600")
    await asyncio.sleep(world.seconds(4))
    behind.clock.write_text("0")
    world.model.behave("well")


async def rolling_restart(world: "World") -> None:
    for gateway in world.gateways:
        await gateway.restart()


async def all_return_at_once(world: "World") -> None:
    """Every socket is gone in one moment; all come back to gateways that have just started."""
    for gateway in world.gateways:
        gateway.send(signal.SIGKILL)
    at = asyncio.get_running_loop().time()
    world.fault_ended(at)
    async with asyncio.timeout(240):
        while missing := [one for one in world.crowd if one.welcomed_at <= at]:
            await asyncio.sleep(0.05 if len(missing) < 100 else 0.2)
    took_s = max(one.welcomed_at for one in world.crowd) - at
    world.note = f"all {len(world.crowd)} were welcome again {took_s:.1f} s after the kill"


def at(point: str, nth: tuple[int, ...] = (3, 9, 14, 20)[:KILLS]) -> tuple[str, ...]:
    return tuple(f"{point}:{n}" for n in nth)


PLANS = (
    Plan("sockets cut", "each parent's socket is cut every 0.3 to 3 s", sockets_cut, cut=(0.3, 3.0)),
    Plan("sockets cut, SQLite", "the same on one gateway with SQLite", sockets_cut, cut=(0.3, 3.0), store="sqlite", gateways=1, with_agent=0),
    Plan("killed between write and ack", "stored, not yet acknowledged", dies_at_points, faults=at("between_write_and_ack")),
    Plan("killed between ack and publish", "acknowledged, not yet told", dies_at_points, faults=at("between_ack_and_publish")),
    Plan("killed in mid-turn", "the model has answered, nothing of it is stored", dies_at_points, faults=at("in_mid_turn")),
    Plan("killed between reply and publish", "the reply is stored, not yet told", dies_at_points, faults=at("between_reply_and_publish")),
    Plan("killed in mid-turn, SQLite", "the same on one gateway with SQLite", dies_at_points, faults=at("in_mid_turn"), store="sqlite", gateways=1, with_agent=0),
    Plan("killed at any moment", "kill -9, six times", killed_at_random),
    Plan("dialogue killed", "nothing listens for 4 s", dialogue_killed),
    Plan("one dialogue of two killed", "for 6 s", one_of_two_dialogues_killed),
    Plan("dialogue hangs", "takes turns and never answers, 12 s", dialogue("hang", 12)),
    Plan("dialogue slow", "3 s for each turn, 12 s long", dialogue("slow", 12)),
    Plan("dialogue answers nonsense", "wrong shapes, errors, half answers, 8 s", dialogue("nonsense", 8)),
    Plan("action server gone", "no action can be run, 6 s", dialogue("no_actions", 6)),
    Plan("Redis gone", "killed, back after 8 s", redis_gone),
    Plan("Redis hangs", "stopped short for 8 s", redis_hangs),
    Plan("PostgreSQL restarted", "crashed, back after 3 s", postgres_restarted),
    Plan("disk full, SQLite", "no room for 6 s", disk_full, store="sqlite", gateways=1, with_agent=0, small_disk_mb=48),
    Plan("clock jumps", "one an hour ahead, then killed; one an hour behind", clock_jumps),
    Plan("rolling restart", "each gateway stopped and started, one after the other", rolling_restart, gateways=3),
    Plan("1,000 return at once", "both gateways killed under 1,000 sockets", all_return_at_once, crowd=1000, parents=12, with_agent=2),
)
