"""The same conversation over HTTP: same ids, same tokens, same rules, mixed with the socket."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from tests.gateways import Server


class Caller:
    """A parent's client that speaks HTTP only."""

    def __init__(self, http: httpx.AsyncClient, ref: str, token: str) -> None:
        self._http, self.ref, self.token = http, ref, token
        self.headers = {"Authorization": f"Bearer {token}"}

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.ref}"

    async def put(self, body: dict[str, Any], id: str | None = None, kind: str = "messages") -> httpx.Response:
        return await self._http.put(f"{self.path}/{kind}/{id or uuid.uuid4()}", json=body, headers=self.headers)

    async def events(self, after: int = 0, wait: float = 0) -> dict[str, Any]:
        answer = await self._http.get(f"{self.path}/events", params={"after": after, "wait": wait}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def until_answered(self, after: int = 0) -> list[dict[str, Any]]:
        async with asyncio.timeout(20):
            while True:
                found = await self.events(after, wait=5)
                if not found["working"] and any(e.get("from") in ("assistant", "service") for e in found["events"]):
                    return found["events"]


async def begin(http: httpx.AsyncClient, **body: Any) -> Caller:
    answer = await http.post("/api/conversations", json=body)
    assert answer.status_code == 201
    return Caller(http, answer.json()["conversation"], answer.json()["resume"])


async def test_say_is_stored_answered_and_read_in_order(server: Server):
    async with server.http() as http:
        parent = await begin(http)
        said = await parent.put({"text": "what are my options?"})
        assert said.status_code == 201 and said.json()["seq"] == 1 and said.json()["dup"] is False
        events = await parent.until_answered()
        assert [e["seq"] for e in events] == [1, 2] and events[1]["from"] == "assistant"


async def test_the_same_id_again_is_200_with_dup_and_another_body_409(server: Server):
    async with server.http() as http:
        parent = await begin(http)
        id = str(uuid.uuid4())
        assert (await parent.put({"text": "hello"}, id)).status_code == 201
        again = await parent.put({"text": "hello"}, id)
        assert (again.status_code, again.json()["dup"], again.json()["seq"]) == (200, True, 1)
        other = await parent.put({"text": "other"}, id)
        assert (other.status_code, other.json()["code"]) == (409, "id_reused")
        assert other.headers["content-type"] == "application/problem+json"


async def test_a_choice_can_be_put(server: Server):
    async with server.http() as http:
        parent = await begin(http)
        await parent.put({"text": "options?"})
        answer = (await parent.until_answered())[-1]
        chosen = await parent.put({"of": answer["seq"], "choice": answer["choices"][0]["id"]})
        assert chosen.status_code == 201
        assert (await parent.put({"of": answer["seq"], "choice": "c99"})).status_code == 404


async def test_waiting_ends_when_something_happens(server: Server):
    async with server.http() as http:
        parent = await begin(http)
        waiting = asyncio.create_task(parent.events(0, wait=25))
        await asyncio.sleep(0)
        await parent.put({"text": "hello"})
        found = await asyncio.wait_for(waiting, 20)
        assert found["events"][0]["text"] == "hello"


async def test_all_ways_are_mixed_in_one_conversation(server: Server):
    async with server.http() as http, server.parent() as socket:
        parent = Caller(http, socket.welcome["conversation"], socket.welcome["resume"])
        await socket.ask("from the socket")
        await parent.put({"text": "from HTTP"})
        await socket.hear("message", text="from HTTP")
        await socket.hear("done")
        browser = httpx.AsyncClient(base_url=server.url, cookies={"options_chat": parent.token}, trust_env=False)
        async with browser:
            page = await browser.post("/chat/say", data={"id": str(uuid.uuid4()), "text": "from the form"})
            assert page.status_code == 303
        await socket.hear("message", text="from the form")
        events = (await parent.events())["events"]
        assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
        assert [e["text"] for e in events if e.get("from") == "parent"] == ["from the socket", "from HTTP", "from the form"]


async def test_the_same_id_over_the_socket_and_over_http_is_one_message(server: Server):
    async with server.http() as http, server.parent() as socket:
        parent = Caller(http, socket.welcome["conversation"], socket.welcome["resume"])
        id = await socket.say("once")
        await socket.hear("done")
        assert (await parent.put({"text": "once"}, id)).json()["dup"] is True


@pytest.mark.parametrize("token", [None, "x", "Bearer"])
async def test_without_the_token_nothing_is_found(server: Server, token: str | None):
    async with server.http() as http:
        parent = await begin(http)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        for call in ("events", "copy"):
            answer = await http.get(f"{parent.path}/{call}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        put = await http.put(f"{parent.path}/messages/{uuid.uuid4()}", json={"text": "x"}, headers=headers)
        assert put.status_code == 404


@pytest.mark.parametrize("call", ["events", "copy", "messages", "actions"])
async def test_a_token_opens_its_own_conversation_only(server: Server, call: str):
    async with server.http() as http:
        mine, other = await begin(http), await begin(http)
        await other.put({"text": "the other parent's words"})
        path = f"/api/conversations/{other.ref}/{call}"
        if call in ("events", "copy"):
            answer = await http.get(path, headers=mine.headers)
        else:
            body = {"text": "x"} if call == "messages" else {"type": "erase"}
            answer = await http.put(f"{path}/{uuid.uuid4()}", json=body, headers=mine.headers)
        assert answer.status_code == 404 and "words" not in answer.text


AN_ID = "0b6a3c52-5d7e-4f0e-9f43-2f1f6f0f7a11"
BAD = [
    ("messages", "not-a-uuid", {"text": "x"}, 400),
    ("messages", AN_ID, {}, 400),
    ("messages", AN_ID, {"text": 7}, 400),
    ("messages", AN_ID, {"text": "   "}, 400),
    ("messages", AN_ID, {"text": "x" * 8001}, 413),
    ("messages", AN_ID, {"choice": "c1"}, 400),
    ("actions", AN_ID, {"type": "hello"}, 400),
    ("actions", AN_ID, {}, 400),
    ("actions", AN_ID, {"type": "rate", "answers": {"overall": "9"}}, 400),
]


@pytest.mark.parametrize("kind, id, body, status", BAD)
async def test_malformed_calls_get_a_code_and_store_nothing(server: Server, kind: str, id: str, body: dict, status: int):
    async with server.http() as http:
        parent = await begin(http)
        answer = await http.put(f"{parent.path}/{kind}/{id}", json=body, headers=parent.headers)
        assert answer.status_code == status and answer.json()["code"] and answer.json()["detail"]
        assert (await parent.events())["events"] == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"'])
async def test_a_body_that_is_no_object_is_refused_politely(server: Server, content: bytes):
    async with server.http() as http:
        parent = await begin(http)
        answer = await http.put(
            f"{parent.path}/messages/{uuid.uuid4()}", content=content,
            headers=parent.headers | {"Content-Type": "application/json"},
        )
        assert answer.status_code in (400, 422) and answer.json()["code"] in ("bad_frame", "bad_input")


async def test_a_foreign_origin_may_not_call(server: Server):
    async with server.http() as http:
        answer = await http.post("/api/conversations", json={}, headers={"Origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_person_end_and_erase_over_http(server: Server):
    async with server.http() as http:
        parent = await begin(http)
        await parent.put({"type": "human"}, kind="actions")
        states = [e["state"] for e in (await parent.events())["events"] if e["type"] == "state"]
        assert states == ["queued"]
        await parent.put({"type": "end"}, kind="actions")
        await parent.put({"type": "erase"}, kind="actions")
        answer = await http.get(f"{parent.path}/events", headers=parent.headers)
        assert (answer.status_code, answer.json()["code"]) == (410, "ended")


async def test_slow_down_says_when(server: Server):
    async with server.http() as http:
        parent = await begin(http)
        answers = [await parent.put({"text": f"quick {n}"}) for n in range(8)]
        slow = next(a for a in answers if a.status_code == 429)
        assert slow.json()["code"] == "slow_down" and int(slow.headers["retry-after"]) >= 1


@pytest.mark.parametrize("format, opening_bytes", [("txt", b"Your conversation"), ("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF-")])
async def test_the_parents_copy_has_reference_and_times(server: Server, format: str, opening_bytes: bytes):
    async with server.http() as http:
        parent = await begin(http)
        await parent.put({"text": "<script>alert(1)</script> ŵ 20% & more \U0001f600"})
        await parent.until_answered()
        answer = await http.get(f"{parent.path}/copy", params={"format": format}, headers=parent.headers)
        assert answer.status_code == 200 and answer.content.startswith(opening_bytes)
        if format != "pdf":
            assert parent.ref in answer.text and "2026" in answer.text
        if format == "html":
            assert "<script>" not in answer.text and "&lt;script&gt;" in answer.text


async def test_an_unknown_copy_format_is_refused(server: Server):
    async with server.http() as http:
        parent = await begin(http)
        answer = await http.get(f"{parent.path}/copy", params={"format": "exe"}, headers=parent.headers)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "bad_input", "format")


async def test_topics_and_directory_can_be_asked_by_anybody(server: Server):
    async with server.http() as http:
        topics = (await http.get("/api/topics")).json()["topics"]
        assert len(topics) == 57 and {"name", "outcome"} <= set(topics[0])
        found = (await http.get("/api/directory", params={"topic": "housing", "nation": "scotland"})).json()
        ids = [o["id"] for o in found["organisations"]]
        assert "shelter-scotland" in ids and "shelter-england" not in ids
        assert all("as_of" in o for o in found["organisations"])
        assert (await http.get("/api/directory", params={"topic": "nope"})).status_code == 404
        assert (await http.get("/api/directory", params={"topic": "housing", "nation": "france"})).status_code == 422


async def test_health_is_true(start, assistant):
    async with start() as server, server.http() as http:
        assert (await http.get("/healthz")).json() == {"status": "up"}
        ready = await http.get("/readyz")
        assert ready.status_code == 200 and ready.json()["store"] == "up" and ready.json()["model"] == "fake-model"
        assistant.ready = False
        down = await http.get("/readyz")
        assert down.status_code == 503 and down.json()["dialogue"] == "down"
        metrics = (await http.get("/metrics")).text
        assert "chat_frames_accepted_total" in metrics
        assert {"/api/conversations", "/api/estimate", "/api/topics", "/api/directory"} <= set(
            (await http.get("/openapi.json")).json()["paths"]
        )


async def test_every_page_carries_strict_headers(server: Server):
    async with server.http() as http:
        for path in ("/", "/chat", "/widget.js", "/api/topics"):
            answer = await http.get(path)
            assert answer.status_code == 200
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_files_of_the_widget_are_compressed_and_conversations_are_not(server: Server):
    async with server.http() as http:
        style = await http.get("/web/pages/plain.css", headers={"Accept-Encoding": "gzip"})
        assert style.status_code == 200 and style.headers["content-encoding"] == "gzip"
        parent = await begin(http)
        await parent.put({"text": "x" * 2000})
        answer = await http.get(f"{parent.path}/events", headers=parent.headers | {"Accept-Encoding": "gzip"})
        assert "content-encoding" not in answer.headers
