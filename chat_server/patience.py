"""How long and how much a request may be, so that a slow or a huge one costs nothing but its own connection."""

import asyncio
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from chat_server.errors import Problem, problem_response

LONGEST_BODY = 256 * 1024
"""Bytes; the longest message that is told to be too long fits in, whichever way it is written."""


def impatient(within_s: float) -> type[asyncio.Protocol]:
    """Uvicorn's protocol, which closes a connection whose request has not begun to be answered in time."""

    class Impatient(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
        _late: asyncio.TimerHandle | None = None
        _is_socket = False

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._done()
            elif self._late is None and not self._is_socket:
                self._wait()  # the beginning of a next request on a kept connection

        def connection_lost(self, exc: Exception | None) -> None:
            self._done()
            super().connection_lost(exc)

        def handle_websocket_upgrade(self, *request: Any) -> None:
            self._done()
            self._is_socket = True
            super().handle_websocket_upgrade(*request)

        def _wait(self) -> None:
            self._late = self.loop.call_later(within_s, self._give_up)

        def _done(self) -> None:
            if self._late:
                self._late.cancel()
                self._late = None

        def _give_up(self) -> None:
            if self.cycle is None or self.cycle.response_complete:
                self.transport.close()

    return Impatient


class WholeRequests:
    """Hands a request on when its body is there: one that is too large, or comes too slowly, gets its code and a sentence."""

    def __init__(self, app: ASGIApp, within_s: float) -> None:
        self._app, self._within_s = app, within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._within_s):
                body = await _whole(scope, receive)
        except TimeoutError:
            answer = {"code": "bad_input", "title": "too slow", "status": 408, "detail": "the request came too slowly"}
            await JSONResponse(answer, 408, {"Connection": "close"}, media_type="application/problem+json")(scope, receive, send)
            return
        if isinstance(body, Problem):
            refusal = problem_response(body)
            refusal.headers["Connection"] = "close"
            await refusal(scope, receive, send)
        elif body is not None:
            await self._app(scope, _again(body, receive), send)


async def _whole(scope: Scope, receive: Receive) -> bytes | Problem | None:
    """The body; None when the client left meanwhile."""
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    size = int(told) if told.isdigit() else 0
    parts: list[bytes] = []
    more = True
    while more and size <= LONGEST_BODY:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        size = max(size, sum(map(len, parts)))
    return Problem("too_long", f"a request has at most {LONGEST_BODY} bytes") if size > LONGEST_BODY else b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body first, and then what else comes."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
