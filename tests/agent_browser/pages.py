"""Where things are on an agent's desk and in a parent's chat, and the line between a page and the service."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect


def box(page: Page):
    return page.get_by_label("Reply to the parent")


def log(page: Page):
    return page.get_by_role("log", name="Conversation")


def reply(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def row(page: Page, ref: str, section: str):
    """The conversation in a list of the left side."""
    return page.get_by_role("list", name=re.compile(section)).get_by_role("button").filter(has_text=ref)


class ParentPage:
    """A parent at the service's own page, with the chat open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        page.get_by_role("button", name="Chat with us").click()
        expect(page.get_by_text("What would help most today?").and_(page.locator(":not(.unseen)"))).to_be_visible()
        kept = page.evaluate("JSON.parse(sessionStorage.getItem('chat'))")
        self.ref, self.token = kept["conversation"], kept["resume"]

    @property
    def box(self):
        return self.page.get_by_label("Your message")

    @property
    def log(self):
        return self.page.get_by_role("log", name="Conversation")

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def wait(self, words: str) -> None:
        """Say something, and ask for a person."""
        self.say(words)
        self.page.get_by_role("button", name="Talk to a person").click()
        self.is_told("You are waiting for a person")

    def is_told(self, words: str) -> None:
        """What the page says outside of the conversation: who answers, what is the matter."""
        expect(self.page.get_by_text(words).and_(self.page.locator(":not(.unseen)")).first).to_be_visible()

    def sees(self, text: str, times: int = 1) -> None:
        """A message in the conversation, and how often it stands there."""
        expect(self.log.get_by_text(text, exact=True)).to_have_count(times)


class Line:
    """Everything between a page and a socket of the service. Both directions can be cut, or held, each for itself."""

    OPEN, CUT, HELD = "open", "cut", "held"

    def __init__(self, page: Page, path: str) -> None:
        self.up = self.down = self.OPEN
        self.sent: list[dict[str, Any]] = []
        self._held: list[Callable[[], None]] = []
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile(path), self._opened)

    def _opened(self, page: WebSocketRoute) -> None:
        service = page.connect_to_server()
        self._sockets.append(page)

        def goes_up(text: str | bytes) -> None:
            self.sent.append(json.loads(text))
            self._pass(self.up, lambda: service.send(text))

        page.on_message(goes_up)
        service.on_message(lambda text: self._pass(self.down, lambda: page.send(text)))

    def _pass(self, how: str, on: Callable[[], None]) -> None:
        if how == self.OPEN:
            on()
        elif how == self.HELD:
            self._held.append(on)

    def release(self) -> None:
        """Let go of what was held, in its order, and hold nothing more."""
        self.up = self.down = self.OPEN
        held, self._held = self._held, []
        for on in held:
            on()

    def wake(self) -> None:
        """The line is there again after it was lost on both sides: the page notices that the socket is dead."""
        self.up = self.down = self.OPEN
        self._sockets[-1].close(code=1012)

    def said(self, text: str) -> list[dict[str, Any]]:
        """Each time that the page has sent these words."""
        return [frame for frame in self.sent if frame.get("text") == text]
