"""The store keeps what the conversation says, on both databases; what is read again is what was written."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from chat_server.core.conversation import Conversation, Refused, State
from chat_server.settings import Settings
from chat_server.store.migrate import upgrade
from chat_server.store.tables import metadata
from chat_server.store.unit_of_work import Store, Turn
from tests.core.test_conversation import World, sequences
from tests.databases import empty_tables

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str):
    url = Settings(database_url=database_url).database
    await upgrade(url)
    opened = Store(url)
    yield opened
    await opened.close()


def conversation(name: str = "c1", **more: object) -> Conversation:
    return Conversation(id=name, ref=name.upper(), created_at=NOON, **more)


async def begun(store: Store, one: Conversation | None = None) -> Conversation:
    one = one or conversation()
    async with store.work() as work:
        await work.add(one, f"token of {one.id}")
        await work.commit()
    return one


async def test_a_conversation_is_found_by_id_reference_and_token(store: Store):
    one = conversation(nation="wales", lang="cy", via="/help")
    one.safe_contact = {"how": "text", "voicemail": False}
    one.memory = {"slots": {"last_topic": "housing"}}
    await begun(store, one)
    async with store.reading() as reading:
        for found in (await reading.conversation("c1"), await reading.by_ref("C1"), await reading.by_resume("token of c1")):
            assert found == one
        assert await reading.by_resume("another token") is None


async def test_what_is_not_committed_never_happened(store: Store):
    await begun(store)
    async with store.work() as work:
        one = await work.load("c1")
        one.parent_says("m1", "words", NOON)
        await work.save(one)
    async with store.reading() as reading:
        assert await reading.events_after("c1", 0) == [] and await reading.top("c1") == 0


async def test_units_of_work_on_one_conversation_follow_each_other(store: Store):
    await begun(store)

    async def say(n: int) -> None:
        async with store.work() as work:
            one = await work.load("c1")
            one.parent_says(f"m{n}", f"words {n}", NOON)
            await work.save(one)
            await work.commit()

    await asyncio.gather(*(say(n) for n in range(20)))
    async with store.reading() as reading:
        assert [e.seq for e in await reading.events_after("c1", 0)] == list(range(1, 21))


async def test_one_of_two_agents_gets_the_conversation(store: Store):
    one = conversation()
    one.ask_for_agent("housing", "topic", NOON)
    await begun(store, one)
    version = one.version

    async def claim(agent: str) -> str:
        async with store.work() as work:
            mine = await work.load("c1")
            try:
                mine.agent_joins(agent, agent, version, NOON)
            except Refused as refused:
                return refused.code
            await work.save(mine)
            await work.commit()
            return "claimed"

    assert sorted(await asyncio.gather(*(claim(f"a{n}") for n in range(5)))) == ["claimed"] + ["taken"] * 4


async def test_the_queue_is_in_order_urgent_lost_agent_time(store: Store):
    def queued(name: str, minutes: int, *, urgent: bool = False, lost: bool = False) -> Conversation:
        one, at = conversation(name), NOON + timedelta(minutes=minutes)
        one.ask_for_agent("housing", "topic", at)
        one.urgent = {"self_harm": at} if urgent else {}
        one.lost_agent = lost
        return one

    for one in (queued("late", 9), queued("early", 1), queued("lost", 8, lost=True),
                queued("urgent2", 7, urgent=True), queued("urgent1", 5, urgent=True)):
        await begun(store, one)
    async with store.reading() as reading:
        assert await reading.queue() == ["urgent1", "urgent2", "lost", "early", "late"]


async def test_turns_are_claimed_in_order_by_one_worker_at_a_time(store: Store):
    await begun(store)
    async with store.work() as work:
        for seq in (1, 2):
            await work.add_turn(Turn("c1", seq, f"words {seq}", None), NOON)
        await work.commit()

    async def claim(worker: str, at: datetime = NOON) -> int | None:
        async with store.work() as work:
            turn = await work.claim_turn("c1", worker, at, 10)
            await work.commit()
            return turn.seq if turn else None

    assert await claim("w1") == 1
    assert await claim("w2") is None, "a second worker must wait"
    assert await claim("w2", NOON + timedelta(seconds=11)) == 1, "a worker that died is replaced"
    async with store.work() as work:
        held = await work.load_for_turn(Turn("c1", 1, None, None), "w1")
        assert not held.mine and held.more
        await work.finish_turn(Turn("c1", 1, None, None), "answered", NOON)
        await work.commit()
    assert await claim("w1") == 2


async def test_waiting_turns_are_those_that_nobody_works_on(store: Store):
    await begun(store)
    async with store.work() as work:
        await work.add_turn(Turn("c1", 1, "words", None), NOON)
        await work.commit()
    async with store.reading() as reading:
        assert await reading.waiting_turns(NOON) == ["c1"]
    async with store.work() as work:
        await work.claim_turn("c1", "w1", NOON, 10)
        await work.commit()
    async with store.reading() as reading:
        assert await reading.waiting_turns(NOON) == []
        assert await reading.waiting_turns(NOON + timedelta(seconds=11)) == ["c1"]


async def test_a_claim_of_a_clock_that_was_wrong_holds_nothing(store: Store):
    """A gateway whose clock was an hour ahead died with the turn in hand: nobody waits an hour for it."""
    await begun(store)
    async with store.work() as work:
        await work.add_turn(Turn("c1", 1, "words", None), NOON + timedelta(hours=1), "w1", 10)
        await work.commit()
    async with store.reading() as reading:
        assert await reading.waiting_turns(NOON) == ["c1"]
    async with store.work() as work:
        assert (await work.claim_turn("c1", "w2", NOON, 10)).seq == 1
        await work.commit()
    async with store.reading() as reading:
        assert await reading.waiting_turns(NOON) == [], "one that was made by a right clock does"


async def test_a_turn_that_was_claimed_with_its_message_is_the_first(store: Store):
    await begun(store)
    async with store.work() as work:
        assert not (await work.load_for_frame("c1", "m1")).waits
        await work.add_turn(Turn("c1", 1, "words", None), NOON, "w1", 10)
        assert (await work.load_for_frame("c1", "m2")).waits
        await work.add_turn(Turn("c1", 2, "words", None), NOON)
        await work.commit()
    async with store.work() as work:
        assert await work.claim_turn("c1", "w2", NOON, 10) is None, "the first is being answered, the second comes after it"
        assert (await work.load_for_turn(Turn("c1", 1, None, None), "w1")).mine
        again = await work.claim_turn("c1", "w2", NOON + timedelta(seconds=11), 10)
        assert again and again.seq == 1, "a worker that died is replaced"


async def test_the_last_waiting_turn_knows_that_no_other_waits(store: Store):
    await begun(store)
    async with store.work() as work:
        await work.add_turn(Turn("c1", 1, "words", None), NOON, "w1", 10)
        held = await work.load_for_turn(Turn("c1", 1, None, None), "w1")
        assert held.conversation.id == "c1" and held.mine and not held.more
        gone = await work.load_for_turn(Turn("c1", 7, None, None), "w1")
        assert not gone.mine, "a turn that was erased is nobody's"


async def test_a_frame_that_was_accepted_is_found_with_its_conversation(store: Store):
    await begun(store)
    async with store.work() as work:
        await work.accept("c1", "m1", "digest", 3, NOON)
        await work.commit()
    async with store.work() as work:
        met = await work.load_for_frame("c1", "m1")
        assert met.conversation.id == "c1" and met.earlier and (met.earlier.digest, met.earlier.seq) == ("digest", 3)
        assert (await work.load_for_frame("c1", "m2")).earlier is None
        with pytest.raises(LookupError):
            await work.load_for_frame("c2", "m1")


async def test_forgetting_words_leaves_only_the_audit(store: Store):
    await begun(store)
    async with store.work() as work:
        one = await work.load("c1")
        one.parent_says("m1", "a secret", NOON)
        await work.save(one)
        await work.accept("c1", "m1", "digest", 1, NOON)
        await work.add_turn(Turn("c1", 1, "a secret", None), NOON)
        await work.rate("c1", "r1", {"comment": "a secret"}, NOON)
        await work.commit()
    async with store.work() as work:
        one = await work.load("c1")
        one.erase(NOON)
        await work.forget_words("c1")
        await work.save(one)
        await work.commit()
    async with store._engine.connect() as connection:
        for table in metadata.sorted_tables:
            rows = (await connection.execute(sa.select(table))).all()
            assert "secret" not in repr(rows), table.name
    async with store.reading() as reading:
        assert [line.cause for line in await reading.audit_lines("c1")] == ["erased"]


async def test_migrating_twice_changes_nothing_and_the_tables_are_those_of_the_code(database_url: str):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy.ext.asyncio import create_async_engine

    url = Settings(database_url=database_url).database
    await upgrade(url)
    await upgrade(url)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(lambda c: compare_metadata(MigrationContext.configure(c), metadata))
    await engine.dispose()
    assert [d for d in differences if d[0] in ("add_table", "remove_table", "add_column", "remove_column")] == []


async def test_two_gateways_may_migrate_at_once(new_postgres_url: str):
    url = Settings(database_url=new_postgres_url).database
    await asyncio.gather(*(upgrade(url) for _ in range(3)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=sequences)
def test_a_replay_from_the_start_gives_the_same_view_as_a_fresh_read(steps, tmp_path_factory, postgres_url):
    world = World()
    for step in steps:
        world.do(step)
    happened = list(world.one.new_events)
    told = [event.frame() for event in happened]
    audited = list(world.one.new_audit)

    async def roundtrip(url: str) -> None:
        await upgrade(url)
        store = Store(url)
        name = f"{id(world):x}"[-12:]
        world.one.id = world.one.ref = name
        world.one.new_events = list(happened)
        world.one.new_audit = list(audited)
        async with store.work() as work:
            await work.forget_words(name)
            await work.add(world.one, f"token {name}")
            await work.commit()
        async with store.reading() as reading:
            fresh = await reading.conversation(name)
            replayed = [event.frame() for event in await reading.events_after(name, 0, limit=10_000)]
        await store.close()
        assert replayed == told
        assert fresh == world.one
        states = [frame for frame in replayed if frame["type"] == "state"]
        if states:
            assert (states[-1]["state"], states[-1]["owner"]) == (str(fresh.state), fresh.owner)
        else:
            assert fresh.state is State.ASSISTANT

    folder: Path = tmp_path_factory.mktemp("store")
    asyncio.run(roundtrip(Settings(database_url=f"sqlite:///{folder / 'chat.sqlite3'}").database))
    asyncio.run(empty_tables(postgres_url))
    asyncio.run(roundtrip(Settings(database_url=postgres_url).database))
