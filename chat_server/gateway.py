"""The running gateway: its services, who is connected, the beats, and the way out."""

import asyncio
import random
import time
from contextlib import suppress

import structlog

from chat_server import inbox as parents
from chat_server import protocol as wire
from chat_server.bus import Frames
from chat_server.connection import Connection
from chat_server.core.conversation import State
from chat_server.desk import PRIVATE, Desk
from chat_server.desks import Desks
from chat_server.inbox import Inbox
from chat_server.metrics import DRAINING
from chat_server.observer import Observer
from chat_server.retention import Retention
from chat_server.services import Services
from chat_server.store.unit_of_work import PAGE
from chat_server.turns import TurnRunner

log = structlog.get_logger(__name__)

SLOTS = 20
"""Connections are spread over this many parts of the beat, so that 10,000 of them never beat at once."""
DRAIN_SPREAD_MS = 3_000
DRAIN_WITHIN_S = 2.0


class Gateway:
    """One process between parents and everything else."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.turns = TurnRunner(services)
        self.inbox = Inbox(services, self.turns)
        self.desk = Desk(services)
        self.desks = Desks(services, self.desk)
        self.observer = Observer(services)
        self.retention = Retention(services)
        self.draining = False
        self.monotonic = time.monotonic
        self._slots: list[set[Connection]] = [set() for _ in range(SLOTS)]
        self._pulse: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        services.hub.overhear(self._answer)

    async def start(self) -> None:
        DRAINING.set(0)
        await self.services.screen.start()
        await self.services.bus.start(self.services.hub)
        await self.turns.start()
        await self.desks.start()
        await self.retention.start()
        self._pulse = asyncio.create_task(self._beat_forever())

    async def drain(self) -> None:
        """Say bye to everybody with a spread, so that not all come back at once."""
        self.draining = True
        DRAINING.set(1)
        connections = self._connections() + self.desks.connections
        for connection in connections:
            connection.bye(wire.CLOSE_RESTART, "restart", after_ms=random.randrange(DRAIN_SPREAD_MS))
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_WITHIN_S):
                for connection in connections:
                    await connection.closed()

    async def stop(self) -> None:
        """Stop working; what is left undone is found again in the store."""
        if self._pulse:
            self._pulse.cancel()
            with suppress(asyncio.CancelledError):
                await self._pulse
        await self.retention.stop()
        await self.desks.stop()
        await self.turns.stop()
        await self.services.bus.close()
        await self.services.rates.close()
        await self.services.assistant.close()
        self.services.screen.stop()
        await self.services.store.close()

    # ------------------------------------------------------------------ who is connected

    def join(self, connection: Connection, conversation_id: str) -> bool:
        """Let a socket hear a conversation; False when that conversation has too many."""
        hub = self.services.hub
        if hub.count(conversation_id) >= self.services.settings.sockets_per_conversation:
            return False
        connection.conversation_id = conversation_id
        connection.heard_at = self.monotonic()
        hub.add(conversation_id, connection)
        min(self._slots, key=len).add(connection)
        return True

    def leave(self, connection: Connection) -> None:
        self.services.hub.remove(connection.conversation_id, connection)
        for slot in self._slots:
            slot.discard(connection)

    def _answer(self, channel: str, frames: Frames) -> None:
        """A desk asks whether this parent has a page that is connected; the gateway that holds it says so."""
        asked = channel.startswith(PRIVATE) and any(frame["type"] == "anybody" for frame in frames)
        if asked and self.services.hub.count(channel.removeprefix(PRIVATE)):
            answer = asyncio.create_task(self.services.bus.publish(channel, [{"type": "connected"}]))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)

    def _connections(self) -> list[Connection]:
        return [connection for slot in self._slots for connection in slot]

    async def replay(self, connection: Connection) -> None:
        """Send everything that the store holds above what the client has, page by page."""
        while not connection.closing:
            async with self.services.store.reading() as reading:
                page = await reading.events_after(connection.conversation_id, connection.sent)
            for event in page:
                connection.replayed(event.frame())
            connection.top = max(connection.top, connection.sent)
            if len(page) < PAGE:
                return
            await connection.room()

    # ------------------------------------------------------------------ beats

    async def _beat_forever(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(self.services.settings.beat_every_s / SLOTS)
            number = (number + 1) % SLOTS
            try:
                await self._beat(self._slots[number])
            except Exception:  # a store that is down must not stop the beats
                log.exception("beat_failed")

    async def _beat(self, slot: set[Connection]) -> None:
        connections = [connection for connection in slot if connection.conversation_id and not connection.closing]
        if not connections:
            return
        if self.services.bus.loses:
            async with self.services.store.reading() as reading:
                tops = await reading.tops({connection.conversation_id for connection in connections})
            for connection in connections:
                connection.top = max(connection.top, tops.get(connection.conversation_id, 0))
        silent_before = self.monotonic() - self.services.settings.silent_after_s
        for connection in connections:
            if connection.heard_at < silent_before:
                connection.bye(wire.CLOSE_SILENT, "silent")
                continue
            connection.send({"type": "beat", "top": connection.top})
            if connection.top > connection.sent:
                connection.catch_up()
            if connection.queued:
                await self._tell_place(connection)

    async def _tell_place(self, connection: Connection) -> None:
        async with self.services.store.reading() as reading:
            conversation = await reading.conversation(connection.conversation_id)
        if conversation and conversation.state is State.QUEUED:
            frame = await parents.place(self.services, conversation)
            if frame:
                connection.send(frame)
