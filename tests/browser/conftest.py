"""Chromium, the web files, and pages on which nothing may go wrong unseen."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.site import WEB, host_page_app, served, web_app

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)
PHONE = {"width": 375, "height": 740}
DESKTOP = {"width": 1280, "height": 860}
NARROW = {"width": 320, "height": 640}
ZOOMED = {"width": 320, "height": 256}
"""What a window of 1280 by 1024 shows at 400 %."""

STATES = re.findall(r"^  \"?([a-z-]+)\"?: \{(?: title|$)", (WEB / "gallery" / "states.js").read_text(), re.MULTILINE)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium for one file of tests: while it runs, its own event loop keeps asynchronous tests from running."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the web files, with the gateway's policies."""
    with served(web_app()) as address:
        yield address


@pytest.fixture(scope="session")
def host_page(site: str) -> Iterator[str]:
    """The address of a page of another origin that embeds the widget."""
    with served(host_page_app(site)) as address:
        yield address


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open pages in a context of their own; an error in any of their consoles fails the test."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        """Keep what the pages' own files are to blame for; a script without an address is the test's own (axe)."""
        if message.type in ("error", "warning") and message.location["url"]:
            complaints.append(f"{message.location['url']}: {message.text}")

    def open_one(address: str, *, viewport: dict[str, int] = DESKTOP, **context: object) -> Page:
        contexts.append(browser.new_context(viewport=viewport, **{"reduced_motion": "reduce"} | context))
        page = contexts[-1].new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == [], "the browser complained"


@pytest.fixture
def gallery(open_page: OpenPage, site: str) -> OpenPage:
    """Open a state of the gallery and wait until it stands still."""

    def open_state(state: str, *, lang: str = "en", **options: object) -> Page:
        page = open_page(f"{site}/web/gallery/gallery.html?state={state}&lang={lang}", **options)
        page.wait_for_selector(f'html[data-ready="{state}"]', state="attached")
        return page

    return open_state
