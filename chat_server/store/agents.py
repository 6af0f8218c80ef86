"""Agents in the store: who they are, who is signed in, what stands on their desks. Mixed into the unit of work."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_server.core.board import Agent, Offer, Standing, World
from chat_server.core.conversation import Cause, State
from chat_server.store.tables import (
    agent_sessions, agents, audit, canned, conversations, events, notes, offers, oidc_starts, sign_in_failures,
    tickets,
)

ON_DESKS = (State.QUEUED, State.AGENT, State.MESSAGE_LEFT, State.WRAP_UP)
"""States in which a conversation concerns agents."""
TAKEN = (Cause.CLAIMED, Cause.TRANSFERRED, Cause.WRAPPED)
"""Causes after which somebody has, or had last, a conversation."""
READING = ("watched", "read")
"""Causes of the audit lines that record that somebody opened a conversation."""
LONGEST_SEARCH = 200
FAILURES_COUNT_FOR = timedelta(minutes=15)
"""How long a failed try to sign in counts."""


@dataclass(frozen=True, slots=True)
class Note:
    """A private note of an agent on a conversation."""

    id: str
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply that an agent keeps ready."""

    id: str
    title: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit with its number and its conversation's reference; none when it is about an account."""

    number: int
    at: datetime
    conversation: str | None
    actor: str
    actor_name: str | None
    cause: str
    from_state: str
    to_state: str
    version: int
    detail: dict[str, Any]


class AgentReading:
    """The questions that agents and their desks ask of the store."""

    _connection: AsyncConnection

    # ------------------------------------------------------------------ who they are

    async def agent(self, agent_id: str) -> Agent | None:
        return await self._agent(agents.c.id == agent_id)

    async def agent_by_email(self, email: str) -> Agent | None:
        return await self._agent(agents.c.email == plain_email(email))

    async def password_hash(self, agent_id: str) -> str:
        query = sa.select(agents.c.password_hash).where(agents.c.id == agent_id)
        return (await self._connection.execute(query)).scalar_one()

    async def agents(self) -> list[Agent]:
        return [_agent(row) for row in await self._connection.execute(sa.select(agents).order_by(agents.c.name))]

    async def is_attended(self, at: datetime) -> bool:
        """Whether anybody is at the desk who takes conversations."""
        return any(agent.is_here(at) and agent.status != "away" and agent.disabled_at is None for agent in await self.agents())

    async def signed_in(self, token_hash: str, at: datetime) -> Agent | None:
        """The agent of a sign-in that has not ended."""
        live = sa.and_(agent_sessions.c.token_hash == token_hash, agent_sessions.c.expires_at > at)
        query = sa.select(agents).join(agent_sessions).where(live, agents.c.disabled_at.is_(None))
        row = (await self._connection.execute(query)).one_or_none()
        return _agent(row) if row else None

    async def live_sign_ins(self, token_hashes: Iterable[str], at: datetime) -> set[str]:
        """Those of these sign-ins that have not ended."""
        query = (
            sa.select(agent_sessions.c.token_hash)
            .join(agents)
            .where(agent_sessions.c.token_hash.in_(list(token_hashes)), agent_sessions.c.expires_at > at)
            .where(agents.c.disabled_at.is_(None))
        )
        return set((await self._connection.execute(query)).scalars())

    async def has_sign_in(self, agent_id: str, at: datetime) -> bool:
        query = sa.select(agent_sessions.c.agent_id).where(
            agent_sessions.c.agent_id == agent_id, agent_sessions.c.expires_at > at
        )
        return (await self._connection.execute(query.limit(1))).first() is not None

    async def failures(self, key: str, since: datetime) -> list[datetime]:
        """When tries to sign in under this key failed, or began and are not known to have succeeded; oldest first."""
        query = sa.select(sign_in_failures.c.at).where(sign_in_failures.c.key == key, sign_in_failures.c.at > since)
        return list((await self._connection.execute(query.order_by(sign_in_failures.c.at))).scalars())

    # ------------------------------------------------------------------ desks

    async def world(self, at: datetime) -> World:
        """What all desks are made of."""
        return World(await self.standing(), await self.agents(), await self.offers(at))

    async def standing(self) -> list[Standing]:
        """The conversations that concern agents."""
        query = sa.select(conversations).where(conversations.c.state.in_([str(state) for state in ON_DESKS]))
        rows = (await self._connection.execute(query)).all()
        held = await self._last_holders([row.id for row in rows if row.state != State.QUEUED])
        return [_standing(row, *held.get(row.id, (None, None))) for row in rows]

    async def last_agent(self, conversation_id: str) -> str | None:
        """Who has this conversation, or had it last."""
        return (await self._last_holders([conversation_id])).get(conversation_id, (None, None))[0]

    async def held_by(self, agent_id: str) -> list[str]:
        """The references of the conversations that this agent has."""
        query = sa.select(conversations.c.ref).where(
            conversations.c.state == str(State.AGENT), conversations.c.agent_id == agent_id
        )
        return list((await self._connection.execute(query.order_by(conversations.c.ref))).scalars())

    async def overdue(self, at: datetime) -> list[str]:
        """Conversations whose agent is lost, or whose outcome was not recorded in time."""
        lost = sa.and_(conversations.c.state == str(State.AGENT), conversations.c.lease_until <= at)
        late = sa.and_(conversations.c.state == str(State.WRAP_UP), conversations.c.wrap_up_until <= at)
        return list((await self._connection.execute(sa.select(conversations.c.id).where(sa.or_(lost, late)))).scalars())

    async def offer(self, conversation_id: str, at: datetime) -> Offer | None:
        query = sa.select(offers).where(offers.c.conversation_id == conversation_id, offers.c.until > at)
        row = (await self._connection.execute(query)).one_or_none()
        return _offer(row) if row else None

    async def offers(self, at: datetime) -> list[Offer]:
        return [_offer(row) for row in await self._connection.execute(sa.select(offers).where(offers.c.until > at))]

    async def notes(self, conversation_id: str) -> list[Note]:
        query = (
            sa.select(notes, agents.c.name)
            .join(agents, agents.c.id == notes.c.agent_id)
            .where(notes.c.conversation_id == conversation_id)
            .order_by(notes.c.at, notes.c.id)
        )
        return [Note(row.id, row.at, row.name, row.text) for row in await self._connection.execute(query)]

    async def why_it_stands_so(self, conversation_id: str) -> str | None:
        """The reason of the latest `state` event."""
        query = (
            sa.select(events.c.body)
            .where(events.c.conversation_id == conversation_id, events.c.type == "state")
            .order_by(events.c.seq.desc())
            .limit(1)
        )
        body = (await self._connection.execute(query)).scalar_one_or_none()
        return body["reason"] if body else None

    async def canned(self, agent_id: str) -> list[Canned]:
        query = sa.select(canned).where(canned.c.agent_id == agent_id).order_by(canned.c.title)
        return [Canned(row.id, row.title, row.text, row.lang) for row in await self._connection.execute(query)]

    # ------------------------------------------------------------------ audit

    async def search_audit(
        self,
        *,
        conversation: str | None = None,
        actor: str | None = None,
        cause: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = LONGEST_SEARCH,
    ) -> list[AuditEntry]:
        """Lines of the audit that fit all that is given, newest first."""
        same = {conversations.c.ref: conversation, audit.c.actor: actor, audit.c.cause: cause}
        below = {audit.c.at: until, audit.c.id: before}
        wanted = [column == value for column, value in same.items() if value is not None]
        wanted += [column < value for column, value in below.items() if value is not None]
        wanted += [audit.c.at >= since] if since is not None else []
        query = (
            sa.select(audit, conversations.c.ref, agents.c.name)
            .outerjoin(conversations, conversations.c.id == audit.c.conversation_id)
            .outerjoin(agents, agents.c.id == audit.c.actor)
            .where(*wanted)
            .order_by(audit.c.id.desc())
            .limit(min(limit, LONGEST_SEARCH))
        )
        return [
            AuditEntry(r.id, r.at, r.ref, r.actor, r.name, r.cause, r.from_state, r.to_state, r.version, r.detail)
            for r in await self._connection.execute(query)
        ]

    async def readings(self, since: datetime | None, until: datetime | None) -> list[dict[str, Any]]:
        """How often each agent opened conversations, and how many different ones; most first."""
        opened = sa.func.count().label("opened")
        query = (
            sa.select(audit.c.actor, agents.c.name, opened, sa.func.count(audit.c.conversation_id.distinct()).label("different"))
            .outerjoin(agents, agents.c.id == audit.c.actor)
            .where(audit.c.cause.in_(READING))
            .group_by(audit.c.actor, agents.c.name)
            .order_by(opened.desc(), audit.c.actor)
        )
        if since is not None:
            query = query.where(audit.c.at >= since)
        if until is not None:
            query = query.where(audit.c.at < until)
        return [
            {"agent": row.actor, "name": row.name, "readings": row.opened, "conversations": row.different}
            for row in await self._connection.execute(query)
        ]

    # ------------------------------------------------------------------ how it is done

    async def _agent(self, condition: sa.ColumnElement[bool]) -> Agent | None:
        row = (await self._connection.execute(sa.select(agents).where(condition))).one_or_none()
        return _agent(row) if row else None

    async def _last_holders(self, ids: list[str]) -> dict[str, tuple[str | None, datetime | None]]:
        """Who had each of these last, and since when it stands as it does."""
        causes = (*TAKEN, Cause.ENDED, Cause.MESSAGE_LEFT)
        query = (
            sa.select(audit.c.conversation_id, audit.c.cause, audit.c.actor, audit.c.detail, audit.c.at)
            .where(audit.c.conversation_id.in_(ids), audit.c.cause.in_([str(cause) for cause in causes]))
            .order_by(audit.c.id)
        )
        found: dict[str, tuple[str | None, datetime | None]] = {}
        for row in await self._connection.execute(query):
            holder = found.get(row.conversation_id, (None, None))[0]
            if row.cause in TAKEN:
                holder = row.detail["to"] if row.cause == Cause.TRANSFERRED else row.actor
            found[row.conversation_id] = (holder, row.at)
        return found


class AgentWork(AgentReading):
    """What agents and their desks change in the store."""

    # ------------------------------------------------------------------ who they are

    async def add_agent(self, agent: Agent, password_hash: str, at: datetime) -> None:
        await self._connection.execute(
            agents.insert().values(
                id=agent.id, email=plain_email(agent.email), name=agent.name, role=agent.role,
                password_hash=password_hash, status=agent.status, places=agent.places, created_at=at,
            )
        )

    async def change_agent(self, agent_id: str, **values: Any) -> None:
        await self._connection.execute(agents.update().where(agents.c.id == agent_id).values(**values))

    async def add_sign_in(
        self, token: str, agent_id: str, at: datetime, until: datetime, *, by_organisation: bool = False
    ) -> None:
        await self._connection.execute(
            agent_sessions.insert().values(
                token_hash=hashed(token), agent_id=agent_id, created_at=at, expires_at=until, by_organisation=by_organisation
            )
        )

    async def end_sign_in(self, token_hash: str) -> None:
        await self._connection.execute(tickets.delete().where(tickets.c.token_hash == token_hash))
        await self._connection.execute(agent_sessions.delete().where(agent_sessions.c.token_hash == token_hash))

    async def end_sign_ins(self, agent_id: str) -> None:
        """Everywhere that this agent is signed in."""
        theirs = sa.select(agent_sessions.c.token_hash).where(agent_sessions.c.agent_id == agent_id)
        await self._connection.execute(tickets.delete().where(tickets.c.token_hash.in_(theirs)))
        await self._connection.execute(agent_sessions.delete().where(agent_sessions.c.agent_id == agent_id))

    async def add_ticket(self, ticket: str, token_hash: str, until: datetime) -> None:
        await self._connection.execute(
            tickets.insert().values(ticket_hash=hashed(ticket), token_hash=token_hash, expires_at=until)
        )

    async def use_ticket(self, ticket: str, at: datetime) -> str | None:
        """The sign-in (its token's hash) that a ticket was made for; the ticket is used up."""
        query = tickets.delete().where(tickets.c.ticket_hash == hashed(ticket)).returning(
            tickets.c.token_hash, tickets.c.expires_at
        )
        row = (await self._connection.execute(query)).one_or_none()
        return row.token_hash if row and row.expires_at > at else None

    async def add_failure(self, key: str, at: datetime) -> int:
        """Count a try as failed; the number takes it back."""
        query = sign_in_failures.insert().values(key=key, at=at).returning(sign_in_failures.c.id)
        return (await self._connection.execute(query)).scalar_one()

    async def take_back_failures(self, numbers: Iterable[int]) -> None:
        await self._connection.execute(sign_in_failures.delete().where(sign_in_failures.c.id.in_(list(numbers))))

    async def clear_failures(self, key: str) -> None:
        await self._connection.execute(sign_in_failures.delete().where(sign_in_failures.c.key == key))

    async def forget_old(self, at: datetime) -> None:
        """Delete what has run out: tickets, sign-ins, offers, failures."""
        await self._connection.execute(tickets.delete().where(tickets.c.expires_at <= at))
        old = sa.select(agent_sessions.c.token_hash).where(agent_sessions.c.expires_at <= at)
        await self._connection.execute(tickets.delete().where(tickets.c.token_hash.in_(old)))
        await self._connection.execute(agent_sessions.delete().where(agent_sessions.c.expires_at <= at))
        await self._connection.execute(offers.delete().where(offers.c.until <= at))
        await self._connection.execute(oidc_starts.delete().where(oidc_starts.c.expires_at <= at))
        await self._connection.execute(sign_in_failures.delete().where(sign_in_failures.c.at <= at - FAILURES_COUNT_FOR))

    # ------------------------------------------------------------------ desks

    async def renew_leases(self, agent_id: str, at: datetime, until: datetime) -> list[str]:
        """A sign of life: everything that the agent still has is theirs for longer. The references are returned."""
        await self.change_agent(agent_id, seen_at=at)
        query = (
            conversations.update()
            .where(conversations.c.state == str(State.AGENT), conversations.c.agent_id == agent_id)
            .where(conversations.c.lease_until > at)
            .values(lease_until=until)
            .returning(conversations.c.ref)
        )
        return sorted((await self._connection.execute(query)).scalars())

    async def drop_leases(self, agent_id: str, at: datetime) -> None:
        """The agent is gone for certain: what they have is found by the next sweep."""
        await self.change_agent(agent_id, seen_at=None)
        await self._connection.execute(
            conversations.update()
            .where(conversations.c.state == str(State.AGENT), conversations.c.agent_id == agent_id)
            .values(lease_until=at)
        )

    async def put_offer(self, offer: Offer) -> None:
        """Offer a conversation; an earlier offer of it is gone."""
        await self.end_offer(offer.conversation_id)
        await self._connection.execute(
            offers.insert().values(
                conversation_id=offer.conversation_id, kind=offer.kind, from_id=offer.from_id, to_id=offer.to_id, until=offer.until
            )
        )

    async def end_offer(self, conversation_id: str) -> None:
        await self._connection.execute(offers.delete().where(offers.c.conversation_id == conversation_id))

    async def add_note(self, conversation_id: str, note_id: str, agent_id: str, text: str, at: datetime) -> None:
        await self._connection.execute(
            notes.insert().values(id=note_id, conversation_id=conversation_id, agent_id=agent_id, text=text, at=at)
        )

    async def add_canned(self, agent_id: str, reply: Canned) -> None:
        await self._connection.execute(
            canned.insert().values(id=reply.id, agent_id=agent_id, title=reply.title, text=reply.text, lang=reply.lang)
        )

    async def delete_canned(self, agent_id: str, canned_id: str) -> bool:
        """False when this agent keeps no such reply."""
        mine = sa.and_(canned.c.id == canned_id, canned.c.agent_id == agent_id)
        return bool((await self._connection.execute(canned.delete().where(mine))).rowcount)

    async def forget_agents_words(self, conversation_id: str) -> None:
        """Delete what agents wrote beside a conversation: notes, and reasons in the audit."""
        await self._connection.execute(notes.delete().where(notes.c.conversation_id == conversation_id))
        await self.end_offer(conversation_id)
        lifted = sa.and_(audit.c.conversation_id == conversation_id, audit.c.cause == str(Cause.DANGER_LIFTED))
        for row in (await self._connection.execute(sa.select(audit.c.id, audit.c.detail).where(lifted))).all():
            without = {name: value for name, value in row.detail.items() if name != "reason"}
            await self._connection.execute(audit.update().where(audit.c.id == row.id).values(detail=without))


def plain_email(email: str) -> str:
    """An address as it is stored and compared."""
    return email.strip().casefold()


def hashed(token: str) -> str:
    """What is stored of a token: enough to recognise it, nothing to steal."""
    return hashlib.sha256(token.encode()).hexdigest()


def _agent(row: sa.Row[Any]) -> Agent:
    return Agent(row.id, row.email, row.name, row.role, row.status, row.places, row.seen_at, row.disabled_at)


def _offer(row: sa.Row[Any]) -> Offer:
    return Offer(row.conversation_id, row.kind, row.from_id, row.to_id, row.until)


def _standing(row: sa.Row[Any], holder: str | None, since: datetime | None) -> Standing:
    return Standing(
        id=row.id,
        ref=row.ref,
        state=State(row.state),
        version=row.version,
        since=row.queued_at or since or row.created_at,
        agent_id=row.agent_id,
        agent_name=row.agent_name,
        last_agent_id=holder,
        topic=row.topic,
        urgent=tuple(sorted(row.urgent)),
        lost_agent=row.lost_agent,
        lang=row.lang,
        nation=row.nation,
        presence=row.presence,
        safe_contact=row.safe_contact,
        wrap_up_until=row.wrap_up_until,
        top=row.top,
    )
