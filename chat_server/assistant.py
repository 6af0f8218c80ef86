"""The assistant as the gateway sees it: one question out, one reply back. The real one is Rasa over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Protocol

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chat_server import tracing
from chat_server.core import signals
from chat_server.core.signals import Signal

CONNECT_WITHIN_S = 1.0
STATUS_WITHIN_S = 2.0
MOST_CONNECTIONS = 64
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)
"""What a dialogue model that is down, starting, or without its action server is noticed by."""


class AssistantUnavailable(Exception):
    """The dialogue model did not answer, or not in a form that can be shown to anybody."""


@dataclass(frozen=True, slots=True)
class Question:
    """One parent message for the dialogue model: words, or the payload of a choice."""

    conversation_id: str
    seq: int
    text: str | None
    payload: str | None
    slots: Mapping[str, Any]
    memory: Mapping[str, Any] | None
    vectors: Mapping[str, Any] | None = None
    """Vectors of these words from the danger screen, packed, which the dialogue model need not compute again."""


@dataclass(frozen=True, slots=True)
class OfferedChoice:
    """A choice that an action offers: what it means and the wording key of its label."""

    payload: str
    label_key: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a reply: a wording key and what fills its blanks, or a signal."""

    key: str
    blanks: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[OfferedChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A signal of an action; `after` counts the messages before it, so that it finds the one it belongs to."""

    signal: Signal
    after: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What the dialogue model answers: keys, never sentences. `slots` choose between variations of the words."""

    topic: str
    confidence: float
    lines: tuple[Line, ...]
    heard: tuple[Heard, ...] = ()
    asking: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] | None = None
    model: str = ""

    @property
    def signals(self) -> tuple[Signal, ...]:
        return tuple(heard.signal for heard in self.heard)


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the dialogue model would answer now."""

    ready: bool
    model: str | None = None
    actions: bool = False
    servers: Mapping[str, str] = field(default_factory=dict)
    """Where several answer: how each stands, by its address."""

    @property
    def well(self) -> bool:
        """Whether every kind of turn would be answered."""
        return self.ready and self.actions


class Assistant(Protocol):
    async def reply(self, question: Question) -> Reply:
        """Answer, or raise AssistantUnavailable; tried again until the caller's patience ends."""
        ...

    async def status(self) -> Status: ...
    async def close(self) -> None: ...


Key = Annotated[str, Field(pattern=r"^utter_[a-z0-9_.]{1,100}$")]
"""A key of the wording, and nothing else: it is named in logs."""
Topic = Annotated[str, Field(pattern=r"^[a-z0-9_.]{0,64}$")]


class _Choice(BaseModel):
    payload: str
    label_key: Key


class _Message(BaseModel):
    key: Key
    blanks: dict[str, Any] = {}
    choices: list[_Choice] | None = None


class _Answer(BaseModel):
    """The channel's answer as it crosses the wire."""

    model_config = ConfigDict(extra="ignore")
    topic: Topic
    confidence: float = 0.0
    messages: list[_Message]
    signals: list[dict[str, Any]] = []
    asking: str | None = None
    slots: dict[str, Any] = {}
    memory: dict[str, Any] | None = None
    model: str = ""


class RasaServer:
    """One process of the dialogue model behind its own channel. Keeps one pool of connections."""

    def __init__(self, url: str, token: str) -> None:
        self.address = url.rstrip("/")
        self._url = f"{self.address}/webhooks/gateway"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._opened: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:  # a session belongs to a running loop
            self._opened = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_WITHIN_S),
                connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
            )
        return self._opened

    async def ask(self, question: Question) -> Reply:
        """Ask once. Raises AssistantUnavailable for nonsense, and one of UNREACHABLE.

        The same question may be asked again, and of another process: the memory that goes with it is the one before the turn.
        """
        body = {
            "conversation": question.conversation_id,
            "turn": question.seq,
            "text": question.text,
            "payload": question.payload,
            "slots": dict(question.slots),
            "memory": question.memory,
            "vectors": question.vectors,
        }
        with tracing.span("ask the dialogue model"):
            content = await self._post(body)
        try:
            answer = _Answer.model_validate_json(content)
            heard = tuple(Heard(signals.parse(raw), int(raw.get("after", 1))) for raw in answer.signals)
        except (ValidationError, ValueError) as broken:
            raise AssistantUnavailable(f"the dialogue model's answer is malformed: {type(broken).__name__}") from broken
        if not answer.messages and not heard:
            raise AssistantUnavailable("the dialogue model's answer is empty")
        return Reply(
            topic=answer.topic,
            confidence=answer.confidence,
            lines=tuple(
                Line(m.key, m.blanks, tuple(OfferedChoice(c.payload, c.label_key) for c in m.choices or ()))
                for m in answer.messages
            ),
            heard=heard,
            asking=answer.asking,
            slots=answer.slots,
            memory=answer.memory,
            model=answer.model,
        )

    async def status(self) -> Status:
        try:
            limit = aiohttp.ClientTimeout(total=STATUS_WITHIN_S)
            async with self._session.get(f"{self._url}/status", timeout=limit, raise_for_status=True) as response:
                data = await response.json()
            return Status(bool(data["ready"]), data.get("model"), bool(data.get("actions", False)))
        except (*UNREACHABLE, ValueError, KeyError, TypeError):
            return Status(False)

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _post(self, body: dict[str, Any]) -> bytes:
        async with self._session.post(f"{self._url}/turn", json=body, headers=tracing.headers()) as response:
            if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
                response.raise_for_status()
            if response.status != HTTPStatus.OK:
                raise AssistantUnavailable(f"the dialogue model answered {response.status}")
            return await response.read()
