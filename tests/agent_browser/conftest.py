"""Desks in a real browser, over a real gateway, where nothing may go wrong unseen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.agent_browser.live import Live, live_gateway
from tests.agents import SignedIn
from tests.browser.conftest import DESKTOP, browser  # noqa: F401

OpenDesk = Callable[..., Page]
OF_THE_NETWORK = ("Failed to load resource", "WebSocket connection to")
"""What a browser itself complains of when a service refuses, or cannot be reached."""
expect.set_options(timeout=20_000)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A gateway for one test."""
    with live_gateway(tmp_path) as running:
        yield running


@pytest.fixture
def new_page(browser: Browser) -> Iterator[OpenDesk]:  # noqa: F811
    """Pages in contexts of their own; a script that fails in any of them fails the test."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        """Refusals and lost connections are the tests' business; everything else in red is a fault of the page."""
        if message.type in ("error", "warning") and message.location["url"] and not message.text.startswith(OF_THE_NETWORK):
            complaints.append(f"{message.location['url']}: {message.text}")

    def open_one(address: str, who: SignedIn | None = None, *, viewport: dict[str, int] = DESKTOP, **context: object) -> Page:
        contexts.append(browser.new_context(viewport=viewport, **{"reduced_motion": "reduce"} | context))
        if who:
            contexts[-1].add_cookies([{"name": name, "value": value, "url": address} for name, value in who.cookies.items()])
        page = contexts[-1].new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == [], "the browser complained"


@pytest.fixture
def desk(live: Live, new_page: OpenDesk) -> OpenDesk:
    """Open the desk of an agent who has signed in, and wait until it is there."""

    def open_desk(who: SignedIn, **options: object) -> Page:
        page = new_page(live.url, who, **options)
        page.goto(f"{live.url}/agent")
        expect(page.get_by_role("heading", name="Waiting")).to_be_attached()
        return page

    return open_desk
