"""The retention rule: the words of a conversation are deleted some time after the last thing that happened in it.

What stays: that there was a conversation, when, in which language and nation, about which topic, how many messages of
whom, how turns ended, scores without comments, and the audit, which holds no words.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from chat_server.core.conversation import State
from chat_server.metrics import RETENTION_FORGOTTEN, RETENTION_RUNS
from chat_server.services import Services
from chat_server.settings import Settings
from chat_server.store.unit_of_work import Store

log = structlog.get_logger(__name__)

LOCK = 7_201_414
"""Of several gateways, one at a time holds it."""
AT_ONCE = 100
FIRST_RUN_AFTER_S = 20.0
"""A gateway that has just started has more urgent work."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long words are kept."""

    days: int

    def before(self, at: datetime) -> datetime:
        return at - timedelta(days=self.days)


async def run(store: Store, rule: Rule, at: datetime) -> int | None:
    """Delete the words that are past their time; how many conversations had some, or None when another process is at it."""
    async with store.alone(LOCK) as alone:
        if not alone:
            return None
        forgotten = 0
        while True:
            async with store.reading() as reading:
                found = await reading.outlived(rule.before(at), AT_ONCE)
            for conversation_id in found:
                forgotten += await _forget(store, conversation_id, rule, at)
            if not found:
                break
        await store.wipe_deleted()
    RETENTION_FORGOTTEN.inc(forgotten)
    return forgotten


async def _forget(store: Store, conversation_id: str, rule: Rule, at: datetime) -> bool:
    """One conversation in one transaction; False when a parent came back to it in the last moment."""
    async with store.work() as work:
        conversation = await work.load(conversation_id)
        if conversation.state is State.ERASED or not await work.has_outlived(conversation_id, rule.before(at)):
            return False
        conversation.outlive({"messages": await work.counts_of(conversation_id)}, at)
        await work.forget_outlived_words(conversation_id)
        await work.forget_agents_words(conversation_id)
        await work.save(conversation)
        await work.commit()
    return True


async def by_hand(settings: Settings, *, dry_run: bool) -> str:
    """What `python -m chat_server retention` did, or would do, in words."""
    store, rule, at = Store(settings.database), Rule(settings.words_kept_days), datetime.now(UTC)
    try:
        if dry_run:
            async with store.reading() as reading:
                return _list(await reading.references_outlived(rule.before(at)), rule)
        forgotten = await run(store, rule, at)
    finally:
        await store.close()
    if forgotten is None:
        return "A gateway is at it just now."
    return f"Conversations whose words were deleted: {forgotten}."


def _list(found: list[tuple[str, datetime]], rule: Rule) -> str:
    lines = [f"{ref}  begun {begun:%Y-%m-%d}" for ref, begun in found]
    return "\n".join([*lines, f"Past their time of {rule.days} days: {len(found)}. Nothing was deleted."])


class Retention:
    """Runs the rule in a gateway, time and again; of several gateways one at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rule = Rule(services.settings.words_kept_days)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._services.settings.retention_every_s:
            self._task = asyncio.create_task(self._run_forever())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run_forever(self) -> None:
        every_s = self._services.settings.retention_every_s
        await asyncio.sleep(min(FIRST_RUN_AFTER_S, every_s))
        while True:
            await self._run_once()
            await asyncio.sleep(every_s)

    async def _run_once(self) -> None:
        try:
            forgotten = await run(self._services.store, self._rule, self._services.clock())
            if forgotten is None:
                RETENTION_RUNS.labels("elsewhere").inc()
                return
            RETENTION_RUNS.labels("done").inc()
            log.info("retention", forgotten=forgotten)
        except Exception:  # the next run tries again, and the gauge says that words are overdue
            RETENTION_RUNS.labels("failed").inc()
            log.exception("retention_failed")
