"""Words that are past their time are gone from everywhere; counts and the audit stay. Erasing is as thorough."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from chat_server import retention
from chat_server.__main__ import main
from chat_server.core.conversation import State
from chat_server.retention import Rule
from chat_server.settings import Settings
from chat_server.store.migrate import upgrade
from chat_server.store.tables import metadata
from chat_server.store.unit_of_work import Store
from tests.fakes import FakeAssistant, FakeClock
from tests.operations.words import WORDS, fill, found_in, found_in_files

RULE = Rule(90)
WITHOUT_WORDS = {
    "conversations": {"state", "agent_name", "urgent", "topic", "nation", "lang", "presence", "recent_keys", "via", "safe_contact", "memory"},
    "events": {"type", "body"}, "inbound": {"digest"}, "turns": {"text", "payload", "claimed_by", "result"}, "ratings": {"answers"},
    "audit": {"actor", "cause", "from_state", "to_state", "detail"}, "notes": {"text"}, "offers": {"kind"},
}
"""Columns that hold text, of the tables that belong to a conversation; somebody has thought about each."""


def test_somebody_has_thought_about_every_column_that_could_hold_words():
    keys = {"id", "ref", "resume_hash", "conversation_id", "client_id", "agent_id", "from_id", "to_id"}
    found = {
        table.name: {column.name for column in table.columns if isinstance(column.type, sa.String | sa.Text | sa.JSON)} - keys
        for table in metadata.tables.values()
        if table.name == "conversations" or "conversation_id" in table.columns
    }
    assert found == WITHOUT_WORDS, "does retention.py, and Work.forget_words, delete it? prove it in words.py, then name it here"


async def test_after_90_days_no_word_is_left_and_what_statistics_count_is(start, database_url: str, tmp_path: Path, assistant: FakeAssistant):
    clock = FakeClock()
    async with start(clock=clock, retention_every_s=0) as server:
        store = server.services.store
        ref = (await fill(server, assistant))["ref"]
        assert set(await found_in(database_url)) == set(WORDS.values())

        assert await retention.run(store, RULE, clock.at + timedelta(days=89, hours=23)) == 0
        assert set(await found_in(database_url)) == set(WORDS.values())

        assert await retention.run(store, RULE, clock.at + timedelta(days=90, seconds=1)) == 1
        assert await found_in(database_url) == {}
        if store.is_sqlite:
            assert found_in_files(tmp_path) == set(), "deleted bytes are left in the file"
        async with store.reading() as reading:
            conversation = await reading.by_ref(ref)
            lines = await reading.audit_lines(conversation.id)
            scores = (await reading._connection.execute(sa.select(metadata.tables["ratings"].c.answers))).scalars().all()
        assert conversation.state is State.ERASED and conversation.created_at == clock.at
        assert lines[-1].actor == "service" and lines[-1].detail["reason"] == "retention"
        assert lines[-1].detail["messages"]["parent"] == 3 and lines[-1].detail["messages"]["agent"] == 1
        assert {"claimed", "danger_lifted", "returned", "erased"} <= {line.cause for line in lines}
        assert scores == [{"overall": 4}]
        assert await retention.run(store, RULE, clock.at + timedelta(days=91)) == 0


async def test_what_a_parent_erases_is_gone_from_everywhere(start, database_url: str, tmp_path: Path, assistant: FakeAssistant):
    async with start(retention_every_s=0) as server:
        token = (await fill(server, assistant))["resume"]
        assert set(await found_in(database_url)) == set(WORDS.values())
        async with server.parent(hello={"resume": token}) as parent:
            await parent.do("erase")
            assert await parent.closed() == 4509
        assert await found_in(database_url) == {}
        await retention.run(server.services.store, RULE, server.services.clock())
        if server.services.store.is_sqlite:
            assert found_in_files(tmp_path) == set(), "deleted bytes are left in the file"


async def test_a_conversation_that_goes_on_stays_whole(start, assistant: FakeAssistant):
    clock = FakeClock()
    async with start(clock=clock, retention_every_s=0) as server:
        async with server.parent() as parent:
            await parent.ask("the first thing that I wrote")
            clock.move(days=80)
            await parent.ask("the second thing that I wrote")
        clock.move(days=20)
        assert await retention.run(server.services.store, RULE, clock()) == 0
        async with server.parent(hello={"resume": parent.welcome["resume"]}) as again:
            await again.has_heard("message", text="the first thing that I wrote")


async def test_a_gateway_runs_the_rule_by_itself(start, database_url: str):
    clock = FakeClock()
    async with start(clock=clock, retention_every_s=0.05, words_kept_days=1) as server:
        async with server.parent() as parent:
            await parent.ask(WORDS["message"])
        assert WORDS["message"] in await found_in(database_url)
        clock.move(days=2)
        async with asyncio.timeout(20):
            while await found_in(database_url):
                await asyncio.sleep(0.05)


async def test_of_several_gateways_one_at_a_time_runs_it(clean_postgres_url: str):
    url, at = Settings(database_url=clean_postgres_url).database, FakeClock().at
    await upgrade(url)
    one, other = Store(url), Store(url)
    async with one.alone(retention.LOCK) as first:
        assert first
        assert await retention.run(other, RULE, at) is None
    assert await retention.run(other, RULE, at) == 0
    await one.close()
    await other.close()


async def test_the_command_says_what_it_would_do_and_does_it(start, database_url: str, monkeypatch, capsys):
    clock = FakeClock()
    async with start(clock=clock, retention_every_s=0) as server, server.parent() as parent:
        await parent.ask("hello")
    monkeypatch.setenv("CHAT_DATABASE_URL", database_url)
    monkeypatch.setenv("CHAT_WORDS_KEPT_DAYS", "1")
    monkeypatch.setattr("chat_server.retention.datetime", _At(clock.at + timedelta(days=2)))
    ref = parent.welcome["conversation"]
    for arguments, says in ((["--dry-run"], f"{ref}  begun 2026-11-23\nPast their time of 1 days: 1."), ([], "Conversations whose words were deleted: 1."), (["--dry-run"], "of 1 days: 0.")):
        assert await asyncio.to_thread(main, ["retention", *arguments]) == 0
        assert says in capsys.readouterr().out


class _At:
    """A fake `datetime` that knows one time."""

    def __init__(self, at):
        self._at = at

    def now(self, _zone):
        return self._at


@pytest.mark.parametrize("days", ["0", "-1", "soon"])
def test_words_cannot_be_kept_for_no_time_or_for_ever_by_mistake(monkeypatch, capsys, days: str):
    monkeypatch.setenv("CHAT_WORDS_KEPT_DAYS", days)
    assert main(["retention", "--dry-run"]) == 2
    assert "CHAT_WORDS_KEPT_DAYS" in capsys.readouterr().err
