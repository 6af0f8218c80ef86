"""Codes of an authenticator app at the sign-in: asked for, used once, lost, taken off."""

import asyncio
from typing import Any

import httpx
import pyotp
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import ValidationError

from chat_server.settings import Settings
from chat_server.sign_in import TRIES_BY_ACCOUNT
from chat_server.store.tables import agents
from tests.agents import console
from tests.chat_server.test_agent_api import PASSWORD, agent_with_password, as_agent, sign_in
from tests.fakes import FakeClock
from tests.gateways import Server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def code_at(secret: str, clock: FakeClock, steps: int = 0) -> str:
    """What a phone shows whose clock is this many steps off."""
    return pyotp.TOTP(secret).at(clock.at, counter_offset=steps)


async def with_code(http: httpx.AsyncClient, code: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return await http.post("/api/agent/sign-in", json={"email": "asha@example.org", "password": password, "code": code}, **more)


async def switch_on(server: Server, http: httpx.AsyncClient, clock: FakeClock) -> tuple[str, list[str]]:
    """Asha has codes: the secret and her recovery codes. Her next code is one that was not used."""
    as_agent(http, await agent_with_password(server))
    secret = (await http.post("/api/agent/totp", json={"password": PASSWORD})).json()["secret"]
    confirmed = await http.put("/api/agent/totp", json={"code": code_at(secret, clock)})
    clock.move(seconds=90)
    return secret, confirmed.json()["recovery_codes"]


async def test_an_agent_switches_codes_on_and_off(start, clock: FakeClock):
    async with start(clock=clock) as server, server.http() as http:
        as_agent(http, await agent_with_password(server))
        assert (await http.post("/api/agent/totp", json={"password": "not mine"})).status_code == 403
        begun = (await http.post("/api/agent/totp", json={"password": PASSWORD})).json()
        assert begun["uri"].startswith("otpauth://totp/") and "asha%40example.org" in begun["uri"] and begun["secret"] in begun["uri"]
        assert begun["picture"].startswith("data:image/svg+xml")
        assert (await sign_in(http)).status_code == 200, "nothing is asked for before it is confirmed"
        wrong = await http.put("/api/agent/totp", json={"code": code_at(begun["secret"], clock, 5)})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "code")
        code = code_at(begun["secret"], clock)
        assert len((await http.put("/api/agent/totp", json={"code": code})).json()["recovery_codes"]) == 8
        assert (await http.get("/api/agent/totp")).json() == {"on": True, "recovery_codes_left": 8}
        assert (await http.post("/api/agent/totp", json={"password": PASSWORD})).status_code == 403, "no new secret from an open desk"
        asked = await sign_in(http)
        assert (asked.status_code, asked.json()["field"]) == (403, "code") and "set-cookie" not in asked.headers
        clock.move(seconds=60)
        assert (await with_code(http, code_at(begun["secret"], clock))).status_code == 200
        off = {"password": PASSWORD, "code": code_at(begun["secret"], clock)}
        assert (await http.post("/api/agent/totp/off", json=off)).status_code == 403, "a code that was used"
        off["code"] = code_at(begun["secret"], clock, 1)
        assert (await http.post("/api/agent/totp/off", json=off)).status_code == 204
        assert (await sign_in(http)).status_code == 200


async def test_a_code_is_accepted_once_and_for_one_step_of_drift(start, clock: FakeClock):
    async with start(clock=clock) as server, server.http() as http:
        secret, _ = await switch_on(server, http, clock)
        for steps in (-2, 2):
            assert (await with_code(http, code_at(secret, clock, steps))).status_code == 403
        assert (await with_code(http, code_at(secret, clock, -1))).status_code == 200, "a phone that is slow"
        both = await asyncio.gather(*(with_code(http, f" {code_at(secret, clock)[:3]} {code_at(secret, clock)[3:]} ") for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [200, 403]
        assert (await with_code(http, code_at(secret, clock, 1))).status_code == 200, "a phone that is fast"
        assert (await with_code(http, code_at(secret, clock))).status_code == 403, "older than one that was used"


async def test_wrong_codes_are_slowed_down_and_only_the_password_opens_the_question(start, clock: FakeClock):
    async with start(clock=clock) as server, server.http() as http:
        secret, _ = await switch_on(server, http, clock)
        unknown = await sign_in(http, "nobody@example.org")
        assert (await with_code(http, code_at(secret, clock), "not the password")).text == unknown.text
        for _ in range(TRIES_BY_ACCOUNT + 2):
            assert (await sign_in(http)).json()["code"] == "not_allowed", "asking for the question is no guess"
        for _ in range(TRIES_BY_ACCOUNT - 1):
            assert (await with_code(http, "000000")).json()["field"] == "code"
        assert (await with_code(http, code_at(secret, clock))).status_code == 429


async def test_a_recovery_code_lets_in_once(start, clock: FakeClock):
    async with start(clock=clock) as server, server.http() as http:
        _, codes = await switch_on(server, http, clock)
        assert (await with_code(http, codes[0].upper().replace("-", " "))).status_code == 200
        assert (await with_code(http, codes[0])).status_code == 403
        assert (await http.get("/api/agent/totp")).json()["recovery_codes_left"] == 7
        sue = await agent_with_password(server, "Sue", role="supervisor")
        http.cookies.clear()
        lines = (await as_agent(http, sue).get("/api/agent/audit")).json()["lines"]
        assert [(line["cause"], line["actor_name"], line["conversation"]) for line in lines] == [
            ("recovery_code_used", "Asha", None), ("totp_on", "Asha", None)]
        assert codes[1] not in str(lines)


async def test_a_supervisor_takes_the_codes_of_a_lost_phone_off(start, clock: FakeClock):
    async with start(clock=clock) as server, server.http() as http, server.http() as others:
        await switch_on(server, http, clock)
        asha = (await http.get("/api/agent/me")).json()["agent"]["agent"]
        ben, sue = await agent_with_password(server, "Ben"), await agent_with_password(server, "Sue", role="supervisor")
        as_agent(others, ben)
        assert (await others.post(f"/api/agent/agents/{asha}/totp/reset")).status_code == 403
        others.cookies.clear()
        as_agent(others, sue)
        assert (await others.post("/api/agent/agents/nobody/totp/reset")).status_code == 404
        assert (await others.post(f"/api/agent/agents/{sue.agent.id}/totp/reset")).status_code == 403, "not one's own"
        assert (await others.post(f"/api/agent/agents/{asha}/totp/reset")).status_code == 204
        assert (await http.get("/api/agent/me")).status_code == 401, "whoever has the phone is out"
        assert (await sign_in(http)).status_code == 200
        line = (await others.get("/api/agent/audit?cause=totp_reset")).json()["lines"][0]
        assert (line["actor_name"], line["detail"]) == ("Sue", {"agent": "asha@example.org"})


async def test_a_reset_closes_the_socket_at_once(server: Server):
    asha, sue = await agent_with_password(server), await agent_with_password(server, "Sue", role="supervisor")
    async with server.http() as http, console(server, asha) as desk:
        as_agent(http, asha)
        await http.post("/api/agent/totp", json={"password": PASSWORD})
        http.cookies.clear()
        assert (await as_agent(http, sue).post(f"/api/agent/agents/{asha.agent.id}/totp/reset")).status_code == 204
        assert await desk.closed() == 4500


async def test_the_secret_is_encrypted_with_the_key_of_the_settings(start, clock: FakeClock):
    key, newer = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    async with start(clock=clock, secrets_key=key) as server, server.http() as http:
        secret, codes = await switch_on(server, http, clock)
        async with server.services.store._engine.connect() as connection:
            stored = (await connection.execute(sa.select(agents.c.totp_secret))).scalar_one()
        assert secret not in stored
    async with start(clock=clock, secrets_key=f"{newer},{key}") as server, server.http() as http:
        assert (await with_code(http, code_at(secret, clock))).status_code == 200
    async with start(clock=clock, secrets_key=newer) as server, server.http() as http:
        lost = await with_code(http, code_at(secret, clock, 1))
        assert (lost.status_code, lost.json()["code"]) == (503, "unavailable") and "set-cookie" not in lost.headers
        assert (await with_code(http, codes[0])).status_code == 200, "recovery codes need no key"


def test_a_key_that_is_none_stops_the_start():
    with pytest.raises(ValidationError, match="secrets_key"):
        Settings(secrets_key="a key of my own")
