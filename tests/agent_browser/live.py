"""A real gateway in a thread of its own, with parents that a test steers step by step while a browser looks on."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from chat_server.core.opening import Opening
from chat_server.desk import all_events
from chat_server.passwords import hash_now
from chat_server.services import Services
from chat_server.settings import Settings
from tests.agents import SignedIn, add_agent
from tests.fakes import FakeAssistant
from tests.gateways import PATIENCE_S, Parent, Server, running

Result = TypeVar("Result")
PASSWORD = "correct horse battery"


@cache
def _hash() -> str:
    return hash_now(PASSWORD)


class LiveParent:
    """A parent on a socket: what they do is done when the call returns."""

    def __init__(self, live: "Live", parent: Parent) -> None:
        self._live, self.client = live, parent

    @property
    def ref(self) -> str:
        return self.client.welcome["conversation"]

    def ask(self, text: str) -> None:
        """Say something and hear the answer."""
        self._live.do(self.client.ask(text))

    def say(self, text: str) -> None:
        """Say something; it is stored when this returns."""
        self._live.do(self._acknowledged("say", text=text))

    def act(self, type: str, **fields: Any) -> None:
        """Any other durable frame."""
        self._live.do(self._acknowledged(type, **fields))

    def send(self, **frame: Any) -> None:
        """A frame that may get lost."""
        self._live.do(self.client.send(**frame))

    def hears(self, type: str, **fields: Any) -> dict[str, Any]:
        """What must come, or has come already."""
        return self._live.do(self.client.has_heard(type, **fields))

    def wait(self, words: str = "they want me out of the house by friday") -> None:
        """Say something and wait for a person."""
        self.ask(words)
        self.act("human")
        self.hears("state", state="queued")

    async def _acknowledged(self, type: str, **fields: Any) -> None:
        id = await self.client.do(type, **fields)
        await self.client.has_heard("ack", re=id)


class Live:
    """The gateway, its agents and its parents, from outside of its loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: Settings, clock: Callable[[], datetime] | None) -> None:
        self._loop, self._settings, self._clock = loop, settings, clock
        self._parents, self._gateway = AsyncExitStack(), AsyncExitStack()
        self.assistant = FakeAssistant()
        self.server: Server

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def services(self) -> Services:
        return self.server.services

    def start(self, port: int = 0) -> None:
        """Start the gateway; after a stop on the port that it had, over the store that it had."""
        self.server = self.do(self._gateway.enter_async_context(running(self._settings, self._with_fakes, port)))

    def stop(self) -> None:
        """Stop the gateway as TERM does, and wait until it has gone."""
        self.do(self._gateway.aclose())

    def end(self) -> None:
        """Parents leave, then the gateway stops."""
        self.do(self._parents.aclose())
        self.stop()

    def _with_fakes(self, services: Services) -> Services:
        fakes = {"clock": self._clock} if self._clock else {}
        return replace(services, assistant=self.assistant, opening=Opening.from_setting("always"), **fakes)

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run something in the gateway's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(3 * PATIENCE_S)

    def agent(self, name: str = "Asha", role: str = "agent", **more: Any) -> SignedIn:
        """An agent who has signed in; they may also sign in with `PASSWORD`."""
        return self.do(add_agent(self.services, name, role, password_hash=_hash(), **more))

    def parent(self, **hello: Any) -> LiveParent:
        """A parent who has said hello, and stays until the end of the test."""
        return LiveParent(self, self.do(self._parents.enter_async_context(self.server.parent(hello=hello))))

    def said(self, ref: str) -> list[tuple[str, str]]:
        """Who has said what in a conversation, as the store has it."""

        async def look() -> list[tuple[str, str]]:
            async with self.services.store.reading() as reading:
                found = await reading.by_ref(ref)
                assert found, ref
                return [(e.body["from"], e.body["text"]) for e in await all_events(reading, found.id) if e.type == "message"]

        return self.do(look())


@contextmanager
def live_gateway(folder: Path, clock: Callable[[], datetime] | None = None, **changed: Any) -> Iterator[Live]:
    """Start a gateway over SQLite with a fake dialogue model; parents' sockets are closed at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    settings = Settings(database_url=f"sqlite:///{folder / 'chat.sqlite3'}", data_dir=folder, opening_hours="always", **changed)
    live = Live(loop, settings, clock)
    try:
        live.start()
        try:
            yield live
        finally:
            live.end()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
