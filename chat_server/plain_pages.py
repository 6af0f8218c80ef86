"""The same conversation as plain forms, without any script: `/chat`."""

import asyncio
import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from chat_server import conversations, records, replies
from chat_server.bus import Frames
from chat_server.core import what_if
from chat_server.core.conversation import Conversation, State
from chat_server.core.household import BadInput
from chat_server.core.wording import Wording
from chat_server.errors import Problem
from chat_server.gateway import Gateway
from chat_server.protocol import KEPT_CHARACTERS, Durable, Hello, parse_durable
from chat_server.records import templates
from chat_server.security import origin_is_allowed

COOKIE = "options_chat"
NEUTRAL_PAGE = "https://www.bbc.co.uk/weather"
"""Where the quick exit leads: an ordinary page that says nothing of this one."""
ANSWER_WITHIN_S = 9.0
"""How long a form waits for the answer, so that most answers stand on the page that comes back."""

router = APIRouter(prefix="/chat", include_in_schema=False)


class Page:
    """One request of a parent's plain page: who it is, and what can be done."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.gateway: Gateway = request.app.state.gateway
        self.services = self.gateway.services
        self.token = request.cookies.get(COOKIE)
        self.lang = "cy" if request.query_params.get("lang") == "cy" else "en"

    async def conversation(self) -> Conversation | None:
        if not self.token:
            return None
        async with self.services.store.reading() as reading:
            found = await reading.by_resume(self.token)
        if found is None or found.state is State.ERASED:
            self.token = None
            return None
        return found

    async def begin(self) -> Conversation:
        begun = await conversations.begin(self.services, Hello(lang=self.lang, via="plain pages"))
        self.token = begun.resume
        return begun.conversation

    def words(self, lang: str) -> "_Words":
        return _Words(self.services.wording, lang)

    async def show(
        self, *, problem: str | None = None, text: str = "", status: int = 200, compared: dict[str, Any] | None = None
    ) -> Response:
        """The page with the whole conversation; what was typed but not taken stands in the field again.

        `compared` is another figure beside an estimate's, in words, and the numbers that were typed for it.
        """
        conversation = await self.conversation()
        at = self.services.clock()
        shown = conversation or Conversation(id="", ref="", created_at=at, lang=self.lang)
        events: list[dict[str, Any]] = []
        working = False
        if conversation:
            async with self.services.store.reading() as reading:
                working = await reading.has_waiting_turn(conversation.id)
                found = []
                while page := await reading.events_after(conversation.id, found[-1].seq if found else 0):
                    found += page
            events = [event.frame() for event in found if event.type in ("message", "urgent")]
        html = templates.get_template("chat.html").render(
            words=self.words(shown.lang),
            lang=shown.lang,
            conversation=conversation,
            greeting=replies.greeting(self.services, shown, at),
            events=events,
            latest=events[-1]["seq"] if events else 0,
            time_of=_time_of,
            working=working,
            problem=problem,
            text=text,
            compared=compared,
            numbers_of=what_if.numbers_of,
            kept=KEPT_CHARACTERS,
            new_id=lambda: str(uuid.uuid4()),
            tel=lambda number: "".join(c for c in number if c.isdigit() or c == "+"),
        )
        response = HTMLResponse(html, status)
        self._remember(response)
        return response

    async def compare(self, of: int, typed: dict[str, str]) -> Response:
        """An estimate of this conversation with other numbers. Nothing of it is kept."""
        if (conversation := await self.conversation()) is None:
            return await self.show()
        async with self.services.store.reading() as reading:
            found = await reading.events_after(conversation.id, of - 1)
        shown = found[0].body.get("estimate") if found and found[0].seq == of else None
        if not shown:
            return await self.show()
        words = self.words(conversation.lang)
        try:
            result = what_if.compare(shown, typed)
        except BadInput:
            text, status = words("plain_what_if_wrong"), 400
        else:
            way = "same" if not result.by else "more" if result.weekly > result.first else "less"
            text = words(f"plain_what_if_is_{way}", weekly=result.weekly, first=result.first, by=result.by)
            status = 200
        return await self.show(compared={"of": of, "typed": typed, "text": text}, status=status)

    async def take(self, data: dict[str, Any], *, text: str = "") -> Response:
        """Do what a form says, wait for the answer, and show the conversation."""
        if not origin_is_allowed(self.request.headers, self.services.settings):
            raise Problem("not_allowed", "this origin may not use the service")
        conversation = await self.conversation() or await self.begin()
        try:
            frame = parse_durable(data)
            await self._take(conversation, frame)
        except Problem as refused:
            return await self.show(problem=refused.code, text=text, status=400)
        if data["type"] == "erase":
            self.token = None
        response = RedirectResponse(f"/chat?lang={self.lang}#latest", 303)
        self._remember(response)
        return response

    async def _take(self, conversation: Conversation, frame: Durable) -> None:
        ear = _DoneEar()
        hub = self.services.hub
        hub.add(conversation.id, ear)
        try:
            ack = await self.gateway.inbox.take(conversation.id, frame, lambda _: None)
            if frame.type in ("say", "choose", "human") and not ack.dup:
                await ear.wait(ack.seq)
        finally:
            hub.remove(conversation.id, ear)

    def _remember(self, response: Response) -> None:
        """Keep the token where no script can read it; forget one that is worth nothing any more."""
        if not self.token:
            response.delete_cookie(COOKIE, path="/chat")
        else:
            response.set_cookie(
                COOKIE, self.token, path="/chat", httponly=True, samesite="strict",
                secure=self.request.url.scheme == "https",
            )


@router.get("")
async def get_chat(request: Request) -> Response:
    return await Page(request).show()


@router.post("/say")
async def say(request: Request, id: Annotated[str, Form()], text: Annotated[str, Form()] = "") -> Response:
    return await Page(request).take({"type": "say", "id": id, "text": text}, text=text)


@router.post("/choose")
async def choose(
    request: Request, id: Annotated[str, Form()], of: Annotated[int, Form()], choice: Annotated[str, Form()]
) -> Response:
    return await Page(request).take({"type": "choose", "id": id, "of": of, "choice": choice})


@router.post("/what-if")
async def post_what_if(
    request: Request,
    of: Annotated[int, Form(ge=1, le=2**31)],
    nights: Annotated[str | None, Form()] = None,
    income: Annotated[str, Form()] = "",
    others: Annotated[str, Form()] = "",
) -> Response:
    typed = {"income": income, "others": others} | ({"nights": nights} if nights is not None else {})
    return await Page(request).compare(of, {name: text[:20] for name, text in typed.items()})


@router.post("/prefer")
async def prefer(
    request: Request,
    id: Annotated[str, Form()],
    how: Annotated[str, Form()] = "",
    when: Annotated[str, Form()] = "",
    ask_for: Annotated[str, Form()] = "",
    voicemail: Annotated[str, Form()] = "",
) -> Response:
    safe_contact = {"how": how or None, "when": when or None, "ask_for": ask_for or None, "voicemail": voicemail == "yes"}
    return await Page(request).take({"type": "prefer", "id": id, "safe_contact": safe_contact})


@router.post("/act")
async def act(request: Request, id: Annotated[str, Form()], do: Annotated[str, Form()]) -> Response:
    """Ask for a person, end or erase."""
    if do not in ("human", "end", "erase"):
        raise Problem("bad_frame", "unknown action")
    return await Page(request).take({"type": do, "id": id})


@router.post("/leave")
async def leave(request: Request, id: Annotated[str, Form()]) -> Response:
    """The quick exit: tell the service, forget the token on the device, and go to an ordinary page."""
    page = Page(request)
    if origin_is_allowed(request.headers, page.services.settings) and (conversation := await page.conversation()):
        await page.gateway.inbox.take(conversation.id, parse_durable({"type": "hide", "id": id}), lambda _: None)
    response = RedirectResponse(NEUTRAL_PAGE, 303)
    response.delete_cookie(COOKIE, path="/chat")
    return response


@router.get("/copy")
async def copy(request: Request, format: str = "txt") -> Response:
    page = Page(request)
    conversation = await page.conversation()
    if conversation is None:
        raise Problem("not_found", "there is no conversation to copy")
    return await records.copy_response(page.services, conversation, format)


class _Words:
    """The page's own words in one language."""

    def __init__(self, wording: Wording, lang: str) -> None:
        self._wording, self._lang = wording, lang

    def __call__(self, key: str, **blanks: Any) -> str:
        return self._wording.say(f"utter_{key}", {}, self._lang, **blanks).text


class _DoneEar:
    """Hears when the turn of one message is complete."""

    def __init__(self) -> None:
        self._done: set[int] = set()
        self._changed = asyncio.Event()

    def deliver(self, frames: Frames) -> None:
        self._done |= {frame["in_reply_to"] for frame in frames if frame["type"] == "done"}
        self._changed.set()

    async def wait(self, seq: int) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while seq not in self._done:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass  # the page says that the answer is still being worked on


def _time_of(frame: dict[str, Any]) -> str:
    """The time of an event on the clock in Great Britain."""
    return datetime.fromisoformat(frame["at"]).astimezone(records.LONDON).strftime("%H:%M")
