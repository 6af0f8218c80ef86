"""What agents do with conversations. Stored first, acknowledged after; each change is compared, audited and told.

An agent sees what `core.board.may_see` allows. Anything else is `not_found`, whether it exists or not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import structlog

from chat_server import agent_protocol as wire
from chat_server import replies
from chat_server.core import directory
from chat_server.core.board import OFFER_LASTS, Agent, Offer, may_see
from chat_server.core.briefing import briefing
from chat_server.core.conversation import LEASE, Conversation, Refused, State
from chat_server.core.estimate import estimate
from chat_server.core.events import AuditLine, Event, utc_text
from chat_server.core.figures import in_force
from chat_server.core.household import BadInput, parse_household
from chat_server.core.opening import LONDON
from chat_server.core.safety import Finding, Kind
from chat_server.errors import Problem
from chat_server.inbox import tell_place
from chat_server.metrics import AGENT_ACTS, LOST_AGENTS, URGENT, WAITED
from chat_server.protocol import LONGEST_TEXT
from chat_server.services import Services
from chat_server.store.agents import Note
from chat_server.store.unit_of_work import Reading, Work

log = structlog.get_logger(__name__)

FORGET_EVERY_S = 60.0
REFERENCE = re.compile(r"[A-Z0-9-]{1,16}")
DESKS = "desk"
"""Where the bus tells that something on the desks has changed that is no event of a conversation."""
PRIVATE = "watch:"
"""Before a conversation's id: where the bus tells agents, and never a parent, what concerns it."""
AGENT = "agent:"
"""Before an agent's id: where the bus tells that their sign-ins have changed."""


@dataclass(frozen=True, slots=True)
class Done:
    """The acknowledgement of an act: what the client called it, and where the conversation stands after it."""

    re: str
    conversation: str
    seq: int
    version: int
    dup: bool = False

    def frame(self) -> dict[str, Any]:
        return {
            "type": "ack", "re": self.re, "conversation": self.conversation,
            "seq": self.seq, "version": self.version, "dup": self.dup,
        }


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that an agent has opened; the reading stands in the audit."""

    conversation: Conversation
    agent: Agent


@dataclass(slots=True)
class _Step:
    """What one act does inside its unit of work."""

    work: Work
    agent: Agent
    conversation: Conversation
    frame: Any
    at: datetime
    noted: bool = False
    desks_changed: bool = False
    events: list[Event] = field(default_factory=list)


class _Lapsed(Exception):
    """The lease had run out before anybody noticed."""


Acknowledge = Callable[[Done], None]


class Desk:
    """The use cases of agents. `token_hash` names the sign-in, which is checked with every act."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._forgot_at: datetime | None = None

    # ------------------------------------------------------------------ acts

    async def take(self, token_hash: str, act: wire.Act, acknowledge: Acknowledge) -> Done:
        """Do what a frame says, acknowledge it, then let everybody hear it. Raises Problem."""
        for _ in range(3):
            try:
                done, step = await self._store(token_hash, act)
            except _Lapsed as lapsed:
                await self.put_right(str(lapsed))
                continue
            acknowledge(done)
            if step is not None:
                await self._tell(step)
            return done
        raise Problem("unavailable", "the conversation is changing too quickly")

    async def _store(self, token_hash: str, act: wire.Act) -> tuple[Done, "_Step | None"]:
        at, digest = self._services.clock(), act.digest()
        async with self._services.store.work() as work:
            agent = await _signed_in(work, token_hash, at)
            key = str(uuid5(UUID(agent.id), act.id))
            found = await work.by_ref(act.conversation) if REFERENCE.fullmatch(act.conversation) else None
            earlier = await work.accepted(found.id, key) if found else None
            if found and earlier:
                if earlier.digest != digest:
                    raise Problem("id_reused", "this id was used for something else")
                return Done(act.id, found.ref, earlier.seq, found.version, dup=True), None
            conversation = await self._find(work, agent, act, at)
            step = _Step(work, agent, conversation, act, at)
            try:
                await self._do(step)
            except Refused as refused:
                raise Problem(refused.code, refused.detail) from refused
            step.events = await work.save(conversation)
            await work.accept(conversation.id, key, digest, conversation.top, at)
            await work.commit()
        AGENT_ACTS.labels(act.type).inc()
        return Done(act.id, conversation.ref, conversation.top, conversation.version), step

    async def _find(self, work: Work, agent: Agent, act: wire.Act, at: datetime) -> Conversation:
        conversation = await _seen_by(work, agent, act.conversation, at, lock=True, claiming=isinstance(act, wire.Claim))
        if conversation.state is State.AGENT and conversation.lease_until and conversation.lease_until <= at:
            raise _Lapsed(conversation.id)
        return conversation

    async def _do(self, step: _Step) -> None:
        match step.frame:
            case wire.Claim():
                await self._claim(step)
            case wire.Release(version=version):
                step.conversation.agent_releases(step.agent.id, version, step.at)
                self._notice(step, "utter_service_agent_left")
                await self._no_offer(step)
            case wire.Transfer() | wire.Assign():
                await self._offer(step)
            case wire.Accept():
                await self._accept(step)
            case wire.Decline():
                await self._decline(step)
            case wire.Return(version=version):
                step.conversation.agent_returns(step.agent.id, version, step.at)
                self._notice(step, "utter_service_returned")
                await self._no_offer(step)
            case wire.Wrap():
                await self._wrap(step)
            case wire.Lift(kind=kind, reason=reason):
                _compare(step)
                step.conversation.lift_danger(step.agent.id, kind, reason, step.at)
            case wire.Mark():
                self._mark(step)
            case wire.AgentSay(text=text):
                if len(text) > LONGEST_TEXT:
                    raise Problem("too_long", f"a message has at most {LONGEST_TEXT} characters")
                step.conversation.agent_says(step.agent.id, text, step.at)
            case wire.AddNote(text=text):
                await self._note(step, text)
            case wire.SendEstimate():
                self._send_estimate(step)
            case wire.SendOrganisations():
                self._send_organisations(step)
            case _:
                raise AssertionError(step.frame)

    # ------------------------------------------------------------------ who has it

    async def _claim(self, step: _Step) -> None:
        conversation, agent = step.conversation, step.agent
        if not conversation.is_urgent and conversation.state is not State.AGENT:
            if len(await step.work.held_by(agent.id)) >= agent.places:
                raise Problem("not_allowed", "all your places are taken")
        self._join(step)
        await self._no_offer(step)

    def _join(self, step: _Step) -> None:
        conversation, waiting_since = step.conversation, step.conversation.queued_at
        conversation.agent_joins(step.agent.id, step.agent.name, step.frame.version, step.at)
        self._notice(step, "utter_service_agent_joined", name=step.agent.name)
        if waiting_since:
            WAITED.observe((step.at - waiting_since).total_seconds())

    async def _offer(self, step: _Step) -> None:
        conversation, act = step.conversation, step.frame
        kind = act.type
        if isinstance(act, wire.Transfer):
            _own(step)
        elif not step.agent.is_supervisor:
            raise Problem("not_allowed", "a supervisor assigns conversations")
        elif conversation.state not in (State.QUEUED, State.MESSAGE_LEFT):
            raise Problem("not_allowed", "only what waits can be assigned")
        _compare(step)
        colleague = await step.work.agent(act.to)
        if colleague is None or colleague.disabled_at or (colleague.id == step.agent.id and isinstance(act, wire.Transfer)):
            raise Problem("not_found", "there is no such colleague")
        if not colleague.is_here(step.at):
            raise Problem("unavailable", f"{colleague.name} is not here")
        await step.work.put_offer(Offer(conversation.id, kind, step.agent.id, colleague.id, step.at + OFFER_LASTS))
        self._audit(step, "offered", {"to": colleague.id})
        if act.reason and act.reason.strip():
            await self._note(step, act.reason)
        step.desks_changed = True

    async def _accept(self, step: _Step) -> None:
        conversation, agent = step.conversation, step.agent
        offer = await step.work.offer(conversation.id, step.at)
        if offer is None or offer.to_id != agent.id:
            raise Problem("not_found", "there is no such offer")
        if offer.kind == "transfer":
            conversation.agent_transfers(offer.from_id, agent.id, agent.name, step.frame.version, step.at)
            self._notice(step, "utter_service_transferred")
        else:
            self._join(step)
        await self._no_offer(step)

    async def _decline(self, step: _Step) -> None:
        offer = await step.work.offer(step.conversation.id, step.at)
        if offer is None or step.agent.id not in (offer.to_id, offer.from_id):
            raise Problem("not_found", "there is no such offer")
        self._audit(step, "declined" if step.agent.id == offer.to_id else "withdrawn", {})
        await self._no_offer(step)

    async def _no_offer(self, step: _Step) -> None:
        await step.work.end_offer(step.conversation.id)
        step.desks_changed = True

    async def _wrap(self, step: _Step) -> None:
        conversation, agent, act = step.conversation, step.agent, step.frame
        if conversation.state is State.WRAP_UP:
            _compare(step)
            if await step.work.last_agent(conversation.id) != agent.id:
                raise Problem("not_allowed", "the agent who had this conversation records its outcome")
            if act.outcome is None:
                raise Problem("bad_frame", "an outcome is needed")
        else:
            conversation.agent_wraps(agent.id, act.version, step.at)
            self._notice(step, "utter_service_wrap_up")
            await self._no_offer(step)
        if act.outcome:
            conversation.record_outcome(agent.id, act.outcome, step.at)
        if act.note and act.note.strip():
            await self._note(step, act.note)

    # ------------------------------------------------------------------ what is said and noted

    def _mark(self, step: _Step) -> None:
        _own(step)
        _compare(step)
        finding = Finding((Kind(step.frame.kind),))
        help_by_kind = replies.urgent_help(self._services, step.conversation, finding, step.at)
        step.conversation.hear_danger(help_by_kind, step.at, in_reply_to=None, actor=step.agent.id)
        URGENT.labels(step.frame.kind, "agent").inc()

    async def _note(self, step: _Step, text: str) -> None:
        note_id = str(uuid5(UUID(step.agent.id), f"note {step.conversation.id} {step.frame.id}"))
        await step.work.add_note(step.conversation.id, note_id, step.agent.id, text, step.at)
        step.noted = True

    def _send_estimate(self, step: _Step) -> None:
        _own(step)
        try:
            household = parse_household(step.frame.household)
        except BadInput as refused:
            raise Problem(refused.code, refused.detail, field=f"household.{refused.field}") from refused
        found = estimate(household, in_force(step.at.astimezone(LONDON).date()), step.conversation.lang)
        result = found.to_dict(safe_first="domestic_abuse" in step.conversation.urgent)
        self._send_card(step, "utter_service_estimate_sent", None, estimate=result)

    def _send_organisations(self, step: _Step) -> None:
        _own(step)
        found = [directory.get(id) for id in step.frame.organisations]
        if None in found:
            raise Problem("not_found", "there is no such organisation")
        cards = replies.cards([one for one in found if one], step.conversation, step.at)
        self._send_card(step, "utter_service_organisations_sent", step.frame.text, organisations=cards)

    def _send_card(self, step: _Step, key: str, text: str | None, **card: Any) -> None:
        said = self._services.wording.say(key, {}, step.conversation.lang)
        more = card if text and text.strip() else {"lang": said.lang, **card}
        step.conversation.agent_says(step.agent.id, (text or "").strip() or said.text, step.at, **more)

    def _notice(self, step: _Step, key: str, **blanks: Any) -> None:
        _say_notice(self._services, step.conversation, key, step.at, **blanks)

    def _audit(self, step: _Step, cause: str, detail: dict[str, Any]) -> None:
        step.conversation.new_audit.append(_line(step.conversation, step.agent.id, cause, step.at, detail))

    # ------------------------------------------------------------------ telling

    async def _tell(self, step: _Step) -> None:
        conversation, bus = step.conversation, self._services.bus
        if step.events:
            await bus.publish(conversation.id, [event.frame() for event in step.events])
        if step.noted:
            await bus.publish(PRIVATE + conversation.id, [{"type": "note"}])
        if step.desks_changed:
            await bus.publish(DESKS, [{"type": "desk"}])
        if conversation.state is State.QUEUED and step.events:
            await tell_place(self._services, conversation)

    async def relay(self, token_hash: str, frame: wire.AgentSeen | wire.AgentTyping) -> None:
        """Tell the parent what their agent has read, or that they are writing. Raises Problem."""
        at = self._services.clock()
        async with self._services.store.reading() as reading:
            agent = await _signed_in(reading, token_hash, at)
            conversation = await _seen_by(reading, agent, frame.conversation, at)
        if conversation.state is not State.AGENT or conversation.agent_id != agent.id:
            raise Problem("not_allowed", "another owner has this conversation")
        heard: dict[str, Any] = {"type": frame.type, "who": "agent"}
        if isinstance(frame, wire.AgentSeen):
            heard |= {"type": "receipt", "seq": min(frame.seq, conversation.top)}
        else:
            heard["on"] = frame.on
        await self._services.bus.publish(conversation.id, [heard])

    # ------------------------------------------------------------------ reading

    async def open(self, token_hash: str, ref: str, cause: str) -> Opened:
        """Open a conversation to read it; that is recorded before anything is shown. Raises Problem."""
        at = self._services.clock()
        async with self._services.store.work() as work:
            agent = await _signed_in(work, token_hash, at)
            conversation = await _seen_by(work, agent, ref, at)
            await work.add_audit(conversation.id, [_line(conversation, agent.id, cause, at, {})])
            await work.commit()
        return Opened(conversation, agent)

    async def card(self, agent: Agent, conversation_id: str) -> dict[str, Any] | None:
        """The `conversation` frame for this agent; None when it is not theirs to see any more."""
        at = self._services.clock()
        async with self._services.store.reading() as reading:
            conversation = await reading.conversation(conversation_id)
            if conversation is None or not await _sees(reading, agent, conversation, at):
                return None
            offer = await reading.offer(conversation_id, at)
            events = await all_events(reading, conversation_id)
            private_notes = await reading.notes(conversation_id)
            names = {other.id: other.name for other in await reading.agents()} if offer else {}
        return card_frame(agent, conversation, events, private_notes, offer, names)

    # ------------------------------------------------------------------ presence and leases

    async def renew(self, token_hash: str) -> dict[str, Any]:
        """A sign of life: presence and leases last longer. The `lease` frame."""
        at = self._services.clock()
        async with self._services.store.work() as work:
            agent = await _signed_in(work, token_hash, at)
            refs = await work.renew_leases(agent.id, at, at + LEASE)
            await work.commit()
        if not agent.is_here(at):
            await self._services.bus.publish(DESKS, [{"type": "desk"}])
        return {"type": "lease", "until": utc_text(at + LEASE), "conversations": refs}

    async def present(self, token_hash: str, presence: wire.Presence) -> None:
        """What colleagues see, and how many conversations the agent takes."""
        async with self._services.store.work() as work:
            agent = await _signed_in(work, token_hash, self._services.clock())
            await work.change_agent(agent.id, status=presence.status, places=presence.places)
            await work.commit()
        await self._services.bus.publish(DESKS, [{"type": "desk"}])

    async def sweep(self) -> None:
        """Requeue what lost its agent, close what nobody wrapped up, forget what has run out. Any gateway may."""
        at = self._services.clock()
        async with self._services.store.reading() as reading:
            overdue = await reading.overdue(at)
        for conversation_id in overdue:
            await self.put_right(conversation_id)
        if self._forgot_at is None or (at - self._forgot_at).total_seconds() >= FORGET_EVERY_S:
            self._forgot_at = at
            async with self._services.store.work() as work:
                await work.forget_old(at)
                await work.commit()

    async def put_right(self, conversation_id: str) -> None:
        """Requeue at the head if the agent is lost; close if the time to wrap up is over; else nothing."""
        at = self._services.clock()
        async with self._services.store.work() as work:
            conversation = await work.load(conversation_id)
            lost = conversation.lose_agent(at)
            if lost:
                _say_notice(self._services, conversation, "utter_service_lost_agent", at)
                await work.end_offer(conversation_id)
            elif not conversation.expire_wrap_up(at):
                return
            events = await work.save(conversation)
            await work.commit()
        if lost:
            LOST_AGENTS.inc()
            log.warning("agent_lost", conversation=conversation.ref)
        await self._services.bus.publish(conversation_id, [event.frame() for event in events])
        if lost:
            await tell_place(self._services, conversation)


async def all_events(reading: Reading, conversation_id: str) -> list[Event]:
    """The whole conversation."""
    events: list[Event] = []
    while page := await reading.events_after(conversation_id, events[-1].seq if events else 0):
        events += page
    return events


async def still_sees(reading: Reading, agent: Agent, conversation_id: str, at: datetime) -> Conversation | None:
    """The conversation, if it is (still) this agent's to see."""
    conversation = await reading.conversation(conversation_id)
    return conversation if conversation and await _sees(reading, agent, conversation, at) else None


async def _signed_in(reading: Reading, token_hash: str, at: datetime) -> Agent:
    agent = await reading.signed_in(token_hash, at)
    if agent is None:
        raise Problem("expired", "sign in again")
    return agent


async def _seen_by(
    reading: Reading, agent: Agent, ref: str, at: datetime, *, lock: bool = False, claiming: bool = False
) -> Conversation:
    """The conversation of this reference. Unknown and forbidden are alike, but whoever comes late to a claim is told so."""
    conversation = await reading.by_ref(ref) if REFERENCE.fullmatch(ref) else None
    if conversation and lock and isinstance(reading, Work):
        conversation = await reading.load(conversation.id)
    if conversation is None or not (
        await _sees(reading, agent, conversation, at) or (claiming and conversation.state is State.AGENT)
    ):
        raise Problem("not_found", "there is no such conversation")
    return conversation


async def _sees(reading: Reading, agent: Agent, conversation: Conversation, at: datetime) -> bool:
    last = await reading.last_agent(conversation.id) if conversation.state is State.WRAP_UP else None
    offer = await reading.offer(conversation.id, at) if conversation.state is State.AGENT else None
    return may_see(agent, conversation.state, conversation.agent_id, last, offer.to_id if offer else None)


def _own(step: _Step) -> None:
    if step.conversation.state is not State.AGENT or step.conversation.agent_id != step.agent.id:
        raise Problem("not_allowed", "another owner has this conversation")


def _compare(step: _Step) -> None:
    if step.frame.version != step.conversation.version:
        raise Problem("stale", f"the conversation is at version {step.conversation.version}")


def _say_notice(services: Services, conversation: Conversation, key: str, at: datetime, **blanks: Any) -> None:
    conversation.service_says(replies.service_body(services, conversation, key, at, **blanks), at)


def _line(conversation: Conversation, actor: str, cause: str, at: datetime, detail: dict[str, Any]) -> AuditLine:
    """An audit line of something that changes neither state nor version."""
    return AuditLine(at, actor, cause, conversation.state, conversation.state, conversation.version, detail)


def _note(note: Note) -> dict[str, Any]:
    return {"note": note.id, "at": utc_text(note.at), "by": note.by, "text": note.text}


def card_frame(
    agent: Agent, conversation: Conversation, events: list[Event], notes: list[Note], offer: Offer | None, names: dict[str, str]
) -> dict[str, Any]:
    """The `conversation` frame: where it stands, how the parent may be reached, the briefing, the notes."""

    def time(at: datetime | None) -> str | None:
        return utc_text(at) if at else None

    lines = briefing(
        events,
        topic=conversation.topic,
        nation=conversation.nation,
        lang=conversation.lang,
        urgent=conversation.urgent,
        safe_contact=conversation.safe_contact,
    )
    return {
        "type": "conversation",
        "conversation": conversation.ref,
        "state": str(conversation.state),
        "version": conversation.version,
        "owner": conversation.owner,
        "mine": conversation.state is State.AGENT and conversation.agent_id == agent.id,
        "topic": conversation.topic,
        "urgent": sorted(conversation.urgent),
        "lang": conversation.lang,
        "nation": conversation.nation,
        "parent": conversation.presence,
        "part": conversation.part,
        "top": conversation.top,
        "created_at": utc_text(conversation.created_at),
        "queued_at": time(conversation.queued_at),
        "wrap_up_until": time(conversation.wrap_up_until),
        "safe_contact": conversation.safe_contact,
        "briefing": [line.to_dict() for line in lines],
        "notes": [_note(note) for note in notes],
        "offer": offer and {
            "kind": offer.kind,
            "from": {"agent": offer.from_id, "name": names.get(offer.from_id)},
            "to": {"agent": offer.to_id, "name": names.get(offer.to_id)},
            "until": utc_text(offer.until),
        },
    }
