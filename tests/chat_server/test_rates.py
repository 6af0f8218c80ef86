"""How often a parent may speak: one bucket, wherever the parent is connected."""

import asyncio
import itertools
import secrets

import pytest

from chat_server import rates
from chat_server.rates import BURST, OwnRates, SharedRates
from chat_server.settings import Settings
from tests.gateways import running


def new_conversation() -> str:
    return secrets.token_hex(16)


@pytest.fixture
async def two_gateways(redis_url: str):
    both = [SharedRates(redis_url, "options-chat") for _ in range(2)]
    yield both
    for one in both:
        await one.close()


async def test_one_bucket_for_a_parent_on_two_gateways(two_gateways):
    conversation = new_conversation()
    waits = [await gateway.take(conversation) for gateway, _ in zip(itertools.cycle(two_gateways), range(BURST + 2))]
    assert waits[:BURST] == [0] * BURST
    assert all(0 < wait <= 1000 for wait in waits[BURST:])
    assert await two_gateways[1].take(new_conversation()) == 0, "another parent is not slowed down"


async def test_many_at_once_take_no_more_than_there_is(two_gateways):
    conversation = new_conversation()
    waits = await asyncio.gather(*(gateway.take(conversation) for gateway in two_gateways for _ in range(20)))
    assert BURST <= waits.count(0) <= BURST + 1


async def test_a_shared_bucket_refills(two_gateways, monkeypatch):
    monkeypatch.setattr(rates, "PER_SECOND", 50.0)
    conversation = new_conversation()
    while not await two_gateways[0].take(conversation):
        pass
    async with asyncio.timeout(15):
        while await two_gateways[1].take(conversation):
            await asyncio.sleep(0.005)


async def test_two_services_on_one_redis_have_buckets_of_their_own(redis_url):
    conversation = new_conversation()
    ours, trial = SharedRates(redis_url, "options-chat"), SharedRates(redis_url, "trial")
    while not await ours.take(conversation):
        pass
    assert await trial.take(conversation) == 0
    await ours.close()
    await trial.close()


async def test_what_has_refilled_leaves_nothing_in_redis(two_gateways):
    conversation = new_conversation()
    await two_gateways[0].take(conversation)
    left_s = await two_gateways[0]._redis.ttl(f"options-chat:rate:{conversation}")
    assert 0 < left_s <= BURST + 1


async def test_while_redis_is_gone_each_gateway_has_its_own_bucket_and_then_the_shared_one_again(redis_url):
    clock = itertools.count(0, 0.001)
    gone = SharedRates("redis://127.0.0.1:9/0", "options-chat", OwnRates(lambda: 0.0), lambda: next(clock))
    conversation = new_conversation()
    waits = [await gone.take(conversation) for _ in range(BURST + 1)]
    assert waits[:BURST] == [0] * BURST and waits[BURST] > 0
    back = SharedRates(redis_url, "options-chat", monotonic=itertools.count(0, 10).__next__)
    gone._bucket = back._bucket
    gone._monotonic = itertools.count(100).__next__
    assert await gone.take(conversation) == 0, "the shared bucket is still full"
    await gone.close()
    await back.close()


async def test_a_parent_with_two_sockets_on_two_gateways_is_slowed_down_as_with_one(redis_url, new_postgres_url, tmp_path):
    settings = Settings(database_url=new_postgres_url, redis_url=redis_url, data_dir=tmp_path, opening_hours="always")
    async with running(settings) as one, running(settings) as two:
        async with one.parent() as phone, two.parent(hello={"resume": phone.welcome["resume"]}) as laptop:
            for n in range(BURST + 1):
                for socket in (phone, laptop):
                    await socket.say(f"message {n}")
            refused = []
            for socket in (phone, laptop):
                for _ in range(BURST + 1):
                    while (frame := await socket.hear())["type"] not in ("ack", "error"):
                        pass
                    refused.append(frame.get("code"))
            assert refused.count("slow_down") >= 4, "each bucket alone would have let five through"
