"""The parents' use cases over HTTP: the same rules, ids and tokens as the socket."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request
from fastapi.responses import JSONResponse, Response

from chat_server import conversations, records
from chat_server.bus import Frames
from chat_server.core.conversation import Conversation, State
from chat_server.errors import Problem
from chat_server.gateway import Gateway
from chat_server.inbox import Ack
from chat_server.protocol import Hello, check_hello, parse_durable
from chat_server.security import origin_is_allowed

LONGEST_WAIT_S = 25.0

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

Authorization = Annotated[str | None, Header(description="`Bearer` and the token of `welcome`")]


def gateway_of(request: Request) -> Gateway:
    return request.app.state.gateway


def bearer(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer` header."""
    kind, _, token = (authorization or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


async def _conversation(request: Request, ref: str, authorization: str | None) -> Conversation:
    gateway = gateway_of(request)
    if not origin_is_allowed(request.headers, gateway.services.settings):
        raise Problem("not_allowed", "this origin may not use the service")
    return await conversations.by_token(gateway.services, ref, bearer(authorization))


@router.post("", status_code=201)
async def begin(request: Request, wanted: Annotated[dict[str, Any] | None, Body()] = None) -> dict[str, Any]:
    """Begin a conversation: `lang`, `nation`, `via`, all optional."""
    gateway = gateway_of(request)
    if not origin_is_allowed(request.headers, gateway.services.settings):
        raise Problem("not_allowed", "this origin may not use the service")
    hello: Hello = check_hello(wanted or {})
    begun = await conversations.begin(gateway.services, hello)
    return {
        "conversation": begun.conversation.ref,
        "resume": begun.resume,
        "state": begun.conversation.state,
        "version": begun.conversation.version,
        "top": begun.conversation.top,
    }


@router.put("/{ref}/messages/{id}")
async def put_message(
    request: Request, ref: str, id: str, body: Annotated[dict[str, Any], Body()], authorization: Authorization = None
) -> JSONResponse:
    """Say (`text`) or choose (`choice`, `of`). 201 when stored, 200 with `dup` when it was stored before."""
    kind = "choose" if "choice" in body else "say"
    return await _take(request, ref, {**body, "type": kind, "id": id}, authorization)


@router.put("/{ref}/actions/{id}")
async def put_action(
    request: Request, ref: str, id: str, body: Annotated[dict[str, Any], Body()], authorization: Authorization = None
) -> JSONResponse:
    """Any other durable frame, as on the socket: `human`, `prefer`, `rate`, `end`, `erase`, `hide`."""
    return await _take(request, ref, {**body, "id": id}, authorization)


@router.get("/{ref}/events")
async def get_events(
    request: Request,
    ref: str,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    wait: Annotated[float, Query(ge=0)] = 0,
    authorization: Authorization = None,
) -> dict[str, Any]:
    """Events above `after`, in order; waits up to 25 seconds for the first one."""
    conversation = await _conversation(request, ref, authorization)
    if conversation.state is State.ERASED:
        raise Problem("ended", "this conversation was erased")
    return await events_after(gateway_of(request), conversation.id, after, min(wait, LONGEST_WAIT_S))


@router.get("/{ref}/copy")
async def get_copy(
    request: Request, ref: str, format: str = "txt", authorization: Authorization = None
) -> Response:
    """The parent's copy with reference and times: `txt`, `html` or `pdf`."""
    conversation = await _conversation(request, ref, authorization)
    return await records.copy_response(gateway_of(request).services, conversation, format)


async def events_after(gateway: Gateway, conversation_id: str, after: int, wait_s: float) -> dict[str, Any]:
    """All events above `after`; `working` says whether an answer is still on its way."""
    ear = _Ear()
    hub = gateway.services.hub
    hub.add(conversation_id, ear)
    try:
        found = await _read(gateway, conversation_id, after)
        if not found["events"] and wait_s > 0:
            try:
                await asyncio.wait_for(ear.heard.wait(), wait_s)
            except TimeoutError:
                pass
            found = await _read(gateway, conversation_id, after)
        return found
    finally:
        hub.remove(conversation_id, ear)


async def _read(gateway: Gateway, conversation_id: str, after: int) -> dict[str, Any]:
    async with gateway.services.store.reading() as reading:
        working = await reading.has_waiting_turn(conversation_id)
        events = []
        while page := await reading.events_after(conversation_id, events[-1].seq if events else after):
            events += page
    return {
        "events": [event.frame() for event in events],
        "top": events[-1].seq if events else after,
        "working": working,
    }


class _Ear:
    """Wakes a waiting call when a durable event is heard."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def deliver(self, frames: Frames) -> None:
        if any("seq" in frame for frame in frames):
            self.heard.set()


async def _take(request: Request, ref: str, data: dict[str, Any], authorization: str | None) -> JSONResponse:
    conversation = await _conversation(request, ref, authorization)
    frame = parse_durable(data)
    ack = await gateway_of(request).inbox.take(conversation.id, frame, _no_acknowledgement)
    return JSONResponse(ack.frame(), 200 if ack.dup else 201)


def _no_acknowledgement(_: Ack) -> None:
    """Over HTTP the response is the acknowledgement."""
