"""What the sockets of parents and of agents do alike: accept or refuse, read frames, count bad ones, close with a code."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from prometheus_client import Counter
from starlette.websockets import WebSocket

from chat_server import protocol as wire
from chat_server.connection import Connection
from chat_server.gateway import Gateway
from chat_server.metrics import CLOSED

Hello = TypeVar("Hello")

BAD_FRAMES_LIMIT = 10
"""Bad frames without a good one between them after which a socket is closed."""


async def accept(ws: WebSocket, gateway: Gateway, *, origin_allowed: bool) -> tuple[Connection, bool]:
    """The accepted socket, and whether it is to be served; if not, it has been told why."""
    offered = ws.scope.get("subprotocols") or []
    await ws.accept(wire.SUBPROTOCOL if wire.SUBPROTOCOL in offered else None)
    connection = Connection(ws, gateway.services.settings.outbox_limit_bytes)
    if not origin_allowed:
        connection.bye(wire.CLOSE_ORIGIN, "origin")
    elif offered and wire.SUBPROTOCOL not in offered:
        connection.bye(wire.CLOSE_VERSION, "version")
    elif gateway.draining:
        connection.bye(wire.CLOSE_RESTART, "restart")
    else:
        return connection, True
    return connection, False


class FrameSocket:
    """One socket that frames are read from. `refused` counts the frames that were refused, by code."""

    def __init__(self, ws: WebSocket, connection: Connection, gateway: Gateway, refused: Counter) -> None:
        self._ws, self._connection, self._gateway = ws, connection, gateway
        self._refused = refused
        self._bad_frames = 0

    async def _first_frame(self, parse: Callable[[str], Any], hello: type[Hello]) -> Hello | None:
        """The hello; None when the socket is closed instead, or the other side has left."""
        try:
            async with asyncio.timeout(self._gateway.services.settings.hello_within_s):
                while not self._connection.closing:
                    raw = await self._receive()
                    if raw is None:
                        return None
                    try:
                        frame = parse(raw)
                    except wire.BadFrame as bad:
                        self._refuse(bad)
                        continue
                    if isinstance(frame, hello):
                        return frame
                    self._refuse(wire.BadFrame("say hello first", getattr(frame, "id", None)))
        except TimeoutError:
            self._close(wire.CLOSE_NO_HELLO, "no_hello")
        return None

    async def _receive(self) -> str | None:
        """The next text frame; None when the other side has left. Binary frames are refused here."""
        while True:
            message = await self._ws.receive()
            if message["type"] == "websocket.disconnect":
                return None
            self._connection.heard_at = self._gateway.monotonic()
            text = message.get("text")
            if text is not None:
                return text
            self._refuse(wire.BadFrame("frames are text"))

    def _refuse(self, bad: wire.BadFrame) -> None:
        self._refused.labels(bad.code).inc()
        self._connection.send(bad.frame(bad.re))
        self._bad_frames += 1
        if self._bad_frames >= BAD_FRAMES_LIMIT:
            self._close(wire.CLOSE_BAD_FRAMES, "bad_frames")

    def _close(self, code: int, reason: str) -> None:
        CLOSED.labels(str(code)).inc()
        self._connection.bye(code, reason)
