"""A backup that is made while parents write holds every message that was acknowledged before it began; tried by restoring it."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from chat_server import backup
from chat_server.settings import Settings
from chat_server.store.tables import conversations
from chat_server.store.unit_of_work import Store
from tests.gateways import Parent, Server


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stderr: str


async def command(url: str, what: str, file: Path, **options: bool) -> Done:
    """What `python -m chat_server backup` and `restore` do, in this process."""
    do = {"backup": backup.backup, "restore": backup.restore}[what]
    try:
        await asyncio.to_thread(do, Settings(database_url=url).database, file, **options)
    except backup.CannotDo as reason:
        return Done(1, f"{reason}\n")
    return Done(0, "")


async def from_outside(url: str, *arguments: str | Path) -> Done:
    """Run `python -m chat_server` beside the gateway."""
    ran = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "chat_server", *map(str, arguments)],
        env={**os.environ, "CHAT_DATABASE_URL": url}, capture_output=True, text=True,
    )
    return Done(ran.returncode, ran.stderr)


@pytest.fixture
def another_place(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """An empty store of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'elsewhere' / 'chat.sqlite3'}"
    return request.getfixturevalue("new_postgres_url")


async def talk(parent: Parent, said: list[tuple[str, str]], enough: Callable[[], bool]) -> None:
    """Write until it is enough; what was acknowledged is kept with the conversation's reference."""
    while not enough():
        text = f"message {len(said)} in {parent.welcome['conversation']}"
        id = await parent.say(text)
        frame = await parent.hear()
        while frame.get("re") != id:
            frame = await parent.hear()
        if frame["type"] == "ack":
            said.append((parent.welcome["conversation"], text))


async def words_in(url: str) -> set[tuple[str, str]]:
    store = Store(Settings(database_url=url).database)
    found = set()
    async with store.reading() as reading:
        for conversation_id, ref in await _references(store):
            for event in await reading.events_after(conversation_id, 0, limit=10_000):
                if event.body.get("from") == "parent":
                    found.add((ref, event.body["text"]))
    await store.close()
    return found


async def _references(store: Store) -> list[tuple[str, str]]:
    async with store.reading() as reading:
        return [(row.id, row.ref) for row in await reading._connection.execute(sa.select(conversations.c.id, conversations.c.ref))]


async def test_what_was_acknowledged_before_the_backup_is_in_it(
    server: Server, database_url: str, another_place: str, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr("chat_server.rates.PER_SECOND", 1000.0)
    file, said, done = tmp_path / "backup", [], asyncio.Event()
    async with server.parent() as a, server.parent() as b, server.parent() as c, server.parent() as d:
        talking = [asyncio.create_task(talk(one, said, done.is_set)) for one in (a, b, c, d)]
        async with asyncio.timeout(60):
            while len(said) < 20:
                await asyncio.sleep(0.01)
            before = set(said)
            made = await from_outside(database_url, "backup", file)
            during = len(said) - len(before)
        done.set()
        await asyncio.gather(*talking)
    assert made.returncode == 0, made.stderr
    assert during > 0, "nobody wrote while the backup was made"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restored = await command(another_place, "restore", file)
    assert restored.returncode == 0, restored.stderr
    found = await words_in(another_place)
    assert before <= found and found <= set(said)
    await goes_on_with(server, database_url, a, before)


async def goes_on_with(server: Server, database_url: str, parent: Parent, before: set[tuple[str, str]]) -> None:
    """The service went on meanwhile: nothing that is stored was disturbed."""
    assert before <= await words_in(database_url)
    async with server.parent(hello={"resume": parent.welcome["resume"]}) as again:
        assert again.welcome["resumed"]


async def test_a_restored_store_serves_the_conversation(start, database_url: str, another_place: str, tmp_path: Path):
    async with start() as server, server.parent() as parent:
        await parent.ask("what I wrote before the fire")
    file = tmp_path / "backup"
    assert (await command(database_url, "backup", file)).returncode == 0
    assert (await command(another_place, "restore", file)).returncode == 0
    async with start(database_url=another_place) as server, server.parent(hello={"resume": parent.welcome["resume"]}) as again:
        await again.has_heard("message", text="what I wrote before the fire")
        await again.ask("and what I write after it")


async def test_what_a_parent_erased_after_the_backup_stays_erased(start, database_url: str, another_place: str, tmp_path: Path):
    async with start() as server, server.parent() as erased, server.parent() as kept:
        await erased.ask("what nobody may read again")
        await kept.ask("what stays")
        assert (await command(database_url, "backup", tmp_path / "backup")).returncode == 0
        await erased.do("erase")
    assert (await command(another_place, "restore", tmp_path / "backup")).returncode == 0
    assert len(await words_in(another_place)) == 2
    urls = [Settings(database_url=url).database for url in (another_place, database_url)]
    assert await backup.erase_again(*urls) == "Conversations that were erased again: 1."
    assert {text for _, text in await words_in(another_place)} == {"what stays"}
    assert await backup.erase_again(*urls) == "Conversations that were erased again: 0."


async def test_nothing_is_written_over(server: Server, database_url: str, tmp_path: Path):
    file = tmp_path / "backup"
    assert (await command(database_url, "backup", file)).returncode == 0
    content = file.read_bytes()
    again = await command(database_url, "backup", file)
    assert again.returncode == 1 and "exists" in again.stderr and file.read_bytes() == content
    over = await command(database_url, "restore", file)
    assert over.returncode == 1 and ("exists" in over.stderr or "holds something" in over.stderr)
    async with server.parent() as parent:
        await parent.ask("still here")


@pytest.mark.parametrize("content", [b"", b"not a backup at all", b"SQLite format 3\x00" + b"x" * 4096, b"PGDMP" + b"x" * 100])
async def test_what_is_no_backup_is_refused_and_leaves_nothing_behind(another_place: str, tmp_path: Path, content: bytes):
    file = tmp_path / "backup"
    file.write_bytes(content)
    refused = await command(another_place, "restore", file)
    assert refused.returncode == 1 and refused.stderr.count("\n") == 1
    if another_place.startswith("sqlite"):
        assert not list((tmp_path / "elsewhere").glob("*"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_embedded_store_is_put_aside_whole_and_never_while_it_is_in_use(start, tmp_path: Path):
    url, file = f"sqlite:///{tmp_path / 'chat.sqlite3'}", tmp_path / "backup"
    async with start(database_url=url) as server:
        async with server.parent() as parent:
            await parent.ask("before the backup")
        assert (await command(url, "backup", file)).returncode == 0
        async with server.parent() as late:
            await late.ask("after the backup")
        busy = await command(url, "restore", file, replace=True)
        assert busy.returncode == 1 and "stop the gateway" in busy.stderr
    replaced = await command(url, "restore", file, replace=True)
    assert replaced.returncode == 0, replaced.stderr
    [aside] = tmp_path.glob("chat.sqlite3.before-*")
    assert {text for _, text in await words_in(url)} == {"before the backup"}
    with sqlite3.connect(aside) as kept:
        assert "after the backup" in "".join(body for [body] in kept.execute("select body from events"))


async def test_a_missing_tool_is_named(postgres_url: str, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = await command(postgres_url, "backup", tmp_path / "backup")
    assert missing.returncode == 1 and "pg_dump is missing: install" in missing.stderr
    assert list(tmp_path.iterdir()) == []


async def test_a_password_never_stands_in_a_command_line(tmp_path: Path, monkeypatch):
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/line; echo "$PGPASSWORD" > {tmp_path}/password\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = await command("postgresql://chat:s%40cret@database:5432/chat", "backup", tmp_path / "backup")
    assert done.returncode == 0, done.stderr
    assert "s@cret" not in (tmp_path / "line").read_text() and "s%40cret" not in (tmp_path / "line").read_text()
    assert (tmp_path / "password").read_text() == "s@cret\n"
