"""Several dialogue models behind one gateway: stand-ins that speak the real channel over real HTTP."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from chat_server import dialogue_pool
from chat_server.assistant import AssistantUnavailable, Question
from chat_server.dialogue_pool import RasaPool, pool_of
from chat_server.settings import Settings
from tests.gateways import PATIENCE_S, running
from tests.stand_in import KEY, StandIn, stand_in

QUESTION = Question("c1", 1, "who can help?", None, {}, None)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue_pool, "PATIENCE_S", 0.05)
    monkeypatch.setattr(dialogue_pool, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("chat_server.assistant.STATUS_WITHIN_S", 0.3)


@pytest.fixture
async def two():
    async with AsyncExitStack() as stack:
        models = [await stack.enter_async_context(stand_in()) for _ in range(2)]
        pool = pool_of([model.url for model in models], "")
        stack.push_async_callback(pool.close)
        yield models, pool


async def ask(pool: RasaPool) -> str:
    async with asyncio.timeout(PATIENCE_S):
        return (await pool.reply(QUESTION)).lines[0].key


async def asked(pool: RasaPool, model: StandIn) -> None:
    """Ask until this one has been asked once more."""
    before = model.turns
    async with asyncio.timeout(PATIENCE_S):
        while model.turns == before:
            await asyncio.gather(*(ask(pool) for _ in range(2)))


async def test_turns_at_once_are_spread_over_all(two):
    models, pool = two
    await asyncio.gather(*(ask(pool) for _ in range(40)))
    assert min(model.turns for model in models) >= 15


async def test_a_dead_one_is_left_at_once_and_comes_back(two):
    (one, other), pool = two
    await one.stop()
    for _ in range(20):
        assert await ask(pool) == KEY
    assert (one.turns, other.turns) == (0, 20)
    assert sorted((await pool.status()).servers.values()) == ["down", "up"]
    await one.start()
    await asked(pool, one)
    assert set((await pool.status()).servers.values()) == {"up"}


@pytest.mark.parametrize("how", ["hang", "no_actions"])
async def test_one_that_hangs_or_has_no_actions_is_taken_out_and_the_turn_is_answered_elsewhere(two, how):
    (one, other), pool = two
    one.behave(how)
    await asyncio.gather(*(ask(pool) for _ in range(8)))
    left = one.turns
    await asyncio.gather(*(ask(pool) for _ in range(8)))
    assert one.turns == left and other.turns == 16
    one.behave("well")
    await asked(pool, one)


async def test_one_that_is_only_busy_keeps_its_turn(two):
    (one, other), pool = two
    for model in two[0]:
        model.behave("slow")
        model.slow_s = 0.5
    assert await ask(pool) == KEY
    assert one.turns + other.turns == 1, "a slow answer must not double the work"


async def test_nonsense_is_asked_for_elsewhere_and_one_that_only_talks_nonsense_rests(two):
    (one, other), pool = two
    one.behave("nonsense")
    for _ in range(20):
        assert await ask(pool) == KEY
    assert one.turns == dialogue_pool.MOST_NONSENSE and other.turns == 20


async def test_nonsense_of_both_is_no_answer(two):
    models, pool = two
    for model in models:
        model.behave("nonsense")
    with pytest.raises(AssistantUnavailable):
        await ask(pool)
    assert [model.turns for model in models] == [1, 1]


async def test_with_all_gone_a_turn_waits_and_is_answered_by_the_first_that_is_back(two):
    (one, other), pool = two
    await one.stop()
    await other.stop()
    waiting = asyncio.create_task(ask(pool))
    assert not (await pool.status()).ready
    await other.start()
    assert await waiting == KEY


async def test_one_alone_is_asked_again_until_it_answers():
    async with stand_in() as only:
        pool = pool_of([only.url], "")
        only.behave("no_actions")
        waiting = asyncio.create_task(ask(pool))
        async with asyncio.timeout(PATIENCE_S):
            while only.turns < 2:
                await asyncio.sleep(0.01)
        only.behave("well")
        assert await waiting == KEY
        assert (await pool.status()).servers == {}
        await pool.close()


async def test_a_gateway_with_two_says_how_each_stands_and_one_conversation_has_one_turn_at_a_time(tmp_path):
    async with stand_in() as one, stand_in() as other:
        settings = Settings(data_dir=tmp_path, rasa_url=f"{one.url}, {other.url}/", opening_hours="always")
        async with running(settings) as server, server.parent() as parent, server.http() as http:
            for n in range(4):
                await parent.say(f"message {n}")
            for seq in (m["seq"] for m in [await parent.hear("ack") for _ in range(4)]):
                await parent.has_heard("done", in_reply_to=seq)
            said = [m for m in parent.durable() if m["from"] == "assistant"]
            asked_in_order = [m["seq"] for m in parent.durable() if m["from"] == "parent"]
            assert [m["in_reply_to"] for m in said] == asked_in_order and one.turns + other.turns == 4
            await other.stop()
            ready = await http.get("/readyz")
            assert ready.status_code == 200 and ready.json()["degraded"]
            assert ready.json()["dialogue_servers"] == {one.url[7:]: "up", other.url[7:]: "down"}
