"""What is always true, however two gateways, three agents and three parents fall upon one store at the same time.

Real inboxes, desks and turns, each gateway with a store of its own; acts of one batch run at once.
"""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chat_server import agent_protocol as wire
from chat_server import conversations, protocol
from chat_server.app import make_services
from chat_server.core import board
from chat_server.core.conversation import Conversation, State
from chat_server.core.events import AuditLine, Event
from chat_server.core.opening import Opening
from chat_server.desk import Desk, all_events
from chat_server.errors import Problem
from chat_server.inbox import Inbox
from chat_server.rates import OwnRates
from chat_server.services import Services
from chat_server.settings import Settings
from chat_server.store.migrate import upgrade
from chat_server.store.tables import metadata
from chat_server.store.unit_of_work import Store
from chat_server.turns import TurnRunner
from tests.agents import SignedIn, add_agent
from tests.fakes import FakeAssistant, FakeClock

AGENTS = (("Asha", "agent"), ("Ben", "agent"), ("Sue", "supervisor"))
CONVERSATIONS = 2
REFUSALS = {"not_found", "not_allowed", "taken", "stale", "ended", "unavailable", "bad_frame"}
"""What an act may be answered with here; anything else is a fault."""


@dataclass(frozen=True)
class Step:
    """One act: by which gateway, on which conversation, by which agent."""

    act: str
    gateway: int
    conversation: int
    agent: int
    old: bool = False
    """The version that is sent is not the newest."""
    fitting: bool = False
    """Done by whom it concerns, as far as anybody can know: the owner, or the colleague to whom it is offered."""


class Gateway:
    """One process: services of its own over the shared database."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.turns = TurnRunner(services)
        self.inbox = Inbox(services, self.turns)
        self.desk = Desk(services)

    async def settle(self) -> None:
        """Wait until the turns in progress have ended."""
        while running := list(self.turns._running.values()):
            await asyncio.gather(*running)


class World:
    """Everything that may happen, and what was promised for it."""

    def __init__(self, gateways: list[Gateway], clock: FakeClock) -> None:
        self.gateways, self.clock = gateways, clock
        self.agents: list[SignedIn] = []
        self.refs: list[str] = []
        self.ids: list[str] = []
        self.accepted: dict[str, dict[str, int]] = {}

    async def begin(self) -> None:
        services = self.gateways[0].services
        for name, role in AGENTS:
            self.agents.append(await add_agent(services, name, role))
        for _ in range(CONVERSATIONS):
            begun = await conversations.begin(services, protocol.Hello())
            self.refs.append(begun.conversation.ref)
            self.ids.append(begun.conversation.id)
            self.accepted[begun.conversation.id] = {}

    async def do(self, step: Step) -> None:
        """What is refused is refused by a code; nothing else may go wrong."""
        try:
            await getattr(self, step.act)(step)
        except Problem as refused:
            assert refused.code in REFUSALS, f"{step}: {refused.code} {refused.message}"

    # ------------------------------------------------------------------ parents

    async def parent(self, step: Step, frame: Any) -> None:
        ack = await self.gateways[step.gateway].inbox.take(self.ids[step.conversation], frame, lambda _: None)
        if isinstance(frame, protocol.Say):
            self.accepted[self.ids[step.conversation]][frame.id] = ack.seq

    async def say(self, step: Step) -> None:
        await self.parent(step, protocol.Say(id=new_id(), text="what are my options?"))

    async def danger(self, step: Step) -> None:
        await self.parent(step, protocol.Say(id=new_id(), text="I want to kill myself"))

    async def human(self, step: Step) -> None:
        await self.parent(step, protocol.Human(id=new_id()))

    async def end(self, step: Step) -> None:
        await self.parent(step, protocol.End(id=new_id()))

    async def erase(self, step: Step) -> None:
        await self.parent(step, protocol.Erase(id=new_id()))

    async def stop_waiting(self, step: Step) -> None:
        await self.choose(step, "!stop_waiting")

    async def leave_message(self, step: Step) -> None:
        await self.choose(step, "!leave_message")

    async def choose(self, step: Step, payload: str) -> None:
        for event in reversed(await self.events(step.conversation)):
            for choice, meaning in (event.body.get("_payloads") or {}).items():
                if meaning == payload:
                    return await self.parent(step, protocol.Choose(id=new_id(), of=event.seq, choice=choice))

    # ------------------------------------------------------------------ agents

    async def agent(self, step: Step, frame: type[wire.Act], **fields: Any) -> None:
        if issubclass(frame, wire.Change):
            fields["version"] = max(1, (await self.conversation(step.conversation)).version - step.old)
        ref, who = self.refs[step.conversation], await self.who(step, frame)
        act = frame(id=new_id(), conversation=ref, **fields)
        await self.gateways[step.gateway].desk.take(who.token_hash, act, lambda _: None)

    async def who(self, step: Step, frame: type[wire.Act]) -> SignedIn:
        if step.fitting:
            conversation = await self.conversation(step.conversation)
            async with self.gateways[0].services.store.reading() as reading:
                offer = await reading.offer(conversation.id, self.clock()) if frame is wire.Accept else None
                last = await reading.last_agent(conversation.id)
            wanted = (offer.to_id if offer else None) or conversation.agent_id or last
            return next((who for who in self.agents if who.agent.id == wanted), self.agents[step.agent])
        return self.agents[step.agent]

    def colleague(self, step: Step) -> str:
        return self.agents[(step.agent + 1) % len(AGENTS)].agent.id

    async def claim(self, step: Step) -> None:
        await self.agent(step, wire.Claim)

    async def release(self, step: Step) -> None:
        await self.agent(step, wire.Release)

    async def transfer(self, step: Step) -> None:
        owner = (await self.conversation(step.conversation)).agent_id
        to = next(who.agent.id for who in self.agents[step.agent:] + self.agents if who.agent.id != owner)
        await self.agent(step, wire.Transfer, to=to, reason="XYZZY reason")

    async def assign(self, step: Step) -> None:
        await self.agent(step, wire.Assign, to=self.colleague(step))

    async def accept(self, step: Step) -> None:
        await self.agent(step, wire.Accept)

    async def decline(self, step: Step) -> None:
        await self.agent(step, wire.Decline)

    async def give_back(self, step: Step) -> None:
        await self.agent(step, wire.Return)

    async def wrap(self, step: Step) -> None:
        await self.agent(step, wire.Wrap)

    async def record(self, step: Step) -> None:
        await self.agent(step, wire.Wrap, outcome="helped", note="XYZZY note")

    async def lift(self, step: Step) -> None:
        await self.agent(step, wire.Lift, kind="self_harm", reason="spoke with them")

    async def mark(self, step: Step) -> None:
        await self.agent(step, wire.Mark, kind="child_safety")

    async def agent_says(self, step: Step) -> None:
        await self.agent(step, wire.AgentSay, text="words of an agent")

    async def note(self, step: Step) -> None:
        await self.agent(step, wire.AddNote, text="XYZZY note")

    async def open(self, step: Step) -> None:
        await self.gateways[step.gateway].desk.open(self.agents[step.agent].token_hash, self.refs[step.conversation], "watched")

    async def sign_of_life(self, step: Step) -> None:
        """Every console pings."""
        for who in self.agents:
            await self.gateways[step.gateway].desk.renew(who.token_hash)

    # ------------------------------------------------------------------ time

    async def a_while(self, step: Step) -> None:
        self.clock.move(seconds=30)
        await self.gateways[step.gateway].desk.sweep()

    async def a_long_while(self, step: Step) -> None:
        self.clock.move(minutes=11)
        await self.gateways[step.gateway].desk.sweep()

    async def late(self, step: Step) -> None:
        """Time passes, and nobody has swept yet."""
        self.clock.move(seconds=46)

    # ------------------------------------------------------------------ looking

    async def conversation(self, number: int) -> Conversation:
        async with self.gateways[1].services.store.reading() as reading:
            found = await reading.conversation(self.ids[number])
        assert found
        return found

    async def events(self, number: int) -> list[Event]:
        async with self.gateways[1].services.store.reading() as reading:
            return await all_events(reading, self.ids[number])

    async def audit(self, number: int) -> list[AuditLine]:
        async with self.gateways[1].services.store.reading() as reading:
            return await reading.audit_lines(self.ids[number])


ONCE = ["a_while", "a_long_while", "late", "erase", "end"]
TWICE = ["danger", "stop_waiting", "leave_message", "release", "decline", "mark", "note", "open", "record", "wrap"]
OFTEN = ["say", "human", "claim", "transfer", "accept", "agent_says", "assign", "give_back", "lift", "sign_of_life"]
ACTS = ONCE + 2 * TWICE + 5 * OFTEN + 8 * ["human", "claim", "transfer", "accept"]
steps = st.builds(
    Step,
    act=st.sampled_from(ACTS),
    gateway=st.integers(0, 1),
    conversation=st.integers(0, CONVERSATIONS - 1),
    agent=st.integers(0, len(AGENTS) - 1),
    old=st.sampled_from([False] * 7 + [True]),
    fitting=st.sampled_from([True, True, True, False]),
)
batches = st.lists(st.lists(steps, min_size=1, max_size=4), min_size=30, max_size=40)


def test_every_act_of_an_agent_and_every_move_of_a_parent_may_happen():
    may = {name for name, act in vars(World).items() if asyncio.iscoroutinefunction(act)}
    assert may - {"begin", "do", "parent", "choose", "agent", "who", "conversation", "events", "audit"} == set(ACTS)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(whole=batches)
def test_always_true_over_two_gateways(kind: str, whole: list[list[Step]], request: pytest.FixtureRequest, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'chat.sqlite3'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    asyncio.run(over(url, tmp_path, lambda world: happen(world, whole)))


async def happen(world: World, whole: list[list[Step]]) -> None:
    for batch in whole:
        await asyncio.gather(*(world.do(step) for step in batch))
    for gateway in world.gateways:
        await gateway.settle()
    for number in range(CONVERSATIONS):
        await always_true(world, number)
    await queue_and_desks(world)
    for number in range(CONVERSATIONS):
        await a_parent_can_always(world, number)


# ---------------------------------------------------------------------- the list


async def always_true(world: World, number: int) -> None:
    one, events, audit = await world.conversation(number), await world.events(number), await world.audit(number)
    owners = who_had_it(audit)
    assert all(line.actor and line.cause for line in audit)
    if one.state is State.ERASED:
        assert [event.type for event in events] == ["state"], "words outlive an erasure"
        assert not any("reason" in line.detail for line in audit if line.cause == "danger_lifted")
        return
    assert [event.seq for event in events] == list(range(1, one.top + 1)), "seq has holes"
    told = {event.body["id"]: event.seq for event in events if event.body.get("from") == "parent" and "id" in event.body}
    said = world.accepted[one.id]
    assert {id: seq for id, seq in told.items() if id in said} == said, "an accepted message does not have exactly one seq"

    changes = [event for event in events if event.type == "state"]
    versions = [event.body["version"] for event in changes]
    assert versions == list(range(2, one.version + 1)), "a change of version without a state event, or the reverse"
    assert {line.version for line in audit} >= set(versions), "a change without an audit line"
    if changes:
        last = changes[-1].body
        assert (last["state"], last["owner"], last["urgent"]) == (str(one.state), one.owner, sorted(one.urgent)), "a replay differs"

    assert (one.agent_id is not None) == (one.state is State.AGENT) == (one.lease_until is not None)
    assert (one.queued_at is not None) == (one.state is State.QUEUED), "a place in the queue is lost"
    assert owners == one.agent_id, "the audit names another owner"
    if one.is_urgent:
        assert one.state is not State.ASSISTANT, "an urgent conversation is left with the assistant"
    who_spoke(events)
    marks(events, audit, {who.agent.id for who in world.agents})
    assert "XYZZY" not in repr([event.body for event in events]), "a note became an event"


def who_had_it(audit: list[AuditLine]) -> str | None:
    """Walk through the audit: one owner at a time, who is the one that acts. The owner at the end."""
    owner: str | None = None
    for line in audit:
        match line.cause:
            case "claimed":
                assert owner is None, "claimed while somebody had it"
                owner = line.actor
            case "transferred":
                assert line.actor == owner, "given on by one who did not have it"
                owner = line.detail["to"]
            case "released" | "returned":
                assert line.actor == owner
                owner = None
            case "wrapped":
                assert line.actor == owner or line.from_state == "message_left"
                owner = None
            case "lease_lost" | "ended" | "erased":
                owner = None
            case "danger_lifted":
                assert line.actor == owner
    return owner


def who_spoke(events: list[Event]) -> None:
    """The assistant is silent between a claim and its end, and an agent speaks only while they have it."""
    owner: str | None = "assistant"
    for event in events:
        if event.type == "state":
            owner = event.body["owner"]
        elif event.body.get("from") == "assistant":
            assert owner in ("assistant", "queue"), f"the assistant spoke while {owner} had it"
        elif event.body.get("from") == "agent":
            assert owner == event.body["name"], f"{event.body['name']} spoke while {owner} had it"


def marks(events: list[Event], audit: list[AuditLine], agents: set[str]) -> None:
    """A danger mark goes only by an agent, with a reason."""
    before: set[str] = set()
    for event in events:
        if event.type == "state":
            now = set(event.body["urgent"])
            if gone := before - now:
                line = next(line for line in audit if line.version == event.body["version"])
                assert line.cause == "danger_lifted" and {line.detail["kind"]} == gone
                assert line.actor in agents and line.detail["reason"].strip()
            before = now


async def queue_and_desks(world: World) -> None:
    services, at = world.gateways[1].services, world.clock()
    async with services.store.reading() as reading:
        queue = [await reading.conversation(id) for id in await reading.queue()]
        seen = await reading.world(at)
    waiting = [one for one in queue if one]
    assert {one.id for one in waiting} == {
        id for number, id in enumerate(world.ids) if (await world.conversation(number)).state is State.QUEUED
    }
    urgent = [one.is_urgent for one in waiting]
    assert urgent == sorted(urgent, reverse=True), "an urgent conversation is behind one that is not"
    desks = [board.desk(seen, who.agent, at) for who in world.agents]
    own = [entry["conversation"] for desk in desks for entry in desk["own"]]
    assert len(own) == len(set(own)), "on two desks at once"
    assert [e["conversation"] for e in desks[0]["queue"]] == [one.ref for one in waiting]


async def a_parent_can_always(world: World, number: int) -> None:
    """End, hide, and ask for a person."""
    if (await world.conversation(number)).state is State.ERASED:
        return
    step = Step("", 0, number, 0)
    for frame in (protocol.Human(id=new_id()), protocol.Hide(id=new_id()), protocol.End(id=new_id())):
        await world.parent(step, frame)
    one = await world.conversation(number)
    assert one.presence == "left" and one.state in (State.CLOSED, State.WRAP_UP, State.MESSAGE_LEFT)


# ---------------------------------------------------------------------- one at a time


async def race(world: World) -> None:
    """Everybody claims the same conversation at once, through both gateways."""
    await world.do(Step("human", 0, 0, 0))
    version = (await world.conversation(0)).version

    async def claim(gateway: int, agent: int) -> str:
        act = wire.Claim(id=new_id(), conversation=world.refs[0], version=version)
        try:
            await world.gateways[gateway].desk.take(world.agents[agent].token_hash, act, lambda _: None)
        except Problem as refused:
            return refused.code
        return "claimed"

    answers = await asyncio.gather(*(claim(gateway, agent) for gateway in (0, 1) for agent in (0, 1, 2)))
    assert sorted(answers) == ["claimed"] + ["taken"] * 5


async def lost(world: World) -> None:
    """The lease runs out; both gateways sweep at once, and the parent is requeued and told once."""
    await world.do(Step("human", 0, 0, 0))
    await world.do(Step("claim", 0, 0, 0))
    world.clock.move(seconds=45)
    await asyncio.gather(*(gateway.desk.sweep() for gateway in world.gateways for _ in range(3)))
    assert [line.cause for line in await world.audit(0)][-2:] == ["claimed", "lease_lost"]
    one = await world.conversation(0)
    assert (one.state, one.lost_agent) == (State.QUEUED, True)


async def sign_of_life_too_late(world: World) -> None:
    """What has run out is not kept by a sign of life that comes after it, swept or not."""
    await world.do(Step("human", 0, 0, 0))
    await world.do(Step("claim", 0, 0, 0))
    world.clock.move(seconds=46)
    lease = await world.gateways[1].desk.renew(world.agents[0].token_hash)
    assert lease["conversations"] == []
    with pytest.raises(Problem) as refused:
        await world.agent_says(Step("", 1, 0, 0))
    assert refused.value.code == "not_allowed"
    assert (await world.conversation(0)).state is State.QUEUED


@pytest.mark.parametrize("what", [race, lost, sign_of_life_too_late], ids=lambda what: what.__name__)
async def test_two_gateways(what: Callable[[World], Awaitable[None]], database_url: str, tmp_path: Path):
    await over(database_url, tmp_path, what)


# ---------------------------------------------------------------------- how it is done


async def over(url: str, folder: Path, what: Callable[[World], Awaitable[None]]) -> None:
    """Two gateways over an empty database."""
    clock = FakeClock()
    configured = Settings(database_url=url, data_dir=folder)
    await emptied(configured.database)
    gateways = [Gateway(services(configured, clock, opening)) for opening in ("always", "never")]
    for gateway in gateways:
        await gateway.services.bus.start(gateway.services.hub)
    world = World(gateways, clock)
    try:
        await world.begin()
        await what(world)
    finally:
        for gateway in gateways:
            await gateway.turns.stop()
            await gateway.services.store.close()


def services(configured: Settings, clock: FakeClock, opening: str) -> Services:
    """A gateway's services; one of the two believes that nobody is there, so that messages can be left."""
    return replace(
        make_services(configured),
        assistant=FakeAssistant(),
        clock=clock,
        opening=Opening.from_setting(opening),
        rates=OwnRates(itertools.count(0, 10).__next__),
    )


async def emptied(url: str) -> None:
    await upgrade(url)
    store = Store(url)
    async with store.work() as work:
        for table in reversed(metadata.sorted_tables):
            await work._connection.execute(sa.delete(table))
        await work.commit()
    await store.close()


def new_id() -> str:
    return str(uuid.uuid4())
