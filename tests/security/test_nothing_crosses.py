"""The two parents of one family are strangers here: an id and a token that do not belong together open nothing.

Every call and every frame stands in a table below, with the test that tries it; one that is in no table fails the first test.
"""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any, get_args

import httpx
import pytest

from chat_server import agent_protocol, protocol
from chat_server.app import create_app
from chat_server.core.events import utc_text
from chat_server.desk import all_events
from chat_server.settings import Settings
from tests.agents import Console, SignedIn, add_agent, agent_socket, console, new_ticket
from tests.chat_server.test_agent_api import CALLS as SIGNED_IN_CALLS
from tests.chat_server.test_agent_api import OPEN as SIGN_IN_CALLS
from tests.chat_server.test_agent_socket import ACTS, LIGHT
from tests.gateways import Parent, Server

SECRET = "the other parent's own words"

OPEN_CALLS = {
    ("GET", "/"), ("GET", "/agent"), ("GET", "/widget.js"), ("GET", "/openapi.json"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
    ("GET", "/api/topics"), ("GET", "/api/directory"), ("POST", "/api/estimate"), ("POST", "/api/conversations"),
}
"""Nothing of anybody's can be named in these."""
TOKEN_CALLS: dict[tuple[str, str], dict[str, Any] | None] = {
    ("PUT", "/api/conversations/{ref}/messages/{id}"): {"text": "x"},
    ("PUT", "/api/conversations/{ref}/actions/{id}"): {"type": "human"},
    ("GET", "/api/conversations/{ref}/events"): None,
    ("GET", "/api/conversations/{ref}/copy"): None,
}
PLAIN_CALLS: dict[tuple[str, str], dict[str, Any] | None] = {
    ("GET", "/chat"): None,
    ("GET", "/chat/copy"): None,
    ("POST", "/chat/say"): {"text": "mine"},
    ("POST", "/chat/choose"): {"choice": "c1"},
    ("POST", "/chat/what-if"): {"income": "100"},
    ("POST", "/chat/prefer"): {"how": "by text"},
    ("POST", "/chat/act"): {"do": "human"},
    ("POST", "/chat/leave"): {},
}
PARENT_FRAMES: dict[str, dict[str, Any]] = {
    "say": {"text": "mine"}, "choose": {"choice": "c1"}, "human": {}, "prefer": {"nation": "wales", "safe_contact": {"how": "by text"}},
    "rate": {"answers": {"overall": 5}}, "end": {}, "erase": {}, "hide": {}, "seen": {}, "typing": {"on": True}, "ping": {},
}
"""And `hello`, which has a test of its own."""
AGENT_FRAMES = {"hello", "presence", "claim", "unwatch", "ping"}
"""Tried here; all others by `tests/chat_server/test_agent_socket.py`, which counts them."""


def calls_of_the_app() -> set[tuple[str, str]]:
    """Every call, also those that the description of the API leaves out."""
    found = set()
    for route in create_app(Settings()).routes:
        inner = getattr(route, "original_router", None)
        for one in inner.routes if inner else [route]:
            found |= {(method, one.path) for method in getattr(one, "methods", None) or () if method != "HEAD"}
    return found


def types_of(frames: Any) -> set[str]:
    return {frame.model_fields["type"].default for frame in get_args(get_args(frames)[0])}


def test_every_call_and_every_frame_has_its_test_here_or_is_open_to_all():
    signed_in = set(SIGNED_IN_CALLS) | set(SIGN_IN_CALLS)
    assert calls_of_the_app() == OPEN_CALLS | set(TOKEN_CALLS) | set(PLAIN_CALLS) | signed_in
    assert types_of(protocol.ParentFrame) == set(PARENT_FRAMES) | {"hello"}
    assert types_of(agent_protocol.AgentFrame) == set(ACTS) | set(LIGHT) | AGENT_FRAMES
    named = {(method, path) for method, path in signed_in if "{" in path}
    assert named == {
        ("GET", "/api/agent/conversations/{ref}"), ("DELETE", "/api/agent/canned/{canned}"), ("POST", "/api/agent/agents/{agent}/totp/reset"),
    }, "a call that names something of somebody's is tried below"


def test_no_call_finds_parents_by_what_they_said_or_who_they_are():
    """An agent can ask for one conversation by its reference; nothing lists, joins or searches people."""
    asked = {
        parameter["name"]
        for path, methods in create_app(Settings()).openapi()["paths"].items() if path.startswith("/api/agent")
        for call in methods.values() for parameter in call.get("parameters", []) if parameter["in"] == "query"
    }
    of_what_is_recorded = {"conversation", "agent", "cause", "since", "until", "before", "limit"}
    of_words_and_sign_in = {"words", "lang", "nation", "state", "code"}
    assert asked == of_what_is_recorded | of_words_and_sign_in


async def kept(server: Server, ref: str) -> str:
    """Everything that the store keeps of a conversation."""
    async with server.services.store.reading() as reading:
        found = await reading.by_ref(ref)
        assert found
        events = [event.frame() for event in await all_events(reading, found.id)]
    safe = json.dumps(found.safe_contact, sort_keys=True)
    return json.dumps([events, found.state, found.version, found.presence, found.nation, found.lang, safe])


@pytest.fixture
async def other(server: Server) -> AsyncIterator[Parent]:
    """The other parent, who has said something, was offered choices, and is connected."""
    async with server.parent() as one:
        await one.ask(SECRET)
        yield one


def ref_of(parent: Parent) -> str:
    return parent.welcome["conversation"]


def token_of(parent: Parent) -> str:
    return parent.welcome["resume"]


def offered_by(parent: Parent) -> int:
    return next(frame["seq"] for frame in parent.durable() if frame.get("choices"))


def used_by(parent: Parent) -> str:
    """The id of the message that this parent has sent."""
    return next(frame["re"] for frame in parent.heard if frame["type"] == "ack")


# ---------------------------------------------------------------------- parents' calls


@pytest.mark.parametrize("call", TOKEN_CALLS, ids=" ".join)
async def test_a_reference_and_a_token_that_do_not_belong_together_find_nothing(server: Server, other: Parent, call: tuple[str, str]):
    method, path = call
    async with server.parent() as mine, server.http() as http:
        before = [await kept(server, ref_of(one)) for one in (mine, other)]

        async def tries(ref: str, token: str) -> httpx.Response:
            at = path.format(ref=ref, id=uuid.uuid4())
            return await http.request(method, at, json=TOKEN_CALLS[call], headers={"Authorization": f"Bearer {token}"})

        swapped = [await tries(ref_of(other), token_of(mine)), await tries(ref_of(mine), token_of(other)), await tries("ZZZZ-ZZZZ", token_of(mine))]
        assert {(answer.status_code, answer.text) for answer in swapped} == {(404, swapped[0].text)}, "all alike"
        assert [await kept(server, ref_of(one)) for one in (mine, other)] == before
        assert (await tries(ref_of(other), token_of(other))).status_code in (200, 201), "the right pair is taken"


@pytest.mark.parametrize("call", PLAIN_CALLS, ids=" ".join)
async def test_a_plain_page_is_of_the_cookies_conversation_whatever_else_it_names(server: Server, other: Parent, call: tuple[str, str]):
    method, path = call
    names = {"conversation": ref_of(other), "ref": ref_of(other), "resume": token_of(other)}
    async with server.parent() as mine, server.http() as http:
        before = await kept(server, ref_of(other))
        for cookie in (token_of(mine), "x" * 43):
            http.cookies.clear()
            http.cookies.set("options_chat", cookie)
            form = {"id": used_by(other), "of": str(offered_by(other)), **names, **PLAIN_CALLS[call]} if method == "POST" else None
            answer = await http.request(method, path, params=names, data=form)
            assert answer.status_code < 500 and "own words" not in answer.text and ref_of(other) not in answer.text
            assert token_of(other) not in str(answer.headers)
        assert await kept(server, ref_of(other)) == before


# ---------------------------------------------------------------------- parents' frames


@pytest.mark.parametrize("type", PARENT_FRAMES)
async def test_a_parents_frame_is_about_their_own_conversation_whatever_else_it_names(server: Server, other: Parent, type: str):
    """The same id that the other has used, the other's reference and token beside it, a place in the other's conversation."""
    told: list[str] = []
    server.services.hub.overhear(lambda where, frames: told.append(where))
    async with server.services.store.reading() as reading:
        theirs = await reading.by_ref(ref_of(other))
    heard, before = len(other.heard), await kept(server, ref_of(other))
    of = offered_by(other)
    names = {"conversation": ref_of(other), "resume": token_of(other), "id": used_by(other), "of": of, "seq": of}
    async with server.parent() as mine:
        await mine.send(type=type, **(names | PARENT_FRAMES[type]))
        if type == "choose":
            assert (await mine.hear("error"))["code"] == "not_found"
        elif type in ("seen", "typing", "ping"):
            await mine.send(type="ping")
            await mine.hear("beat")
        else:
            assert (await mine.hear("ack", re=used_by(other)))["dup"] is False, "an id is the parent's own"
        assert "own words" not in json.dumps(mine.heard)
    assert not [where for where in told if where.endswith(theirs.id)], "nothing is passed on to the other's side"
    assert await kept(server, ref_of(other)) == before
    await other.send(type="ping")
    await other.hear("beat")
    assert {frame["type"] for frame in other.heard[heard:]} <= {"beat"}


async def test_a_socket_that_is_one_parents_does_not_become_the_others(server: Server, other: Parent):
    async with server.parent() as mine:
        await mine.send(type="hello", resume=token_of(other), last_seq=0)
        assert (await mine.hear("error"))["code"] == "not_allowed"
        await mine.ask("still mine")
        await other.ask("still theirs")
        assert "own words" not in json.dumps(mine.heard) and "still theirs" not in json.dumps(mine.heard)
        assert "still mine" in await kept(server, ref_of(mine)) and "still mine" not in await kept(server, ref_of(other))


# ---------------------------------------------------------------------- tokens of another kind


async def test_a_token_of_one_kind_is_worth_nothing_as_one_of_another_kind(server: Server, other: Parent):
    asha = await add_agent(server.services)
    ticket = await new_ticket(server.services, asha)
    async with server.http() as http:
        for token in (asha.token, asha.token_hash, ticket):
            for method, path in TOKEN_CALLS:
                at = path.format(ref=ref_of(other), id=uuid.uuid4())
                answer = await http.request(method, at, json=TOKEN_CALLS[method, path], headers={"Authorization": f"Bearer {token}"})
                assert answer.status_code == 404, at
            async with server.socket() as stranger:
                await stranger.send(type="hello", resume=token)
                assert await stranger.closed() == 4500
        for token in (token_of(other), asha.token_hash, ticket):
            http.cookies.set("options_desk", token)
            assert (await http.get("/api/agent/me")).status_code == 401
            http.cookies.clear()
        for token in (token_of(other), asha.token, asha.token_hash):
            async with agent_socket(server) as stranger:
                await stranger.send(type="hello", ticket=token)
                assert await stranger.closed() == 4500


# ---------------------------------------------------------------------- agents


async def held_by_asha(server: Server, parent: Parent, asha: Console) -> int:
    """The other parent waits and Asha takes them; the version then."""
    await parent.do("human")
    await asha.until("queue", ref_of(parent))
    return (await asha.claim(ref_of(parent)))["version"]


async def test_agents_calls_that_name_something_of_anothers_find_nothing(server: Server, other: Parent):
    asha, ben, sue = [await add_agent(server.services, *who) for who in (("Asha",), ("Ben",), ("Sue", "supervisor"))]
    async with console(server, asha) as desk, server.http() as http:
        await held_by_asha(server, other, desk)
        before = await kept(server, ref_of(other))
        as_one(http, asha)
        canned = (await http.post("/api/agent/canned", json={"title": "Letter", "text": "Let us look."})).json()["canned"]
        as_one(http, ben)
        for method, path in (
            ("GET", f"/api/agent/conversations/{ref_of(other)}"), ("DELETE", f"/api/agent/canned/{canned['canned']}"),
            ("POST", f"/api/agent/agents/{asha.agent.id}/totp/reset"), ("GET", f"/api/agent/audit?conversation={ref_of(other)}"),
        ):
            answer = await http.request(method, path)
            assert answer.json()["code"] in ("not_found", "not_allowed") and "own words" not in answer.text, path
        as_one(http, sue)
        assert (await http.delete(f"/api/agent/canned/{canned['canned']}")).status_code == 404, "nor a supervisor"
        audit = await http.get(f"/api/agent/audit?conversation={ref_of(other)}")
        assert audit.status_code == 200 and "own words" not in audit.text
        as_one(http, asha)
        assert canned in (await http.get("/api/agent/canned")).json()["canned"]
        assert await kept(server, ref_of(other)) == before


def as_one(http: httpx.AsyncClient, who: SignedIn) -> None:
    http.cookies.clear()
    http.cookies.update(who.cookies)


async def test_a_ticket_opens_the_desk_of_whom_it_was_made_for(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with agent_socket(server, additional_headers={"Cookie": f"options_desk={asha.token}"}) as socket:
        await socket.send(type="hello", ticket=await new_ticket(server.services, ben), agent=asha.agent.id)
        assert (await socket.hear("welcome"))["agent"]["name"] == "Ben"
        await socket.hear("desk")
        await socket.send(type="hello", ticket=await new_ticket(server.services, asha))
        assert (await socket.hear("error"))["code"] == "not_allowed", "and stays theirs"


async def test_frames_that_name_anothers_conversation_or_desk_change_nothing_of_it(server: Server, other: Parent):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as desk, console(server, ben) as stranger:
        version = await held_by_asha(server, other, desk)
        ref = ref_of(other)
        before = await kept(server, ref)
        for number in (1, version):
            assert await stranger.refused("claim", ref, version=number) == "taken"
        await stranger.send(type="unwatch", conversation=ref)
        await stranger.send(type="presence", status="away", places=1, agent=asha.agent.id)
        await stranger.until("agents", ben.agent.id, status="away")
        standing = {one["name"]: one["status"] for one in stranger.desk["agents"]}
        assert standing == {"Asha": "available", "Ben": "away"}
        await stranger.send(type="ping", conversation=ref, agent=asha.agent.id)
        await stranger.hear("beat")
        assert await kept(server, ref) == before and "own words" not in json.dumps(stranger.heard)
        await other.say("Asha still hears this")
        await desk.hear("message", text="Asha still hears this")


async def test_the_id_of_anothers_act_is_not_ones_own(server: Server, other: Parent):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as desk, console(server, ben) as stranger:
        await held_by_asha(server, other, desk)
        id = str(uuid.uuid4())
        await desk.act("say", ref_of(other), id=id, text="said once")
        assert await stranger.refused("say", ref_of(other), id=id, text="said once") == "not_found"


async def test_who_may_look_may_not_act_and_an_offer_is_taken_by_whom_it_was_made_to(server: Server, other: Parent):
    asha, ben, sue = [await add_agent(server.services, *who) for who in (("Asha",), ("Ben",), ("Sue", "supervisor"))]
    async with console(server, asha) as desk, console(server, ben), console(server, sue) as boss:
        version = await held_by_asha(server, other, desk)
        ref = ref_of(other)
        await boss.send(type="watch", conversation=ref)
        await boss.hear("conversation", conversation=ref)
        await desk.act("transfer", ref, version=version, to=ben.agent.id)
        before = await kept(server, ref)
        for type, fields in ACTS.items():
            if type == "note":
                continue  # a supervisor may leave a note for the one who has it
            fields = fields | ({"version": version} if "version" in fields else {}) | ({"to": sue.agent.id} if "to" in fields else {})
            expected = "not_found" if type in ("accept", "decline") else "not_allowed"
            assert await boss.refused(type, ref, **fields) == expected, type
        for type, fields in (("seen", {"seq": 1}), ("typing", {"on": True})):
            await boss.send(type=type, conversation=ref, **fields)
            assert (await boss.hear("error"))["code"] == "not_allowed"
        assert await kept(server, ref) == before
        assert not [frame for frame in other.heard if frame["type"] in ("typing", "receipt") and frame.get("who") == "agent"]


async def test_two_parents_of_one_family_stand_apart_on_every_desk(server: Server, other: Parent):
    """The same child, the same address, the same number to call: two conversations, and nothing says that they belong together."""
    asha, sue = await add_agent(server.services), await add_agent(server.services, "Sue", "supervisor")
    contact = {"how": "0113 496 0000", "ask_for": "Sam"}
    async with console(server, asha) as desk, console(server, sue) as boss, server.parent() as mine, server.http() as http:
        for parent in (mine, other):
            await parent.do("prefer", safe_contact=contact)
            await parent.ask("our daughter Ffion lives at 4 Mill Lane")
            await parent.do("human")
            await desk.until("queue", ref_of(parent))
        await desk.claim(ref_of(mine))
        await desk.until("own", ref_of(mine))
        frames = [frame for frame in desk.heard if frame["type"] not in ("desk", "desk_event") and frame.get("conversation") == ref_of(mine)]
        assert frames and ref_of(other) not in json.dumps(frames) and "own words" not in json.dumps(frames)
        desks = json.dumps([desk.desk, boss.desk])
        assert ref_of(other) in desks and not any(words in desks for words in ("Ffion", "Mill Lane", "0113", "Sam"))
        as_one(http, sue)
        for reply in (await http.get("/api/agent/audit"), await http.get("/api/agent/readings", params={"until": utc_text(server.services.clock())})):
            assert reply.status_code == 200 and not any(words in reply.text for words in ("Ffion", "Mill Lane", "0113"))
