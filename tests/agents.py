"""Agents for tests: who may sign in, and a console's side of the socket."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import websockets

from chat_server.core import board
from chat_server.core.board import Agent
from chat_server.protocol import SUBPROTOCOL
from chat_server.services import Services
from chat_server.sign_in import LASTS
from chat_server.store.agents import hashed
from tests.gateways import PATIENCE_S, Parent, Server


@dataclass(frozen=True)
class SignedIn:
    """An agent with a sign-in, as the cookie would have it."""

    agent: Agent
    token: str

    @property
    def token_hash(self) -> str:
        return hashed(self.token)

    @property
    def cookies(self) -> dict[str, str]:
        return {"options_desk": self.token}


async def add_agent(
    services: Services, name: str = "Asha", role: str = "agent", *, places: int = 3, password_hash: str = "no password"
) -> SignedIn:
    """An agent who has signed in; tests of passwords hash their own."""
    agent = Agent(uuid.uuid4().hex, f"{name.lower()}@example.org", name, role, places=places)
    signed_in = SignedIn(agent, f"token of {agent.id}")
    at = services.clock()
    async with services.store.work() as work:
        await work.add_agent(agent, password_hash, at)
        await work.add_sign_in(signed_in.token, agent.id, at, at + LASTS)
        await work.change_agent(agent.id, seen_at=at)
        await work.commit()
    return signed_in


async def new_ticket(services: Services, who: SignedIn) -> str:
    """A ticket as `POST /api/agent/ticket` makes it."""
    made = uuid.uuid4().hex
    async with services.store.work() as work:
        await work.add_ticket(made, who.token_hash, services.clock() + timedelta(seconds=30))
        await work.commit()
    return made


class Console(Parent):
    """An agent's client: a parent's, with a desk that is kept up by its events."""

    def __init__(self, ws: Any) -> None:
        super().__init__(ws)
        self.desk: board.Sections = {}
        self.dseq = 0

    async def hear(self, type: str | None = None, **fields: Any) -> dict[str, Any]:
        """As a parent hears; every frame on the way changes the desk."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = json.loads(await self.ws.recv())
                self.heard.append(frame)
                self.take_in(frame)
                if type in (None, frame["type"]) and all(frame.get(k) == v for k, v in fields.items()):
                    return frame

    def take_in(self, frame: dict[str, Any]) -> None:
        """Keep the desk as every console does, and notice a hole."""
        if frame["type"] == "desk":
            self.desk = {name: frame[name] for name in board.KEY}
        elif frame["type"] == "desk_event":
            assert frame["dseq"] == self.dseq + 1, "a hole in the desk"
            self.desk = board.changed(self.desk, frame["put"], frame["gone"])
        if frame["type"] in ("desk", "desk_event"):
            self.dseq = frame["dseq"]

    async def until(self, section: str, ref: str, present: bool = True, **fields: Any) -> dict[str, Any]:
        """Hear until a conversation stands (or no longer stands) in a section of the desk."""
        while True:
            entry = next((e for e in self.desk.get(section, ()) if e.get("conversation", e.get("agent")) == ref), None)
            if entry and present and all(entry[name] == value for name, value in fields.items()):
                return entry
            if entry is None and not present:
                return {}
            await self.hear()

    async def act(self, type: str, ref: str, **fields: Any) -> dict[str, Any]:
        """Do something with a conversation, and hear its acknowledgement."""
        id = await self.do(type, conversation=ref, **fields)
        return await self.hear("ack", re=id)

    async def refused(self, type: str, ref: str, **fields: Any) -> str:
        """Do something that must not be done; the code of the refusal."""
        id = await self.do(type, conversation=ref, **fields)
        return (await self.hear("error", re=id))["code"]

    async def claim(self, ref: str) -> dict[str, Any]:
        """Claim what waits, with the version on the desk; the `conversation` frame."""
        section = next(name for name in ("queue", "call_backs") if any(e["conversation"] == ref for e in self.desk[name]))
        version = next(e["version"] for e in self.desk[section] if e["conversation"] == ref)
        await self.act("claim", ref, version=version)
        return await self.hear("conversation", conversation=ref, mine=True)


@asynccontextmanager
async def console(server: Server, who: SignedIn, **connect: Any) -> AsyncIterator[Console]:
    """The console of an agent that shows its desk."""
    async with agent_socket(server, **connect) as one:
        await one.send(type="hello", ticket=await new_ticket(server.services, who))
        one.welcome = await one.hear("welcome")
        await one.hear("desk")
        yield one


@asynccontextmanager
async def agent_socket(server: Server, **connect: Any) -> AsyncIterator[Console]:
    """A socket that has said nothing yet."""
    options = {"subprotocols": [SUBPROTOCOL], "max_size": 2**22, "compression": None} | connect
    async with websockets.connect(server.ws_url.replace("/ws/chat", "/ws/agent"), **options) as ws:
        yield Console(ws)
