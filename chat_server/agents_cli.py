"""`python -m chat_server agents …`: who may sign in at the agents' console. Works against any store."""

import argparse
import asyncio
import sys
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_server.core.board import Agent
    from chat_server.store.unit_of_work import Store, Work

ROLES = ("agent", "supervisor")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The commands below `agents`."""
    actions = command.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add an agent; the password is read from the standard input")
    add.add_argument("--email", required=True)
    add.add_argument("--name", required=True, help="what parents and colleagues see")
    add.add_argument("--role", choices=ROLES, default="agent")
    add.add_argument("--password-stdin", action="store_true", required=True)
    add.set_defaults(act=_add)
    listing = actions.add_parser("list", help="list all agents")
    listing.set_defaults(act=_list)
    disable = actions.add_parser("disable", help="an agent can sign in no more, and is signed out everywhere")
    disable.add_argument("--email", required=True)
    disable.set_defaults(act=_disable)
    reset = actions.add_parser("reset-password", help="set another password; the agent is signed out everywhere, and enabled")
    reset.add_argument("--email", required=True)
    reset.add_argument("--password-stdin", action="store_true", required=True)
    reset.set_defaults(act=_reset)
    totp = actions.add_parser("totp", help="make new sign-in codes for an agent, and print what the app has to be told")
    totp.add_argument("email")
    totp.add_argument("--off", action="store_true", help="ask for no code any more: the phone is lost")
    totp.set_defaults(act=_totp)


def run(options: argparse.Namespace) -> int:
    """Do it; 1 and a sentence on standard error when it cannot be done."""
    try:
        asyncio.run(_with_store(options))
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


class Wrong(Exception):
    """Why it cannot be done."""


async def _with_store(options: argparse.Namespace) -> None:
    from chat_server.bus import RedisBus
    from chat_server.settings import Settings
    from chat_server.store.migrate import upgrade
    from chat_server.store.unit_of_work import Store

    settings = Settings()
    await upgrade(settings.database)
    store = Store(settings.database)
    try:
        act: Callable[..., Awaitable[str | None]] = options.act
        changed = await act(store, options)
        if changed and settings.redis_url:
            # Gateways look at the store every second; this only tells them sooner.
            bus = RedisBus(settings.redis_url, "command", settings.redis_prefix)
            await bus.publish(f"agent:{changed}", [{"type": "signed_out"}])
            await bus.close()
    finally:
        await store.close()


async def _add(store: "Store", options: argparse.Namespace) -> None:
    from chat_server.core.board import Agent
    from chat_server.passwords import hash_now
    from chat_server.services import now

    email, name = options.email.strip(), options.name.strip()
    if "@" not in email or len(email) > 200:
        raise Wrong("That is no email address.")
    if not name or len(name) > 120:
        raise Wrong("A name has 1 to 120 characters.")
    password = _password(email)
    agent = Agent(uuid.uuid4().hex, email, name, options.role)
    async with store.work() as work:
        if await work.agent_by_email(email):
            raise Wrong(f"There is an agent with the address {email} already.")
        await work.add_agent(agent, hash_now(password), now())
        await work.commit()
    print(f"{name} can sign in as {email} ({options.role}).")


async def _list(store: "Store", _: argparse.Namespace) -> None:
    async with store.reading() as reading:
        found = await reading.agents()
    for agent in found:
        print(f"{agent.email}\t{agent.name}\t{agent.role}\t{'disabled' if agent.disabled_at else 'enabled'}")


async def _disable(store: "Store", options: argparse.Namespace) -> str:
    from chat_server.services import now

    at = now()
    async with store.work() as work:
        agent = await _agent(work, options.email)
        await work.change_agent(agent.id, disabled_at=at)
        await work.end_sign_ins(agent.id)
        await work.drop_leases(agent.id, at)
        await work.commit()
    print(f"{agent.name} ({agent.email}) can sign in no more, and was signed out.")
    return agent.id


async def _reset(store: "Store", options: argparse.Namespace) -> str:
    from chat_server.passwords import hash_now
    from chat_server.store.agents import hashed, plain_email

    password = _password(options.email)
    async with store.work() as work:
        agent = await _agent(work, options.email)
        await work.change_agent(agent.id, password_hash=hash_now(password), disabled_at=None)
        await work.end_sign_ins(agent.id)
        await work.clear_failures(hashed(f"account {plain_email(agent.email)}"))
        await work.commit()
    print(f"{agent.name} ({agent.email}) has a new password, and was signed out.")
    return agent.id


async def _totp(store: "Store", options: argparse.Namespace) -> str:
    from chat_server import second_factor
    from chat_server.seal import Seal
    from chat_server.services import now
    from chat_server.settings import Settings

    at = now()
    async with store.work() as work:
        agent = await _agent(work, options.email)
        if options.off:
            await second_factor.switched_off(work, agent, second_factor.COMMAND, at)
            said = [f"{agent.name} ({agent.email}) is asked for no code, and was signed out."]
        else:
            made = second_factor.enrolment(agent)
            await work.set_factor(agent.id, Seal(Settings().secrets_key).close(made.secret), at)
            codes = await second_factor.switched_on(work, agent, second_factor.COMMAND, at)
            await work.end_sign_ins(agent.id)
            said = [f"{agent.name} ({agent.email}) is asked for a code from now on, and was signed out.", made.uri, f"Secret: {made.secret}",
                    "Recovery codes, each for one sign-in without the app:", *codes]
        await work.commit()
    print("\n".join(said))
    return agent.id


async def _agent(work: "Work", email: str) -> "Agent":
    agent = await work.agent_by_email(email)
    if agent is None:
        raise Wrong(f"There is no agent with the address {email}.")
    return agent


def _password(email: str) -> str:
    """One line of the standard input."""
    from chat_server.passwords import what_is_wrong

    password = sys.stdin.readline().rstrip("\r\n")
    if wrong := what_is_wrong(password, email):
        raise Wrong(f"{wrong[0].upper()}{wrong[1:]}.")
    return password
