"""Sign-in codes: the six digits of an authenticator app (TOTP), and recovery codes for the day when the phone is lost."""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import structlog

from chat_server.core.board import Agent
from chat_server.desk import AGENT
from chat_server.errors import Problem
from chat_server.seal import Seal
from chat_server.services import Services
from chat_server.store.factors import Factor
from chat_server.store.unit_of_work import Work

log = structlog.get_logger(__name__)

ISSUER = "Child Maintenance Options"
STEP_S = 30
DRIFT = 1
"""How many steps the clock of a phone may be off."""
RECOVERY_CODES = 8
COMMAND = "command"
"""Who acts in the audit when it was the command line."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app has to be told, once."""

    secret: str
    uri: str


def enrolment(agent: Agent) -> Enrolment:
    """A new secret for this agent's app."""
    secret = pyotp.random_base32()
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=agent.email, issuer_name=ISSUER))


async def enrol(services: Services, agent: Agent) -> Enrolment:
    """Begin: the secret counts once a code has confirmed it. Raises Problem."""
    made = enrolment(agent)
    async with services.store.work() as work:
        factor = await work.factor(agent.id)
        if factor and factor.since:
            raise Problem("not_allowed", "sign-in codes are on already; switch them off first")
        await work.set_factor(agent.id, _seal(services).close(made.secret))
        await work.commit()
    return made


async def confirm(services: Services, agent: Agent, code: str) -> list[str]:
    """The app works: from now on a code is asked for. The recovery codes are told once. Raises Problem."""
    at = services.clock()
    async with services.store.work() as work:
        factor = await work.factor(agent.id)
        if factor is None or factor.since:
            raise Problem("not_allowed", "there is nothing to confirm; begin again")
        if not await _use_app_code(work, _seal(services), agent, factor, code, at):
            raise Problem("bad_input", "the code does not fit; wait for the next one and try again", field="code")
        if not await work.confirm_factor(agent.id, factor.secret, at):
            raise Problem("not_allowed", "there is nothing to confirm; begin again")
        codes = await switched_on(work, agent, agent.id, at)
        await work.commit()
    return codes


async def switched_on(work: Work, agent: Agent, actor: str, at: datetime) -> list[str]:
    """New recovery codes, and a line in the audit."""
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    await work.add_recovery_codes(agent.id, [_plain(code) for code in codes])
    await work.add_account_audit(at, actor, "totp_on", _whose(agent, actor))
    return codes


async def switched_off(work: Work, agent: Agent, actor: str, at: datetime) -> None:
    """No code is asked for any more. By anybody but the agent it is a reset: whoever is signed in with it is out."""
    await work.set_factor(agent.id, None)
    await work.add_account_audit(at, actor, "totp_off" if actor == agent.id else "totp_reset", _whose(agent, actor))
    if actor != agent.id:
        await work.end_sign_ins(agent.id)


async def reset(services: Services, supervisor: Agent, agent_id: str) -> None:
    """A supervisor takes the codes of a colleague off: the phone is lost. Raises Problem."""
    if agent_id == supervisor.id:
        raise Problem("not_allowed", "your own codes are switched off with your password and a code")
    async with services.store.work() as work:
        agent = await work.agent(agent_id)
        if agent is None:
            raise Problem("not_found", "there is no such agent")
        if not await work.factor(agent_id):
            return
        await switched_off(work, agent, supervisor.id, services.clock())
        await work.commit()
    await services.bus.publish(AGENT + agent_id, [{"type": "signed_out"}])


async def fits(work: Work, services: Services, agent: Agent, code: str | None) -> bool:
    """Whether this agent may come in with this code, which is used up by it. Raises Problem `unavailable`."""
    factor = await work.factor(agent.id)
    if factor is None or factor.since is None:
        return True
    at = services.clock()
    if code is None:
        return False
    if re.fullmatch(r"[\d\s]+", code):
        return await _use_app_code(work, _seal(services), agent, factor, code, at)
    if not await work.use_recovery_code(agent.id, _plain(code)):
        return False
    await work.add_account_audit(at, agent.id, "recovery_code_used")
    return True


async def _use_app_code(work: Work, seal: Seal, agent: Agent, factor: Factor, code: str, at: datetime) -> bool:
    secret = seal.open(factor.secret)
    if secret is None:
        log.error("totp_secret_cannot_be_opened", agent=agent.id)
        raise Problem("unavailable", "the code cannot be checked, because CHAT_SECRETS_KEY has changed; tell whoever runs this service")
    totp = pyotp.TOTP(secret, interval=STEP_S)
    now = int(at.timestamp()) // STEP_S
    given = re.sub(r"\s", "", code)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            return await work.use_step(agent.id, step)
    return False


def _seal(services: Services) -> Seal:
    return Seal(services.settings.secrets_key)


def _whose(agent: Agent, actor: str) -> dict[str, str]:
    return {} if actor == agent.id else {"agent": agent.email}


def _new_recovery_code() -> str:
    """80 bits, in groups that can be read aloud."""
    plain = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def _plain(code: str) -> str:
    return re.sub(r"[^a-z2-7]", "", code.casefold())
