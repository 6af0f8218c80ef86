"""A stand-in for the dialogue model's process: it speaks the real channel over real HTTP, and misbehaves when told to.

It understands nothing: every turn is answered with the same key. What it shows is what the gateway does.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from chat_server.launch.ports import free_port

KEY, TOPIC = "utter_options.overview", "options.overview"
NONSENSE = (
    (200, b"{"), (200, b"[]"), (200, b'{"topic": "x"}'), (200, b'{"topic": 5, "messages": "no"}'), (200, b"\xff\xfe\x00"),
    (200, b'{"topic": "x", "confidence": 1, "messages": []}'), (500, b"{}"), (404, b"not found"), (200, b"<html>"),
)
"""Answers that cannot be shown to anybody: status and body."""


class StandIn:
    """A dialogue model that is not one. `mode` says how it behaves: well, hang, slow, nonsense, no_actions."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mode = "well"
        self.slow_s = 3.0
        self.turns = 0
        self._runner: web.AppRunner | None = None
        self._hanging: set[asyncio.Event] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/webhooks/gateway/turn", self._turn)
        app.router.add_get("/webhooks/gateway/status", self._status)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        """As when the process has died: connections end, nothing listens."""
        if self._runner:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    def behave(self, mode: str) -> None:
        """From now on be like this; what hung goes on."""
        self.mode = mode
        for event in self._hanging:
            event.set()

    async def _turn(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.turns += 1
        match self.mode:
            case "hang":
                await self._hang()
            case "slow":
                await asyncio.sleep(self.slow_s)
            case "no_actions":
                return web.json_response({"error": "action_listen did not answer"}, status=503)
            case "nonsense":
                status, content = NONSENSE[self.turns % len(NONSENSE)]
                return web.Response(status=status, body=content)
        return web.json_response(answer(body))

    async def _status(self, _request: web.Request) -> web.Response:
        if self.mode == "hang":
            await self._hang()
        return web.json_response({"ready": True, "model": "stand-in", "actions": self.mode != "no_actions"})

    async def _hang(self) -> None:
        event = asyncio.Event()
        self._hanging.add(event)
        try:
            await event.wait()
        finally:
            self._hanging.discard(event)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """One line; the memory counts the turns that it has been through."""
    turns = ((question["memory"] or {}).get("turns") or 0) + 1
    return {
        "topic": TOPIC, "confidence": 0.9, "messages": [{"key": KEY}], "signals": [], "asking": None, "slots": {},
        "memory": {"turns": turns}, "model": "stand-in",
    }


@asynccontextmanager
async def stand_in() -> AsyncIterator[StandIn]:
    """One that runs, well until it is told otherwise."""
    one = StandIn()
    await one.start()
    try:
        yield one
    finally:
        one.behave("well")
        await one.stop()


async def _serve() -> None:
    """One in a process of its own, so that it takes nothing from whoever measures; its address is the only line."""
    async with stand_in() as one:
        print(one.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
