"""Signing in and the agents' calls: what is answered, to whom, and what an outsider learns from it (nothing)."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from chat_server import passwords
from chat_server.sign_in import TRIES_BY_ACCOUNT, TRIES_BY_ADDRESS
from tests.agents import SignedIn, add_agent, agent_socket, console
from tests.fakes import FakeClock
from tests.gateways import Server

PASSWORD = "correct horse battery"
HASH = passwords.hash_now(PASSWORD)


async def agent_with_password(server: Server, name: str = "Asha", **more: Any) -> SignedIn:
    return await add_agent(server.services, name, password_hash=HASH, **more)


async def sign_in(http: httpx.AsyncClient, email: str = "asha@example.org", password: str = PASSWORD, **more: Any) -> httpx.Response:
    return await http.post("/api/agent/sign-in", json={"email": email, "password": password}, **more)


def as_agent(http: httpx.AsyncClient, who: SignedIn) -> httpx.AsyncClient:
    http.cookies.update(who.cookies)
    return http


# ---------------------------------------------------------------------- signing in


async def test_signing_in_gives_a_cookie_that_no_script_and_no_other_site_can_use(server: Server):
    await agent_with_password(server)
    async with server.http() as http:
        answer = await sign_in(http, "  ASHA@Example.org ")
        assert answer.status_code == 200 and answer.json()["agent"]["name"] == "Asha"
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
        assert answer.headers["cache-control"] == "no-store"
        assert (await http.get("/api/agent/me")).json()["agent"]["role"] == "agent"
        ticket = (await http.post("/api/agent/ticket")).json()["ticket"]
        async with agent_socket(server) as socket:
            await socket.send(type="hello", ticket=ticket)
            await socket.hear("welcome")


async def test_the_token_and_the_password_are_not_in_the_store(server: Server):
    import sqlalchemy as sa

    from chat_server.store.tables import metadata

    await agent_with_password(server)
    async with server.http() as http:
        await sign_in(http)
        ticket = (await http.post("/api/agent/ticket")).json()["ticket"]
        token = http.cookies["options_desk"]
    async with server.services.store._engine.connect() as connection:
        for table in metadata.sorted_tables:
            rows = repr((await connection.execute(sa.select(table))).all())
            assert token not in rows and ticket not in rows and PASSWORD not in rows, table.name


async def test_unknown_wrong_and_disabled_are_answered_alike(server: Server):
    await agent_with_password(server)
    gone = await agent_with_password(server, "Gone")
    async with server.services.store.work() as work:
        await work.change_agent(gone.agent.id, disabled_at=server.services.clock())
        await work.commit()
    async with server.http() as http:
        answers = [
            await sign_in(http, password="not the password"),
            await sign_in(http, "nobody@example.org"),
            await sign_in(http, "gone@example.org"),
            await sign_in(http, password="x" * 900),
            await sign_in(http, "a\x00b@example.org"),
        ]
        assert {answer.status_code for answer in answers} == {403}
        assert len({answer.text for answer in answers}) == 1
        assert not any("set-cookie" in answer.headers for answer in answers)


async def test_an_unknown_account_costs_as_much_work_as_a_wrong_password(server: Server, monkeypatch):
    checked: list[str] = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda password, stored: checked.append(stored) or verify(password, stored))
    await agent_with_password(server)
    async with server.http() as http:
        await sign_in(http, "nobody@example.org")
        await sign_in(http, password="wrong password")
    assert len(checked) == 2 and all(stored.startswith("$argon2id$") for stored in checked)
    assert checked[0].split("$")[3] == checked[1].split("$")[3], "the same memory, time and lanes"


@pytest.mark.parametrize("email", ["asha@example.org", "nobody@example.org"], ids=["known", "unknown"])
async def test_guessing_at_one_account_is_slowed_down_whether_it_exists_or_not(start, email: str):
    clock = FakeClock()
    async with start(clock=clock) as server, server.http() as http:
        await agent_with_password(server)
        tries = await asyncio.gather(*(sign_in(http, email, "wrong password") for _ in range(TRIES_BY_ACCOUNT + 4)))
        codes = sorted(answer.json()["code"] for answer in tries)
        assert codes.count("slow_down") >= 4 and codes.count("not_allowed") <= TRIES_BY_ACCOUNT
        refused = await sign_in(http, email, "wrong password")
        while refused.status_code == 403:
            refused = await sign_in(http, email, "wrong password")
        assert refused.status_code == 429
        assert 0 < refused.json()["retry_after_ms"] <= 15 * 60 * 1000 and int(refused.headers["retry-after"]) > 0
        assert (await sign_in(http, email)).status_code == 429, "also with the right password"
        clock.move(minutes=16)
        assert (await sign_in(http, email)).status_code == (200 if email.startswith("asha") else 403)


async def test_guessing_at_many_accounts_from_one_address_is_slowed_down(server: Server, monkeypatch):
    monkeypatch.setattr(passwords, "_verify", lambda password, stored: False)
    async with server.http() as http:
        for n in range(TRIES_BY_ADDRESS):
            assert (await sign_in(http, f"agent{n}@example.org")).status_code == 403
        assert (await sign_in(http, "one.more@example.org")).status_code == 429


async def test_signing_in_rightly_counts_for_nothing(server: Server):
    await agent_with_password(server)
    async with server.http() as http:
        for _ in range(TRIES_BY_ACCOUNT + 2):
            assert (await sign_in(http)).status_code == 200


async def test_another_origin_is_refused_with_every_call_that_changes_something(start):
    async with start(allowed_origins="https://council.example") as server, server.http() as http:
        as_agent(http, await agent_with_password(server))
        for origin in ("https://evil.example", "https://council.example", "null"):
            headers = {"Origin": origin}
            assert (await sign_in(http, headers=headers)).status_code == 403
            for call in (http.post("/api/agent/ticket", headers=headers), http.post("/api/agent/sign-out", headers=headers),
                         http.put("/api/agent/password", json={"old": PASSWORD, "new": "another long one"}, headers=headers),
                         http.post("/api/agent/canned", json={"title": "a", "text": "b"}, headers=headers),
                         http.delete("/api/agent/canned/abc", headers=headers)):
                assert (await call).json()["code"] == "not_allowed"
        assert (await http.get("/api/agent/me")).status_code == 200, "still signed in"
        assert (await http.post("/api/agent/ticket", headers={"Origin": server.url})).status_code == 200


# ---------------------------------------------------------------------- the end of a sign-in


async def test_another_password_ends_every_sign_in_and_closes_the_sockets(server: Server):
    asha = await agent_with_password(server)
    async with console(server, asha) as agent, server.http() as http:
        as_agent(http, asha)
        wrong = await http.put("/api/agent/password", json={"old": "not it", "new": "a new long password"})
        assert wrong.status_code == 403
        short = await http.put("/api/agent/password", json={"old": PASSWORD, "new": "short"})
        assert (short.status_code, short.json()["field"]) == (422, "new")
        done = await http.put("/api/agent/password", json={"old": PASSWORD, "new": "a new long password"})
        assert done.status_code == 204
        assert await agent.closed() == 4500
        assert (await http.get("/api/agent/me")).status_code == 401
        assert (await sign_in(http)).status_code == 403
        assert (await sign_in(http, password="a new long password")).status_code == 200


async def test_a_sign_in_ends_after_a_shift(start):
    clock = FakeClock()
    async with start(clock=clock) as server, server.http() as http:
        asha = await agent_with_password(server)
        as_agent(http, asha)
        clock.move(hours=11, minutes=59)
        assert (await http.get("/api/agent/me")).status_code == 200
        clock.move(minutes=2)
        assert (await http.get("/api/agent/me")).status_code == 401


async def test_signing_out_of_one_browser_leaves_the_other(server: Server):
    await agent_with_password(server)
    async with server.http() as one, server.http() as other:
        await sign_in(one)
        await sign_in(other)
        assert (await one.post("/api/agent/sign-out")).status_code == 204
        assert (await one.get("/api/agent/me")).status_code == 401
        assert (await other.get("/api/agent/me")).status_code == 200


async def test_a_ticket_runs_out_and_dies_with_its_sign_in(start):
    clock = FakeClock()
    async with start(clock=clock) as server, server.http() as http:
        as_agent(http, await agent_with_password(server))
        late = (await http.post("/api/agent/ticket")).json()["ticket"]
        clock.move(seconds=31)
        orphan = (await http.post("/api/agent/ticket")).json()["ticket"]
        await http.post("/api/agent/sign-out")
        for ticket in (late, orphan):
            async with agent_socket(server) as socket:
                await socket.send(type="hello", ticket=ticket)
                assert await socket.closed() == 4500


CALLS = [
    ("POST", "/api/agent/ticket"), ("PUT", "/api/agent/password"), ("GET", "/api/agent/me"),
    ("GET", "/api/agent/conversations/{ref}"), ("GET", "/api/agent/canned"), ("POST", "/api/agent/canned"),
    ("DELETE", "/api/agent/canned/{canned}"), ("GET", "/api/agent/directory"), ("POST", "/api/agent/words"),
    ("GET", "/api/agent/audit"), ("GET", "/api/agent/readings"),
    ("GET", "/api/agent/totp"), ("POST", "/api/agent/totp"), ("PUT", "/api/agent/totp"), ("POST", "/api/agent/totp/off"),
    ("POST", "/api/agent/agents/{agent}/totp/reset"),
]
OPEN = [
    ("GET", "/api/agent/sign-in"), ("POST", "/api/agent/sign-in"), ("POST", "/api/agent/sign-out"),
    ("GET", "/api/agent/oidc/start"), ("GET", "/api/agent/oidc/back"),
]
BODIES = {"/api/agent/password": {"old": "x", "new": "y"}, "/api/agent/canned": {"title": "a", "text": "b"}, "/api/agent/words": {"text": "a"},
          "/api/agent/totp": {"password": "x", "code": "y"}, "/api/agent/totp/off": {"password": "x", "code": "y"}}


def test_the_list_of_calls_that_ask_who_calls_is_complete():
    from chat_server.app import create_app
    from chat_server.settings import Settings

    paths = create_app(Settings()).openapi()["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods if path.startswith("/api/agent")}
    assert there == set(CALLS + OPEN)


@pytest.mark.parametrize("cookie", [None, "made up", ""])
async def test_every_call_asks_who_calls(server: Server, cookie: str | None):
    async with server.http() as http:
        if cookie is not None:
            http.cookies.set("options_desk", cookie)
        for method, path in CALLS:
            answer = await http.request(method, path.format(ref="K7QR-4MXW", canned="abc", agent="abc"), json=BODIES.get(path))
            assert (answer.status_code, answer.json()["code"]) == (401, "expired"), path


# ---------------------------------------------------------------------- beside the conversation


async def test_a_transcript_is_opened_only_by_whom_it_concerns(server: Server):
    asha, ben, sue = [await agent_with_password(server, *who) for who in (("Asha",), ("Ben",))] + [
        await agent_with_password(server, "Sue", role="supervisor")]
    async with console(server, asha) as agent, server.parent() as parent, server.http() as http:
        await parent.ask("my landlord wrote")
        await parent.do("human")
        ref = parent.welcome["conversation"]
        await agent.until("queue", ref)
        await agent.claim(ref)
        answers = {}
        for who in (asha, ben, sue):
            http.cookies.clear()
            answers[who.agent.name] = await as_agent(http, who).get(f"/api/agent/conversations/{ref}")
        unknown = await http.get("/api/agent/conversations/ZZZZ-ZZZZ")
        assert [answers[name].status_code for name in ("Asha", "Ben", "Sue")] == [200, 404, 200]
        assert answers["Ben"].json() == unknown.json(), "unknown and forbidden are alike"
        transcript = answers["Asha"].json()
        assert transcript["events"][0]["text"] == "my landlord wrote"
        assert not any(key.startswith("_") for event in transcript["events"] for key in event)
        assert transcript["conversation"]["briefing"]


@pytest.mark.parametrize("ref", ["%00", "K7QR 4MXW", "k7qr-4mxw", "Ω"])
async def test_a_reference_that_cannot_be_is_not_found(server: Server, ref: str):
    async with server.http() as http:
        as_agent(http, await agent_with_password(server))
        assert (await http.get(f"/api/agent/conversations/{ref}")).status_code == 404


async def test_canned_replies_are_the_teams_and_ones_own(server: Server):
    asha, ben = await agent_with_password(server), await agent_with_password(server, "Ben")
    async with server.http() as http, server.http() as others:
        as_agent(http, asha), as_agent(others, ben)
        team = (await http.get("/api/agent/canned")).json()["canned"]
        assert team and all(not reply["mine"] and reply["text"] and reply["title"] for reply in team)
        welsh = (await http.get("/api/agent/canned?lang=cy")).json()["canned"]
        assert len(welsh) == len(team) and all(reply["lang"] == "cy" for reply in welsh)
        made = (await http.post("/api/agent/canned", json={"title": "Letter", "text": "Let us look at the letter."})).json()["canned"]
        found = (await http.get("/api/agent/canned?words=LETTER")).json()["canned"]
        assert made in found and made["mine"]
        assert made not in (await others.get("/api/agent/canned")).json()["canned"]
        assert (await others.delete(f"/api/agent/canned/{made['canned']}")).status_code == 404
        assert (await http.delete(f"/api/agent/canned/{made['canned']}")).status_code == 204
        assert (await http.delete(f"/api/agent/canned/{made['canned']}")).status_code == 404


async def test_the_directory_is_searched_by_words_and_nation(server: Server):
    async with server.http() as http:
        as_agent(http, await agent_with_password(server))
        found = (await http.get("/api/agent/directory?words=shelter&nation=scotland")).json()["organisations"]
        assert found and all("scotland" in card["nations"] for card in found)
        assert (await http.get("/api/agent/directory?words=zzzz")).json()["organisations"] == []
        assert (await http.get("/api/agent/directory?nation=france")).status_code == 422


async def test_words_to_avoid_are_found_in_a_draft_with_what_to_say_instead(server: Server):
    async with server.http() as http:
        as_agent(http, await agent_with_password(server))
        found = (await http.post("/api/agent/words", json={"text": "The absent parent must pay."})).json()["found"]
        assert any(hit["words"].lower().startswith("absent") and hit["use"] and hit["why"] for hit in found)
        assert (await http.post("/api/agent/words", json={"text": "The letter names Friday."})).json()["found"] == []


# ---------------------------------------------------------------------- for supervisors


async def test_the_audit_is_searched_by_supervisors_only(server: Server):
    asha, sue = await agent_with_password(server), await agent_with_password(server, "Sue", role="supervisor")
    async with console(server, asha) as agent, server.parent() as parent, server.http() as http:
        await parent.ask("a secret matter")
        await parent.do("human")
        ref = parent.welcome["conversation"]
        await agent.until("queue", ref)
        await agent.claim(ref)
        as_agent(http, asha)
        for path in ("/api/agent/audit", "/api/agent/readings"):
            assert (await http.get(path)).json()["code"] == "not_allowed"
        http.cookies.clear()
        as_agent(http, sue)
        whole = (await http.get(f"/api/agent/audit?conversation={ref}")).json()
        assert [line["cause"] for line in whole["lines"]] == ["watched", "claimed", "handover"]
        assert whole["lines"][0]["actor_name"] == "Asha" and "secret" not in json.dumps(whole)
        page = (await http.get(f"/api/agent/audit?conversation={ref}&limit=2")).json()
        rest = (await http.get(f"/api/agent/audit?conversation={ref}&limit=2&before={page['next']}")).json()
        assert page["lines"] + rest["lines"] == whole["lines"] and rest["next"] is None
        by_agent = (await http.get(f"/api/agent/audit?agent={asha.agent.id}&cause=claimed")).json()["lines"]
        assert [line["conversation"] for line in by_agent] == [ref]
        later = "2100-01-01T00:00:00Z"
        assert (await http.get(f"/api/agent/audit?since={later}")).json()["lines"] == []
        assert (await http.get("/api/agent/audit?since=yesterday")).status_code == 422
        assert (await http.get("/api/agent/audit?conversation=%00")).status_code == 422
        report = (await http.get(f"/api/agent/readings?until={later}")).json()["agents"]
        assert report == [{"agent": asha.agent.id, "name": "Asha", "readings": 1, "conversations": 1}]
