"""Who hears what happens in which conversation: listeners of this process, and the other gateways.

Frames on the bus are wake-ups with the words along; the store is the truth. A frame that is missed is found again by
its `seq` in the store.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat_server.metrics import BUS_LOST

log = structlog.get_logger(__name__)

Frames = Sequence[dict[str, Any]]
RECONNECT_AFTER_S = 0.5
ANSWER_WITHIN_S = 1.0
LONGEST_LINE = 10_000
AT_ONCE = 100


class Listener(Protocol):
    """Something that hears the frames of one conversation: a socket, or a waiting HTTP call."""

    def deliver(self, frames: Frames) -> None: ...


class Hub:
    """The listeners of this process, by conversation."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._ears: list[Callable[[str, Frames], None]] = []

    def overhear(self, ear: Callable[[str, Frames], None]) -> None:
        """From now on `ear` hears everything that this process hears: the desks of its agents."""
        self._ears.append(ear)

    def add(self, conversation_id: str, listener: Listener) -> None:
        self._listeners[conversation_id].add(listener)

    def remove(self, conversation_id: str, listener: Listener) -> None:
        listeners = self._listeners.get(conversation_id)
        if listeners:
            listeners.discard(listener)
            if not listeners:
                del self._listeners[conversation_id]

    def count(self, conversation_id: str) -> int:
        return len(self._listeners.get(conversation_id, ()))

    def deliver(self, conversation_id: str, frames: Frames) -> None:
        for listener in tuple(self._listeners.get(conversation_id, ())):
            listener.deliver(frames)
        for ear in self._ears:
            ear(conversation_id, frames)


class Bus(Protocol):
    """Tells every gateway what happened in a conversation. `loses` says whether a frame may go missing."""

    loses: bool

    async def start(self, hub: Hub) -> None: ...
    async def publish(self, conversation_id: str, frames: Frames) -> None: ...
    async def ping(self) -> None: ...
    async def close(self) -> None: ...


class MemoryBus:
    """One process: frames go straight to its listeners."""

    loses = False

    async def start(self, hub: Hub) -> None:
        self._hub = hub

    async def publish(self, conversation_id: str, frames: Frames) -> None:
        self._hub.deliver(conversation_id, frames)

    async def ping(self) -> None:
        return None

    async def close(self) -> None:
        return None


class RedisBus:
    """Several gateways: own listeners are served at once, the others through Redis. Losing Redis costs only speed.

    Nobody waits for Redis: what is to be told waits in line, and a line that has grown too long loses its oldest.
    """

    loses = True

    def __init__(self, url: str, name: str, prefix: str = "options-chat") -> None:
        self._teller: Redis = Redis.from_url(url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S)
        self._listener: Redis = Redis.from_url(url, socket_connect_timeout=ANSWER_WITHIN_S, socket_keepalive=True)
        self._name = name
        # Redis tells every listener of a name, whatever its numbered database: so the number is part of the name.
        self._channel = f"{prefix}:{self._teller.get_connection_kwargs().get('db') or 0}:"
        self._hub = Hub()
        self._line: deque[tuple[str, str]] = deque(maxlen=LONGEST_LINE)
        self._something = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, hub: Hub) -> None:
        self._hub = hub
        subscribed = asyncio.Event()
        self._tasks = [asyncio.create_task(self._read(subscribed)), asyncio.create_task(self._tell_forever())]
        with suppress(TimeoutError):
            await asyncio.wait_for(subscribed.wait(), 5)

    async def publish(self, conversation_id: str, frames: Frames) -> None:
        self._hub.deliver(conversation_id, frames)
        if len(self._line) == LONGEST_LINE:
            BUS_LOST.inc()
        self._line.append((self._channel + conversation_id, json.dumps({"of": self._name, "frames": list(frames)})))
        self._something.set()

    async def ping(self) -> None:
        await self._teller.ping()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._line:
            await self._tell()
        await self._teller.aclose()
        await self._listener.aclose()

    async def _tell_forever(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while self._line:
                await self._tell()

    async def _tell(self) -> None:
        """Tell what stands in line, in one message to Redis; lost when Redis does not take it."""
        told = [self._line.popleft() for _ in range(min(len(self._line), AT_ONCE))]
        try:
            async with self._teller.pipeline(transaction=False) as pipeline:
                for channel, message in told:
                    pipeline.publish(channel, message)
                await pipeline.execute()
        except (RedisError, OSError) as lost:
            BUS_LOST.inc(len(told))
            log.info("bus_publish_lost", error=type(lost).__name__, frames=len(told))

    async def _read(self, subscribed: asyncio.Event) -> None:
        while True:
            try:
                async with self._listener.pubsub() as pubsub:
                    await pubsub.psubscribe(self._channel + "*")
                    subscribed.set()
                    async for message in pubsub.listen():
                        if message["type"] == "pmessage":
                            self._hear(message["channel"].decode(), message["data"])
            except (RedisError, OSError) as lost:
                BUS_LOST.inc()
                log.info("bus_lost", error=type(lost).__name__)
            await asyncio.sleep(RECONNECT_AFTER_S)

    def _hear(self, channel: str, data: bytes) -> None:
        message = json.loads(data)
        if message["of"] != self._name:
            self._hub.deliver(channel.removeprefix(self._channel), message["frames"])
