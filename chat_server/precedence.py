"""Acknowledgements go before answers: under load, what parents write is stored first and answered as there is room."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

MOST_TAKEN = 3
"""While more frames than this are being stored, no answer begins to be."""
MOST_ANSWERS = 4
"""Answers that are being stored at once."""
LONGEST_WAIT_S = 3.0
"""An answer waits no longer than this; the claim on its turn lasts longer."""


class Precedence:
    """Who goes first within one process."""

    def __init__(self, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self._longest_wait_s = longest_wait_s
        self._taking = 0
        self._answering = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

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
        """Wait for room, or until the wait was long enough; either way it is counted."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._let_in()
        try:
            async with asyncio.timeout(self._longest_wait_s):
                await place
        except TimeoutError:
            if not place.done() or place.cancelled():
                self._answering += 1
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._answering -= 1
                self._let_in()
            raise
        finally:
            with suppress(ValueError):
                self._waiting.remove(place)

    def _let_in(self) -> None:
        while self._waiting and self._taking <= MOST_TAKEN and self._answering < MOST_ANSWERS:
            place = self._waiting.popleft()
            if not place.done():
                self._answering += 1
                place.set_result(None)
