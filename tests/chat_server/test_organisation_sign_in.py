"""Signing in with the organisation's account. The provider is a fake of the tests (`tests/fake_provider.py`)."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from chat_server import oidc
from chat_server.settings import Settings
from tests.chat_server.test_agent_api import agent_with_password, sign_in
from tests.fake_provider import FakeProvider, running_provider
from tests.gateways import Server

START = "/api/agent/oidc/start"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One store is enough: what is kept here is kept as everything else is."""
    return f"sqlite:///{tmp_path / 'chat.sqlite3'}"


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with running_provider() as fake:
        yield fake


@pytest.fixture
async def server(start, provider: FakeProvider) -> AsyncIterator[Server]:
    async with start(**provider.settings) as running:
        yield running


async def come_in(http: httpx.AsyncClient) -> str:
    """Sign in with the organisation as a browser does, with nothing kept from before; where it ends."""
    http.cookies.clear()
    answer = await http.get(START, follow_redirects=True)
    return answer.url.raw_path.decode()


async def way_back(http: httpx.AsyncClient) -> str:
    """The address with which a browser comes back from the organisation, not yet opened."""
    away = await http.get(START)
    return (await http.get(away.headers["location"])).headers["location"]


async def is_in(http: httpx.AsyncClient) -> bool:
    return (await http.get("/api/agent/me")).status_code == 200


async def test_an_agent_comes_in_and_signs_out_of_the_organisation_too(server: Server, provider: FakeProvider):
    await agent_with_password(server)
    async with server.http() as http:
        assert (await http.get("/api/agent/sign-in")).json() == {"organisation": True}
        back = await http.get(await way_back(http))
        assert (back.status_code, back.headers["location"]) == (303, "/agent")
        cookie = next(value for value in back.headers.get_list("set-cookie") if value.startswith("options_desk=")).lower()
        assert "httponly" in cookie and "samesite=strict" in cookie
        assert (await http.get("/api/agent/me")).json()["agent"]["name"] == "Asha"
        out = await http.post("/api/agent/sign-out")
        assert out.json()["go"].startswith(f"{provider.issuer}/end?client_id=options-chat&post_logout_redirect_uri=http")
        assert not await is_in(http)
        await sign_in(http)
        assert (await http.post("/api/agent/sign-out")).status_code == 204, "who came with a password leaves the organisation alone"


async def test_what_is_not_right_lets_nobody_in(server: Server, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_server.rates.BURST", 1000)  # all tries come from one address
    await agent_with_password(server)
    gone = await agent_with_password(server, "Gone")
    async with server.services.store.work() as work:
        await work.change_agent(gone.agent.id, disabled_at=server.services.clock())
        await work.commit()
    wrong = [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": None}, {"aud": ["options-chat", "another"], "azp": "another"},
        {"iss": "https://evil.example"}, {"exp": int(time.time()) - 120}, {"exp": None}, {"iat": int(time.time()) + 600}, {"sub": None},
        {"email": "nobody@example.org"}, {"email": "gone@example.org"}, {"email": None}, {"email": ["asha@example.org"]}, {"email_verified": False},
    ]
    async with server.http() as http:
        for claims in wrong:
            provider.claims = claims
            assert await come_in(http) == "/agent?refused=not_allowed", claims
            assert not await is_in(http), claims
        provider.claims = {}
        provider.key = RSAKey.import_key(RSAKey.generate_key(2048).as_dict(private=True) | {"kid": provider.published.kid})
        assert await come_in(http) == "/agent?refused=not_allowed", "signed by somebody else"
        provider.key = provider.published
        assert await come_in(http) == "/agent" and await is_in(http), "and yet everything else was right"


async def test_a_state_is_used_once_and_only_in_the_browser_that_left(server: Server):
    await agent_with_password(server)
    async with server.http() as http, server.http() as other:
        back = await way_back(http)
        assert (await other.get(back)).headers["location"] == "/agent?refused=expired" and not await is_in(other)
        kept = dict(http.cookies)
        assert (await http.get(back)).headers["location"] == "/agent"
        other.cookies.update(kept)
        assert (await other.get(back)).headers["location"] == "/agent?refused=expired", "used up"
        assert (await other.get("/api/agent/oidc/back?code=x")).headers["location"] == "/agent?refused=expired"
        assert not await is_in(other)


async def test_with_a_role_claim_the_organisation_decides_who_gets_in_and_as_what(start, provider: FakeProvider):
    async with start(**provider.settings, oidc_role_claim="groups", oidc_supervisor_value="leads") as server, server.http() as http:
        await agent_with_password(server)
        assert await come_in(http) == "/agent?refused=not_allowed", "no role"
        provider.claims = {"groups": ["staff", "agent"], "email": "New@example.org", "name": "Nia New"}
        assert await come_in(http) == "/agent"
        new = (await http.get("/api/agent/me")).json()["agent"]
        assert (new["name"], new["email"], new["role"]) == ("Nia New", "new@example.org", "agent")
        provider.claims["groups"] = "leads"
        assert await come_in(http) == "/agent"
        lines = (await http.get("/api/agent/audit")).json()["lines"]
        assert [(line["cause"], line["actor_name"], line["detail"]) for line in lines] == [
            ("role_changed", "Nia New", {"role": "supervisor"}), ("agent_added", "Nia New", {"role": "agent"})]
        assert (await sign_in(http, "new@example.org", "")).status_code == 403, "there is no password to guess"


async def test_a_new_key_of_the_organisation_is_asked_for(server: Server, provider: FakeProvider, monkeypatch):
    await agent_with_password(server)
    async with server.http() as http:
        assert await come_in(http) == "/agent"
        provider.key = provider.published = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
        monkeypatch.setattr(oidc, "ASK_AGAIN_AFTER_S", -1.0)
        assert await come_in(http) == "/agent" and await is_in(http)


async def test_an_organisation_that_does_not_answer_is_said_and_the_password_still_works(start, provider: FakeProvider):
    async with start(**provider.settings | {"oidc_issuer": "http://127.0.0.1:9"}) as server, server.http() as http:
        await agent_with_password(server)
        assert await come_in(http) == "/agent?refused=unavailable"
        assert (await sign_in(http)).status_code == 200


async def test_without_the_settings_there_is_none(start):
    async with start() as server, server.http() as http:
        assert (await http.get("/api/agent/sign-in")).json() == {"organisation": False}
        assert await come_in(http) == "/agent?refused=not_found"
        assert (await http.get("/api/agent/oidc/back?state=a&code=b")).headers["location"] == "/agent?refused=expired"


@pytest.mark.parametrize("changed", [{"oidc_issuer": "http://id.example", "oidc_client_id": "a"}, {"oidc_issuer": "https://id.example"}])
def test_settings_that_cannot_be_stop_the_start(changed: dict[str, str]):
    with pytest.raises(ValidationError, match="oidc_"):
        Settings(**changed)
