"""Acknowledgements go before answers: under load, what parents write is stored first and answered as there is room."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

MOST_TAKEN = 3
"""While more frames than this are being stored, no answer begins to be."""
MOST_ANSWERS = 4
"""Answers that are being stored at once."""
LONGEST_WAIT_S = 3.0
"""An answer that has waited so long goes ahead whatever is being stored, though never more of them at once."""


class Precedence:
    """Who goes first within one process."""

    def __init__(self, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self._longest_wait_s = longest_wait_s
        self._taking = 0
        self._answering = 0
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()

    @contextmanager
    def taking(self) -> Iterator[None]:
        """A frame is being stored and acknowledged; it never waits."""
        self._taking += 1
        try:
            yield
        finally:
            self._taking -= 1
            self._let_in()

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """An answer is being stored and told; it waits until there is room, first come first served."""
        await self._room()
        try:
            yield
        finally:
            self._answering -= 1
            self._let_in()

    async def _room(self) -> None:
        """Wait for a place, and take it."""
        loop = asyncio.get_running_loop()
        place = loop.create_future()
        self._waiting.append((loop.time() + self._longest_wait_s, place))
        overdue = loop.call_later(self._longest_wait_s, self._let_in)
        self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._answering -= 1
                self._let_in()
            raise
        finally:
            overdue.cancel()

    def _let_in(self) -> None:
        while self._waiting and self._answering < MOST_ANSWERS:
            due, place = self._waiting[0]
            if not place.done() and self._taking > MOST_TAKEN and asyncio.get_running_loop().time() < due:
                return
            self._waiting.popleft()
            if not place.done():
                self._answering += 1
                place.set_result(None)
