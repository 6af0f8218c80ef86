"""What the whole service is like now: for `/readyz`, and as gauges for `/metrics`."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import structlog

from chat_server import __version__, metrics
from chat_server.assistant import Status
from chat_server.retention import Rule
from chat_server.services import Services

log = structlog.get_logger(__name__)

WITHIN_S = 3.0
"""A part that has not answered after this is down."""
FRESH_S = 5.0
"""However often `/metrics` is asked, the store is looked at no more often than this."""
STATUSES = ("available", "busy", "away")


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of the service answer."""

    store: bool
    bus: bool
    assistant: Status

    def words(self) -> dict[str, str]:
        works = {"store": self.store, "bus": self.bus, "dialogue": self.assistant.ready, "actions": self.assistant.actions}
        return {part: "up" if up else "down" for part, up in works.items()}

    @property
    def would_answer(self) -> bool:
        """Whether a parent's message would be answered. Without the bus it is, only more slowly between gateways."""
        return self.store and self.assistant.ready and self.assistant.actions


class Observer:
    """Looks at the parts and at what waits."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked_at = -math.inf
        self._looking = asyncio.Lock()

    async def parts(self) -> Parts:
        """Ask each part now."""
        services = self._services
        store, bus, assistant = await asyncio.gather(
            _works("store", services.store.ping()), _works("bus", services.bus.ping()), services.assistant.status()
        )
        parts = Parts(store, bus, assistant)
        for part, word in parts.words().items():
            metrics.UP.labels(part).set(word == "up")
        metrics.BUILD.clear()
        metrics.BUILD.labels(__version__, assistant.model or "none").set(1)
        return parts

    async def refresh(self) -> None:
        """Bring the gauges up to date, unless somebody has just done so. Never raises: metrics are needed most when all is ill."""
        async with self._looking:
            if time.monotonic() - self._looked_at < FRESH_S:
                return
            parts = await self.parts()
            if not parts.store or not await _works("counts", self._count()):
                _know_nothing()
            self._looked_at = time.monotonic()

    async def _count(self) -> None:
        at = self._services.clock()
        async with self._services.store.reading() as reading:
            queue = await reading.queue_lengths()
            left = await reading.messages_left()
            unanswered = await reading.unanswered()
            agents = await reading.agents()
            overdue = await reading.count_outlived(Rule(self._services.settings.words_kept_days).before(at))
        for is_urgent, waiting in queue.items():
            urgent = "yes" if is_urgent else "no"
            metrics.QUEUE.labels(urgent).set(waiting.count)
            metrics.LONGEST_WAIT.labels(urgent).set(waiting.longest_s(at))
        metrics.MESSAGES_LEFT.set(left)
        metrics.RETENTION_OVERDUE.set(overdue)
        metrics.TURNS_WAITING.set(unanswered.count)
        metrics.OLDEST_TURN.set(unanswered.longest_s(at))
        here = Counter(agent.status for agent in agents if agent.is_here(at) and agent.disabled_at is None)
        for status in STATUSES:
            metrics.AGENTS_HERE.labels(status).set(here[status])


def _know_nothing() -> None:
    """Without the store, an old number would be a lie."""
    for gauge in (metrics.QUEUE, metrics.LONGEST_WAIT, metrics.AGENTS_HERE):
        gauge.clear()
    for gauge in (metrics.MESSAGES_LEFT, metrics.TURNS_WAITING, metrics.OLDEST_TURN, metrics.RETENTION_OVERDUE):
        gauge.set(math.nan)


async def _works(what: str, check: Awaitable[Any]) -> bool:
    try:
        await asyncio.wait_for(check, WITHIN_S)
    except Exception as down:  # whatever is wrong with it, it does not work
        log.info("not_ready", what=what, error=type(down).__name__)
        return False
    return True
