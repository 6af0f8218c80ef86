"""One live socket of a parent: a bounded outbox with one writer, events in order, the gaps filled from the store."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from chat_server.bus import Frames
from chat_server.protocol import CLOSE_SLOW_READER

CLOSE_WITHIN_S = 60.0
"""A reader that is slow, but alive, gets its close code; a dead one is ended by the server's keepalive."""
REPLAY_ROOM_BYTES = 64 * 1024
"""Waiting bytes above which a replay pauses, so that it never fills the outbox itself."""

Replay = Callable[["Connection"], Awaitable[None]]


class Connection:
    """Writes frames in order. A writer task exists only while something waits, so an idle socket costs little."""

    __slots__ = (
        "_bytes", "_catch_up", "_closing_task", "_drained", "_held", "_limit", "_outbox", "_replayer", "_replaying", "_ws", "_writer", "closing",
        "conversation_id", "heard_at", "queued", "resume", "sent", "top", "__weakref__",
    )

    def __init__(self, ws: WebSocket, limit_bytes: int) -> None:
        self._ws = ws
        self._limit = limit_bytes
        self._outbox: deque[str] = deque()
        self._bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._drained: asyncio.Event | None = None
        self._catch_up: Replay | None = None
        self._replaying = False
        self._held: list[dict[str, Any]] = []
        self.closing = False
        self._closing_task: asyncio.Task[None] | None = None
        self.conversation_id = ""
        self.resume = ""
        self.sent = 0
        """Highest seq that was put into the outbox."""
        self.top = 0
        """Highest seq that this process knows of."""
        self.queued = False
        self.heard_at = 0.0

    # ------------------------------------------------------------------ frames

    def send(self, frame: dict[str, Any]) -> None:
        """Queue a frame; a reader that is too slow is closed and resumes."""
        if self.closing:
            return
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        self._outbox.append(text)
        self._bytes += len(text)
        if self._bytes > self._limit:
            self._outbox.clear()
            self._bytes = 0
            self.close(CLOSE_SLOW_READER, "slow reader")
        elif self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def deliver(self, frames: Frames) -> None:
        """Hear what happened: durable events in order and once, anything else as it comes."""
        for frame in frames:
            seq = frame.get("seq")
            if seq is None or frame["type"] == "receipt":
                if self._replaying:
                    self._held.append(frame)
                else:
                    self.send(frame)
                continue
            self.top = max(self.top, seq)
            if self._replaying or seq <= self.sent:
                continue
            if seq == self.sent + 1:
                self.sent = seq
                self.queued = frame["state"] == "queued" if frame["type"] == "state" else self.queued
                self.send(frame)
            else:
                self.catch_up()

    def follow(self, conversation_id: str, sent: int, top: int, replay: Replay) -> None:
        """From now on this socket shows this conversation, of which the client holds everything up to `sent`."""
        self.conversation_id = conversation_id
        self.sent, self.top = sent, max(self.top, top)
        self._catch_up = replay

    def catch_up(self) -> None:
        """Fill a gap from the store, beside the reader."""
        if not self._replaying and self._catch_up and not self.closing:
            self._replayer = asyncio.create_task(self.replay())

    async def replay(self) -> None:
        """Send everything above `sent` from the store, however much it is, at the pace of the reader."""
        assert self._catch_up
        self._replaying = True
        try:
            await self._catch_up(self)
        finally:
            self._replaying = False
        if self.top > self.sent:
            self.catch_up()
            return
        held, self._held = self._held, []
        for frame in held:
            self.send(frame)

    def replayed(self, frame: dict[str, Any]) -> None:
        """Send one event that came from the store."""
        self.sent = frame["seq"]
        if frame["type"] == "state":
            self.queued = frame["state"] == "queued"
        self.send(frame)

    async def room(self) -> None:
        """Wait until the outbox has room for another page of a replay."""
        while self._bytes > REPLAY_ROOM_BYTES and not self.closing:
            self._drained = asyncio.Event()
            await self._drained.wait()

    # ------------------------------------------------------------------ the end

    def bye(self, code: int, reason: str, after_ms: int = 0) -> None:
        """Say why, then close; what waits is still written."""
        self.send({"type": "bye", "reason": reason, "after_ms": after_ms})
        self.close(code, reason)

    def close(self, code: int, reason: str) -> None:
        """Close after what waits in the outbox was written."""
        if not self.closing:
            self.closing = True
            self._closing_task = asyncio.create_task(self._close(code, reason))

    async def closed(self) -> None:
        """Wait until the close that was begun is done."""
        if self._closing_task:
            await asyncio.wait({self._closing_task})

    async def _close(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                if self._writer:
                    await self._writer
                if self._ws.application_state is not WebSocketState.DISCONNECTED:
                    await self._ws.close(code, reason)
        except (TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
            pass  # the other side is gone, or does not read; the server's keepalive ends the transport
        finally:
            if self._drained:
                self._drained.set()

    async def _write(self) -> None:
        try:
            while self._outbox:
                text = self._outbox.popleft()
                await self._ws.send_text(text)
                self._bytes = max(0, self._bytes - len(text))
                if self._drained and self._bytes <= REPLAY_ROOM_BYTES:
                    self._drained.set()
        except (WebSocketDisconnect, RuntimeError, OSError):
            self.closing = True
            self._outbox.clear()
            if self._drained:
                self._drained.set()
        finally:
            self._writer = None
