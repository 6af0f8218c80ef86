"""What signing in needs beside a password: codes of an app, recovery codes, sign-ins on their way to an organisation.

Mixed into the unit of work.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_server.store.agents import hashed
from chat_server.store.tables import agent_sessions, agents, audit, oidc_starts, recovery_codes


@dataclass(frozen=True, slots=True)
class Factor:
    """The secret of an agent's app, as it is stored; `since` is None until the first code has confirmed it."""

    secret: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Start:
    """What was kept when a browser was sent to the organisation."""

    nonce: str
    verifier: str
    expires_at: datetime


class FactorReading:
    """The questions about codes."""

    _connection: AsyncConnection

    async def factor(self, agent_id: str) -> Factor | None:
        query = sa.select(agents.c.totp_secret, agents.c.totp_since).where(agents.c.id == agent_id)
        row = (await self._connection.execute(query)).one()
        return Factor(row.totp_secret, row.totp_since) if row.totp_secret else None

    async def recovery_codes_left(self, agent_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(recovery_codes).where(recovery_codes.c.agent_id == agent_id)
        return (await self._connection.execute(query)).scalar_one()

    async def is_by_organisation(self, token_hash: str) -> bool:
        """Whether this sign-in came by the organisation's own."""
        query = sa.select(agent_sessions.c.by_organisation).where(agent_sessions.c.token_hash == token_hash)
        return bool((await self._connection.execute(query)).scalar_one_or_none())


class FactorWork(FactorReading):
    """What is changed when codes are set, used and taken away."""

    async def set_factor(self, agent_id: str, secret: str | None, since: datetime | None = None) -> None:
        """Another secret, or none; recovery codes of the old one are worth nothing any more."""
        await self._connection.execute(recovery_codes.delete().where(recovery_codes.c.agent_id == agent_id))
        await self._connection.execute(
            agents.update().where(agents.c.id == agent_id).values(totp_secret=secret, totp_since=since, totp_step=None)
        )

    async def confirm_factor(self, agent_id: str, secret: str, at: datetime) -> bool:
        """False when it is another secret by now, or confirmed already."""
        pending = sa.and_(agents.c.id == agent_id, agents.c.totp_secret == secret, agents.c.totp_since.is_(None))
        return bool((await self._connection.execute(agents.update().where(pending).values(totp_since=at))).rowcount)

    async def use_step(self, agent_id: str, step: int) -> bool:
        """False when a code of this step, or of a later one, was used before."""
        unused = sa.and_(agents.c.id == agent_id, sa.func.coalesce(agents.c.totp_step, -1) < step)
        return bool((await self._connection.execute(agents.update().where(unused).values(totp_step=step))).rowcount)

    async def add_recovery_codes(self, agent_id: str, codes: Iterable[str]) -> None:
        rows = [{"agent_id": agent_id, "code_hash": _code_hash(agent_id, code)} for code in codes]
        await self._connection.execute(recovery_codes.insert(), rows)

    async def use_recovery_code(self, agent_id: str, code: str) -> bool:
        """False when there is no such code, or it was used."""
        this = sa.and_(recovery_codes.c.agent_id == agent_id, recovery_codes.c.code_hash == _code_hash(agent_id, code))
        return bool((await self._connection.execute(recovery_codes.delete().where(this))).rowcount)

    async def add_account_audit(self, at: datetime, actor: str, cause: str, detail: dict[str, Any] | None = None) -> None:
        """A line of the audit about an account: it belongs to no conversation."""
        await self._connection.execute(
            audit.insert().values(at=at, actor=actor, cause=cause, from_state="", to_state="", version=0, detail=detail or {})
        )

    # ------------------------------------------------------------------ on the way to the organisation

    async def add_start(self, state: str, start: Start) -> None:
        await self._connection.execute(
            oidc_starts.insert().values(
                state_hash=hashed(state), nonce=start.nonce, verifier=start.verifier, expires_at=start.expires_at
            )
        )

    async def use_start(self, state: str, at: datetime) -> Start | None:
        """What was kept for this state, once."""
        query = oidc_starts.delete().where(oidc_starts.c.state_hash == hashed(state)).returning(oidc_starts)
        row = (await self._connection.execute(query)).one_or_none()
        return Start(row.nonce, row.verifier, row.expires_at) if row and row.expires_at > at else None


def _code_hash(agent_id: str, code: str) -> str:
    return hashed(f"recovery {agent_id} {code}")
