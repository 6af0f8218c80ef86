"""The web files on a free port, with the gateway's own policies, the gallery, and a page of somebody else's.

    python -m tests.browser.site     # serves the gallery, for designers, until Enter is pressed
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from chat_server.security import SecurityHeaders
from tests.waiting import eventually

WEB = Path(__file__).parents[2] / "chat_server" / "web"
POLICY = SecurityHeaders.POLICY + "; require-trusted-types-for 'script'"


class StrictHeaders(SecurityHeaders):
    """The gateway's policies, and trusted types on top: no script may be made of text."""

    POLICY = POLICY


WEATHER = "<!doctype html><html lang=en><title>Weather</title><h1>Weather</h1>"


def _nothing(_request: Request) -> Response:
    return Response(status_code=204)


def web_app() -> Starlette:
    """Files only: what stands behind the sockets is the gallery's script."""
    return Starlette(
        routes=[
            Route("/", lambda request: FileResponse(WEB / "pages" / "index.html")),
            Route("/widget.js", lambda request: FileResponse(WEB / "widget.js", media_type="text/javascript")),
            Route("/weather", lambda request: HTMLResponse(WEATHER)),
            Route("/favicon.ico", _nothing),
            Mount("/web", StaticFiles(directory=WEB, html=True)),
        ],
        middleware=[Middleware(StrictHeaders), Middleware(CORSMiddleware, allow_origins=["*"])],
    )


def host_page_app(widget_origin: str) -> Starlette:
    """A page on another origin that embeds the widget with one line, in a style that the widget must not take over.

    The query of its address becomes the options of the line.
    """

    def page(request: Request) -> HTMLResponse:
        options = " ".join(f'data-{name}="{value}"' for name, value in request.query_params.items())
        return HTMLResponse(
            f"""<!doctype html><html lang="en"><head><title>Somebody else's page</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>html {{ font-size: 62.5% }} * {{ font-family: cursive }} button, p {{ background: lime; display: none }}</style>
            <script src="{widget_origin}/widget.js" async data-exit-url="{widget_origin}/weather" {options}></script></head>
            <body><h1>Somebody else's page</h1></body></html>"""
        )

    return Starlette(routes=[Route("/", page), Route("/favicon.ico", _nothing)])


@contextmanager
def served(app: Starlette, port: int = 0) -> Iterator[str]:
    """Serve an application on a free port beside the test; its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, "the web files are served")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


if __name__ == "__main__":
    with served(web_app()) as gallery_address:
        input(f"{gallery_address}/web/gallery/gallery.html  (Enter ends) ")
