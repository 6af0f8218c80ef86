"""The agents' sockets of this process: what each shows of the desk, and which conversations it hears."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog

from chat_server.bus import Frames
from chat_server.connection import Connection
from chat_server.core import board
from chat_server.core.board import Agent, Sections
from chat_server.core.conversation import Conversation, State
from chat_server.core.events import utc_text
from chat_server.desk import AGENT, DESKS, PRIVATE, Desk, still_sees
from chat_server.protocol import CLOSE_BAD_TOKEN, CLOSE_SILENT
from chat_server.services import Services
from chat_server.store.unit_of_work import PAGE

log = structlog.get_logger(__name__)

TICK_S = 1.0
"""How often the store is asked, also when nothing was heard: a lost wake-up costs no more than this."""
COALESCE_S = 0.03
"""Pause after each look, so that many events at once make one change of the desk."""
SILENT_AFTER_S = 90.0
"""An agent's console gives a sign of life every 10 seconds; one that does not is gone."""
SOCKETS_PER_AGENT = 6
ASK_EVERY_S = 5.0
"""How often the gateways are asked which of the parents that agents watch have a page that is connected."""
ANSWER_WITHIN_S = 2.0

PASSING = frozenset({"typing", "receipt"})


def is_event(frame: dict[str, Any]) -> bool:
    """Whether a frame is a durable event, with its place in the conversation."""
    return "seq" in frame and frame["type"] not in PASSING


class Watch:
    """One conversation that one socket hears: in order, without holes, and only while it is the agent's to see.

    A change of state, or a hole, is filled from the store, and there it is asked again whether the agent may see it.
    So nothing that was said after a colleague took over is heard here, however late the news come.
    """

    def __init__(self, link: "Link", services: Services, conversation: Conversation, sent: int) -> None:
        self.id, self.ref = conversation.id, conversation.ref
        self._link, self._services = link, services
        self._sent = self._top = sent
        self._mine = conversation.state is State.AGENT and conversation.agent_id == link.agent.id
        self._held: list[dict[str, Any]] = []
        self._task: asyncio.Task[None] | None = None
        self.over = False
        self.stale = False
        """Something was said since the last `conversation` frame."""
        self.card: dict[str, Any] | None = None
        self.connected: bool | None = None
        """Whether the parent has a page that is connected to some gateway; None while nobody knows."""
        self._answered = False
        self._asked_at: float | None = None

    def hear(self, frames: Frames) -> None:
        """What every client of this conversation hears."""
        for frame in frames:
            if is_event(frame):
                self.stale = True
                self._hear_event(frame)
            elif frame["type"] in PASSING and frame.get("who") != "agent":
                self._hear_passing(frame)

    def hear_private(self, frames: Frames) -> None:
        """What only agents hear: how the parent's side is doing, and that there is a new note."""
        for frame in frames:
            if frame["type"] in PASSING:
                self._hear_passing(frame)
            elif frame["type"] == "note":
                self.stale = True
            elif frame["type"] == "connected":
                self._answered = True
                self._tell_connected(True)

    def asked(self, now: float) -> None:
        """The gateways are asked again: whoever has not answered in time the last time has no such page."""
        if self._asked_at is not None and not self._answered and now - self._asked_at >= ANSWER_WITHIN_S:
            self._tell_connected(False)
        self._answered = False
        self._asked_at = now

    def _tell_connected(self, on: bool) -> None:
        if on is not self.connected:
            self.connected = on
            self._link.send({"type": "connected", "conversation": self.ref, "on": on})

    def from_seq(self, seq: int) -> None:
        """The client holds everything up to `seq`, and no more."""
        self._sent = seq

    def check_top(self, top: int) -> None:
        """The store knows of more than was heard."""
        if top > self._sent:
            self._top = max(self._top, top)
            self.catch_up()

    def catch_up(self) -> None:
        """Fill the gap from the store, beside the reader."""
        if not self._task or self._task.done():
            self._task = asyncio.create_task(self._fill())

    async def caught_up(self) -> None:
        """Wait until what the store has was sent."""
        self.catch_up()
        assert self._task
        await asyncio.wait({self._task})

    def stop(self) -> None:
        self.over = True
        self._held.clear()

    @property
    def _filling(self) -> bool:
        return bool(self._task and not self._task.done())

    def _hear_event(self, frame: dict[str, Any]) -> None:
        seq = frame["seq"]
        self._top = max(self._top, seq)
        if self._filling or seq <= self._sent:
            return
        if seq == self._sent + 1 and frame["type"] != "state":
            self._send(frame)
        else:
            self.catch_up()

    def _hear_passing(self, frame: dict[str, Any]) -> None:
        if self._filling:
            self._held.append(frame)
        else:
            self._link.send({**frame, "conversation": self.ref})

    def _send(self, frame: dict[str, Any]) -> None:
        self._sent = frame["seq"]
        self._link.send({**frame, "conversation": self.ref})

    async def _fill(self) -> None:
        try:
            while not self.over and not self._link.connection.closing:
                page = await self._page()
                for frame in page or ():
                    if not self.over:
                        self._send(frame)
                if not page or (len(page) < PAGE and self._top <= self._sent):
                    break
                await self._link.connection.room()
        except Exception:  # the tick tries again
            log.exception("watch_failed", conversation=self.ref)
        held, self._held = self._held, []
        for frame in held:
            if not self.over:
                self._link.send({**frame, "conversation": self.ref})

    async def _page(self) -> list[dict[str, Any]] | None:
        """The next events, if this agent still sees the conversation; the loss of one is told."""
        agent = self._link.agent
        async with self._services.store.reading() as reading:
            conversation = await still_sees(reading, agent, self.id, self._services.clock())
            mine = conversation is not None and conversation.state is State.AGENT and conversation.agent_id == agent.id
            reason = None
            if conversation is None or (self._mine and not mine):
                reason = await reading.why_it_stands_so(self.id)
            page = await reading.events_after(self.id, self._sent) if conversation else []
        self._mine = mine
        if reason is not None or conversation is None:
            self._link.revoke(self, reason or "erased", watching=conversation is not None)
        return [event.frame() for event in page] if conversation else None


class Link:
    """One socket of an agent: its desk, counted in `dseq`, and the conversations that it hears."""

    def __init__(self, connection: Connection, agent: Agent, token_hash: str) -> None:
        self.connection, self.agent, self.token_hash = connection, agent, token_hash
        self.watches: dict[str, Watch] = {}
        self.dseq = 0
        self.renewed_at = self.beaten_at = float("-inf")
        self._sections: Sections | None = None
        self.on_revoked: Callable[[Watch], None] = lambda _: None

    def send(self, frame: dict[str, Any]) -> None:
        self.connection.send(frame)

    def show(self, sections: Sections, at: str) -> None:
        """Send the desk, or what has changed on it."""
        if self._sections is None:
            self.dseq += 1
            self.send({"type": "desk", "dseq": self.dseq, "at": at, **sections})
        elif changes := board.changes(self._sections, sections):
            self.dseq += 1
            self.send({"type": "desk_event", "dseq": self.dseq, "at": at, **changes})
        self._sections = sections

    def revoke(self, watch: Watch, reason: str, *, watching: bool) -> None:
        """Tell that a conversation is not theirs any more, and whether they still hear it."""
        if not watching:
            watch.stop()
            self.on_revoked(watch)
        self.send({"type": "revoked", "conversation": watch.ref, "reason": reason, "watching": watching})


class Desks:
    """All agents' sockets of this process. One task looks at the store for all of them, and sweeps."""

    def __init__(self, services: Services, desk: Desk, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._services, self._desk, self._monotonic = services, desk, monotonic
        self._links: set[Link] = set()
        self._watching: dict[str, set[Watch]] = defaultdict(set)
        self._wake = asyncio.Event()
        self._one_look = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        services.hub.overhear(self.hear)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    # ------------------------------------------------------------------ who is connected

    def join(self, link: Link) -> bool:
        """Let a socket show its agent's desk; False when that agent has too many."""
        if sum(other.agent.id == link.agent.id for other in self._links) >= SOCKETS_PER_AGENT:
            return False
        link.on_revoked = lambda watch: self._forget(link, watch)
        link.connection.heard_at = self._monotonic()
        link.beaten_at = self._monotonic()
        self._links.add(link)
        return True

    def leave(self, link: Link) -> None:
        for watch in list(link.watches.values()):
            watch.stop()
            self._forget(link, watch)
        self._links.discard(link)

    @property
    def connections(self) -> list[Connection]:
        return [link.connection for link in self._links]

    # ------------------------------------------------------------------ conversations

    async def watch(self, link: Link, conversation: Conversation, last_seq: int | None) -> None:
        """Let a socket hear a conversation that its agent has opened: the card, then what the client lacks.

        `last_seq` None goes on where an earlier watch stands, or begins at the beginning.
        """
        watch = link.watches.get(conversation.id)
        if watch is None:
            watch = Watch(link, self._services, conversation, min(last_seq or 0, conversation.top))
            link.watches[conversation.id] = watch
            self._watching[conversation.id].add(watch)
            await self._ask({conversation.id})
        elif last_seq is not None:
            await watch.caught_up()
            watch.from_seq(min(last_seq, conversation.top))
        watch.card = None
        await self._show_card(link, watch)
        await watch.caught_up()

    def unwatch(self, link: Link, ref: str) -> None:
        for watch in [watch for watch in link.watches.values() if watch.ref == ref]:
            watch.stop()
            self._forget(link, watch)

    def _forget(self, link: Link, watch: Watch) -> None:
        link.watches.pop(watch.id, None)
        watching = self._watching.get(watch.id)
        if watching:
            watching.discard(watch)
            if not watching:
                del self._watching[watch.id]

    # ------------------------------------------------------------------ hearing and showing

    def hear(self, conversation_id: str, frames: Frames) -> None:
        """Everything that this process hears, of all conversations."""
        if not self._links:
            return
        if conversation_id == DESKS or conversation_id.startswith(AGENT):
            self._wake.set()
        elif conversation_id.startswith(PRIVATE):
            for watch in tuple(self._watching.get(conversation_id.removeprefix(PRIVATE), ())):
                watch.hear_private(frames)
            if any(frame["type"] == "note" for frame in frames):
                self._wake.set()
        else:
            for watch in tuple(self._watching.get(conversation_id, ())):
                watch.hear(frames)
            if any(map(is_event, frames)):
                self._wake.set()

    async def show(self, link: Link) -> None:
        """Look now: a socket that has just come gets its desk."""
        async with self._one_look:
            await self._look({link})

    async def _ask(self, conversations: set[str]) -> None:
        """Ask all gateways which of these parents have a page that is connected."""
        now = self._monotonic()
        for conversation_id in conversations:
            for watch in self._watching.get(conversation_id, ()):
                watch.asked(now)
            await self._services.bus.publish(PRIVATE + conversation_id, [{"type": "anybody"}])

    async def _run(self) -> None:
        swept_at = asked_at = float("-inf")
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), TICK_S)
            self._wake.clear()
            try:
                if self._monotonic() - swept_at >= TICK_S:
                    swept_at = self._monotonic()
                    await self._desk.sweep()
                if self._monotonic() - asked_at >= ASK_EVERY_S:
                    asked_at = self._monotonic()
                    await self._ask(set(self._watching))
                async with self._one_look:
                    await self._look(set(self._links))
            except Exception:  # a store that is down must not stop the desks for good
                log.exception("desks_failed")
            await asyncio.sleep(COALESCE_S)

    async def _look(self, links: set[Link]) -> None:
        links = {link for link in links if not link.connection.closing}
        if not links:
            return
        at = self._services.clock()
        async with self._services.store.reading() as reading:
            live = await reading.live_sign_ins({link.token_hash for link in links}, at)
            world = await reading.world(at)
            watched = {id for link in links for id in link.watches} if self._services.bus.loses else set()
            tops = await reading.tops(watched) if watched else {}
        known = {agent.id: agent for agent in world.agents}
        for link in links:
            if link.token_hash not in live or link.agent.id not in known:
                link.connection.bye(CLOSE_BAD_TOKEN, "signed_out")
                continue
            link.agent = known[link.agent.id]
            link.show(board.desk(world, link.agent, at), utc_text(at))
            await self._look_after(link, tops)

    async def _look_after(self, link: Link, tops: dict[str, int]) -> None:
        for watch in list(link.watches.values()):
            watch.check_top(tops.get(watch.id, 0))
            if watch.stale:
                await self._show_card(link, watch)
        now = self._monotonic()
        if now - link.connection.heard_at > SILENT_AFTER_S:
            link.connection.bye(CLOSE_SILENT, "silent")
        elif now - link.beaten_at >= self._services.settings.beat_every_s:
            link.beaten_at = now
            link.send({"type": "beat", "dseq": link.dseq})

    async def _show_card(self, link: Link, watch: Watch) -> None:
        """Send the `conversation` frame if it says something new."""
        watch.stale = False
        card = await self._desk.card(link.agent, watch.id)
        if card is None:
            watch.catch_up()  # it is not theirs to see any more, and that is where they are told
        elif card != watch.card and not watch.over:
            watch.card = card
            link.send(card)
