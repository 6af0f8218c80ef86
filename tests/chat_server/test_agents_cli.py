"""`python -m chat_server agents …` against both stores, and what it does to a gateway that is running."""

import asyncio
import os
import sys
from pathlib import Path

import pyotp
import pytest

from tests.agents import add_agent, console
from tests.gateways import Server

ROOT = Path(__file__).parents[2]


@pytest.fixture
def agents(database_url: str, tmp_path: Path):
    """Runs the command as an operator does: (exit code, what it said)."""

    async def run(*arguments: str, password: str = "") -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chat_server", "agents", *arguments,
            cwd=ROOT,
            env={**os.environ, "CHAT_DATABASE_URL": database_url, "CHAT_DATA_DIR": str(tmp_path)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate(password.encode())
        return process.returncode or 0, said.decode()

    return run


def adding(name: str = "Asha", role: str = "agent") -> tuple[str, ...]:
    return ("add", "--email", f"{name.lower()}@example.org", "--name", name, "--role", role, "--password-stdin")


async def test_agents_are_added_listed_disabled_and_given_another_password(agents):
    assert (await agents(*adding(), password="a long password\n"))[0] == 0
    assert (await agents(*adding("Sue", "supervisor"), password="a long password"))[0] == 0
    code, said = await agents(*adding(), password="a long password")
    assert code == 1 and "already" in said
    code, said = await agents(*adding("Ben"), password="short")
    assert code == 1 and "12 characters" in said
    code, said = await agents("list")
    assert said.splitlines() == ["asha@example.org\tAsha\tagent\tenabled", "sue@example.org\tSue\tsupervisor\tenabled"]
    assert (await agents("disable", "--email", "ASHA@example.org"))[0] == 0
    assert "disabled" in (await agents("list"))[1]
    assert (await agents("reset-password", "--email", "asha@example.org", "--password-stdin", password="another password"))[0] == 0
    assert "disabled" not in (await agents("list"))[1]
    code, said = await agents("disable", "--email", "nobody@example.org")
    assert code == 1 and "no agent" in said


async def test_whom_the_command_adds_can_sign_in_and_whom_it_disables_is_out_at_once(agents, server: Server):
    await agents(*adding(), password="a long password")
    async with server.http() as http:
        credentials = {"email": "asha@example.org", "password": "a long password"}
        assert (await http.post("/api/agent/sign-in", json=credentials)).status_code == 200
        await agents("disable", "--email", "asha@example.org")
        assert (await http.get("/api/agent/me")).status_code == 401
        assert (await http.post("/api/agent/sign-in", json=credentials)).status_code == 403


async def test_disabling_closes_the_socket_and_gives_the_parents_back_to_the_queue(agents, server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        await parent.do("human")
        ref = parent.welcome["conversation"]
        await agent.until("queue", ref)
        await agent.claim(ref)
        await parent.hear("state", state="agent")
        await agents("disable", "--email", asha.agent.email)
        assert await agent.closed() == 4500
        assert (await parent.hear("state", state="queued"))["reason"] == "lease_lost"


async def test_codes_that_the_command_makes_are_asked_for_until_it_takes_them_off(agents, server: Server):
    await agents(*adding(), password="a long password")
    code, said = await agents("totp", "ASHA@example.org")
    secret = next(line.removeprefix("Secret: ") for line in said.splitlines() if line.startswith("Secret: "))
    assert code == 0 and "otpauth://totp/" in said
    credentials = {"email": "asha@example.org", "password": "a long password"}
    async with server.http() as http:
        assert (await http.post("/api/agent/sign-in", json=credentials)).json()["field"] == "code"
        with_code = credentials | {"code": pyotp.TOTP(secret).now()}
        assert (await http.post("/api/agent/sign-in", json=with_code)).status_code == 200
        assert (await agents("totp", "asha@example.org", "--off"))[0] == 0
        assert (await http.get("/api/agent/me")).status_code == 401
        assert (await http.post("/api/agent/sign-in", json=credentials)).status_code == 200
    assert (await agents("totp", "nobody@example.org"))[0] == 1
