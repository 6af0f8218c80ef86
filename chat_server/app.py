"""The gateway as an application: the only place that picks the real collaborators."""

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import WebSocketRoute
from starlette.staticfiles import StaticFiles

from chat_server import __version__, agent_api, conversation_api, estimate_api, health, logs, plain_pages, public_api, sign_in_api, tracing
from chat_server.agent_socket import agent_desk
from chat_server.bus import Hub, MemoryBus, RedisBus
from chat_server.core.opening import Opening
from chat_server.core.wording import Wording
from chat_server.dialogue_pool import pool_of
from chat_server.errors import Problem, answer_problem, problem_response
from chat_server.gateway import Gateway
from chat_server.oidc import provider_of
from chat_server.parent_socket import parent_chat
from chat_server.patience import WholeRequests, impatient
from chat_server.rates import OwnRates, SharedRates
from chat_server.security import SecurityHeaders
from chat_server.services import Services
from chat_server.settings import Settings
from chat_server.store.migrate import upgrade
from chat_server.store.unit_of_work import Store

WEB = Path(__file__).parent / "web"
NO_DIALOGUE = "http://127.0.0.1:9"
"""Where nothing listens: without a dialogue model the screen, the fixed answers and the button still work."""
SERVED = ("widget", "shared", "strings", "pages", "agent")
WS_MAX_BYTES = 64 * 1024
"""Larger than a frame may be, so that one that is too large gets its code and a sentence instead of a cut line."""


def make_services(settings: Settings) -> Services:
    """The real collaborators, as the settings name them."""
    worker = secrets.token_hex(8)
    return Services(
        settings=settings,
        store=Store(settings.database),
        bus=RedisBus(settings.redis_url, worker, settings.redis_prefix) if settings.redis_url else MemoryBus(),
        hub=Hub(),
        assistant=pool_of(settings.rasa_urls or (NO_DIALOGUE,), settings.rasa_token or ""),
        wording=Wording(settings.wording_dir),
        opening=Opening.from_setting(settings.opening_hours),
        rates=SharedRates(settings.redis_url, settings.redis_prefix) if settings.redis_url else OwnRates(),
        worker=worker,
        provider=provider_of(settings),
    )


def create_app(settings: Settings, services: Services | None = None) -> FastAPI:
    """The application; tests pass services of their own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await upgrade(settings.database)
        gateway = Gateway(services or make_services(settings))
        app.state.gateway = gateway
        await gateway.start()
        try:
            yield
        finally:
            await gateway.stop()
            tracing.stop()

    app = FastAPI(
        title="Child Maintenance Options live chat",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.add_exception_handler(Problem, answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_middleware(WholeRequests, within_s=settings.request_within_s)
    app.add_middleware(SecurityHeaders)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(settings.origins),
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type"],
        )
    for api in (health, public_api, conversation_api, estimate_api, plain_pages, agent_api, sign_in_api):
        app.include_router(api.router)
    app.router.routes.append(WebSocketRoute("/ws/chat", parent_chat))
    app.router.routes.append(WebSocketRoute("/ws/agent", agent_desk))
    for folder in SERVED:
        # Only files are compressed: answers with a parent's words beside a token would tell an eavesdropper too much.
        app.mount(f"/web/{folder}", GZipMiddleware(StaticFiles(directory=WEB / folder)), name=f"web-{folder}")

    @app.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return FileResponse(WEB / "pages" / "index.html")

    @app.get("/agent", include_in_schema=False)
    async def console() -> FileResponse:
        return FileResponse(WEB / "agent" / "index.html")

    @app.get("/widget.js", include_in_schema=False)
    async def widget() -> FileResponse:
        return FileResponse(WEB / "widget.js", media_type="text/javascript")

    return app


async def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    """A request whose shape is wrong: the field is named, what was written in it is not repeated."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    return problem_response(Problem("bad_input", f"{field or 'request'}: {first['msg']}", field=field))


class GatewayServer(uvicorn.Server):
    """Says goodbye to parents in the protocol's own words before the listener goes."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.config.app.state.gateway.drain()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def server_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """How the gateway is served: no compression (nothing to bomb), pings that find the dead, no access log of addresses."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=impatient(app.state.settings.request_within_s),
        ws="websockets-sansio",
        ws_max_size=WS_MAX_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=30,
        log_config=None,
        access_log=False,
        server_header=False,
    )


def serve(settings: Settings) -> None:
    """Run one gateway process until it is told to stop."""
    logs.set_up(settings.log_level)
    tracing.start(settings.traces_url)
    GatewayServer(server_config(create_app(settings), settings.host, settings.port)).run()
