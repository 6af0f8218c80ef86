"""What whoever operates the service asks of the store: how much waits, and whose words are past their time.

Mixed into the unit of work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_server.core.conversation import State
from chat_server.store.tables import conversations, events, inbound, ratings, turns


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait for something, and since when the first of them does."""

    count: int = 0
    since: datetime | None = None

    def longest_s(self, at: datetime) -> float:
        return max(0.0, (at - self.since).total_seconds()) if self.since else 0.0


class OperationsReading:
    """The questions that are asked of the service as a whole."""

    _connection: AsyncConnection

    async def queue_lengths(self) -> dict[bool, Waiting]:
        """Who waits for an agent: the urgent under True, the others under False."""
        query = (
            sa.select(conversations.c.is_urgent, sa.func.count().label("count"), sa.func.min(conversations.c.queued_at).label("since"))
            .where(conversations.c.state == str(State.QUEUED))
            .group_by(conversations.c.is_urgent)
        )
        found = {bool(row.is_urgent): Waiting(row.count, row.since) for row in await self._connection.execute(query)}
        return {True: Waiting(), False: Waiting()} | found

    async def messages_left(self) -> int:
        query = sa.select(sa.func.count()).where(conversations.c.state == str(State.MESSAGE_LEFT))
        return (await self._connection.execute(query)).scalar_one()

    async def unanswered(self) -> Waiting:
        """Messages that the assistant has still to answer."""
        query = sa.select(sa.func.count().label("count"), sa.func.min(turns.c.created_at).label("since")).where(turns.c.done_at.is_(None))
        row = (await self._connection.execute(query)).one()
        return Waiting(row.count, row.since)

    # ------------------------------------------------------------------ retention

    async def outlived(self, before: datetime, limit: int) -> list[str]:
        """Conversations in which nothing has happened since `before` and that still have words; oldest first."""
        query = sa.select(conversations.c.id).where(_outlived(before)).order_by(conversations.c.created_at).limit(limit)
        return list((await self._connection.execute(query)).scalars())

    async def references_outlived(self, before: datetime) -> list[tuple[str, datetime]]:
        """Their references, with the time when they began."""
        query = sa.select(conversations.c.ref, conversations.c.created_at).where(_outlived(before)).order_by(conversations.c.created_at)
        return [(row.ref, row.created_at) for row in await self._connection.execute(query)]

    async def count_outlived(self, before: datetime) -> int:
        query = sa.select(sa.func.count()).select_from(conversations).where(_outlived(before))
        return (await self._connection.execute(query)).scalar_one()

    async def has_outlived(self, conversation_id: str, before: datetime) -> bool:
        query = sa.select(conversations.c.id).where(conversations.c.id == conversation_id, _outlived(before))
        return (await self._connection.execute(query)).first() is not None

    async def erased(self) -> list[str]:
        """Conversations whose words were deleted, because the parent asked for it or their time was over."""
        return list((await self._connection.execute(sa.select(conversations.c.id).where(conversations.c.state == str(State.ERASED)))).scalars())

    async def counts_of(self, conversation_id: str) -> dict[str, int]:
        """How many messages of whom a conversation has; what statistics keep of its words."""
        query = sa.select(events.c.body).where(events.c.conversation_id == conversation_id, events.c.type == "message")
        counts: dict[str, int] = {}
        for body in (await self._connection.execute(query)).scalars():
            counts[body["from"]] = counts.get(body["from"], 0) + 1
        return counts


class OperationsWork(OperationsReading):
    """What the retention rule changes in the store."""

    async def forget_outlived_words(self, conversation_id: str) -> None:
        """Delete what was said in a conversation. How turns ended and the scores of ratings stay; comments go."""
        for table in (events, inbound):
            await self._connection.execute(table.delete().where(table.c.conversation_id == conversation_id))
        await self._connection.execute(
            turns.update().where(turns.c.conversation_id == conversation_id).values(text=None, payload=None)
        )
        rated = sa.select(ratings.c.client_id, ratings.c.answers).where(ratings.c.conversation_id == conversation_id)
        for row in (await self._connection.execute(rated)).all():
            await self._connection.execute(
                ratings.update()
                .where(ratings.c.conversation_id == conversation_id, ratings.c.client_id == row.client_id)
                .values(answers=_scores(row.answers))
            )


def _scores(answers: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in answers.items() if isinstance(value, int)}


def _outlived(before: datetime) -> sa.ColumnElement[bool]:
    """Not erased, begun before then, and the latest event is from before then too."""
    latest = sa.select(events.c.at).where(events.c.conversation_id == conversations.c.id, events.c.seq == conversations.c.top)
    return sa.and_(
        conversations.c.state != str(State.ERASED),
        conversations.c.created_at < before,
        sa.func.coalesce(latest.scalar_subquery(), conversations.c.created_at) < before,
    )
