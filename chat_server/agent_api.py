"""The agents' calls over HTTP: signing in, canned replies, the directory, a transcript, and the audit for supervisors.

Every call but the first names its sign-in by the cookie; every call that changes something comes from a page of our own.
"""

import re
import uuid
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chat_server import organisation
from chat_server import sign_in as signing
from chat_server.agent_socket import me
from chat_server.content import avoid
from chat_server.core import directory
from chat_server.core.board import Agent
from chat_server.core.events import utc_text
from chat_server.desk import all_events
from chat_server.errors import Problem
from chat_server.gateway import Gateway
from chat_server.protocol import LONGEST_TEXT, Lang, Nation, Text
from chat_server.security import origin_is_own
from chat_server.services import Services
from chat_server.store.agents import LONGEST_SEARCH, AuditEntry, Canned, hashed

Answer = TypeVar("Answer", bound=Response)
COOKIE = "options_desk"
CANNED = re.compile(r"utter_canned_(\w+)")
"""The keys of the team's canned replies: they are wording, so they are checked like all words."""
MOST_CANNED = 100
MOST_FOUND = 50


def own_page(request: Request) -> None:
    if request.method not in ("GET", "HEAD") and not origin_is_own(request.headers):
        raise Problem("not_allowed", "this origin may not use the agents' calls")


router = APIRouter(prefix="/api/agent", tags=["agents"], dependencies=[Depends(own_page)])


class SignedIn:
    """Who calls, by the cookie. Raises Problem `expired`."""

    def __init__(self, agent: Agent, token_hash: str, services: Services) -> None:
        self.agent, self.token_hash, self.services = agent, token_hash, services


async def signed_in(request: Request) -> SignedIn:
    services = _services(request)
    token_hash = hashed(request.cookies.get(COOKIE, ""))
    async with services.store.reading() as reading:
        agent = await reading.signed_in(token_hash, services.clock())
    if agent is None:
        raise Problem("expired", "sign in again")
    return SignedIn(agent, token_hash, services)


async def supervising(who: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
    if not who.agent.is_supervisor:
        raise Problem("not_allowed", "this is for supervisors")
    return who


Who = Annotated[SignedIn, Depends(signed_in)]
Supervisor = Annotated[SignedIn, Depends(supervising)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class Credentials(Body):
    email: Annotated[Text, Field(max_length=200)]
    password: Annotated[Text, Field(max_length=1000)]
    code: Annotated[Text, Field(min_length=1, max_length=100)] | None = None


class NewPassword(Body):
    old: Annotated[Text, Field(max_length=1000)]
    new: Annotated[Text, Field(max_length=1000)]


class NewCanned(Body):
    title: Annotated[Text, Field(min_length=1, max_length=120)]
    text: Annotated[Text, Field(min_length=1, max_length=2000)]
    lang: Lang = "en"


class Draft(Body):
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]


# ---------------------------------------------------------------------- signing in and out


@router.post("/sign-in")
async def post_sign_in(request: Request, given: Credentials) -> JSONResponse:
    """Sign in. Wrong words of every kind are answered alike."""
    services = _services(request)
    address = request.client.host if request.client else "unknown"
    begun = await signing.sign_in(services, given.email, given.password, address, given.code)
    return with_cookie(request, JSONResponse({"agent": me(begun.agent)}), begun)


def with_cookie(request: Request, response: Answer, begun: signing.SignedIn) -> Answer:
    """The answer to whom has signed in. The cookie is the sign-in."""
    response.set_cookie(
        COOKIE,
        begun.token,
        max_age=int(signing.LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/sign-out", status_code=204, responses={200: {"description": "Where the browser goes next"}})
async def post_sign_out(request: Request) -> Response:
    """End this sign-in, wherever it is open; also when it had ended already.

    Who came by the organisation's sign-in is told where to sign out of that as well.
    """
    go = None
    if token := request.cookies.get(COOKIE):
        services = _services(request)
        go = await organisation.sign_out_address(services, hashed(token), str(request.base_url))
        await signing.sign_out(services, hashed(token))
        gateway: Gateway = request.app.state.gateway
        await gateway.desk.sweep()
    response = JSONResponse({"go": go}) if go else Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return response


@router.post("/ticket")
async def post_ticket(who: Who) -> dict[str, Any]:
    """What the first frame of a socket carries: once, and soon."""
    made = await signing.ticket(who.services, who.token_hash)
    return {"ticket": made, "expires_in_s": int(signing.TICKET_LASTS.total_seconds())}


@router.put("/password", status_code=204)
async def put_password(who: Who, given: NewPassword) -> Response:
    """Change one's own password; every sign-in ends, this one too."""
    await signing.change_password(who.services, who.agent, given.old, given.new)
    return Response(status_code=204)


@router.get("/me")
async def get_me(who: Who) -> dict[str, Any]:
    """Who is signed in."""
    return {"agent": me(who.agent)}


# ---------------------------------------------------------------------- beside the conversation


@router.get("/conversations/{ref}")
async def get_conversation(request: Request, who: Who, ref: str) -> dict[str, Any]:
    """A transcript with its card. Opening it is recorded."""
    gateway: Gateway = request.app.state.gateway
    opened = await gateway.desk.open(who.token_hash, ref, "read")
    card = await gateway.desk.card(opened.agent, opened.conversation.id)
    if card is None:
        raise Problem("not_found", "there is no such conversation")
    async with who.services.store.reading() as reading:
        events = await all_events(reading, opened.conversation.id)
    return {"conversation": card, "events": [event.frame() for event in events if event.seq <= card["top"]]}


@router.get("/canned")
async def get_canned(who: Who, lang: Literal["en", "cy"] = "en", words: str = "") -> dict[str, Any]:
    """Canned replies, the team's and one's own, that hold all these words."""
    wanted = words.casefold().split()
    async with who.services.store.reading() as reading:
        own = [_canned(reply, mine=True) for reply in await reading.canned(who.agent.id) if reply.lang == lang]
    found = [
        reply for reply in (*_team_canned(who.services, lang), *own)
        if all(word in f"{reply['title']} {reply['text']}".casefold() for word in wanted)
    ]
    return {"canned": found}


@router.post("/canned", status_code=201)
async def post_canned(who: Who, given: NewCanned) -> dict[str, Any]:
    """Keep a reply of one's own ready."""
    reply = Canned(uuid.uuid4().hex, given.title, given.text, given.lang)
    async with who.services.store.work() as work:
        if len(await work.canned(who.agent.id)) >= MOST_CANNED:
            raise Problem("not_allowed", f"at most {MOST_CANNED} replies of your own")
        await work.add_canned(who.agent.id, reply)
        await work.commit()
    return {"canned": _canned(reply, mine=True)}


@router.delete("/canned/{canned}", status_code=204)
async def delete_canned(who: Who, canned: str) -> Response:
    """Delete a reply of one's own."""
    async with who.services.store.work() as work:
        if not canned.isalnum() or not await work.delete_canned(who.agent.id, canned):
            raise Problem("not_found", "there is no such reply of yours")
        await work.commit()
    return Response(status_code=204)


@router.get("/directory")
async def get_directory(
    who: Who, words: Annotated[str, Query(max_length=200)] = "", nation: Nation | None = None, lang: Lang = "en"
) -> dict[str, Any]:
    """Organisations in which every word occurs, as cards that can be sent."""
    at = who.services.clock()
    found = directory.search(words, nation)[:MOST_FOUND]
    return {"organisations": [directory.card(organisation, nation, at, lang) for organisation in found]}


@router.post("/words")
async def post_words(who: Who, draft: Draft) -> dict[str, Any]:
    """Words in a draft that are better not said, with what to say instead. Nothing is stored."""
    hits = avoid.find(draft.text)
    return {"found": [{"words": hit.words, "at": hit.at, "use": hit.rule.use, "why": hit.rule.why} for hit in hits]}


# ---------------------------------------------------------------------- for supervisors


@router.get("/audit")
async def get_audit(
    who: Supervisor,
    conversation: Annotated[str | None, Query(pattern=r"^[A-Z0-9-]{1,16}$")] = None,
    agent: Annotated[str | None, Query(pattern=r"^[a-z0-9]{1,32}$", description="An agent's id, `screen`, `parent`, `service`, `command`")] = None,
    cause: Annotated[str | None, Query(pattern=r"^[a-z_]{1,32}$")] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_SEARCH)] = 50,
) -> dict[str, Any]:
    """Who changed or read what, newest first; `next` goes into `before` for older ones."""
    async with who.services.store.reading() as reading:
        lines = await reading.search_audit(
            conversation=conversation, actor=agent, cause=cause, since=since, until=until, before=before, limit=limit
        )
    return {"lines": [_line(line) for line in lines], "next": lines[-1].number if len(lines) == limit else None}


@router.get("/readings")
async def get_readings(
    who: Supervisor, since: AwareDatetime | None = None, until: AwareDatetime | None = None
) -> dict[str, Any]:
    """How often each agent opened conversations, and how many different ones."""
    async with who.services.store.reading() as reading:
        return {"agents": await reading.readings(since, until)}


# ---------------------------------------------------------------------- how it is done


def _services(request: Request) -> Services:
    gateway: Gateway = request.app.state.gateway
    return gateway.services


def _canned(reply: Canned, *, mine: bool) -> dict[str, Any]:
    return {"canned": reply.id, "title": reply.title, "text": reply.text, "lang": reply.lang, "mine": mine}


def _team_canned(services: Services, lang: str) -> list[dict[str, Any]]:
    wording = services.wording
    found = []
    for name in sorted(key[1] for key in map(CANNED.fullmatch, wording.keys) if key):
        key = f"utter_canned_{name}"
        said = wording.say(key, {}, lang)
        title = next((v.metadata.get("title") for v in wording.variations(key) if v.lang == said.lang), None)
        found.append(_canned(Canned(name, title or name, said.text, said.lang), mine=False))
    return found


def _line(line: AuditEntry) -> dict[str, Any]:
    return {
        "line": line.number,
        "at": utc_text(line.at),
        "conversation": line.conversation,
        "actor": line.actor,
        "actor_name": line.actor_name,
        "cause": line.cause,
        "from_state": line.from_state,
        "to_state": line.to_state,
        "version": line.version,
        "detail": line.detail,
    }
