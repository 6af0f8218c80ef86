"""Every frame that a parent may send, as a model; the names and limits of `options-chat.v1`."""

import hashlib
import json
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chat_server.errors import Problem

SUBPROTOCOL = "options-chat.v1"
FRAME_LIMIT = 16 * 1024
"""Bytes of a frame."""
KEPT_CHARACTERS = 2_000
"""Characters of a message that are kept; all of it is screened."""
LONGEST_TEXT = 8_000
"""Characters of a message above which it is refused, screened all the same."""
LIMITS = {"text_kept": KEPT_CHARACTERS, "text_max": LONGEST_TEXT, "frame_bytes": FRAME_LIMIT, "per_second": 1, "burst": 5}

CLOSE_RESTART = 4001
CLOSE_FAULT = 4004
CLOSE_SLOW_READER = 4008
CLOSE_SILENT = 4012
CLOSE_BAD_TOKEN = 4500
CLOSE_BAD_FRAMES = 4501
CLOSE_NO_HELLO = 4502
CLOSE_ORIGIN = 4503
CLOSE_TOO_MANY = 4504
CLOSE_NOT_ALLOWED = 4507
CLOSE_ENDED = 4509
CLOSE_VERSION = 4510


def _clean(text: str) -> str:
    """Text that every store can keep: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _uuid(text: str) -> str:
    UUID(text)
    return text


Text = Annotated[str, AfterValidator(_clean)]
ShortText = Annotated[str, Field(max_length=200), AfterValidator(_clean)]
ClientId = Annotated[str, Field(min_length=32, max_length=36), AfterValidator(_uuid)]
Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]
Lang = Literal["en", "cy"]
Nation = Literal["england", "wales", "scotland", "northern_ireland"]


class Frame(BaseModel):
    """A JSON object with a `type`. Fields that are not known are left aside."""

    model_config = ConfigDict(frozen=True, strict=True)
    type: str


class Durable(Frame):
    """A frame with the client's UUID: stored first, acknowledged after, answered alike when it comes again."""

    id: ClientId

    def digest(self) -> str:
        """Recognises the same body under the same id."""
        body = json.dumps(self.model_dump(exclude={"id"}), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(body.encode()).hexdigest()


class Hello(Frame):
    """The first frame: a new conversation, or the token of one to go on with."""

    type: Literal["hello"] = "hello"
    resume: Annotated[str, Field(max_length=200)] | None = None
    last_seq: Seq = 0
    lang: Lang = "en"
    nation: Nation | None = None
    via: ShortText | None = None


class Say(Durable):
    type: Literal["say"] = "say"
    text: Text


class Choose(Durable):
    """One of the choices of an earlier message: `of` is its seq."""

    type: Literal["choose"] = "choose"
    of: Seq
    choice: ShortText


class Human(Durable):
    """The button: a person, whatever the dialogue model does."""

    type: Literal["human"] = "human"


class SafeContact(BaseModel):
    """How a parent can be reached safely. Seen by agents only."""

    model_config = ConfigDict(frozen=True, strict=True)
    how: ShortText | None = None
    when: ShortText | None = None
    ask_for: ShortText | None = None
    voicemail: bool | None = None


class Prefer(Durable):
    type: Literal["prefer"] = "prefer"
    lang: Lang | None = None
    nation: Nation | None = None
    safe_contact: SafeContact | None = None


Score = Annotated[int, Field(ge=1, le=10)]


class Answers(BaseModel):
    """The optional rating at the end: scores from 1 to 10 and a comment."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    overall: Score | None = None
    wait: Score | None = None
    cs1: Score | None = None
    cs2: Score | None = None
    cs3: Score | None = None
    cs4: Score | None = None
    cs5: Score | None = None
    cs6: Score | None = None
    comment: Annotated[str, Field(max_length=KEPT_CHARACTERS), AfterValidator(_clean)] | None = None


class Rate(Durable):
    type: Literal["rate"] = "rate"
    answers: Answers


class End(Durable):
    type: Literal["end"] = "end"


class Erase(Durable):
    type: Literal["erase"] = "erase"


class Hide(Durable):
    """The quick exit: the parent has left the page at once."""

    type: Literal["hide"] = "hide"


class Seen(Frame):
    type: Literal["seen"] = "seen"
    seq: Seq


class Typing(Frame):
    type: Literal["typing"] = "typing"
    on: bool


class Ping(Frame):
    type: Literal["ping"] = "ping"


DurableFrame = Annotated[Say | Choose | Human | Prefer | Rate | End | Erase | Hide, Field(discriminator="type")]
ParentFrame = Annotated[
    Hello | Say | Choose | Human | Prefer | Rate | End | Erase | Hide | Seen | Typing | Ping,
    Field(discriminator="type"),
]
_parent_frames: TypeAdapter[Any] = TypeAdapter(ParentFrame)
_durable_frames: TypeAdapter[Any] = TypeAdapter(DurableFrame)
_hello: TypeAdapter[Any] = TypeAdapter(Hello)


class BadFrame(Problem):
    """A frame that cannot be understood; `re` is its id, where one could be read."""

    def __init__(self, message: str, re: str | None = None) -> None:
        super().__init__("bad_frame", message)
        self.re = re


def parse_parent_frame(raw: str) -> Any:
    """The frame in a text of a parent's socket. Raises BadFrame with what is wrong with it."""
    try:
        return check(_parent_frames, json.loads(raw))
    except (ValueError, RecursionError) as broken:
        raise BadFrame("the frame is not JSON") from broken


def parse_durable(data: dict[str, Any]) -> Any:
    """A durable frame that came over HTTP. Raises BadFrame."""
    return check(_durable_frames, data)


def check_hello(data: dict[str, Any]) -> Hello:
    """What a new conversation over HTTP says of itself. Raises BadFrame."""
    return check(_hello, {key: data[key] for key in ("lang", "nation", "via") if key in data})


def check(adapter: TypeAdapter[Any], data: Any) -> Any:
    """Validate against the models; the reason names the field, never what was written in it."""
    try:
        frame = adapter.validate_python(data)
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "frame"
        re = data.get("id") if isinstance(data, dict) else None
        reason = "unknown type" if first["type"].startswith("union_tag") else f"{where}: {first['msg']}"
        raise BadFrame(reason, re[:64] if isinstance(re, str) else None) from refused
    if isinstance(frame, Say) and not frame.text.strip():
        raise BadFrame("text: nothing was written", frame.id)
    return frame
