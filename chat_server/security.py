"""Origins that may talk to the service, and the headers that keep pages from doing what they were not written for."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat_server.settings import Settings

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_is_allowed(headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether a browser page at the `Origin` of these headers may open a socket or post.

    Programs that are no browser send no origin; they hold no parent's cookies, so there is nothing to hijack.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    return origin.rstrip("/").lower() in settings.origins or _is_own(origin, headers.get("host", ""))


def origin_is_own(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a page of this gateway: agents' pages are embedded nowhere, whatever the allow-list says."""
    origin = headers.get("origin")
    return origin is None or _is_own(origin, headers.get("host", ""))


def _is_own(origin: str, host: str) -> bool:
    try:
        page, own = urlsplit(origin), urlsplit(f"//{host}")
        page_port = page.port or DEFAULT_PORTS.get(page.scheme)
        own_port = own.port or DEFAULT_PORTS.get(page.scheme)
    except ValueError:
        return False
    return page.scheme in DEFAULT_PORTS and bool(page.hostname) and (page.hostname, page_port) == (own.hostname, own_port)


class SecurityHeaders:
    """Strict policies on every answer: own scripts and styles only, nothing inline, no framing, no referrer."""

    POLICY = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self' ws://{host} wss://{host}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        host = host if all(c.isalnum() or c in ".-:[]" for c in host) else ""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", self.POLICY.format(host=host))
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("X-Frame-Options", "DENY")
                # not `no-referrer`: with it browsers send the origin of a form as `null`, and the plain pages are refused
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                if scope["path"].startswith(("/api", "/chat")):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, send_with_headers)
