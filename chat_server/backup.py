"""Backup and restore: of an embedded store by SQLite's own online copy, of PostgreSQL by its own tools.

A backup is taken while the service runs. A restore never writes over anything.
"""

import argparse
import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from chat_server.core.conversation import State

if TYPE_CHECKING:
    from chat_server.store.unit_of_work import Store

FILE_FIRST = b"SQLite format 3\x00"
DUMP_FIRST = b"PGDMP"


class CannotDo(Exception):
    """Why a backup or a restore was not made; the message is the one line for a person."""


def add_backup_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, help="where to write the backup; must not exist")


def add_restore_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, help="a backup")
    command.add_argument("--replace", action="store_true", help="put the embedded store that is there now aside")


def run_backup(options: argparse.Namespace) -> int:
    return _told(lambda url: backup(url, options.file))


def run_restore(options: argparse.Namespace) -> int:
    return _told(lambda url: restore(url, options.file, replace=options.replace))


def _told(work: Callable[[str], str]) -> int:
    from chat_server.settings import Settings

    try:
        print(work(Settings().database))
    except CannotDo as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def backup(url: str, file: Path) -> str:
    """Write everything that was committed so far into a new file; what was done, in words. Raises CannotDo."""
    if file.exists():
        raise CannotDo(f"{file} exists; a backup does not write over another one.")
    part = file.with_name(f".{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        if url.startswith("sqlite"):
            _copy(_embedded(url), part)
        else:
            _tool("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={part}"], url)
        part.replace(file)
    except OSError as broken:
        raise CannotDo(f"{file} could not be written: {broken.strerror}") from broken
    finally:
        part.unlink(missing_ok=True)
    return f"{file} holds everything that was stored up to its beginning. It holds parents' words: keep it as safe as the store."


def restore(url: str, file: Path, *, replace: bool = False) -> str:
    """Put a backup in the store's place; what was done, in words. Raises CannotDo, and then nothing has changed."""
    try:
        with file.open("rb") as opened:
            first = opened.read(len(FILE_FIRST))
    except OSError as broken:
        raise CannotDo(f"{file} cannot be read: {broken.strerror}") from broken
    if url.startswith("sqlite"):
        if first != FILE_FIRST:
            raise CannotDo(f"{file} is no backup of an embedded store.")
        done = _put_back(file, _embedded(url), replace)
    else:
        if not first.startswith(DUMP_FIRST):
            raise CannotDo(f"{file} is no backup of a PostgreSQL store.")
        _restore_postgres(url, file)
        done = "The database holds what the backup holds."
    return f"{done} Now run `python -m chat_server migrate`, and `python -m chat_server retention`, before the gateways start."


# ---------------------------------------------------------------------- what was erased after the backup


def add_erase_again_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("replaced", help="the store that was in use until then: a database's URL, or the file that was put aside")


def run_erase_again(options: argparse.Namespace) -> int:
    from chat_server.settings import Settings

    url = options.replaced if "://" in options.replaced else f"sqlite:///{Path(options.replaced).absolute()}"
    return _told(lambda restored: asyncio.run(erase_again(restored, Settings(database_url=url).database)))


async def erase_again(restored: str, replaced: str) -> str:
    """Erase in a restored store what was erased in the one that it replaces; what was done, in words. Raises CannotDo."""
    from sqlalchemy.exc import SQLAlchemyError

    from chat_server.store.unit_of_work import Store

    if replaced.startswith("sqlite") and not _embedded(replaced).exists():
        raise CannotDo(f"There is no store at {_embedded(replaced)}.")
    store, before = Store(restored), Store(replaced)
    try:
        async with before.reading() as reading:
            gone = await reading.erased()
        erased = [await _erase(store, conversation_id) for conversation_id in gone]
        await store.wipe_deleted()
    except (OSError, SQLAlchemyError) as broken:
        raise CannotDo(f"Not everything could be erased again: {type(broken).__name__}. Run it again.") from broken
    finally:
        await store.close()
        await before.close()
    return f"Conversations that were erased again: {sum(erased)}."


async def _erase(store: "Store", conversation_id: str) -> bool:
    """One conversation, if it came back with the backup."""
    async with store.work() as work:
        conversation = await work.conversation(conversation_id)
        if conversation is None or conversation.state is State.ERASED:
            return False
        conversation.erase(datetime.now(UTC))
        await work.forget_words(conversation_id)
        await work.save(conversation)
        await work.commit()
    return True


# ---------------------------------------------------------------------- SQLite


def _embedded(url: str) -> Path:
    return Path(url.split(":///", 1)[1])


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise CannotDo(f"There is no store at {source}.")
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)  # all pages in one step: writers go on meanwhile, and never make it begin again
            new.execute("PRAGMA journal_mode=DELETE")  # a backup is one file
            _check(new, source)
    except sqlite3.Error as broken:
        raise CannotDo(f"The store at {source} could not be copied: {broken}") from broken


def _check(database: sqlite3.Connection, name: Path) -> None:
    try:
        found = database.execute("PRAGMA integrity_check").fetchone()[0]
        database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as broken:
        raise CannotDo(f"{name} is damaged, or no store of this service: {broken}") from broken
    if found != "ok":
        raise CannotDo(f"{name} is damaged: {found}")


def _put_back(file: Path, target: Path, replace: bool) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        _copy(file, part)
        aside = _put_aside(target) if target.exists() and _may_replace(target, replace) else None
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return f"{target} holds what the backup holds." + (f" What was there before is now {aside}." if aside else "")


def _may_replace(target: Path, replace: bool) -> bool:
    if not replace:
        raise CannotDo(f"{target} exists; `--replace` puts it aside.")
    return True


def _put_aside(target: Path) -> Path:
    """Move a store that nobody uses, as one file."""
    try:
        with closing(sqlite3.connect(target, timeout=1)) as old:
            old.execute("PRAGMA journal_mode=DELETE")  # refused while anybody else has the store open
    except sqlite3.Error as busy:
        raise CannotDo(f"{target} is in use: stop the gateway first ({busy}).") from busy
    aside = target.with_name(f"{target.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    return target.replace(aside)


# ---------------------------------------------------------------------- PostgreSQL


def _restore_postgres(url: str, file: Path) -> None:
    if asyncio.run(_has_tables(url)):
        raise CannotDo("The database holds something: make a new one, and name it in CHAT_DATABASE_URL.")
    _tool("pg_restore", ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(file)], url)


async def _has_tables(url: str) -> bool:
    import asyncpg

    try:
        connection = await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=10)
    except (OSError, asyncpg.PostgresError, TimeoutError) as away:
        raise CannotDo(f"The database does not answer: {type(away).__name__}") from away
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    finally:
        await connection.close()


def _place(url: str) -> str:
    """The database without its password: what stands in a command line is seen by everybody on the machine."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}{query}"


def _tool(name: str, arguments: Sequence[str], url: str) -> None:
    program = shutil.which(name)
    if not program:
        raise CannotDo(f"{name} is missing: install the PostgreSQL client of the server's version or a later one (on Debian: postgresql-client).")
    password = urlsplit(url).password
    environment: Mapping[str, str] = {**os.environ, **({"PGPASSWORD": unquote(password)} if password else {})}
    done = subprocess.run([program, f"--dbname={_place(url)}", *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise CannotDo(f"{name}: {(done.stderr.strip() or 'it failed').splitlines()[0]}")
