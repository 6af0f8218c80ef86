"""The one way in: a turn of a conversation goes in, keys, signals and the new memory come out.

    POST /webhooks/gateway/turn     {"conversation", "turn", "text" | "payload", "slots", "memory", "vectors"}
    POST /webhooks/gateway/model    {"model": "<version>"}      swap to another model of our own under live conversations
    GET  /webhooks/gateway/status   {"ready", "model", "actions"}

All ask for `Authorization: Bearer <CHAT_RASA_TOKEN>`.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional, Text

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from dialogue import tracing
from dialogue.settling import answered_topic
from dialogue.reading.known_vectors import METADATA
from dialogue.turn_memory import MalformedMemory, Memory

logger = logging.getLogger(__name__)

TOKEN_VARIABLE = "CHAT_RASA_TOKEN"
LEAST_TOKEN = 16
MOST_BODY = 256 * 1024
MOST_TEXT = 10_000
ASKED = "open_question"
"""Slot in which an action says what it asks outside a form."""

_PAYLOAD = re.compile(r"^/([a-z_]+(?:\.[a-z_]+)?)\s*(\{.*\})?\s*$", re.DOTALL)


class MalformedTurn(ValueError):
    """A turn that cannot be answered as it was sent; the message says what is wrong with it."""


@dataclass(frozen=True)
class Turn:
    """One message of a parent, with where the conversation stands."""

    text: Optional[Text]
    payload: Optional[Text]
    slots: Mapping[Text, Any]
    memory: Memory
    vectors: Any = None
    """See `dialogue.reading.known_vectors`."""

    @classmethod
    def from_json(cls, raw: Any) -> "Turn":
        """Read a request's body. Raises MalformedTurn."""
        if not isinstance(raw, dict):
            raise MalformedTurn("the body is no JSON object")
        if not isinstance(raw.get("conversation"), str) or not raw["conversation"]:
            raise MalformedTurn("conversation: a name is needed")
        if not isinstance(raw.get("turn"), int) or isinstance(raw["turn"], bool):
            raise MalformedTurn("turn: a whole number is needed")
        text, payload = raw.get("text"), raw.get("payload")
        if (text is None) == (payload is None):
            raise MalformedTurn("text, payload: exactly one of them is needed")
        if not isinstance(text if payload is None else payload, str):
            raise MalformedTurn("text, payload: a string is needed")
        if len(text or payload or "") > MOST_TEXT:
            raise MalformedTurn(f"text, payload: longer than {MOST_TEXT} characters")
        slots = raw.get("slots") or {}
        if not isinstance(slots, dict):
            raise MalformedTurn("slots: an object is needed")
        try:
            return cls(text, payload, slots, Memory.from_json(raw.get("memory")), raw.get("vectors"))
        except MalformedMemory as broken:
            raise MalformedTurn(str(broken)) from broken


@dataclass
class Heard(OutputChannel):
    """Collects what the assistant says in one turn, in order."""

    messages: List[Dict[Text, Any]] = field(default_factory=list)
    signals: List[Dict[Text, Any]] = field(default_factory=list)
    failure: Optional[Text] = None

    @classmethod
    def name(cls) -> Text:
        """Rasa's name for this channel."""
        return "gateway"

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Take a key or a signal; a signal remembers how many messages came before it."""
        custom = message.get("custom") or {}
        if "signal" in custom:
            self.signals.append({**custom, "after": len(self.messages)})
        elif "key" in custom:
            self.messages.append(custom)
        elif message.get("text"):
            # A sentence has no place here; seeing its key missing is better than saying it.
            logger.error("An action said a sentence instead of a key; it was left out.")

    def action_failed(self, action: Text, error: Exception) -> None:
        """An action could not be run: the turn has no honest answer."""
        self.failure = action
        logger.error("Action %s failed: %s", action, type(error).__name__)


class GatewayInput(InputChannel):
    """Rasa's input channel for the gateway."""

    def __init__(self, token: Text) -> None:
        self._token = token.encode()

    @classmethod
    def name(cls) -> Text:
        """The part of the address after `/webhooks/`."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "GatewayInput":
        """The channel, with the token of the environment. Without one it refuses to start."""
        token = os.environ.get(TOKEN_VARIABLE, "")
        if len(token) < LEAST_TOKEN:
            raise RasaException(f"{TOKEN_VARIABLE} must hold a token of at least {LEAST_TOKEN} characters")
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The addresses of this channel."""
        gateway = Blueprint("gateway")

        @gateway.middleware("request")
        async def allow(request: Request) -> Optional[HTTPResponse]:
            return None if self._allowed(request) else _error(401, "a token is needed")

        @gateway.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            try:
                asked = Turn.from_json(_body(request))
            except MalformedTurn as broken:
                return _error(400, str(broken))
            if not request.app.ctx.agent.is_ready():
                return _error(503, "no model is loaded")
            with tracing.span("dialogue turn", {"traceparent": request.headers.get("traceparent", "")}):
                return await _answer(asked, request.app.ctx.agent, on_new_message)

        @gateway.get("/status")
        async def status(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            ready = agent.is_ready()
            well = await agent.actions_answer() if ready else False
            return response.json({"ready": ready, "model": agent.version, "actions": well})

        @gateway.post("/model")
        async def model(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            try:
                await asyncio.get_running_loop().run_in_executor(None, agent.swap_model, (_body(request) or {}).get("model"))
            except (ValueError, FileNotFoundError) as broken:
                return _error(400, str(broken))
            return response.json({"ready": agent.is_ready(), "model": agent.version})

        return gateway

    def _allowed(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token)


async def _answer(turn: Turn, agent: Any, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> HTTPResponse:
    domain: Domain = agent.domain
    turn_id = uuid.uuid4().hex
    heard = Heard()
    try:
        parsed = parse_payload(turn.payload, domain) if turn.payload is not None else None
    except MalformedTurn as broken:
        return _error(400, str(broken))
    agent.tracker_store.begin(turn_id, turn.memory.events(turn.slots, domain))
    try:
        await on_new_message(
            UserMessage(
                turn.text, heard, turn_id, parsed, GatewayInput.name(), message_id=turn_id, metadata={METADATA: turn.vectors}
            )
        )
    except Exception as broken:
        # The words of a parent stay out of the log; where it broke does not.
        logger.error("A turn could not be answered: %s", type(broken).__name__, exc_info=True)
        return _error(500, "the turn could not be answered")
    finally:
        tracker = agent.tracker_store.end(turn_id)
    if heard.failure is not None:
        return _error(503, f"{heard.failure} did not answer")
    if tracker is None or tracker.latest_message is None:
        return _error(500, "the turn was not handled")
    return response.json(_reply(turn, tracker, heard, agent.version))


def _reply(turn: Turn, tracker: DialogueStateTracker, heard: Heard, version: Text) -> Dict[Text, Any]:
    message = tracker.latest_message
    heard.signals += _preferences(turn, tracker, after=len(heard.messages))
    ranking = [
        {"topic": one["name"], "confidence": round(float(one["confidence"]), 4)}
        for one in (message.parse_data or {}).get("intent_ranking", [])
    ]
    loop = tracker.active_loop_name
    return {
        "topic": answered_topic(tracker),
        "confidence": round(float(message.intent.get("confidence") or 0.0), 4),
        "ranking": ranking,
        "messages": heard.messages,
        "signals": heard.signals,
        "asking": tracker.get_slot(REQUESTED_SLOT) if loop else tracker.get_slot(ASKED),
        "slots": _slots(tracker),
        "memory": Memory.of(tracker, turn.slots).as_json(),
        "model": version,
    }


def _preferences(turn: Turn, tracker: DialogueStateTracker, after: int) -> List[Dict[Text, Any]]:
    """Nation and language, where the parent has just said them."""
    told = []
    for name in ("nation", "lang"):
        value, before = tracker.get_slot(name), turn.slots.get(name) or turn.memory.slots.get(name)
        if value and value != (before or tracker.slots[name].initial_value):
            told.append({"signal": "prefer", name: value, "after": after})
    return told


def _slots(tracker: DialogueStateTracker) -> Dict[Text, Any]:
    """What is known after the turn: the words are chosen by it."""
    known = tracker.current_slot_values().items()
    return {name: value for name, value in known if value is not None and name not in DEFAULT_SLOT_NAMES}


def parse_payload(payload: Text, domain: Domain) -> Dict[Text, Any]:
    """Read `/topic` or `/topic{"slot": value}`, as our buttons carry them.

    Raises MalformedTurn for another form. A topic that this model does not know, of words that are newer than the
    model, is treated like a message that was not understood.
    """
    match = _PAYLOAD.match(payload.strip())
    if match is None:
        raise MalformedTurn("payload: /topic or /topic{...} is needed")
    topic, slots = match.group(1), match.group(2)
    try:
        values = json.loads(slots) if slots else {}
    except json.JSONDecodeError as broken:
        raise MalformedTurn("payload: what follows the topic is no JSON object") from broken
    known = topic in domain.intents
    if not known:
        logger.warning("A button names the topic %s, which this model does not know.", topic)
    name = topic if known else "nlu_fallback"
    return {
        # No text: what a button carries is never the answer to a question that listens for words.
        "text": None,
        "intent": {"name": name, "confidence": 1.0},
        "intent_ranking": [{"name": name, "confidence": 1.0}],
        "entities": [
            {"entity": slot, "value": value, "start": 0, "end": 0, "extractor": "payload"}
            for slot, value in values.items()
            if slot in domain.entities
        ],
    }


def _body(request: Request) -> Any:
    if len(request.body) > MOST_BODY:
        raise MalformedTurn("the body is too long")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as broken:
        raise MalformedTurn("the body is no JSON") from broken


def _error(status: int, message: Text) -> HTTPResponse:
    return response.json({"error": message}, status=status)
