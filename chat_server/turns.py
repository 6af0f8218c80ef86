"""The assistant's answer to one parent message, as durable work: in order, one at a time for a conversation, and found
again after a restart."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from chat_server import replies, tracing
from chat_server.assistant import AssistantUnavailable, Question, Reply
from chat_server.core.conversation import Conversation, State
from chat_server.core.events import AuditLine
from chat_server.core.privacy import mask
from chat_server.core.safety import Finding, Kind
from chat_server.core.signals import Danger, Handover, Prefer
from chat_server.metrics import HANDOVERS, TURN_SECONDS, TURNS, URGENT
from chat_server.services import Services
from chat_server.store.unit_of_work import Turn, Work

log = structlog.get_logger(__name__)

CLAIM_MARGIN_S = 7.0
"""A turn is claimed for its limit and this much more; then any gateway may take it."""
SWEEP_EVERY_S = 1.0


class Claimed(NamedTuple):
    """A turn that this process has claimed, with its conversation as it was stored with the parent's message."""

    conversation: Conversation
    turn: Turn
    vectors: Mapping[str, Any] | None = None
    """What the danger screen computed of the message's words."""


class TurnRunner:
    """Works on the waiting turns of conversations: woken by the inbox, and by a sweep of the store."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._claim_s = services.settings.turn_limit_s + CLAIM_MARGIN_S

    async def start(self) -> None:
        """Begin to sweep; the only gateway of an embedded store takes back what it left when it stopped."""
        if self._services.store.is_sqlite:
            async with self._services.store.work() as work:
                await work.free_turns()
                await work.commit()
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def stop(self) -> None:
        """Stop; turns in progress are found again by whoever starts next."""
        tasks = [task for task in (self._sweeper, *self._running.values()) if task]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def add(self, work: Work, turn: Turn, at: datetime, *, waits: bool) -> bool:
        """Let a turn wait, in the unit of work that stores its message; claimed at once unless another waits before it.

        Whether it was claimed.
        """
        await work.add_turn(turn, at, None if waits else self._services.worker, self._claim_s)
        return not waits

    def wake(self, conversation_id: str, claimed: Claimed | None = None) -> None:
        """There is a turn to be worked on in this conversation; one that is claimed needs no second look at the store."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._run(conversation_id, claimed))
        self._running[conversation_id] = task

    async def _sweep_forever(self) -> None:
        while True:
            try:
                async with self._services.store.reading() as reading:
                    waiting = await reading.waiting_turns(self._services.clock())
                for conversation_id in waiting:
                    self.wake(conversation_id)
                self._services.rates.sweep()
                self._services.wording.refresh()
            except Exception:  # the sweep outlives every fault of the store
                log.exception("turn_sweep_failed")
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _run(self, conversation_id: str, claimed: Claimed | None) -> None:
        try:
            more = claimed is None or await run_turn(self._services, *claimed)
            while more or conversation_id in self._again:
                self._again.discard(conversation_id)
                more = await self._answer_next(conversation_id)
        except Exception:  # left to the sweep, when the claim has run out
            log.exception("turn_failed", conversation=conversation_id)
        finally:
            self._running.pop(conversation_id, None)
            self._again.discard(conversation_id)

    async def _answer_next(self, conversation_id: str) -> bool:
        """Answer the first waiting turn, if nobody else does; whether more wait."""
        services = self._services
        async with services.precedence.answering():
            now = services.clock()
            async with services.store.reading() as reading:
                if not await reading.has_waiting_turn(conversation_id):
                    return False
            async with services.store.work() as work:
                turn = await work.claim_turn(conversation_id, services.worker, now, self._claim_s)
                if turn is None:
                    return False
                conversation = await work.conversation(conversation_id)
                await work.commit()
        assert conversation
        return await run_turn(services, conversation, turn)


@tracing.traced("turn", lambda services, conversation, turn, vectors=None: {"conversation": conversation.ref, "seq": turn.seq})
async def run_turn(
    services: Services, conversation: Conversation, turn: Turn, vectors: Mapping[str, Any] | None = None
) -> bool:
    """Answer one parent message; whether more wait. The notice at 4 s and the limit at 8 s are the settings' clock."""
    began = time.monotonic()
    publish = services.bus.publish
    if conversation.assistant_may_speak:
        async with services.precedence.answering():
            await publish(conversation.id, [{"type": "typing", "who": "assistant", "on": True}])
        reply = await _ask(services, conversation, turn, vectors)
    else:
        reply = None
    async with services.precedence.answering():
        frames, result, more = await _store_reply(services, turn, reply)
        frames.append({"type": "typing", "who": "assistant", "on": False})
        frames.append({"type": "done", "in_reply_to": turn.seq})
        await publish(conversation.id, frames)
    tracing.note(result=result)
    TURNS.labels(result).inc()
    TURN_SECONDS.observe(time.monotonic() - began)
    log.info("turn", conversation=conversation.ref, seq=turn.seq, result=result, topic=reply.topic if reply else None)
    return more


async def _ask(
    services: Services, conversation: Conversation, turn: Turn, vectors: Mapping[str, Any] | None
) -> Reply | None:
    """The reply of the dialogue model, or None when it has none in time or none that can be shown."""
    settings = services.settings
    text = mask(turn.text) if turn.text is not None else None
    question = Question(
        conversation_id=conversation.id,
        seq=turn.seq,
        text=text,
        payload=turn.payload,
        slots=replies.slots_of(services, conversation, services.clock()),
        memory=conversation.memory,
        vectors=vectors if text == turn.text else None,  # what was masked is in none of it
    )
    task = asyncio.create_task(services.assistant.reply(question))
    try:
        done, _ = await asyncio.wait({task}, timeout=settings.notice_after_s)
        if not done:
            await _notice(services, turn)
            done, _ = await asyncio.wait({task}, timeout=settings.turn_limit_s - settings.notice_after_s)
        if done:
            return task.result()
        log.warning("assistant_too_slow", conversation=conversation.ref, seq=turn.seq)
    except AssistantUnavailable as unavailable:
        log.warning("assistant_unavailable", conversation=conversation.ref, seq=turn.seq, why=str(unavailable))
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    return replies.fixed_answer(services, turn.payload)


async def _notice(services: Services, turn: Turn) -> None:
    """Tell the parent, once, that the answer is still being worked on."""
    at = services.clock()
    async with services.store.work() as work:
        conversation = await work.load(turn.conversation_id)
        if turn.noticed or not conversation.assistant_may_speak:
            return
        body = replies.service_body(services, conversation, "utter_service_working", at, in_reply_to=turn.seq)
        conversation.service_says(body, at)
        await work.note_turn(turn)
        events = await work.save(conversation)
        await work.commit()
    await services.bus.publish(turn.conversation_id, [event.frame() for event in events])


async def _store_reply(services: Services, turn: Turn, reply: Reply | None) -> tuple[list[dict[str, Any]], str, bool]:
    """The second half, what is to be told of it, and whether more turns wait.

    Only while the assistant may speak is its reply stored; late replies are dropped and recorded.
    """
    at = services.clock()
    async with services.store.work() as work:
        conversation, mine, more = await work.load_for_turn(turn, services.worker)
        if not mine:
            return [], "taken_over", False
        was = conversation.state
        if not conversation.assistant_may_speak:
            result = "dropped"
            await _record_dropped(work, conversation, turn, at)
        else:
            attended = reply is not None and _asks_for_a_person(reply) and await work.is_attended(at)
            result = _speak(services, conversation, turn, reply, at, attended)
        await work.finish_turn(turn, result, at)
        events = await work.save(conversation)
        await work.commit()
    frames = [event.frame() for event in events]
    if was is not conversation.state and conversation.state is State.QUEUED:
        frames += await _place(services, conversation)
    return frames, result, more


def _asks_for_a_person(reply: Reply) -> bool:
    return any(isinstance(signal, Danger | Handover) for signal in reply.signals)


def _speak(
    services: Services, conversation: Conversation, turn: Turn, reply: Reply | None, at: datetime, attended: bool
) -> str:
    if reply is not None:
        try:
            return _say_reply(services, conversation, turn, reply, at, attended)
        except AssistantUnavailable as unavailable:
            log.error("reply_without_words", conversation=conversation.ref, seq=turn.seq, why=str(unavailable))
    conversation.failures += 1
    key = "utter_service_failed" if conversation.failures < 2 else "utter_service_failed_twice"
    conversation.service_says(replies.service_body(services, conversation, key, at, in_reply_to=turn.seq), at)
    return "failed"


def _say_reply(
    services: Services, conversation: Conversation, turn: Turn, reply: Reply, at: datetime, attended: bool
) -> str:
    danger = next((signal for signal in reply.signals if isinstance(signal, Danger)), None)
    if danger:
        return _raise_danger(services, conversation, turn, reply, danger.kind, at, attended)
    bodies = replies.assistant_bodies(services, conversation, reply, at, turn.seq)
    for signal in reply.signals:
        if isinstance(signal, Prefer):
            conversation.nation = signal.nation or conversation.nation
            conversation.lang = signal.lang or conversation.lang
    handover = next((signal for signal in reply.signals if isinstance(signal, Handover)), None)
    replies.show_help(bodies, reply, conversation, at)
    for body in bodies:
        conversation.assistant_says(body, at)
    conversation.remember_keys([line.key for line in reply.lines])
    memory = replies.memory_after(reply, bodies)
    conversation.memory = memory if memory is not None else conversation.memory
    conversation.failures = 0
    if handover and conversation.ask_for_agent(handover.topic, handover.reason, at, actor="assistant"):
        HANDOVERS.labels(handover.topic).inc()
        conversation.service_says(replies.queue_notice(services, conversation, at, turn.seq, attended=attended), at)
    return "answered"


def _raise_danger(
    services: Services, conversation: Conversation, turn: Turn, reply: Reply, kind: str, at: datetime, attended: bool
) -> str:
    """The dialogue model heard danger: help first, and nothing else of the reply."""
    help_by_kind = replies.urgent_help(services, conversation, Finding((Kind(kind),)), at)
    conversation.memory = dict(reply.memory) if reply.memory is not None else conversation.memory
    conversation.failures = 0
    URGENT.labels(kind, "model").inc()
    if conversation.hear_danger(help_by_kind, at, in_reply_to=turn.seq, actor="assistant"):
        conversation.service_says(replies.queue_notice(services, conversation, at, turn.seq, attended=attended), at)
    return "urgent"


async def _record_dropped(work: Work, conversation: Conversation, turn: Turn, at: datetime) -> None:
    line = AuditLine(
        at, "assistant", "late_reply_dropped", conversation.state, conversation.state, conversation.version, {"seq": turn.seq}
    )
    await work.add_audit(conversation.id, [line])


async def _place(services: Services, conversation: Conversation) -> list[dict[str, Any]]:
    from chat_server.inbox import place

    frame = await place(services, conversation)
    return [frame] if frame else []
