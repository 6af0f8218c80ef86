"""The calls of signing in with more than a password: codes of an app, and the organisation's own sign-in."""

import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from chat_server import organisation, second_factor
from chat_server import sign_in as signing
from chat_server.agent_api import Body, Supervisor, Who, own_page, with_cookie
from chat_server.errors import Problem
from chat_server.gateway import Gateway
from chat_server.protocol import Text
from chat_server.services import Services
from chat_server.store.agents import hashed

STATE_COOKIE = "options_desk_oidc"
STATE_PATH = "/api/agent/oidc"

router = APIRouter(prefix="/api/agent", tags=["agents"], dependencies=[Depends(own_page)])


class Password(Body):
    password: Annotated[Text, Field(max_length=1000)]


class Code(Body):
    code: Annotated[Text, Field(max_length=100)]


class PasswordAndCode(Password, Code):
    pass


# ---------------------------------------------------------------------- codes of an app


@router.get("/totp")
async def get_totp(who: Who) -> dict[str, Any]:
    """Whether a code is asked for at one's sign-in."""
    async with who.services.store.reading() as reading:
        factor = await reading.factor(who.agent.id)
        left = await reading.recovery_codes_left(who.agent.id)
    return {"on": bool(factor and factor.since), "recovery_codes_left": left}


@router.post("/totp")
async def post_totp(who: Who, given: Password) -> dict[str, Any]:
    """Begin: what the app has to be told, also as a picture that it can read."""
    made = await signing.enrol(who.services, who.agent, given.password)
    return {"secret": made.secret, "uri": made.uri, "picture": segno.make(made.uri).svg_data_uri(scale=5, border=4, light="white")}


@router.put("/totp")
async def put_totp(who: Who, given: Code) -> dict[str, Any]:
    """Confirm with a first code. The recovery codes are told here, and never again."""
    return {"recovery_codes": await second_factor.confirm(who.services, who.agent, given.code)}


@router.post("/totp/off", status_code=204)
async def post_totp_off(who: Who, given: PasswordAndCode) -> Response:
    """Ask for no code any more."""
    await signing.switch_codes_off(who.services, who.agent, given.password, given.code)
    return Response(status_code=204)


@router.post("/agents/{agent}/totp/reset", status_code=204)
async def post_totp_reset(request: Request, who: Supervisor, agent: str) -> Response:
    """A colleague has lost the phone: their next sign-in asks for no code, and those that are open end."""
    if not agent.isalnum():
        raise Problem("not_found", "there is no such agent")
    await second_factor.reset(who.services, who.agent, agent)
    return Response(status_code=204)


# ---------------------------------------------------------------------- the organisation's own sign-in


@router.get("/sign-in")
async def get_sign_in(request: Request) -> dict[str, Any]:
    """What the sign-in page offers."""
    return {"organisation": _services(request).provider is not None}


@router.get("/oidc/start", status_code=303, response_class=RedirectResponse)
async def get_oidc_start(request: Request) -> Response:
    """Send the browser to the organisation."""
    services = _services(request)
    address = request.client.host if request.client else "unknown"
    try:
        if wait_ms := await services.rates.take(f"oidc-{hashed(address)}"):
            raise Problem("slow_down", "many sign in at once; try again", retry_after_ms=wait_ms)
        sent = await organisation.send(services, str(request.base_url))
    except Problem as problem:
        return _to_page(problem)
    response = RedirectResponse(sent.address, 303)
    # Lax: the way back comes from another site. It holds nothing but what makes this browser the one that left.
    response.set_cookie(
        STATE_COOKIE, sent.state, max_age=int(organisation.BACK_WITHIN.total_seconds()), path=STATE_PATH,
        httponly=True, samesite="lax", secure=request.url.scheme == "https",
    )
    return response


@router.get("/oidc/back", status_code=303, response_class=RedirectResponse)
async def get_oidc_back(request: Request, state: str = "", code: str | None = None) -> Response:
    """The browser is back from the organisation."""
    try:
        if not state or not secrets.compare_digest(state.encode(), request.cookies.get(STATE_COOKIE, "").encode()):
            raise Problem("expired", "this browser did not begin that sign-in")
        begun = await organisation.take_back(_services(request), str(request.base_url), state, code)
        response = with_cookie(request, RedirectResponse("/agent", 303), begun)
    except Problem as problem:
        response = _to_page(problem)
    response.delete_cookie(STATE_COOKIE, path=STATE_PATH, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return response


def _to_page(problem: Problem) -> RedirectResponse:
    """The sign-in page says in words what went wrong."""
    return RedirectResponse(f"/agent?{urlencode({'refused': problem.code})}", 303)


def _services(request: Request) -> Services:
    gateway: Gateway = request.app.state.gateway
    return gateway.services
