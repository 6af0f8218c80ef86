"""Who may open what, what a token is worth, and what one client can do to the others."""

import asyncio
import json
import math
import uuid

import httpx
import pytest
import websockets

from chat_server.protocol import SUBPROTOCOL
from chat_server.rates import BURST
from tests.agents import add_agent, agent_socket, new_ticket
from tests.gateways import Server

FOREIGN = ["https://evil.example", "null", "http://127.0.0.1.evil.example", "https://127.0.0.1", "file://", "http://127.0.0.1:1", "http://user@127.0.0.1", ""]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ["/ws/chat", "/ws/agent"])
async def test_a_page_elsewhere_opens_no_socket_even_with_everything_that_a_browser_would_add(server: Server, path: str, origin: str):
    asha = await add_agent(server.services)
    cookie = {"Cookie": f"options_desk={asha.token}"}
    async with websockets.connect(
        f"ws://127.0.0.1:{server.port}{path}", subprotocols=[SUBPROTOCOL], additional_headers={"Origin": origin, **cookie}
    ) as ws:
        ticket, said = await new_ticket(server.services, asha), []
        with pytest.raises(websockets.ConnectionClosed) as closed:
            while True:
                if not said:
                    await ws.send(json.dumps({"type": "hello", "ticket": ticket}))
                said.append(json.loads(await ws.recv())["type"])
        assert closed.value.rcvd.code == 4503 and set(said) <= {"bye"}


async def test_the_agents_cookie_alone_opens_no_desk(server: Server):
    """A page that could make a browser connect would bring the cookie along: a ticket is needed that only our page can fetch."""
    asha = await add_agent(server.services)
    async with agent_socket(server, additional_headers={"Cookie": f"options_desk={asha.token}"}) as socket:
        await socket.send(type="hello", ticket=asha.token)
        assert await socket.closed() == 4500


async def test_tokens_are_long_and_all_different_and_say_nothing(server: Server):
    async with server.http() as http:
        begun = [(await http.post("/api/conversations", json={})).json() for _ in range(30)]
    tokens = [one["resume"] for one in begun]
    assert len(set(tokens)) == 30
    assert all(len(token) * math.log2(64) >= 128 for token in tokens), "no number of guesses is enough"
    for one in begun:
        assert one["conversation"] not in one["resume"]
    for at in range(4):  # no counter, no common beginning
        assert len({token[at] for token in tokens}) > 5


async def test_a_guess_learns_nothing_whether_the_conversation_exists_or_not(server: Server):
    async with server.parent() as parent:
        ref, resume = parent.welcome["conversation"], parent.welcome["resume"]
        guesses = [(ref, "x" * 43), (ref, resume[:-1]), (ref, resume + "x"), (ref, resume.swapcase()), ("AAAA-BBBB", resume)]
        async with server.http() as http:
            answers = [await http.get(f"/api/conversations/{r}/events", headers={"Authorization": f"Bearer {t}"}) for r, t in guesses]
        assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
        for token in ("x" * 43, resume[:-1], resume.swapcase()):
            async with server.socket() as stranger:
                await stranger.send(type="hello", resume=token)
                assert await stranger.closed() == 4500
                assert [frame["type"] for frame in stranger.heard] == ["bye"]


async def test_a_token_that_somebody_else_chose_is_never_taken_on(server: Server):
    """Fixation: a token planted in a parent's page or cookie makes no conversation that the planter could read."""
    planted = "A" * 43
    async with server.socket() as parent:
        await parent.send(type="hello", resume=planted)
        assert await parent.closed() == 4500
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, cookies={"conversation": planted, "chat": planted}, follow_redirects=True) as browser:
        page = await browser.get("/chat")
        assert page.status_code == 200
        held = [cookie.value for cookie in browser.cookies.jar if cookie.value != planted]
        assert planted not in page.text
    async with server.services.store.reading() as reading:
        assert await reading.by_resume(planted) is None
        for token in held:
            await reading.by_resume(token)


async def test_signing_in_gives_another_token_than_the_browser_came_with(server: Server):
    from chat_server import passwords

    right = "correct horse battery staple"
    await add_agent(server.services, "Asha", password_hash=await passwords.hash_password(right))
    planted = "B" * 43
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, cookies={"options_desk": planted}) as browser:
        answer = await browser.post("/api/agent/sign-in", json={"email": "asha@example.org", "password": right})
        assert answer.status_code == 200 and planted not in answer.headers["set-cookie"]
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, cookies={"options_desk": planted}) as planter:
        assert (await planter.get("/api/agent/me")).status_code == 401


async def test_sockets_that_never_say_hello_are_closed_and_hold_nobody_up(start):
    async with start(hello_within_s=0.5) as server:
        silent = [await websockets.connect(server.ws_url, subprotocols=[SUBPROTOCOL], compression=None) for _ in range(50)]
        async with server.parent() as parent:
            await parent.ask("is anybody there?")
        for ws in silent:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    await asyncio.wait_for(ws.recv(), 20)
            assert closed.value.rcvd.code == 4502


async def test_one_who_floods_is_slowed_down_and_fifty_others_are_all_answered(server: Server):
    """By counts and order: while the flood lies in front of the gateway, everybody else gets every answer."""
    flood = 500
    async with server.parent() as abuser:
        for number in range(flood):
            await abuser.send(type="say", id=str(uuid.uuid4()), text=f"flood {number}")
        parents = [server.parent() for _ in range(50)]
        others = await asyncio.gather(*(one.__aenter__() for one in parents))
        answered = await asyncio.gather(*(one.ask("when is a payment late?") for one in others))
        assert len(answered) == 50 and all(frames[-1]["type"] == "done" for frames in answered)
        async with server.services.store.reading() as reading:
            conversation = await reading.by_ref(abuser.welcome["conversation"])
            kept = [event for event in await reading.events_after(conversation.id, 0, 10_000) if event.body.get("from") == "parent"]
        assert len(kept) < BURST + flood / 10, "the bucket is what lets messages in, whatever was sent"
        refused = await abuser.hear("error", code="slow_down")
        assert refused["retry_after_ms"] > 0
        await asyncio.gather(*(one.__aexit__(None, None, None) for one in parents))

