"""What a parent does: say, choose, ask for a person, prefer, rate, end, erase, hide. Stored first, acknowledged after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chat_server import replies
from chat_server.core.conversation import Conversation, Refused, State
from chat_server.core.events import Event
from chat_server.core.safety import Finding
from chat_server.danger_screen import Heard
from chat_server.errors import Problem
from chat_server.metrics import ACCEPTED, ACKNOWLEDGED_SECONDS, URGENT
from chat_server.protocol import (
    KEPT_CHARACTERS, LONGEST_TEXT, Choose, Durable, End, Erase, Hide, Human, Prefer, Rate, Say,
)
from chat_server.services import Services
from chat_server.store.unit_of_work import Turn, Work
from chat_server.turns import Claimed, TurnRunner

HUMAN_LABEL = "utter_label_human_request"
MESSAGE_LEFT = "utter_service_message_left"


@dataclass(frozen=True, slots=True)
class Ack:
    """The acknowledgement of a durable frame: what the client called it, and its place in the conversation."""

    re: str
    seq: int
    dup: bool = False
    cut: int | None = None

    def frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = {"type": "ack", "re": self.re, "seq": self.seq, "dup": self.dup}
        if self.cut is not None:
            frame["cut"] = self.cut
        return frame


@dataclass(slots=True)
class _Step:
    """What one frame does inside its unit of work."""

    work: Work
    conversation: Conversation
    frame: Any
    at: datetime
    waits: bool
    """An earlier message still waits for its answer."""
    heard: Heard
    needs_done: bool = False
    """The parent waits for an answer that no turn will give: `done` is said at once."""
    starts_turn: bool = False
    claimed: Claimed | None = None
    """The turn that was started, when nothing has to be answered before it."""
    tells_place: bool = False
    """The parent waits, and is told the place in the queue."""
    events: list[Event] = field(default_factory=list)


Acknowledge = Callable[[Ack], None]


class Inbox:
    """Takes the durable frames of parents, whichever way they came."""

    def __init__(self, services: Services, turns: TurnRunner) -> None:
        self._services = services
        self._turns = turns

    async def take(self, conversation_id: str, frame: Durable, acknowledge: Acknowledge) -> Ack:
        """Store what the frame does, acknowledge it, then let everybody hear it. Raises Problem.

        The same id again is acknowledged as before; the same id with another body is refused.
        """
        with ACKNOWLEDGED_SECONDS.time(), self._services.precedence.taking():
            heard = Heard(Finding())
            if isinstance(frame, Say):
                heard = await self._services.screen.hear(frame.text)
                await self._check_limits(conversation_id, frame, heard.finding)
            ack, step = await self._store(conversation_id, frame, heard)
            acknowledge(ack)
        if step is not None:
            await self._tell(step, ack)
        return ack

    # ------------------------------------------------------------------ before anything is stored

    async def _check_limits(self, conversation_id: str, frame: Say, finding: Finding) -> None:
        if len(frame.text) > LONGEST_TEXT:
            if finding.kinds:
                await self.show_help(conversation_id, finding)
            raise Problem("too_long", f"a message has at most {LONGEST_TEXT} characters")
        if finding.kinds:
            return
        wait_ms = await self._services.rates.take(conversation_id)
        if wait_ms and not await self._is_known(conversation_id, frame):
            raise Problem("slow_down", "messages come too quickly; nothing was lost, send it again", retry_after_ms=wait_ms)

    async def _is_known(self, conversation_id: str, frame: Say) -> bool:
        async with self._services.store.reading() as reading:
            return await reading.accepted(conversation_id, frame.id) is not None

    async def show_help(self, conversation_id: str, finding: Finding) -> None:
        """Emergency help for words that cannot be kept: too long, or not a message at all."""
        services, at = self._services, self._services.clock()
        async with services.store.work() as work:
            conversation = await work.load(conversation_id)
            await self._hear_danger(work, conversation, finding, at, in_reply_to=None)
            events = await work.save(conversation)
            await work.commit()
        await services.bus.publish(conversation_id, [event.frame() for event in events])

    # ------------------------------------------------------------------ the certain half

    async def _store(self, conversation_id: str, frame: Durable, heard: Heard) -> tuple[Ack, "_Step | None"]:
        at = self._services.clock()
        digest = frame.digest()
        async with self._services.store.work() as work:
            conversation, earlier, waits = await work.load_for_frame(conversation_id, frame.id)
            if earlier:
                if earlier.digest != digest:
                    raise Problem("id_reused", "this id was used for something else")
                return Ack(frame.id, earlier.seq, dup=True), None
            step = _Step(work, conversation, frame, at, waits, heard)
            try:
                seq = await self._do(step)
            except Refused as refused:
                raise Problem(refused.code, refused.detail) from refused
            if isinstance(frame, Erase):
                await work.forget_words(conversation_id)
            step.events = await work.save(conversation)
            await work.accept(conversation_id, frame.id, digest, seq, at)
            await work.commit()
        ACCEPTED.labels(frame.type).inc()
        cut = KEPT_CHARACTERS if isinstance(frame, Say) and len(frame.text) > KEPT_CHARACTERS else None
        return Ack(frame.id, seq, cut=cut), step

    async def _do(self, step: _Step) -> int:
        match step.frame:
            case Say():
                return await self._say(step)
            case Choose():
                return await self._choose(step)
            case Human():
                return await self._human(step)
            case Prefer():
                return self._prefer(step)
            case Rate():
                return await self._rate(step)
            case Hide():
                step.conversation.presence = "left"
                return step.conversation.note("hidden", step.at).seq
            case End():
                step.conversation.end(step.at)
                return step.conversation.top or step.conversation.note("ended", step.at).seq
            case Erase():
                step.conversation.erase(step.at)
                return step.conversation.top
        raise AssertionError(step.frame)

    async def _say(self, step: _Step) -> int:
        conversation, frame, at, finding = step.conversation, step.frame, step.at, step.heard.finding
        more = {"cut": True} if len(frame.text) > KEPT_CHARACTERS else {}
        message = conversation.parent_says(frame.id, frame.text[:KEPT_CHARACTERS], at, **more)
        if finding.kinds:
            await self._hear_danger(step.work, conversation, finding, at, in_reply_to=message.seq)
            step.tells_place = True
        if more:
            self._notice(step, "utter_service_truncated", message.seq)
        text = replies.meaning_of(self._services, message.body["text"])
        await self._answer(step, message.seq, text=text, silent=bool(finding.kinds))
        if step.needs_done and not finding.kinds:
            self._take_note(step, message.seq)
        return message.seq

    def _take_note(self, step: _Step, seq: int) -> None:
        """Words that nobody answers now are not met with silence: help stays named, a left message is confirmed."""
        conversation = step.conversation
        if conversation.state is State.QUEUED and conversation.is_urgent:
            self._notice(step, "utter_urgent_stay", seq)
        elif conversation.state is State.MESSAGE_LEFT and MESSAGE_LEFT not in conversation.recent_keys:
            self._notice(step, MESSAGE_LEFT, seq)
            conversation.remember_keys([MESSAGE_LEFT])

    async def _choose(self, step: _Step) -> int:
        conversation, frame, at = step.conversation, step.frame, step.at
        if conversation.state is State.CLOSED:
            raise Problem("ended", "this part of the conversation has ended; write a message to go on")
        offered = await step.work.event(conversation.id, frame.of)
        payload = (offered.body.get(replies.PAYLOADS) or {}).get(frame.choice) if offered else None
        if payload is None:
            raise Problem("not_found", "there is no such choice")
        label = next(c["label"] for c in offered.body["choices"] if c["id"] == frame.choice)
        message = conversation.parent_says(frame.id, label, at, choice=frame.choice, of=frame.of)
        await self._choice(step, message.seq, payload, offered.body.get("in_reply_to"))
        return message.seq

    async def _choice(self, step: _Step, seq: int, payload: str, answered: int | None) -> None:
        match payload:
            case "!human":
                await self._queue(step, seq)
            case "!retry":
                await self._retry(step, seq, answered)
            case "!stop_waiting":
                self._stop_waiting(step, seq)
            case "!leave_message" | "!call_back":
                self._leave_message(step, seq, payload)
            case _:
                await self._answer(step, seq, payload=payload)
                return
        step.needs_done = not step.starts_turn

    async def _retry(self, step: _Step, seq: int, answered: int | None) -> None:
        original = await step.work.event(step.conversation.id, answered) if answered else None
        if original is None or original.body.get("from") != "parent":
            raise Problem("not_found", "there is nothing to try again")
        asked = await self._asked(step.work, step.conversation.id, original.body)
        await self._answer(step, seq, **asked)

    async def _asked(self, work: Work, conversation_id: str, body: dict[str, Any]) -> dict[str, str]:
        """What a parent's message asked of the assistant: its words, or the payload of its choice."""
        if "choice" not in body:
            return {"text": body["text"]}
        offered = await work.event(conversation_id, body["of"])
        payload = offered.body[replies.PAYLOADS][body["choice"]] if offered else "!retry"
        if payload == "!retry" and offered and offered.body.get("in_reply_to"):
            earlier = await work.event(conversation_id, offered.body["in_reply_to"])
            return await self._asked(work, conversation_id, earlier.body) if earlier else {"text": body["text"]}
        return {"payload": payload} if payload.startswith("/") else {"text": body["text"]}

    def _stop_waiting(self, step: _Step, seq: int) -> None:
        conversation = step.conversation
        if conversation.is_urgent:
            self._notice(step, "utter_service_cannot_stop_urgent", seq)
        else:
            conversation.stop_waiting(step.at)
            self._notice(step, "utter_service_stopped_waiting", seq)

    def _leave_message(self, step: _Step, seq: int, payload: str) -> None:
        conversation = step.conversation
        if conversation.is_urgent:
            self._notice(step, "utter_service_cannot_stop_urgent", seq)
            return
        if conversation.state is State.QUEUED:
            conversation.leave_message(step.at)
        elif conversation.state is not State.MESSAGE_LEFT:
            raise Refused("not_allowed", "a message can be left while waiting for a person")
        self._notice(step, f"utter_service_{payload[1:]}", seq)

    async def _human(self, step: _Step) -> int:
        label = self._services.wording.say(HUMAN_LABEL, {}, step.conversation.lang).text
        message = step.conversation.parent_says(step.frame.id, label, step.at, button="human")
        await self._queue(step, message.seq)
        step.needs_done = True
        return message.seq

    async def _queue(self, step: _Step, seq: int) -> None:
        conversation = step.conversation
        step.tells_place = True
        if conversation.ask_for_agent("human_request", "button", step.at) or conversation.state is State.QUEUED:
            await self._queue_notice(step.work, step.conversation, step.at, seq)

    def _prefer(self, step: _Step) -> int:
        conversation, frame = step.conversation, step.frame
        if conversation.state is State.ERASED:
            raise Problem("ended", "this conversation was erased")
        shown: dict[str, Any] = {}
        if frame.lang:
            conversation.lang = shown["lang"] = frame.lang
        if frame.nation:
            conversation.nation = shown["nation"] = frame.nation
        if frame.safe_contact is not None:
            conversation.safe_contact = frame.safe_contact.model_dump()
            shown["safe_contact"] = True
        event = conversation.note("preferred", step.at, shown)
        if frame.safe_contact is not None:
            self._notice(step, "utter_service_safe_contact_saved", None)
        return event.seq

    async def _rate(self, step: _Step) -> int:
        conversation, frame = step.conversation, step.frame
        if conversation.state is State.ERASED:
            raise Problem("ended", "this conversation was erased")
        await step.work.rate(conversation.id, frame.id, frame.answers.model_dump(exclude_none=True), step.at)
        return conversation.note("rated", step.at).seq

    async def _answer(
        self, step: _Step, seq: int, *, text: str | None = None, payload: str | None = None, silent: bool = False
    ) -> None:
        """Queue the assistant's turn, if it is the assistant's to answer; else the turn is complete at once."""
        conversation = step.conversation
        if silent or not conversation.assistant_may_speak:
            step.needs_done = True
            return
        turn = Turn(conversation.id, seq, text, payload)
        step.starts_turn = True
        if await self._turns.add(step.work, turn, step.at, waits=step.waits):
            step.claimed = Claimed(conversation, turn, step.heard.packed())

    async def _hear_danger(
        self, work: Work, conversation: Conversation, finding: Finding, at: datetime, in_reply_to: int | None
    ) -> None:
        help_by_kind = replies.urgent_help(self._services, conversation, finding, at)
        for kind in help_by_kind:
            URGENT.labels(kind, "screen").inc()
        if conversation.hear_danger(help_by_kind, at, in_reply_to=in_reply_to, actor="screen"):
            await self._queue_notice(work, conversation, at, in_reply_to)

    async def _queue_notice(self, work: Work, conversation: Conversation, at: datetime, in_reply_to: int | None) -> None:
        attended = await work.is_attended(at)
        conversation.service_says(replies.queue_notice(self._services, conversation, at, in_reply_to, attended=attended), at)

    def _notice(self, step: _Step, key: str, in_reply_to: int | None) -> None:
        body = replies.service_body(self._services, step.conversation, key, step.at, in_reply_to=in_reply_to)
        step.conversation.service_says(body, step.at)

    # ------------------------------------------------------------------ telling

    async def _tell(self, step: _Step, ack: Ack) -> None:
        conversation = step.conversation
        frames = [event.frame() for event in step.events]
        if step.needs_done:
            frames.append({"type": "done", "in_reply_to": ack.seq})
        await self._services.bus.publish(conversation.id, frames)
        if step.starts_turn:
            self._turns.wake(conversation.id, step.claimed)
        if step.tells_place and conversation.state is State.QUEUED:
            await tell_place(self._services, conversation)


async def tell_place(services: Services, conversation: Conversation) -> None:
    """Send a waiting parent their place in the queue."""
    frame = await place(services, conversation)
    if frame:
        await services.bus.publish(conversation.id, [frame])


async def place(services: Services, conversation: Conversation) -> dict[str, Any] | None:
    """The `queue` frame of a waiting conversation, or None when it no longer waits."""
    async with services.store.reading() as reading:
        queue = await reading.queue()
        waits_s = await reading.recent_waits_s()
    if conversation.id not in queue:
        return None
    return replies.queue_frame(services, conversation, queue.index(conversation.id) + 1, waits_s)
