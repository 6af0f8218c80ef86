"""Scripted parents and agents who keep to the protocol as the widget and the console do, and notice everything that goes wrong."""

import asyncio
import contextlib
import json
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets
from websockets.asyncio.client import ClientConnection, connect

from chat_server.protocol import SUBPROTOCOL
from tests.faults.places import OwnGateway, pick

Frame = dict[str, Any]
SEND_AGAIN_AFTER_S = 5.0
"""As the protocol asks of clients."""
SILENT_FOR_S = 8.0
"""A socket on which not even a `ping` was answered for so long is given up."""
PING_AFTER_S = 3.0
OPEN_WITHIN_S = 8.0
GONE = (OSError, websockets.WebSocketException, TimeoutError)


@dataclass(slots=True)
class Said:
    """One message of a parent, with what became of it."""

    id: str
    text: str
    first_sent: float
    seq: int | None = None
    acked_s: float | None = None
    answered_s: float | None = None


@dataclass
class Parent:
    """A parent with a script of messages. One is on its way at a time, as the widget keeps it; answers are not waited for."""

    name: str
    rng: random.Random
    gateways: Sequence[OwnGateway]
    messages: int = 6
    every_s: float = 1.3
    cut: tuple[float, float] | None = None
    """Between how many seconds the socket is cut, again and again."""
    human: bool = False
    """Asks for a person after the first message."""
    said: list[Said] = field(default_factory=list)
    last: int = 0
    heard: dict[int, Frame] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    twice: int = 0
    holes: int = 0
    resume: str | None = None
    ref: str = ""
    sockets: int = 0
    slowed_down: int = 0
    welcomed_at: float = 0.0
    cutting: bool = True
    speaking: bool = True
    ping_after_s: float = PING_AFTER_S
    _next_at: float = 0.0
    _again_at: float = 0.0
    _asked_for_human: str | None = None
    _human_seq: int | None = None

    # ------------------------------------------------------------------ what the others ask

    @property
    def settled(self) -> bool:
        """Everything was said, acknowledged and answered."""
        spoke = len(self.said) >= self.messages or not self.speaking
        return spoke and all(one.answered_s is not None for one in self.said) and (not self.human or self._human_seq is not None)

    async def live(self) -> None:
        """Be connected, and connect again, until cancelled."""
        wait_s = 0.1
        while True:
            try:
                async with self._connection() as ws:
                    wait_s = 0.1
                    await self._session(ws)
            except GONE:
                pass
            await asyncio.sleep(self.rng.uniform(wait_s / 2, wait_s))
            wait_s = min(wait_s * 2, 2.0)

    async def history(self) -> list[Frame]:
        """What a new device of this parent is shown: everything that the store holds."""
        async with self._connection() as ws:
            await self._send(ws, type="hello", resume=self.resume, last_seq=0)
            events: list[Frame] = []
            top = None
            async with asyncio.timeout(30):
                while top is None or len(events) < top:
                    frame = json.loads(await ws.recv())
                    top = frame["top"] if frame["type"] == "welcome" else top
                    if _is_event(frame):
                        events.append(frame)
        return events

    # ------------------------------------------------------------------ one socket

    def _connection(self) -> connect:
        url = pick(self.rng, self.gateways).url.replace("http", "ws") + "/ws/chat"
        return connect(url, subprotocols=[SUBPROTOCOL], compression=None, open_timeout=OPEN_WITHIN_S, close_timeout=0.5, ping_interval=None, proxy=None)

    async def _session(self, ws: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        self.sockets += 1
        resumed = {"resume": self.resume, "last_seq": self.last} if self.resume else {}
        await self._send(ws, type="hello", **resumed)
        cut_at = loop.time() + self.rng.uniform(*self.cut) if self.cut and self.cutting else float("inf")
        heard_at = pinged_at = loop.time()
        welcomed = False
        while True:
            now = loop.time()
            if now >= cut_at:
                ws.transport.abort()
                return
            if now - heard_at > SILENT_FOR_S + self.ping_after_s:
                return
            if welcomed:
                await self._speak(ws, now)
                if now - max(heard_at, pinged_at) > self.ping_after_s:
                    pinged_at = now
                    await self._send(ws, type="ping")
            wait_s = self.ping_after_s if self.settled and not self.speaking else 0.25
            try:
                async with asyncio.timeout(min(wait_s, max(0.001, cut_at - now))):
                    frame = json.loads(await ws.recv())
            except TimeoutError:
                continue
            heard_at = loop.time()
            if frame["type"] == "bye":
                await asyncio.sleep(min(frame["after_ms"], 3000) / 1000)
                return
            if frame["type"] == "welcome":
                welcomed, self._again_at, self.welcomed_at = True, 0.0, heard_at
                self.resume, self.ref = frame["resume"], frame["conversation"]
            self._hear(frame, heard_at)

    async def _speak(self, ws: ClientConnection, now: float) -> None:
        waiting = next((one for one in self.said if one.acked_s is None), None)
        if waiting:
            if now >= self._again_at:
                self._again_at = now + SEND_AGAIN_AFTER_S
                await self._send(ws, type="say", id=waiting.id, text=waiting.text)
            return
        if self.human and self.said and self._human_seq is None:
            if now >= self._again_at:
                self._asked_for_human = self._asked_for_human or str(uuid.UUID(int=self.rng.getrandbits(128)))
                self._again_at = now + SEND_AGAIN_AFTER_S
                await self._send(ws, type="human", id=self._asked_for_human)
            return
        if self.speaking and len(self.said) < self.messages and now >= self._next_at:
            one = Said(str(uuid.UUID(int=self.rng.getrandbits(128))), f"message {len(self.said) + 1} of {self.name}", now)
            self.said.append(one)
            self._next_at = now + self.every_s * self.rng.uniform(0.8, 1.2)
            self._again_at = now + SEND_AGAIN_AFTER_S
            await self._send(ws, type="say", id=one.id, text=one.text)

    async def _send(self, ws: ClientConnection, **frame: Any) -> None:
        await ws.send(json.dumps(frame))

    # ------------------------------------------------------------------ what is heard

    def _hear(self, frame: Frame, now: float) -> None:
        match frame["type"]:
            case "ack":
                self._acknowledged(frame, now)
            case "done":
                self.done.add(frame["in_reply_to"])
            case "error" if frame["code"] == "slow_down":
                self.slowed_down += 1
                self._again_at = now + frame["retry_after_ms"] / 1000
        if _is_event(frame):
            self._event(frame, now)

    def _acknowledged(self, frame: Frame, now: float) -> None:
        self._again_at = 0.0
        if frame["re"] == self._asked_for_human:
            self._human_seq = frame["seq"]
        for one in self.said:
            if one.id == frame["re"] and one.acked_s is None:
                one.seq, one.acked_s = frame["seq"], now - one.first_sent
                self._check_answered(one, now)

    def _event(self, frame: Frame, now: float) -> None:
        if frame["seq"] <= self.last:
            self.twice += 1
            return
        if frame["seq"] > self.last + 1:
            self.holes += 1
        self.last = frame["seq"]
        self.heard[frame["seq"]] = frame
        for one in self.said:
            self._check_answered(one, now)

    def _check_answered(self, one: Said, now: float) -> None:
        if one.answered_s is None and one.seq is not None and any(answers(frame, one.seq, one.text) for frame in self.heard.values()):
            one.answered_s = now - one.first_sent


def _is_event(frame: Frame) -> bool:
    return "seq" in frame and frame["type"] not in ("ack", "receipt")


def answers(frame: Frame, seq: int, text: str) -> bool:
    """Whether this is what a parent's message was waiting for: an answer, an apology, or an agent's word on it."""
    if frame["type"] != "message":
        return False
    if frame["from"] == "agent":
        return frame["text"] == reply_to(text)
    return frame.get("in_reply_to") == seq and not is_notice(frame)


def is_notice(frame: Frame) -> bool:
    """The service's word that it is still at work is no answer."""
    return frame["from"] == "service" and not is_apology(frame)


def is_apology(frame: Frame) -> bool:
    """The service's word that there is no answer, which offers another try."""
    return frame["from"] == "service" and bool(frame.get("choices"))


def reply_to(text: str) -> str:
    return f"reply to {text}"


@dataclass
class Agent:
    """An agent who takes everything that waits, and answers each message of a parent once."""

    name: str
    token: str
    rng: random.Random
    gateways: Sequence[OwnGateway]
    sockets: int = 0
    _answered: dict[str, str] = field(default_factory=dict)
    """The ids of our frames that were acknowledged, or are on their way, by what they are for."""
    _acked: set[str] = field(default_factory=set)

    async def live(self) -> None:
        while True:
            with contextlib.suppress(*GONE, httpx.HTTPError, KeyError):
                gateway = pick(self.rng, self.gateways)
                async with httpx.AsyncClient(base_url=gateway.url, cookies={"options_desk": self.token}, trust_env=False, timeout=5) as http:
                    ticket = (await http.post("/api/agent/ticket")).json()["ticket"]
                url = gateway.url.replace("http", "ws") + "/ws/agent"
                async with connect(
                    url, subprotocols=[SUBPROTOCOL], compression=None, open_timeout=OPEN_WITHIN_S, close_timeout=0.5, ping_interval=None, proxy=None, max_size=2**22
                ) as ws:
                    await self._session(ws, ticket)
            await asyncio.sleep(self.rng.uniform(0.1, 0.5))

    async def _session(self, ws: ClientConnection, ticket: str) -> None:
        send: Callable[..., Any] = lambda **frame: ws.send(json.dumps(frame))
        self.sockets += 1
        await send(type="hello", ticket=ticket)
        loop = asyncio.get_running_loop()
        heard_at = pinged_at = loop.time()
        waiting: dict[str, Frame] = {}
        tops: dict[str, int] = {}
        mine: set[str] = set()
        unanswered: dict[str, tuple[str, str]] = {}
        again_at = 0.0
        while True:
            now = loop.time()
            if now - heard_at > SILENT_FOR_S:
                return
            if now - max(heard_at, pinged_at) > PING_AFTER_S:
                pinged_at = now
                await send(type="ping")
            if now >= again_at:
                again_at = now + 1.0
                for ref, entry in waiting.items():
                    await send(type="claim", id=str(uuid.UUID(int=self.rng.getrandbits(128))), conversation=ref, version=entry["version"])
                for id, (ref, text) in list(unanswered.items()):
                    if ref in mine and id not in self._acked:
                        await send(type="say", id=id, conversation=ref, text=reply_to(text))
            try:
                async with asyncio.timeout(0.25):
                    frame = json.loads(await ws.recv())
            except TimeoutError:
                continue
            heard_at = loop.time()
            match frame["type"]:
                case "bye":
                    await asyncio.sleep(min(frame["after_ms"], 3000) / 1000)
                    return
                case "desk":
                    await send(type="presence", status="available", places=10)
                    waiting = {entry["conversation"]: entry for entry in frame["queue"]}
                    for entry in frame["own"]:
                        await send(type="watch", conversation=entry["conversation"], last_seq=0)
                case "desk_event":
                    for entry in frame["put"].get("queue", ()):
                        waiting[entry["conversation"]] = entry
                        again_at = 0.0
                    for ref in frame["gone"].get("queue", ()):
                        waiting.pop(ref, None)
                case "conversation":
                    ref = frame["conversation"]
                    if frame["mine"] and frame["state"] == "agent":
                        if ref not in mine:
                            await send(type="watch", conversation=ref, last_seq=0)
                        mine.add(ref)
                    else:
                        mine.discard(ref)
                case "revoked":
                    mine.discard(frame["conversation"])
                case "ack":
                    self._acked.add(frame["re"])
                    unanswered.pop(frame["re"], None)
                case "message" if frame["from"] == "parent" and frame.get("in_reply_to") is None and "button" not in frame:
                    ref, seq = frame["conversation"], frame["seq"]
                    if seq > tops.get(ref, 0):
                        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{ref} {seq}"))
                        if id not in self._acked:
                            unanswered[id] = (ref, frame["text"])
                            again_at = 0.0
