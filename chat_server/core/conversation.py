"""The conversation: who answers now, where it stands, and the moves that change it.

Each move checks the table `MOVES`, raises the version, appends a `state` event and writes an audit line.
Nothing here knows of sockets, databases or the dialogue model.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chat_server.core.events import AuditLine, Event

LEASE = timedelta(seconds=45)
"""How long an agent holds a conversation without a sign of life."""

WRAP_UP_LIMIT = timedelta(minutes=10)
"""How long an agent may take to record the outcome."""

FULL_HELP_AGAIN_AFTER = timedelta(minutes=10)
"""After this, emergency help for a kind already shown is shown in full again."""

RECENT_KEYS = 12
"""How many of the latest wording keys are remembered, so that an answer is not repeated word for word."""


class State(StrEnum):
    """Where a conversation stands (protocol section 3)."""

    ASSISTANT = "assistant"
    QUEUED = "queued"
    AGENT = "agent"
    MESSAGE_LEFT = "message_left"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"
    ERASED = "erased"


class Cause(StrEnum):
    """Why a conversation moved; the same names stand in data, logs and audit."""

    HANDOVER = "handover"
    DECLINED_WAIT = "declined_wait"
    MESSAGE_LEFT = "message_left"
    CLAIMED = "claimed"
    RELEASED = "released"
    LEASE_LOST = "lease_lost"
    TRANSFERRED = "transferred"
    RETURNED = "returned"
    WRAPPED = "wrapped"
    RECORDED = "recorded"
    WRAP_UP_EXPIRED = "wrap_up_expired"
    ENDED = "ended"
    REOPENED = "reopened"
    ERASED = "erased"
    DANGER = "danger"
    DANGER_LIFTED = "danger_lifted"


MOVES: dict[tuple[State, Cause], State] = {
    (State.ASSISTANT, Cause.HANDOVER): State.QUEUED,
    (State.ASSISTANT, Cause.ENDED): State.CLOSED,
    (State.QUEUED, Cause.CLAIMED): State.AGENT,
    (State.QUEUED, Cause.DECLINED_WAIT): State.ASSISTANT,
    (State.QUEUED, Cause.MESSAGE_LEFT): State.MESSAGE_LEFT,
    (State.QUEUED, Cause.ENDED): State.CLOSED,
    (State.AGENT, Cause.RELEASED): State.QUEUED,
    (State.AGENT, Cause.LEASE_LOST): State.QUEUED,
    (State.AGENT, Cause.TRANSFERRED): State.AGENT,
    (State.AGENT, Cause.RETURNED): State.ASSISTANT,
    (State.AGENT, Cause.WRAPPED): State.WRAP_UP,
    (State.AGENT, Cause.ENDED): State.WRAP_UP,
    (State.MESSAGE_LEFT, Cause.CLAIMED): State.AGENT,
    (State.MESSAGE_LEFT, Cause.WRAPPED): State.WRAP_UP,
    (State.WRAP_UP, Cause.RECORDED): State.CLOSED,
    (State.WRAP_UP, Cause.WRAP_UP_EXPIRED): State.CLOSED,
    (State.CLOSED, Cause.REOPENED): State.ASSISTANT,
    **{(state, Cause.ERASED): State.ERASED for state in State if state is not State.ERASED},
}
"""Every allowed move. A parent who leaves a message and then ends keeps it waiting: no move is needed."""

OPEN = frozenset({State.ASSISTANT, State.QUEUED, State.AGENT, State.MESSAGE_LEFT, State.WRAP_UP})
"""States in which somebody, or a place in the queue, is responsible for the conversation."""


class Refused(Exception):
    """A move or an action that the conversation's state does not allow; `code` is the protocol's."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(slots=True)
class Conversation:
    """One parent's conversation under one short public reference. Times are aware UTC."""

    id: str
    ref: str
    created_at: datetime
    state: State = State.ASSISTANT
    version: int = 1
    agent_id: str | None = None
    agent_name: str | None = None
    lease_until: datetime | None = None
    top: int = 0
    part: int = 1
    lang: str = "en"
    nation: str | None = None
    via: str | None = None
    presence: str = "here"
    safe_contact: dict[str, Any] | None = None
    urgent: dict[str, datetime] = field(default_factory=dict)
    """Kinds of danger marked, each with the time when its help was last shown in full."""
    topic: str | None = None
    """Topic of the latest handover, while it lasts."""
    queued_at: datetime | None = None
    lost_agent: bool = False
    wrap_up_until: datetime | None = None
    failures: int = 0
    """Failed turns running."""
    memory: dict[str, Any] | None = None
    """The dialogue model's memory of this conversation; it travels with each turn."""
    recent_keys: list[str] = field(default_factory=list)
    new_events: list[Event] = field(default_factory=list)
    new_audit: list[AuditLine] = field(default_factory=list)

    # ------------------------------------------------------------------ what is asked of it

    @property
    def owner(self) -> str | None:
        """Who speaks to the parent now: `assistant`, `queue`, an agent's name, or nobody."""
        match self.state:
            case State.ASSISTANT:
                return "assistant"
            case State.QUEUED:
                return "queue"
            case State.AGENT:
                return self.agent_name
            case _:
                return None

    @property
    def is_urgent(self) -> bool:
        return bool(self.urgent)

    @property
    def assistant_may_speak(self) -> bool:
        """The assistant answers while it owns the conversation, and general questions from one who waits,
        unless somebody may be in danger."""
        return self.state is State.ASSISTANT or (self.state is State.QUEUED and not self.is_urgent)

    def help_is_due_in_full(self, kind: str, at: datetime) -> bool:
        """Whether emergency help of this kind is shown in full, or as one short line."""
        shown_at = self.urgent.get(kind)
        return shown_at is None or at - shown_at >= FULL_HELP_AGAIN_AFTER

    # ------------------------------------------------------------------ what is said

    def parent_says(self, client_id: str, text: str, at: datetime, **more: Any) -> Event:
        """Take a parent's message; a closed conversation opens a new part of the same reference."""
        self._open_again(at)
        return self._append(at, "message", {"from": "parent", "text": text, "lang": self.lang, "id": client_id, **more})

    def assistant_says(self, body: dict[str, Any], at: datetime) -> Event:
        """Append one message of the assistant; refused while it has to be silent."""
        if not self.assistant_may_speak:
            raise Refused("not_allowed", f"the assistant is silent in state {self.state}")
        return self._append(at, "message", {"from": "assistant", **body})

    def service_says(self, body: dict[str, Any], at: datetime) -> Event:
        """Append a notice of the service itself: waiting, failures, who has joined."""
        return self._append(at, "message", {"from": "service", **body})

    def agent_says(self, agent_id: str, text: str, at: datetime, **more: Any) -> Event:
        """Append a message of the agent who owns the conversation."""
        self._check_holds(agent_id)
        return self._append(
            at, "message", {"from": "agent", "text": text, "lang": self.lang, "name": self.agent_name, **more}
        )

    def remember_keys(self, keys: list[str]) -> None:
        """Remember which wording was used, newest last."""
        self.recent_keys = (self.recent_keys + keys)[-RECENT_KEYS:]

    def note(self, kind: str, at: datetime, body: dict[str, Any] | None = None) -> Event:
        """Append another durable event: `preferred`, `rated`, `hidden`."""
        return self._append(at, kind, body or {})

    # ------------------------------------------------------------------ danger

    def hear_danger(
        self, help_by_kind: dict[str, dict[str, Any]], at: datetime, *, in_reply_to: int | None, actor: str
    ) -> bool:
        """Append emergency help for each kind before anything else of the turn, mark the danger and ask for an agent.

        True when the conversation has newly gone into the queue.
        """
        new = [kind for kind in help_by_kind if kind not in self.urgent]
        for kind, body in help_by_kind.items():
            if self.help_is_due_in_full(kind, at):
                self.urgent = {**self.urgent, kind: at}
            self._append(at, "urgent", {"kind": kind, **body, "in_reply_to": in_reply_to})
        moves = self.state is State.ASSISTANT
        if new and not moves:
            self.version += 1
            self.topic = new[0]
            self._append_state(at, Cause.DANGER)
        for kind in new:
            self._audit(at, actor, Cause.DANGER, self.state, {"kind": kind})
        return moves and self.ask_for_agent(next(iter(help_by_kind)), Cause.DANGER, at, actor)

    def lift_danger(self, agent_id: str, kind: str, reason: str, at: datetime) -> None:
        """An agent takes a danger mark off, with a reason; nobody else can."""
        self._check_holds(agent_id)
        if not reason.strip():
            raise Refused("bad_frame", "a reason is needed to take a danger mark off")
        if kind not in self.urgent:
            raise Refused("not_found", f"there is no mark {kind}")
        self.urgent = {k: v for k, v in self.urgent.items() if k != kind}
        self.version += 1
        self._audit(at, agent_id, Cause.DANGER_LIFTED, self.state, {"kind": kind, "reason": reason})
        self._append_state(at, Cause.DANGER_LIFTED)

    # ------------------------------------------------------------------ moves of the parent and the service

    def ask_for_agent(self, topic: str, reason: str, at: datetime, actor: str = "parent") -> bool:
        """Put the conversation into the queue; False when a person has it, or it already waits."""
        if self.state is State.ERASED:
            raise Refused("ended", "this conversation was erased")
        self._open_again(at)
        if self.state is not State.ASSISTANT:
            return False
        self.topic = topic
        self._queue(at, lost_agent=False)
        self._move(Cause.HANDOVER, at, actor, reason=reason)
        return True

    def stop_waiting(self, at: datetime) -> None:
        """The parent declines to wait and goes on with the assistant; never while urgent."""
        if self.is_urgent:
            raise Refused("not_allowed", "an urgent conversation keeps its place")
        self._move(Cause.DECLINED_WAIT, at, "parent")

    def leave_message(self, at: datetime) -> None:
        """Nobody is there and the parent chooses to leave a message or ask for a call back."""
        if self.is_urgent:
            raise Refused("not_allowed", "an urgent conversation keeps its place")
        self._move(Cause.MESSAGE_LEFT, at, "parent")

    def end(self, at: datetime) -> None:
        """The parent ends the conversation. A message that was left stays where the next agent sees it."""
        if self.state is State.ERASED:
            raise Refused("ended", "this conversation was erased")
        self.presence = "left"
        if (self.state, Cause.ENDED) in MOVES:
            if self.state is State.AGENT:
                self.wrap_up_until = at + WRAP_UP_LIMIT
            self._move(Cause.ENDED, at, "parent")

    def erase(self, at: datetime) -> None:
        """Forget everything but counts and the audit lines; the store deletes the words."""
        self._move(Cause.ERASED, at, "parent")
        self._forget()
        self.nation = None

    def outlive(self, counts: dict[str, Any], at: datetime) -> None:
        """The time that words are kept is over: as if erased, but what statistics count stays, nation included."""
        self._move(Cause.ERASED, at, "service", reason="retention", detail=counts)
        self._forget()

    def _forget(self) -> None:
        self.presence = "left"
        self.safe_contact = None
        self.memory = None
        self.recent_keys = []
        self.via = None

    # ------------------------------------------------------------------ moves of agents

    def agent_joins(self, agent_id: str, name: str, version: int, at: datetime) -> None:
        """An agent claims the conversation; the second to come is told `taken`."""
        if self.state is State.AGENT:
            raise Refused("taken", f"{self.agent_name} has this conversation")
        self._check_version(version)
        self._check_move(Cause.CLAIMED)
        waited_s = (at - self.queued_at).total_seconds() if self.queued_at else 0.0
        self._hold(agent_id, name, at)
        self._move(Cause.CLAIMED, at, agent_id, detail={"waited_s": waited_s})

    def agent_lives(self, agent_id: str, at: datetime) -> None:
        """A sign of life of the agent who holds the conversation: the lease begins anew."""
        self._check_holds(agent_id)
        self.lease_until = at + LEASE

    def agent_releases(self, agent_id: str, version: int, at: datetime) -> None:
        """The agent gives the conversation back to the head of the queue."""
        self._check_holds(agent_id)
        self._check_version(version)
        self._queue(at, lost_agent=True)
        self._move(Cause.RELEASED, at, agent_id)

    def lose_agent(self, at: datetime) -> bool:
        """Requeue at the head when the lease has run out; False when it has not."""
        if self.state is not State.AGENT or self.lease_until is None or at < self.lease_until:
            return False
        self._queue(at, lost_agent=True)
        self._move(Cause.LEASE_LOST, at, "service")
        return True

    def agent_transfers(self, agent_id: str, to_id: str, to_name: str, version: int, at: datetime) -> None:
        """Another agent has accepted and takes over."""
        self._check_holds(agent_id)
        self._check_version(version)
        self._hold(to_id, to_name, at)
        self._move(Cause.TRANSFERRED, at, agent_id, detail={"to": to_id})

    def agent_returns(self, agent_id: str, version: int, at: datetime) -> None:
        """The agent gives the conversation back to the assistant."""
        self._check_holds(agent_id)
        self._check_version(version)
        if self.is_urgent:
            raise Refused("not_allowed", "take the danger mark off, with a reason, before the assistant goes on")
        self._move(Cause.RETURNED, at, agent_id)

    def agent_wraps(self, agent_id: str, version: int, at: datetime) -> None:
        """The agent ends the talk and records the outcome, within `WRAP_UP_LIMIT`."""
        if self.state is not State.MESSAGE_LEFT:
            self._check_holds(agent_id)
        self._check_version(version)
        self._check_move(Cause.WRAPPED)
        self.wrap_up_until = at + WRAP_UP_LIMIT
        self._move(Cause.WRAPPED, at, agent_id)

    def record_outcome(self, agent_id: str, outcome: str, at: datetime) -> None:
        """The outcome is recorded and the conversation closed."""
        self._move(Cause.RECORDED, at, agent_id, detail={"outcome": outcome})

    def expire_wrap_up(self, at: datetime) -> bool:
        """Close a conversation whose outcome was not recorded in time; False when there is time left."""
        if self.state is not State.WRAP_UP or self.wrap_up_until is None or at < self.wrap_up_until:
            return False
        self._move(Cause.WRAP_UP_EXPIRED, at, "service")
        return True

    # ------------------------------------------------------------------ how it is done

    def _open_again(self, at: datetime) -> None:
        if self.state is State.ERASED:
            raise Refused("ended", "this conversation was erased")
        self.presence = "here"
        if self.state is State.WRAP_UP:
            self._move(Cause.WRAP_UP_EXPIRED, at, "parent")
        if self.state is State.CLOSED:
            self.part += 1
            self._move(Cause.REOPENED, at, "parent")
            if self.is_urgent:
                # A mark that no agent has lifted outlives the end: the new part goes to the head of the queue.
                self.ask_for_agent(self.topic or next(iter(self.urgent)), "danger", at, actor="service")

    def _check_move(self, cause: Cause) -> State:
        to = MOVES.get((self.state, cause))
        if to is None:
            code = "ended" if self.state in (State.CLOSED, State.ERASED) else "not_allowed"
            raise Refused(code, f"{cause} is not possible in state {self.state}")
        return to

    def _check_version(self, version: int) -> None:
        if version != self.version:
            raise Refused("stale", f"the conversation is at version {self.version}")

    def _check_holds(self, agent_id: str) -> None:
        if self.state is not State.AGENT or self.agent_id != agent_id:
            raise Refused("not_allowed", "another owner has this conversation")

    def _hold(self, agent_id: str, name: str, at: datetime) -> None:
        self.agent_id, self.agent_name = agent_id, name
        self.lease_until = at + LEASE
        self.queued_at, self.lost_agent = None, False

    def _queue(self, at: datetime, *, lost_agent: bool) -> None:
        self.queued_at = at
        self.lost_agent = lost_agent

    def _move(
        self, cause: Cause, at: datetime, actor: str, *, reason: str | None = None, detail: dict[str, Any] | None = None
    ) -> None:
        to = self._check_move(cause)
        before, self.state = self.state, to
        self.version += 1
        if to is not State.AGENT:
            self.agent_id = self.agent_name = self.lease_until = None
        if to is not State.QUEUED:
            self.queued_at, self.lost_agent = None, False
        if to is not State.WRAP_UP:
            self.wrap_up_until = None
        if to is State.ASSISTANT:
            self.failures = 0
        self._audit(at, actor, cause, before, {**(detail or {}), **({"reason": reason} if reason else {})})
        self._append_state(at, reason or cause)
        if to in (State.ASSISTANT, State.CLOSED):
            self.topic = self.topic if self.is_urgent else None

    def _append_state(self, at: datetime, reason: str) -> None:
        body = {
            "state": str(self.state),
            "owner": self.owner,
            "version": self.version,
            "reason": str(reason),
            "topic": self.topic,
            "urgent": sorted(self.urgent),
        }
        self._append(at, "state", body)

    def _append(self, at: datetime, kind: str, body: dict[str, Any]) -> Event:
        self.top += 1
        event = Event(self.top, at, kind, body)
        self.new_events.append(event)
        return event

    def _audit(self, at: datetime, actor: str, cause: Cause, before: State, detail: dict[str, Any]) -> None:
        self.new_audit.append(AuditLine(at, actor, cause, before, self.state, self.version, detail))
