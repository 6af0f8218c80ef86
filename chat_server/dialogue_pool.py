"""Several processes of the dialogue model behind one gateway: each turn goes to the least busy that is well.

They keep nothing between turns (a conversation's memory travels with the turn), so any of them may answer any turn.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from chat_server.assistant import UNREACHABLE, AssistantUnavailable, Question, RasaServer, Reply, Status

log = structlog.get_logger(__name__)

FIRST_RETRY_S = 0.1
LONGEST_RETRY_S = 1.0
PATIENCE_S = 2.0
"""After this long without an answer a server is asked how it is; one that is only busy keeps its turn."""
LOOK_EVERY_S = 1.0
"""How often a server that was taken out is asked whether it is well again."""
MOST_NONSENSE = 3
"""Answers that make no sense, running, after which a server rests: one alone may be the fault of the question."""
REST_S = 10.0


@dataclass(slots=True, eq=False)
class Seat:
    """A server with what this gateway knows of it."""

    server: RasaServer
    busy: int = 0
    out: bool = False
    nonsense: int = 0
    rests_until: float = 0.0


class RasaPool:
    """The assistant that the gateway asks, whether one process answers or several."""

    def __init__(self, servers: Sequence[RasaServer]) -> None:
        self._seats = [Seat(server) for server in servers]
        self._looking: asyncio.Task[None] | None = None

    async def reply(self, question: Question) -> Reply:
        """Ask until an answer comes; the caller limits the time. Raises AssistantUnavailable for nonsense said twice.

        A server that fails is left at once for one that this turn has not tried; only when there is none does it wait.
        """
        wait_s, nonsense = FIRST_RETRY_S, 0
        tried: set[Seat] = set()
        while True:
            seat = self._choose(tried)
            try:
                reply = await self._ask(seat, question)
                seat.nonsense = 0
                return reply
            except AssistantUnavailable:
                nonsense += 1
                self._heard_nonsense(seat)
                if nonsense > 1:
                    raise
            except UNREACHABLE as gone:
                self._take_out(seat, type(gone).__name__)
            tried.add(seat)
            if not self._others(tried):
                tried.clear()
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_RETRY_S)

    async def status(self) -> Status:
        """The best of them: one that is well answers every turn."""
        found = await asyncio.gather(*(self._look_at(seat) for seat in self._seats))
        best = max(found, key=lambda status: (status.ready, status.actions))
        servers = {} if len(found) == 1 else {
            urlsplit(seat.server.address).netloc: "up" if status.well else "down" for seat, status in zip(self._seats, found, strict=True)
        }
        return Status(best.ready, best.model, best.actions, servers)

    async def close(self) -> None:
        if self._looking:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        for seat in self._seats:
            await seat.server.close()

    # ------------------------------------------------------------------ who is asked

    def _others(self, than: set[Seat]) -> list[Seat]:
        return [seat for seat in self._seats if not seat.out and seat not in than]

    def _choose(self, tried: set[Seat]) -> Seat:
        """The least busy; when all are out, any of those: what is down may be back before it is looked at."""
        return min(self._others(tried) or self._seats, key=lambda seat: seat.busy + 1000 * (seat in tried))

    async def _ask(self, seat: Seat, question: Question) -> Reply:
        seat.busy += 1
        asking = asyncio.create_task(seat.server.ask(question))
        try:
            while True:
                done, _ = await asyncio.wait({asking}, timeout=PATIENCE_S)
                if done:
                    return asking.result()
                if await self._hangs(seat) and not asking.done():
                    raise TimeoutError("no answer, and no word on how it is")
        finally:
            seat.busy -= 1
            if not asking.done():
                asking.cancel()
                with suppress(asyncio.CancelledError, AssistantUnavailable, *UNREACHABLE):
                    await asking

    # ------------------------------------------------------------------ who is well

    async def _hangs(self, seat: Seat) -> bool:
        """Whether a turn is better taken elsewhere: a server that still says that it is well is only busy."""
        return bool(self._others({seat})) and (seat.out or not (await seat.server.status()).well)

    def _heard_nonsense(self, seat: Seat) -> None:
        seat.nonsense += 1
        if seat.nonsense >= MOST_NONSENSE:
            seat.nonsense = 0
            seat.rests_until = asyncio.get_running_loop().time() + REST_S
            self._take_out(seat, "nonsense")

    def _take_out(self, seat: Seat, why: str) -> None:
        if len(self._seats) == 1 or seat.out:
            return
        seat.out = True
        log.warning("dialogue_server_taken_out", server=seat.server.address, why=why)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_after())

    async def _look_after(self) -> None:
        """Look at the servers that are out until all are back."""
        while any(seat.out for seat in self._seats):
            await asyncio.sleep(LOOK_EVERY_S)
            await asyncio.gather(*(self._look_at(seat) for seat in self._seats if seat.out))

    async def _look_at(self, seat: Seat) -> Status:
        status = await seat.server.status()
        if seat.out and status.well and asyncio.get_running_loop().time() >= seat.rests_until:
            seat.out = False
            log.info("dialogue_server_is_back", server=seat.server.address)
        return status


def pool_of(urls: Sequence[str], token: str) -> RasaPool:
    """The dialogue models at these addresses."""
    return RasaPool([RasaServer(url, token) for url in urls])
