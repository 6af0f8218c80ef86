"""Many light clients of one process, and what a list of times says."""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from chat_server.protocol import SUBPROTOCOL

OPEN_WITHIN_S = 120.0
PATIENCE_S = 120.0


def share(times: Sequence[float], percent: float) -> float:
    """The time that this part of all stays under."""
    return sorted(times)[min(len(times) - 1, int(len(times) * percent / 100))]


@dataclass
class Line:
    """A parent's or agent's socket that notes when each frame was sent and when its answer came."""

    ws: ClientConnection
    welcome: dict[str, Any] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    acked: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    done: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, text: str, at: float | None = None, **more: Any) -> None:
        """Say it; the clock runs from when it was due, so that a client that is late hides nothing."""
        id = str(uuid.uuid4())
        self.waiting[id] = time.perf_counter() if at is None else at
        await self.ws.send(json.dumps({"type": "say", "id": id, "text": text, **more}))

    async def listen(self) -> None:
        """Take in frames until cancelled or closed."""
        async for raw in self.ws:
            self.take_in(json.loads(raw))

    def take_in(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "ack":
                self.acked.append(time.perf_counter() - self.waiting.pop(frame["re"]))
            case "error":
                self.refused.append(frame["code"])
                self.waiting.pop(frame["re"], None)
            case "done":
                self.done += 1

    async def until(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = json.loads(await self.ws.recv())
                self.take_in(frame)
                if frame["type"] == kind:
                    return frame


async def open_line(url: str, path: str = "/ws/chat", **hello: Any) -> Line:
    """A socket that has said hello and was welcomed."""
    ws = await connect(
        url.replace("http", "ws") + path, subprotocols=[SUBPROTOCOL], compression=None, open_timeout=OPEN_WITHIN_S,
        ping_interval=None, proxy=None, max_size=2**24, close_timeout=1,
    )
    line = Line(ws)
    await ws.send(json.dumps({"type": "hello", **hello}))
    line.welcome = await line.until("welcome")
    return line


async def open_lines(url: str, count: int, at_once: int = 25) -> list[Line]:
    lines: list[Line] = []
    while len(lines) < count:
        lines += await asyncio.gather(*(open_line(url) for _ in range(min(at_once, count - len(lines)))))
    return lines
