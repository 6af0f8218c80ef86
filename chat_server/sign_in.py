"""Signing in and out. What an outsider can learn of who has an account here: nothing."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from chat_server import passwords, second_factor
from chat_server.core.board import Agent
from chat_server.desk import AGENT
from chat_server.errors import Problem
from chat_server.metrics import SIGN_INS
from chat_server.services import Services
from chat_server.store.agents import FAILURES_COUNT_FOR, hashed, plain_email
from chat_server.store.unit_of_work import Work

log = structlog.get_logger(__name__)

LASTS = timedelta(hours=12)
"""A sign-in lasts one long shift."""
TICKET_LASTS = timedelta(seconds=30)
TRIES_BY_ACCOUNT = 5
TRIES_BY_ADDRESS = 30
"""Failed tries within `FAILURES_COUNT_FOR` after which no more are listened to."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new sign-in: the token goes into the cookie, only its hash is kept."""

    agent: Agent
    token: str


async def sign_in(services: Services, email: str, password: str, address: str, code: str | None = None) -> SignedIn:
    """Raises Problem `not_allowed`, in the same words and time for every cause, or `slow_down`.

    Only whoever knows the password learns that a code is asked for: `field` is `code` then.
    """
    account = hashed(f"account {plain_email(email)}")
    tries = await _begin_try(services, account, hashed(f"address {address}"))
    async with services.store.reading() as reading:
        agent = await reading.agent_by_email(email)
        stored = await reading.password_hash(agent.id) if agent and not agent.disabled_at else None
    if not await passwords.is_right(password, stored) or agent is None:
        SIGN_INS.labels("refused").inc()
        raise Problem("not_allowed", "the email address or the password is wrong")
    async with services.store.work() as work:
        fits = await second_factor.fits(work, services, agent, code)
        token = await begin(work, services, agent) if fits else ""
        if fits or code is None:
            await work.take_back_failures(tries)
        if fits:
            await work.clear_failures(account)
        await work.commit()
    if not fits:
        SIGN_INS.labels("refused" if code else "code_asked").inc()
        raise Problem("not_allowed", "the code is wrong, or was used" if code else "a code is asked for", field="code")
    SIGN_INS.labels("signed_in").inc()
    log.info("signed_in", agent=agent.id)
    return SignedIn(agent, token)


async def begin(work: Work, services: Services, agent: Agent, *, by_organisation: bool = False) -> str:
    """A sign-in of this agent; the token goes into the cookie."""
    at, token = services.clock(), secrets.token_urlsafe(32)
    await work.add_sign_in(token, agent.id, at, at + LASTS, by_organisation=by_organisation)
    return token


async def sign_out(services: Services, token_hash: str) -> None:
    """End this sign-in. Nobody waits 45 seconds for an agent who has gone for certain."""
    at = services.clock()
    async with services.store.work() as work:
        agent = await work.signed_in(token_hash, at)
        await work.end_sign_in(token_hash)
        if agent and not await work.has_sign_in(agent.id, at):
            await work.drop_leases(agent.id, at)
        await work.commit()
    if agent:
        await services.bus.publish(AGENT + agent.id, [{"type": "signed_out"}])


async def ticket(services: Services, token_hash: str) -> str:
    """What opens one socket, once, within `TICKET_LASTS`."""
    made = secrets.token_urlsafe(32)
    async with services.store.work() as work:
        await work.add_ticket(made, token_hash, services.clock() + TICKET_LASTS)
        await work.commit()
    return made


async def change_password(services: Services, agent: Agent, old: str, new: str) -> None:
    """Set another password; every sign-in of this agent ends. Raises Problem."""
    account = hashed(f"account {agent.email}")
    tries = await _try_own_password(services, agent, old, "the old password is wrong")
    if wrong := passwords.what_is_wrong(new, agent.email):
        async with services.store.work() as work:
            await work.take_back_failures(tries)
            await work.commit()
        raise Problem("bad_input", f"new: {wrong}", field="new")
    made = await passwords.hash_password(new)
    async with services.store.work() as work:
        await work.clear_failures(account)
        await work.change_agent(agent.id, password_hash=made)
        await work.end_sign_ins(agent.id)
        await work.commit()
    await services.bus.publish(AGENT + agent.id, [{"type": "signed_out"}])


async def enrol(services: Services, agent: Agent, password: str) -> second_factor.Enrolment:
    """Begin with sign-in codes; whoever finds an open desk cannot. Raises Problem."""
    tries = await _try_own_password(services, agent, password)
    async with services.store.work() as work:
        await work.take_back_failures(tries)
        await work.commit()
    return await second_factor.enrol(services, agent)


async def switch_codes_off(services: Services, agent: Agent, password: str, code: str) -> None:
    """The agent wants no codes any more. Raises Problem."""
    tries = await _try_own_password(services, agent, password)
    async with services.store.work() as work:
        if not await second_factor.fits(work, services, agent, code):
            raise Problem("not_allowed", "the code is wrong, or was used", field="code")
        await second_factor.switched_off(work, agent, agent.id, services.clock())
        await work.take_back_failures(tries)
        await work.commit()


async def _try_own_password(services: Services, agent: Agent, password: str, wrong: str = "the password is wrong") -> list[int]:
    """The tries that count as failed until they are taken back. Raises Problem."""
    tries = await _begin_try(services, hashed(f"account {agent.email}"))
    async with services.store.reading() as reading:
        stored = await reading.password_hash(agent.id)
    if not await passwords.is_right(password, stored):
        raise Problem("not_allowed", wrong)
    return tries


async def _begin_try(services: Services, account: str, address: str | None = None) -> list[int]:
    """Count this try as failed until it succeeds, so that a burst of tries is no way around the limit."""
    at = services.clock()
    limits = [(account, TRIES_BY_ACCOUNT)] + ([(address, TRIES_BY_ADDRESS)] if address else [])
    async with services.store.work() as work:
        tries = [await work.add_failure(key, at) for key, _ in limits]
        await work.commit()
    waits_ms = []
    async with services.store.reading() as reading:
        for key, limit in limits:
            failed = await reading.failures(key, at - FAILURES_COUNT_FOR)
            if len(failed) > limit:
                waits_ms.append(_wait_ms(failed[-limit - 1], at))
    if not waits_ms:
        return tries
    async with services.store.work() as work:
        await work.take_back_failures(tries)
        await work.commit()
    SIGN_INS.labels("slowed_down").inc()
    raise Problem("slow_down", "too many tries; wait, then try again", retry_after_ms=max(waits_ms))


def _wait_ms(first: datetime, at: datetime) -> int:
    return max(1000, int((first + FAILURES_COUNT_FOR - at).total_seconds() * 1000))
