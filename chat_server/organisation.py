"""Signing in with the organisation's account: who comes back, and whether that is somebody here."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from chat_server import sign_in as signing
from chat_server.core.board import Agent
from chat_server.errors import Problem
from chat_server.metrics import SIGN_INS
from chat_server.oidc import Claims, Refused
from chat_server.services import Services
from chat_server.settings import Settings
from chat_server.store.factors import Start
from chat_server.store.unit_of_work import Work

log = structlog.get_logger(__name__)

BACK_WITHIN = timedelta(minutes=10)
BACK = "api/agent/oidc/back"
NO_PASSWORD = "none: this agent signs in with the organisation"


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the browser goes, and what it has to bring back."""

    address: str
    state: str


async def send(services: Services, base: str) -> Sent:
    """Begin. Raises Problem."""
    if services.provider is None:
        raise Problem("not_found", "there is no organisation to sign in with")
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    address = await services.provider.address(base + BACK, state, nonce, verifier)
    async with services.store.work() as work:
        await work.add_start(state, Start(nonce, verifier, services.clock() + BACK_WITHIN))
        await work.commit()
    return Sent(address, state)


async def take_back(services: Services, base: str, state: str, code: str | None) -> signing.SignedIn:
    """Who came back with this state, which is used up. Raises Problem."""
    if services.provider is None:
        raise Problem("not_found", "there is no organisation to sign in with")
    async with services.store.work() as work:
        start = await work.use_start(state, services.clock())
        await work.commit()
    if start is None:
        raise Problem("expired", "that took too long, or was used; sign in again")
    try:
        if code is None:
            raise Refused("the organisation sent no code")
        claims = await services.provider.claims(code, base + BACK, start.nonce, start.verifier, services.clock())
        return await _let_in(services, claims)
    except Refused as why:
        SIGN_INS.labels("refused").inc()
        log.warning("organisation_sign_in_refused", why=str(why))
        raise Problem("not_allowed", "your organisation's sign-in does not open this desk") from why


async def sign_out_address(services: Services, token_hash: str, base: str) -> str | None:
    """Where whoever came by the organisation signs out of that too."""
    if services.provider is None:
        return None
    async with services.store.reading() as reading:
        if not await reading.is_by_organisation(token_hash):
            return None
    return await services.provider.sign_out_address(base + "agent")


async def _let_in(services: Services, claims: Claims) -> signing.SignedIn:
    settings = services.settings
    email = claims.get(settings.oidc_email_claim)
    if not isinstance(email, str) or "@" not in email or len(email) > 200 or claims.get("email_verified") is False:
        raise Refused("no email address that the organisation vouches for")
    async with services.store.work() as work:
        agent = await work.agent_by_email(email)
        if agent and agent.disabled_at:
            raise Refused("this agent is disabled")
        if settings.oidc_role_claim:
            agent = await _as_the_organisation_says(work, services, agent, email, claims)
        if agent is None:
            raise Refused("there is no such agent")
        token = await signing.begin(work, services, agent, by_organisation=True)
        await work.commit()
    SIGN_INS.labels("signed_in").inc()
    log.info("signed_in", agent=agent.id)
    return signing.SignedIn(agent, token)


async def _as_the_organisation_says(work: Work, services: Services, agent: Agent | None, email: str, claims: Claims) -> Agent:
    """The agent in the role that the claim names; added when new."""
    role = _role(services.settings, claims)
    if role is None:
        raise Refused("neither an agent nor a supervisor in the organisation's words")
    at = services.clock()
    if agent is None:
        name = str(claims.get("name") or email.partition("@")[0]).strip()[:120]
        agent = Agent(uuid.uuid4().hex, email, name, role)
        await work.add_agent(agent, NO_PASSWORD, at)
        await work.add_account_audit(at, agent.id, "agent_added", {"role": role})
    elif agent.role != role:
        await work.change_agent(agent.id, role=role)
        await work.add_account_audit(at, agent.id, "role_changed", {"role": role})
    return replace(agent, role=role)


def _role(settings: Settings, claims: Claims) -> str | None:
    said = claims.get(settings.oidc_role_claim or "")
    values = {said} if isinstance(said, str) else {v for v in said if isinstance(v, str)} if isinstance(said, Iterable) else set()
    if settings.oidc_supervisor_value in values:
        return "supervisor"
    return "agent" if settings.oidc_agent_value in values else None
