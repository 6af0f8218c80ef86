"""A real gateway on a real port for tests, and a parent who speaks the protocol to it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx
import websockets
from websockets.asyncio.client import ClientConnection

from chat_server.app import GatewayServer, create_app, make_services, server_config
from chat_server.protocol import SUBPROTOCOL
from chat_server.services import Services
from chat_server.settings import Settings

PATIENCE_S = 20.0
"""How long a test waits for something that must come; never how long it takes."""


class Server:
    """A gateway that runs in the test's own loop."""

    def __init__(self, server: GatewayServer, services: Services, port: int) -> None:
        self._server, self.services, self.port = server, services, port

    def stop(self) -> None:
        """Tell the gateway to stop, as TERM does."""
        self._server.should_exit = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/chat"

    @asynccontextmanager
    async def parent(self, *, hello: dict[str, Any] | None = None, **connect: Any) -> AsyncIterator["Parent"]:
        """A parent who has said hello."""
        async with self.socket(**connect) as parent:
            await parent.hello(**(hello or {}))
            yield parent

    @asynccontextmanager
    async def socket(self, **connect: Any) -> AsyncIterator["Parent"]:
        """A socket that has said nothing yet."""
        options = {"subprotocols": [SUBPROTOCOL], "max_size": 2**22, "compression": None} | connect
        async with websockets.connect(self.ws_url, **options) as ws:
            yield Parent(ws)

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=60, trust_env=False)


class _Quiet(GatewayServer):
    """Leaves the signals of the test run alone."""

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def running(
    settings: Settings, change: Callable[[Services], Services] = lambda s: s, port: int = 0
) -> AsyncIterator[Server]:
    """Start a gateway, on a free port unless told which; `change` swaps collaborators for fakes."""
    services = change(make_services(settings))
    server = _Quiet(server_config(create_app(settings, services), "127.0.0.1", port))
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE_S):
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Server(server, services, port)
    finally:
        server.should_exit = True
        await task


class Parent:
    """A parent's client: sends frames, keeps what it hears, and waits for what must come."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws
        self.heard: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}

    async def hello(self, **fields: Any) -> dict[str, Any]:
        await self.send(type="hello", **fields)
        self.welcome = await self.hear("welcome")
        return self.welcome

    async def send(self, **frame: Any) -> None:
        await self.ws.send(json.dumps(frame))

    async def say(self, text: str, id: str | None = None) -> str:
        """Say something; the id of the frame is returned."""
        id = id or str(uuid.uuid4())
        await self.send(type="say", id=id, text=text)
        return id

    async def do(self, type: str, **fields: Any) -> str:
        """Any other durable frame."""
        id = fields.pop("id", None) or str(uuid.uuid4())
        await self.send(type=type, id=id, **fields)
        return id

    async def hear(self, type: str | None = None, **fields: Any) -> dict[str, Any]:
        """The next frame of this type with these fields; everything on the way is kept in `heard`."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = json.loads(await self.ws.recv())
                self.heard.append(frame)
                if type in (None, frame["type"]) and all(frame.get(k) == v for k, v in fields.items()):
                    return frame

    async def has_heard(self, type: str, **fields: Any) -> dict[str, Any]:
        """The first frame of this type with these fields, whether it has come already or is still to come."""
        for frame in self.heard:
            if frame["type"] == type and all(frame.get(k) == v for k, v in fields.items()):
                return frame
        return await self.hear(type, **fields)

    async def ask(self, text: str) -> list[dict[str, Any]]:
        """Say something and hear everything up to `done`; the frames of this turn are returned."""
        start = len(self.heard)
        id = await self.say(text)
        ack = await self.has_heard("ack", re=id)
        await self.has_heard("done", in_reply_to=ack["seq"])
        return self.heard[start:]

    async def closed(self) -> int:
        """The code with which the server closes, after everything that it still says."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    self.heard.append(json.loads(await self.ws.recv()))
            except websockets.ConnectionClosed as end:
                assert end.rcvd is not None
                return end.rcvd.code

    def durable(self) -> list[dict[str, Any]]:
        """The numbered events heard so far."""
        return [f for f in self.heard if "seq" in f and f["type"] not in ("ack", "receipt")]
