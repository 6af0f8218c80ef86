"""Journeys use the real product and a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP, OpenPage, browser

__all__ = ["browser"]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open pages in a context of their own; an error of a script fails the test, a service that is killed does not."""
    errors: list[str] = []
    contexts = []

    def open_one(address: str, *, viewport: dict[str, int] = DESKTOP, **context: object):
        contexts.append(browser.new_context(viewport=viewport, **{"reduced_motion": "reduce"} | context))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == [], "a script failed"
