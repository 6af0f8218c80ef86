"""The store and its unit of work: load, change, commit; nothing is held while the outside is awaited."""

import asyncio
import errno
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from chat_server.core.conversation import Conversation, State
from chat_server.core.events import AuditLine, Event
from chat_server.metrics import STORE_ERRORS
from chat_server.store import embedded
from chat_server.store.agents import AgentReading, AgentWork
from chat_server.store.factors import FactorReading, FactorWork
from chat_server.store.operations import OperationsReading, OperationsWork
from chat_server.store.tables import audit, conversations, events, inbound, ratings, turns

PAGE = 200
"""Events that are read from the store at once."""
LONGEST_CLAIM = timedelta(minutes=2)
"""A claim that ends later than this was made by a clock that was wrong, and holds nothing."""
TRIED_AFTER_S = 1.0
"""A database does not restart quicker than this."""
LEAST_ROOM_BYTES = 16 * 1024 * 1024
"""With less room on the disk, an embedded database is not called ready."""


class Clash(Exception):
    """Somebody else changed the conversation since it was read."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A durable frame that was accepted before: its body's digest and the seq of its acknowledgement."""

    digest: str
    seq: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The assistant's answer to one parent message, as durable work keyed by the message's seq."""

    conversation_id: str
    seq: int
    text: str | None
    payload: str | None
    noticed: bool = False


class Met(NamedTuple):
    """What a frame meets: its conversation, itself where it was accepted before, and whether a turn still waits."""

    conversation: Conversation
    earlier: Accepted | None
    waits: bool


class Held(NamedTuple):
    """What a worker finds when it comes back with an answer: whether the turn is still its own, and whether more wait."""

    conversation: Conversation
    mine: bool
    more: bool


@asynccontextmanager
async def _counting_failures() -> AsyncIterator[None]:
    """Count the times that the database itself failed."""
    with STORE_ERRORS.count_exceptions((sa.exc.DBAPIError, OSError)):
        yield


class Store:
    """The database behind the gateway. One engine; SQLite writes are taken in turn within the process."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._one_writer = asyncio.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def work(self) -> AsyncIterator["Work"]:
        """A unit of work: everything inside is committed together by `commit()`, or not at all."""
        async with self._one_writer or nullcontext():
            async with _counting_failures(), self._engine.connect() as connection:
                if self.is_sqlite:
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                work = Work(connection)
                try:
                    yield work
                finally:
                    if not work.committed:
                        await connection.rollback()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["Reading"]:
        """Read without a lock; what is seen may be a moment old."""
        async with _counting_failures(), self._engine.connect() as connection:
            yield Reading(connection)

    async def ping(self) -> None:
        """Raise when the database does not answer, or has no room left to write in."""
        if self.is_sqlite and shutil.disk_usage(Path(self._engine.url.database or ".").parent).free < LEAST_ROOM_BYTES:
            raise OSError(errno.ENOSPC, "no room left for the database")
        async with self._engine.connect() as connection:
            await connection.execute(sa.select(sa.literal(1)))

    @asynccontextmanager
    async def alone(self, key: int) -> AsyncIterator[bool]:
        """Whether no other gateway is inside under this key; an embedded store has only one."""
        if self.is_sqlite:
            yield True
            return
        async with self._engine.connect() as connection:  # the lock ends with the transaction, however that ends
            yield (await connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(key)))).scalar_one()

    async def wipe_deleted(self) -> None:
        """Take what was deleted out of an embedded store's write-ahead log too."""
        if self.is_sqlite:
            async with self._one_writer or nullcontext(), self._engine.connect() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self._engine.dispose()


class Reading(AgentReading, FactorReading, OperationsReading):
    """The questions that are asked of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def conversation(self, conversation_id: str) -> Conversation | None:
        return await self._one(_BY_ID, conversation_id)

    async def by_ref(self, ref: str) -> Conversation | None:
        return await self._one(_BY_REF, ref)

    async def by_resume(self, token: str) -> Conversation | None:
        return await self._one(_BY_RESUME, token_hash(token))

    async def accepted(self, conversation_id: str, client_id: str) -> Accepted | None:
        row = (await self._connection.execute(_ACCEPTED, {"of": conversation_id, "this": client_id})).one_or_none()
        return Accepted(row.digest, row.seq) if row else None

    async def top(self, conversation_id: str) -> int:
        query = sa.select(conversations.c.top).where(conversations.c.id == conversation_id)
        return (await self._connection.execute(query)).scalar_one()

    async def tops(self, ids: Iterable[str]) -> dict[str, int]:
        """The highest seq of each of these conversations."""
        query = sa.select(conversations.c.id, conversations.c.top).where(conversations.c.id.in_(list(ids)))
        return {row.id: row.top for row in await self._connection.execute(query)}

    async def events_after(self, conversation_id: str, seq: int, limit: int = PAGE) -> list[Event]:
        """The next events above `seq`, in order."""
        found = await self._connection.execute(_EVENTS_AFTER, {"of": conversation_id, "above": seq, "most": limit})
        return [Event(r.seq, r.at, r.type, r.body) for r in found]

    async def event(self, conversation_id: str, seq: int) -> Event | None:
        query = sa.select(events).where(events.c.conversation_id == conversation_id, events.c.seq == seq)
        row = (await self._connection.execute(query)).one_or_none()
        return Event(row.seq, row.at, row.type, row.body) if row else None

    async def answered_since(self, conversation_id: str, seq: int) -> list[int]:
        """Seqs of the parent messages whose turn is complete and that a client who holds up to `seq` may not know of.

        A client that was gone when `done` was said has the message, or not even that; so its latest message counts too.
        """
        latest = sa.select(sa.func.max(turns.c.seq)).where(turns.c.conversation_id == conversation_id, turns.c.seq <= seq)
        query = (
            sa.select(turns.c.seq)
            .where(turns.c.conversation_id == conversation_id, turns.c.done_at.is_not(None))
            .where(sa.or_(turns.c.seq > seq, turns.c.seq == latest.scalar_subquery()))
            .order_by(turns.c.seq)
        )
        return list((await self._connection.execute(query)).scalars())

    async def has_waiting_turn(self, conversation_id: str) -> bool:
        return (await self._connection.execute(_WAITING_TURN, {"of": conversation_id})).first() is not None

    async def waiting_turns(self, now: datetime) -> list[str]:
        """Conversations with a turn that waits and that nobody is working on."""
        found = await self._connection.execute(_WAITING_TURNS, {"now": now, "far": now + LONGEST_CLAIM})
        return list(dict.fromkeys(found.scalars()))

    async def queue(self) -> list[str]:
        """The ids of the waiting conversations, in the order of `core.waiting`."""
        return list((await self._connection.execute(_QUEUE)).scalars())

    async def recent_waits_s(self, limit: int = 20) -> list[float]:
        """How long the latest conversations waited for an agent, in seconds."""
        query = sa.select(audit.c.detail).where(audit.c.cause == "claimed").order_by(audit.c.id.desc()).limit(limit)
        return [float(d["waited_s"]) for d in (await self._connection.execute(query)).scalars() if "waited_s" in d]

    async def audit_lines(self, conversation_id: str) -> list[AuditLine]:
        query = sa.select(audit).where(audit.c.conversation_id == conversation_id).order_by(audit.c.id)
        return [
            AuditLine(r.at, r.actor, r.cause, r.from_state, r.to_state, r.version, r.detail)
            for r in await self._connection.execute(query)
        ]

    async def _one(self, query: sa.Select[Any], this: str) -> Conversation | None:
        row = (await self._connection.execute(query, {"this": this})).one_or_none()
        return _conversation(row) if row else None


class Work(AgentWork, FactorWork, OperationsWork, Reading):
    """A unit of work. What it loads is locked until it ends."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.committed = False

    async def load(self, conversation_id: str) -> Conversation:
        """The conversation, locked against other units of work. Raises LookupError when there is none."""
        found = await self._one(_LOCKED, conversation_id)
        if found is None:
            raise LookupError(conversation_id)
        return found

    async def load_for_frame(self, conversation_id: str, client_id: str) -> Met:
        """`load`, whether a frame with this id was accepted before, and whether a turn waits, in one question."""
        found = await self._connection.execute(_LOCKED_WITH_FRAME, {"this": conversation_id, "client": client_id})
        row = found.one_or_none()
        if row is None:
            raise LookupError(conversation_id)
        earlier = Accepted(row.frame_digest, row.frame_seq) if row.frame_digest else None
        return Met(_conversation(row), earlier, bool(row.waits))

    async def load_for_turn(self, turn: Turn, worker: str) -> Held:
        """`load`, whether this worker still holds the turn, and whether another waits, in one question."""
        found = await self._connection.execute(_LOCKED_WITH_TURN, {"this": turn.conversation_id, "turn": turn.seq})
        row = found.one_or_none()
        if row is None:
            raise LookupError(turn.conversation_id)
        return Held(_conversation(row), row.claimed_by == worker and row.done_at is None, bool(row.more))

    async def add(self, conversation: Conversation, resume: str) -> None:
        values = {"id": conversation.id, "resume_hash": token_hash(resume), **_values(conversation)}
        await self._connection.execute(conversations.insert(), values)
        await self._append(conversation)

    async def save(self, conversation: Conversation) -> list[Event]:
        """Write the conversation with its new events and audit lines; the events are returned."""
        await self._connection.execute(_SAVE, {"this": conversation.id, **_values(conversation)})
        return await self._append(conversation)

    async def commit(self) -> None:
        await self._connection.commit()
        self.committed = True

    async def accept(self, conversation_id: str, client_id: str, digest: str, seq: int, at: datetime) -> None:
        row = {"conversation_id": conversation_id, "client_id": client_id, "digest": digest, "seq": seq, "at": at}
        await self._connection.execute(inbound.insert(), row)

    async def add_turn(self, turn: Turn, at: datetime, claimed_by: str | None = None, for_s: float = 0) -> None:
        """Let a turn wait; claimed at once by a worker that is named, where no earlier turn waits."""
        row = {
            "conversation_id": turn.conversation_id,
            "seq": turn.seq,
            "text": turn.text,
            "payload": turn.payload,
            "created_at": at,
            "attempts": int(claimed_by is not None),
            "claimed_by": claimed_by,
            "claimed_until": at + timedelta(seconds=for_s) if claimed_by else None,
            "noticed": False,
        }
        await self._connection.execute(turns.insert(), row)

    async def claim_turn(self, conversation_id: str, worker: str, now: datetime, for_s: float) -> Turn | None:
        """The conversation's first waiting turn, claimed for this worker; None when there is none, or another works."""
        query = (
            sa.select(turns)
            .where(turns.c.conversation_id == conversation_id, turns.c.done_at.is_(None))
            .order_by(turns.c.seq)
            .limit(1)
        )
        row = (await self._connection.execute(query)).one_or_none()
        held = row is not None and row.claimed_until is not None and now <= row.claimed_until <= now + LONGEST_CLAIM
        if row is None or (held and row.claimed_by != worker):
            return None
        await self._connection.execute(
            turns.update()
            .where(turns.c.conversation_id == conversation_id, turns.c.seq == row.seq)
            .values(claimed_by=worker, claimed_until=now + timedelta(seconds=for_s), attempts=row.attempts + 1)
        )
        return Turn(conversation_id, row.seq, row.text, row.payload, row.noticed)

    async def note_turn(self, turn: Turn) -> None:
        """Remember that the parent was told that the answer is still being worked on."""
        await self._update_turn(turn, noticed=True)

    async def finish_turn(self, turn: Turn, result: str, at: datetime) -> None:
        """The turn is done; what it was made of is no longer needed."""
        await self._update_turn(turn, done_at=at, result=result, text=None, payload=None)

    async def free_turns(self) -> None:
        """Take all claims off: at the start of the only gateway, nobody else can be working."""
        await self._connection.execute(turns.update().where(turns.c.done_at.is_(None)).values(claimed_until=None))

    async def rate(self, conversation_id: str, client_id: str, answers: dict[str, Any], at: datetime) -> None:
        await self._connection.execute(
            ratings.insert().values(conversation_id=conversation_id, client_id=client_id, answers=answers, at=at)
        )

    async def forget_words(self, conversation_id: str) -> None:
        """Delete everything that anybody wrote in this conversation; audit lines and counts remain."""
        for table in (events, turns, ratings, inbound):
            await self._connection.execute(table.delete().where(table.c.conversation_id == conversation_id))
        await self.forget_agents_words(conversation_id)

    async def add_audit(self, conversation_id: str, lines: Sequence[AuditLine]) -> None:
        if lines:
            rows = [
                {
                    "conversation_id": conversation_id,
                    "at": line.at,
                    "actor": str(line.actor),
                    "cause": str(line.cause),
                    "from_state": str(line.from_state),
                    "to_state": str(line.to_state),
                    "version": line.version,
                    "detail": line.detail,
                }
                for line in lines
            ]
            await self._connection.execute(audit.insert(), rows)

    async def _append(self, conversation: Conversation) -> list[Event]:
        new = conversation.new_events
        conversation.new_events = []
        if new:
            rows = [
                {"conversation_id": conversation.id, "seq": e.seq, "at": e.at, "type": e.type, "body": e.body}
                for e in new
            ]
            await self._connection.execute(events.insert(), rows)
        await self.add_audit(conversation.id, conversation.new_audit)
        conversation.new_audit = []
        return new

    async def _update_turn(self, turn: Turn, **values: Any) -> None:
        await self._connection.execute(_SAVE_TURN, {"of": turn.conversation_id, "this": turn.seq, **values})


def token_hash(token: str) -> str:
    """What is stored of a resume token: enough to recognise it, nothing to steal."""
    return hashlib.sha256(token.encode()).hexdigest()


# Statements are written once and filled with parameters: building one anew costs more than SQLite needs to run it.
_OF, _THIS = sa.bindparam("of"), sa.bindparam("this")
_BY_ID = sa.select(conversations).where(conversations.c.id == _THIS)
_BY_REF = sa.select(conversations).where(conversations.c.ref == _THIS)
_BY_RESUME = sa.select(conversations).where(conversations.c.resume_hash == _THIS)
_LOCKED = _BY_ID.with_for_update()
_LOCKED_WITH_FRAME = (
    sa.select(
        conversations,
        inbound.c.digest.label("frame_digest"),
        inbound.c.seq.label("frame_seq"),
        sa.exists().where(turns.c.conversation_id == conversations.c.id, turns.c.done_at.is_(None)).label("waits"),
    )
    .select_from(
        conversations.outerjoin(
            inbound,
            sa.and_(inbound.c.conversation_id == conversations.c.id, inbound.c.client_id == sa.bindparam("client")),
        )
    )
    .where(conversations.c.id == _THIS)
    .with_for_update(of=conversations)
)
_OTHER = turns.alias()
_LOCKED_WITH_TURN = (
    sa.select(
        conversations,
        turns.c.claimed_by,
        turns.c.done_at,
        sa.exists()
        .where(_OTHER.c.conversation_id == conversations.c.id, _OTHER.c.done_at.is_(None), _OTHER.c.seq != turns.c.seq)
        .label("more"),
    )
    .select_from(
        conversations.outerjoin(
            turns, sa.and_(turns.c.conversation_id == conversations.c.id, turns.c.seq == sa.bindparam("turn"))
        )
    )
    .where(conversations.c.id == _THIS)
    .with_for_update(of=conversations)
)
_ACCEPTED = sa.select(inbound.c.digest, inbound.c.seq).where(inbound.c.conversation_id == _OF, inbound.c.client_id == _THIS)
_EVENTS_AFTER = (
    sa.select(events)
    .where(events.c.conversation_id == _OF, events.c.seq > sa.bindparam("above"))
    .order_by(events.c.seq)
    .limit(sa.bindparam("most"))
)
_WAITING_TURN = sa.select(turns.c.seq).where(turns.c.conversation_id == _OF, turns.c.done_at.is_(None)).limit(1)
_WAITING_TURNS = (
    sa.select(turns.c.conversation_id)
    .where(turns.c.done_at.is_(None))
    .where(sa.or_(turns.c.claimed_until.is_(None), turns.c.claimed_until < sa.bindparam("now"), turns.c.claimed_until > sa.bindparam("far")))
    .order_by(turns.c.created_at)  # by the index of those that wait: `distinct` made SQLite read every turn there ever was
)
_QUEUE = (
    sa.select(conversations.c.id)
    .where(conversations.c.state == str(State.QUEUED))
    .order_by(conversations.c.is_urgent.desc(), conversations.c.lost_agent.desc(), conversations.c.queued_at, conversations.c.ref)
)
_SAVE = conversations.update().where(conversations.c.id == _THIS)
_SAVE_TURN = turns.update().where(turns.c.conversation_id == _OF, turns.c.seq == _THIS)

COLUMNS = [c.name for c in conversations.columns if c.name not in ("id", "resume_hash", "is_urgent", "urgent")]


def _values(conversation: Conversation) -> dict[str, Any]:
    values = {name: getattr(conversation, name) for name in COLUMNS}
    values["state"] = str(conversation.state)
    values["urgent"] = {kind: at.isoformat() for kind, at in conversation.urgent.items()}
    values["is_urgent"] = conversation.is_urgent
    return values


def _conversation(row: sa.Row[Any]) -> Conversation:
    values = {name: getattr(row, name) for name in COLUMNS}
    values["state"] = State(row.state)
    values["urgent"] = {kind: datetime.fromisoformat(at) for kind, at in row.urgent.items()}
    return Conversation(id=row.id, **values)


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return _shared_engine(url)
    file = sa.make_url(url).database
    assert file, "an embedded store is a file"
    engine = create_async_engine(
        url, async_creator=lambda: embedded.connect(file), poolclass=AsyncAdaptedQueuePool, pool_size=4, max_overflow=4, hide_parameters=True
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _shared_engine(url: str) -> AsyncEngine:
    """PostgreSQL. A connection that has rested is tried before it is used; one just used needs no such question."""
    engine = create_async_engine(url, pool_size=20, max_overflow=0, hide_parameters=True)

    @sa.event.listens_for(engine.sync_engine, "checkin")
    def _rests(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @sa.event.listens_for(engine.sync_engine, "checkout")
    def _try(connection: Any, record: Any, _proxy: Any) -> None:
        rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
        if rested > TRIED_AFTER_S and not _answers(engine.sync_engine, connection):
            raise sa.exc.DisconnectionError("the database was restarted")

    return engine


def _answers(engine: sa.Engine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False
