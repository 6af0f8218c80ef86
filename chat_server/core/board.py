"""What stands on an agent's desk: the queue, own conversations, call backs, offers, colleagues. Values in, values out.

No words of a parent stand on a desk. They come with a conversation that is opened, and opening is recorded.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chat_server.core.conversation import LEASE, State
from chat_server.core.events import utc_text

HERE_WITHIN = LEASE
"""An agent without a sign of life for this long is not here."""
OFFER_LASTS = timedelta(minutes=2)
"""How long a colleague has to accept a conversation."""

Entry = dict[str, Any]
Sections = dict[str, list[Entry]]


@dataclass(frozen=True, slots=True)
class Agent:
    """A human adviser. `role` is `agent` or `supervisor`; `places` is how many conversations they take at once."""

    id: str
    email: str
    name: str
    role: str
    status: str = "available"
    places: int = 3
    seen_at: datetime | None = None
    disabled_at: datetime | None = None

    @property
    def is_supervisor(self) -> bool:
        return self.role == "supervisor"

    def is_here(self, at: datetime) -> bool:
        """Whether a console of this agent has lately given a sign of life."""
        return self.seen_at is not None and at - self.seen_at < HERE_WITHIN


@dataclass(frozen=True, slots=True)
class Standing:
    """One conversation as desks show it. `since`: waiting, held, or left since; `last_agent_id`: who had it last."""

    id: str
    ref: str
    state: State
    version: int
    since: datetime
    agent_id: str | None = None
    agent_name: str | None = None
    last_agent_id: str | None = None
    topic: str | None = None
    urgent: tuple[str, ...] = ()
    lost_agent: bool = False
    lang: str = "en"
    nation: str | None = None
    presence: str = "here"
    safe_contact: Mapping[str, Any] | None = None
    wrap_up_until: datetime | None = None
    top: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A conversation offered to a colleague: a `transfer` by its owner, or an `assign` by a supervisor."""

    conversation_id: str
    kind: str
    from_id: str
    to_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class World:
    """Everything that desks are made of, read at one moment."""

    standing: Sequence[Standing]
    agents: Sequence[Agent]
    offers: Sequence[Offer]


def may_see(agent: Agent, state: State, owner_id: str | None, last_agent_id: str | None, offered_to: str | None) -> bool:
    """Whether this agent may open a conversation: what waits, their own, what is offered to them; supervisors all.

    Another agent's conversation is nobody else's to read.
    """
    if state is State.ERASED:
        return False
    if agent.is_supervisor or state in (State.QUEUED, State.MESSAGE_LEFT):
        return True
    if state is State.AGENT:
        return agent.id in (owner_id, offered_to)
    return state is State.WRAP_UP and last_agent_id == agent.id


def desk(world: World, agent: Agent, at: datetime) -> Sections:
    """The sections of one agent's desk, each in its order."""
    names = {other.id: other.name for other in world.agents}
    by_id = {one.id: one for one in world.standing}
    sections: Sections = {
        "queue": [_waiting(one) for one in world.standing if one.state is State.QUEUED],
        "own": [_own(one) for one in world.standing if _is_own(one, agent)],
        "call_backs": [_call_back(one) for one in world.standing if one.state is State.MESSAGE_LEFT],
        "offers": [
            _offer(offer, by_id[offer.conversation_id], names)
            for offer in world.offers
            if offer.conversation_id in by_id and agent.id in (offer.from_id, offer.to_id) and at < offer.until
        ],
        "agents": [_colleague(other, world, at) for other in world.agents if other.disabled_at is None],
        "held": [_held(one) for one in world.standing if one.state is State.AGENT] if agent.is_supervisor else [],
    }
    return {name: sorted(entries, key=ORDER[name]) for name, entries in sections.items()}


def changes(before: Sections, after: Sections) -> dict[str, Any] | None:
    """What a `desk_event` says: entries to put in, by key, and keys that are gone. None when nothing changed."""
    put: Sections = {}
    gone: dict[str, list[str]] = {}
    for name, key in KEY.items():
        old = {entry[key]: entry for entry in before[name]}
        new = {entry[key]: entry for entry in after[name]}
        if changed := [entry for entry in after[name] if old.get(entry[key]) != entry]:
            put[name] = changed
        if left := [kept for kept in old if kept not in new]:
            gone[name] = left
    return {"put": put, "gone": gone} if put or gone else None


def changed(before: Sections, put: Sections, gone: Mapping[str, Iterable[str]]) -> Sections:
    """A desk after a `desk_event`, as every client makes it: take away, put in, sort."""
    after: Sections = {}
    for name, key in KEY.items():
        entries = {entry[key]: entry for entry in before[name] if entry[key] not in set(gone.get(name, ()))}
        entries |= {entry[key]: entry for entry in put.get(name, ())}
        after[name] = sorted(entries.values(), key=ORDER[name])
    return after


KEY = {
    "queue": "conversation",
    "own": "conversation",
    "call_backs": "conversation",
    "offers": "conversation",
    "agents": "agent",
    "held": "conversation",
}
"""The field by which an entry of a section is known."""

ORDER: Mapping[str, Callable[[Entry], tuple[Any, ...]]] = {
    "queue": lambda e: (not e["urgent"], not e["lost_agent"], e["since"], e["conversation"]),
    "own": lambda e: (e["since"], e["conversation"]),
    "call_backs": lambda e: (not e["urgent"], e["since"], e["conversation"]),
    "offers": lambda e: (e["until"], e["conversation"]),
    "agents": lambda e: (e["name"], e["agent"]),
    "held": lambda e: (e["since"], e["conversation"]),
}
"""The order of each section; the queue's is that of `core.waiting`: urgent, lost agent, time."""


def _is_own(one: Standing, agent: Agent) -> bool:
    if one.state is State.AGENT:
        return one.agent_id == agent.id
    return one.state is State.WRAP_UP and one.last_agent_id == agent.id


def _common(one: Standing) -> Entry:
    return {
        "conversation": one.ref,
        "version": one.version,
        "topic": one.topic,
        "urgent": list(one.urgent),
        "since": utc_text(one.since),
        "lang": one.lang,
        "nation": one.nation,
        "parent": one.presence,
    }


def _waiting(one: Standing) -> Entry:
    return {**_common(one), "lost_agent": one.lost_agent, "safe_contact": one.safe_contact is not None}


def _own(one: Standing) -> Entry:
    until = utc_text(one.wrap_up_until) if one.wrap_up_until else None
    return {**_common(one), "state": str(one.state), "top": one.top, "wrap_up_until": until}


def _call_back(one: Standing) -> Entry:
    """When and how carefully to call; the number itself comes with the conversation, whose opening is recorded."""
    contact = one.safe_contact
    return {**_common(one), "safe_contact": contact and {"when": contact.get("when"), "voicemail": contact.get("voicemail")}}


def _held(one: Standing) -> Entry:
    return {**_common(one), "agent": one.agent_id, "name": one.agent_name}


def _offer(offer: Offer, one: Standing, names: Mapping[str, str]) -> Entry:
    return {
        "conversation": one.ref,
        "version": one.version,
        "kind": offer.kind,
        "from": {"agent": offer.from_id, "name": names.get(offer.from_id)},
        "to": {"agent": offer.to_id, "name": names.get(offer.to_id)},
        "topic": one.topic,
        "urgent": list(one.urgent),
        "until": utc_text(offer.until),
    }


def _colleague(other: Agent, world: World, at: datetime) -> Entry:
    return {
        "agent": other.id,
        "name": other.name,
        "role": other.role,
        "status": other.status,
        "places": other.places,
        "holds": sum(one.state is State.AGENT and one.agent_id == other.id for one in world.standing),
        "here": other.is_here(at),
    }
