"""What happens on one gateway is heard on the others; losing Redis loses nothing but speed."""

import asyncio
from dataclasses import replace

import pytest

from chat_server.bus import Frames, Hub, MemoryBus, RedisBus
from chat_server.settings import Settings
from tests.fakes import FakeAssistant
from tests.gateways import running


class Ear:
    def __init__(self) -> None:
        self.heard: list[dict] = []
        self.changed = asyncio.Event()

    def deliver(self, frames: Frames) -> None:
        self.heard += frames
        self.changed.set()


async def test_memory_bus_reaches_the_listeners_of_that_conversation_only():
    hub, bus, mine, other = Hub(), MemoryBus(), Ear(), Ear()
    await bus.start(hub)
    hub.add("c1", mine)
    hub.add("c2", other)
    await bus.publish("c1", [{"type": "done"}])
    assert mine.heard == [{"type": "done"}] and not other.heard
    hub.remove("c1", mine)
    await bus.publish("c1", [{"type": "done"}])
    assert len(mine.heard) == 1 and hub.count("c1") == 0


async def test_redis_bus_reaches_another_gateway_and_its_own_listeners_once(redis_url: str):
    hubs, ears = (Hub(), Hub()), (Ear(), Ear())
    buses = [RedisBus(redis_url, name) for name in ("one", "two")]
    for bus, hub, ear in zip(buses, hubs, ears, strict=True):
        hub.add("c1", ear)
        await bus.start(hub)
    await buses[0].publish("c1", [{"type": "message", "seq": 1, "text": "ŵ"}])
    async with asyncio.timeout(15):
        await ears[1].changed.wait()
    assert [ear.heard for ear in ears] == [[{"type": "message", "seq": 1, "text": "ŵ"}]] * 2
    for bus in buses:
        await bus.close()


async def test_two_services_on_one_redis_do_not_hear_each_other(redis_url: str):
    """Redis itself keeps its numbered databases apart for keys, and not for what is published."""
    other_number = redis_url.rpartition("/")[0] + f"/{(int(redis_url.rpartition('/')[2]) + 1) % 2}"
    places = [(redis_url, "options-chat"), (other_number, "options-chat"), (redis_url, "trial")]
    hubs, ears = [Hub() for _ in range(4)], [Ear() for _ in range(4)]
    buses = [RedisBus(url, name, prefix) for name, (url, prefix) in zip("abcd", [*places, places[0]], strict=True)]
    for bus, hub, ear in zip(buses, hubs, ears, strict=True):
        hub.add("c1", ear)
        await bus.start(hub)
    for bus in buses[:3]:
        await bus.publish("c1", [{"type": "done", "of": bus._name}])
    async with asyncio.timeout(15):
        await ears[3].changed.wait()
    await buses[0].publish("c1", [{"type": "last"}])
    async with asyncio.timeout(15):
        while {"type": "last"} not in ears[3].heard:
            await asyncio.sleep(0.01)
    for bus in buses:
        await bus.close()
    assert [[frame.get("of") for frame in ear.heard] for ear in ears] == [["a", None], ["b"], ["c"], ["a", None]]


async def test_nobody_waits_for_a_redis_that_hangs():
    """It takes connections and never answers."""
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    hub, ear = Hub(), Ear()
    hub.add("c1", ear)
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        bus = RedisBus(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0", "one")
        starting = asyncio.create_task(bus.start(hub))
        await asyncio.sleep(0)
        publishing = asyncio.create_task(bus.publish("c1", [{"type": "done"}]))
        await asyncio.sleep(0)
        assert publishing.done() and ear.heard == [{"type": "done"}]
        starting.cancel()
        await bus.close()


async def test_without_redis_the_own_listeners_still_hear():
    hub, ear = Hub(), Ear()
    bus = RedisBus("redis://127.0.0.1:9/0", "one")
    hub.add("c1", ear)
    bus._hub = hub
    await bus.publish("c1", [{"type": "done"}])
    assert ear.heard
    await bus.close()


@pytest.mark.parametrize("bus_is_up", [True, False], ids=["Redis up", "Redis gone"])
async def test_a_parent_on_two_gateways_hears_everything_on_both(new_postgres_url, redis_url, tmp_path, bus_is_up):
    url = redis_url if bus_is_up else "redis://127.0.0.1:9/0"
    settings = Settings(database_url=new_postgres_url, redis_url=url, data_dir=tmp_path, beat_every_s=0.5)

    def with_fake(services):
        return replace(services, assistant=FakeAssistant())

    async with running(settings, with_fake) as one, running(settings, with_fake) as two:
        async with one.parent() as phone, two.parent(hello={"resume": phone.welcome["resume"]}) as laptop:
            await phone.ask("hello from the phone")
            while len(laptop.durable()) < 2:
                await laptop.hear()
            await laptop.ask("and from the laptop")
            while len(phone.durable()) < 4:
                await phone.hear()
            assert [f["seq"] for f in phone.durable()] == [f["seq"] for f in laptop.durable()] == [1, 2, 3, 4]
