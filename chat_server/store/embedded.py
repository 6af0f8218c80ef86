"""SQLite as SQLAlchemy's aiosqlite dialect asks for a driver, without a thread between a statement and its rows.

A statement of an embedded store takes microseconds; a trip to another thread and back takes a round of the event loop, and
under load a unit of work waited through thirty of them while nobody else could write. So statements run where they are
asked. What waits for the disk (to commit, to checkpoint) goes to the connection's thread, and so does what another process
has locked.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

WAITS_FOR_THE_DISK = "PRAGMA"
PATIENCE_MS = 10_000
"""How long another process may hold the lock."""


async def connect(database: str) -> "Connection":
    """Open a file. Transactions begin where they are begun, never by the driver's guess. Raises sqlite3.OperationalError."""
    thread = ThreadPoolExecutor(1, "sqlite")
    open_file = asyncio.get_running_loop().run_in_executor(
        thread, lambda: sqlite3.connect(database, timeout=0, isolation_level=None, check_same_thread=False)
    )
    return Connection(await open_file, thread)


class Connection:
    """One connection; its thread keeps begin, commit and rollback in order, also when whoever waited for one has left."""

    def __init__(self, raw: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._connection: sqlite3.Connection | None = raw
        self._thread = thread

    @property
    def raw(self) -> sqlite3.Connection:
        """Raises ValueError once it is closed."""
        if self._connection is None:
            raise ValueError("Connection closed")
        return self._connection

    async def beside(self, work: Callable[[], Any]) -> Any:
        """Do it in the connection's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def cursor(self) -> "Cursor":
        return Cursor(self)

    async def create_function(self, *args: Any, **more: Any) -> None:
        self.raw.create_function(*args, **more)

    async def commit(self) -> None:
        await self.beside(self.raw.commit)

    async def rollback(self) -> None:
        if self.raw.in_transaction:
            await self.beside(self.raw.rollback)

    async def close(self) -> None:
        raw, self._connection = self._connection, None
        if raw is not None:
            await self.beside(raw.close)
            self._thread.shutdown(wait=False)

    def stop(self) -> None:
        """Close without anybody waiting for it."""
        raw, self._connection = self._connection, None
        if raw is not None:
            self._thread.submit(raw.close)
            self._thread.shutdown(wait=False)


class Cursor:
    """A statement and its rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._raw = connection.raw.cursor()

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        if statement.startswith(WAITS_FOR_THE_DISK):
            await self._connection.beside(lambda: self._execute_patiently(statement, parameters))
            return self
        try:
            self._raw.execute(statement, parameters)
        except sqlite3.OperationalError as locked:
            if locked.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            await self._connection.beside(lambda: self._execute_patiently(statement, parameters))
        return self

    def _execute_patiently(self, statement: str, parameters: Sequence[Any]) -> None:
        """Wait until the other process is done. Raises sqlite3.OperationalError when that takes too long."""
        self._raw.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        try:
            self._raw.execute(statement, parameters)
        finally:
            self._raw.connection.execute("PRAGMA busy_timeout=0")

    async def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> "Cursor":
        self._raw.executemany(statement, rows)
        return self

    async def fetchall(self) -> list[Any]:
        return self._raw.fetchall()

    async def close(self) -> None:
        self._raw.close()

    @property
    def description(self) -> Any:
        return self._raw.description

    @property
    def rowcount(self) -> int:
        return self._raw.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._raw.lastrowid
