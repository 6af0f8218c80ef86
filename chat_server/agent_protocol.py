"""Every frame that an agent may send, as a model. Names, limits and closes are those of `protocol`."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from chat_server import protocol as wire
from chat_server.protocol import BadFrame, Durable, Frame, Ping, Seq, ShortText, Text, check

LONGEST_NOTE = 2_000
MOST_PLACES = 10
MOST_ORGANISATIONS = 6
OUTCOMES = ("helped", "signposted", "called_back", "not_reached", "parent_left", "other")
"""What an agent records at the end: what became of the conversation, never a mark for the agent."""


def _something(text: str) -> str:
    if not text.strip():
        raise ValueError("nothing was written")
    return text


def _clean_all(value: Any) -> Any:
    """The same object with texts that every store can keep."""
    if isinstance(value, dict):
        return {_text.validate_python(name): _clean_all(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean_all(inner) for inner in value]
    return _text.validate_python(value) if isinstance(value, str) else value


_text: TypeAdapter[str] = TypeAdapter(Text)

Ref = Annotated[ShortText, Field(min_length=1)]
AgentId = Annotated[ShortText, Field(min_length=1)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Kind = Literal["self_harm", "domestic_abuse", "child_safety"]
Outcome = Literal["helped", "signposted", "called_back", "not_reached", "parent_left", "other"]
Words = Annotated[Text, AfterValidator(_something)]
Remark = Annotated[Text, Field(max_length=LONGEST_NOTE)]
Reason = Annotated[ShortText, AfterValidator(_something)]


class AgentHello(Frame):
    """The first frame: a ticket of `POST /api/agent/ticket`. A whole `desk` follows, whatever `last_desk` says."""

    type: Literal["hello"] = "hello"
    ticket: ShortText
    last_desk: Seq | None = None


class Presence(Frame):
    """What colleagues see, and how many conversations the agent takes at once."""

    type: Literal["presence"] = "presence"
    status: Literal["available", "busy", "away"]
    places: Annotated[int, Field(ge=0, le=MOST_PLACES)]


class Act(Durable):
    """What an agent does with a conversation; the same id again is acknowledged as before."""

    conversation: Ref


class Change(Act):
    """An act that compares: `version` is the one that the agent last saw, else it is `stale`."""

    version: Version


class Claim(Change):
    type: Literal["claim"] = "claim"


class Release(Change):
    """Back to the head of the queue."""

    type: Literal["release"] = "release"


class Transfer(Change):
    """Offer an own conversation to a colleague, who has to accept. The reason is kept as a private note."""

    type: Literal["transfer"] = "transfer"
    to: AgentId
    reason: Remark | None = None


class Assign(Change):
    """A supervisor offers a waiting conversation to an agent."""

    type: Literal["assign"] = "assign"
    to: AgentId
    reason: Remark | None = None


class Accept(Change):
    type: Literal["accept"] = "accept"


class Decline(Act):
    """The colleague refuses an offer, or whoever made it takes it back."""

    type: Literal["decline"] = "decline"


class Return(Change):
    """Back to the assistant; never while urgent."""

    type: Literal["return"] = "return"


class Wrap(Change):
    """The talk is over. Without an outcome ten minutes are left to record one."""

    type: Literal["wrap"] = "wrap"
    outcome: Outcome | None = None
    note: Remark | None = None


class Lift(Change):
    """Take a danger mark off."""

    type: Literal["lift"] = "lift"
    kind: Kind
    reason: Reason


class Mark(Change):
    """Put a danger mark on; the parent is shown emergency help."""

    type: Literal["mark"] = "mark"
    kind: Kind


class AgentSay(Act):
    type: Literal["say"] = "say"
    text: Words


class AddNote(Act):
    """A private note; it never reaches a parent."""

    type: Literal["note"] = "note"
    text: Annotated[Remark, AfterValidator(_something)]


class SendEstimate(Act):
    """An estimate as a card: `household` is the input of `POST /api/estimate`."""

    type: Literal["send_estimate"] = "send_estimate"
    household: Annotated[dict[str, Any], AfterValidator(_clean_all)]


class SendOrganisations(Act):
    """Organisations of the directory as cards, in this order."""

    type: Literal["send_organisations"] = "send_organisations"
    organisations: Annotated[list[ShortText], Field(min_length=1, max_length=MOST_ORGANISATIONS)]
    text: Text | None = None


class Watch(Frame):
    """Open a conversation and hear it from `last_seq` on; each time is recorded."""

    type: Literal["watch"] = "watch"
    conversation: Ref
    last_seq: Seq = 0


class Unwatch(Frame):
    type: Literal["unwatch"] = "unwatch"
    conversation: Ref


class AgentSeen(Frame):
    type: Literal["seen"] = "seen"
    conversation: Ref
    seq: Seq


class AgentTyping(Frame):
    type: Literal["typing"] = "typing"
    conversation: Ref
    on: bool


AgentFrame = Annotated[
    AgentHello | Presence | Claim | Release | Transfer | Assign | Accept | Decline | Return | Wrap | Lift | Mark
    | AgentSay | AddNote | SendEstimate | SendOrganisations | Watch | Unwatch | AgentSeen | AgentTyping | Ping,
    Field(discriminator="type"),
]
_frames: TypeAdapter[Any] = TypeAdapter(AgentFrame)


def parse_agent_frame(raw: str) -> Any:
    """The frame in a text of an agent's socket. Raises BadFrame with what is wrong with it."""
    if len(raw.encode()) > wire.FRAME_LIMIT:
        raise BadFrame(f"a frame has at most {wire.FRAME_LIMIT} bytes")
    try:
        return check(_frames, json.loads(raw))
    except (ValueError, RecursionError) as broken:
        raise BadFrame("the frame is not JSON") from broken
