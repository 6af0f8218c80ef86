"""A fake service behind the page's socket: keeps the events of one conversation and does what a test lays down."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

from tests.waiting import eventually

AT = "2026-11-23T10:42:00.000Z"
Frame = dict[str, Any]


class FakeService:
    """Speaks the parents' side of the protocol, in memory. `answers` is called with each `say` or `choose`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heard: list[Frame] = []
        self.events: list[Frame] = []
        self.sockets = 0
        self.acknowledges = True
        self.opens = True
        self.answers: Callable[[Frame], None] = lambda frame: None
        self.ws: WebSocketRoute | None = None
        page.route_web_socket(re.compile("/ws/chat$"), self._serve)

    # ------------------------------------------------------------------ what the service says

    def say(self, frame: Frame) -> None:
        """Send a frame to the page, stored nowhere."""
        assert self.ws
        self.ws.send(json.dumps(frame))

    def event(self, type: str, *, lost: bool = False, **fields: Any) -> Frame:
        """Store an event and send it; a `lost` one is stored only."""
        event = {"type": type, "seq": len(self.events) + 1, "at": AT, **fields}
        self.events.append(event)
        if not lost:
            self.say(event)
        return event

    def message(self, text: str, sender: str = "assistant", **fields: Any) -> Frame:
        return self.event("message", text=text, lang="en", **{"from": sender} | fields)

    def breaks_off(self, code: int = 4001) -> None:
        assert self.ws
        self.ws.close(code=code, reason="")

    # ------------------------------------------------------------------ what the page said

    def all_heard(self, type: str) -> list[Frame]:
        return [frame for frame in self.heard if frame["type"] == type]

    def hears(self, type: str, times: int = 1) -> list[Frame]:
        """The frames of a type, once there are so many."""

        def look() -> list[Frame]:
            self.page.evaluate("0")  # lets the page speak
            found = self.all_heard(type)
            return found if len(found) >= times else []

        return eventually(look, f"{times} x {type}, heard: {[frame['type'] for frame in self.heard]}")

    # ------------------------------------------------------------------ the socket

    def _serve(self, ws: WebSocketRoute) -> None:
        self.sockets += 1
        if not self.opens:
            ws.close(code=4004, reason="")
            return
        self.ws = ws
        ws.on_message(lambda text: self._hear(json.loads(text)))

    def _hear(self, frame: Frame) -> None:
        self.heard.append(frame)
        if frame["type"] == "hello":
            self._welcome(frame)
        elif frame["type"] == "ping":
            self.say({"type": "beat", "top": len(self.events)})
        elif "id" in frame and self.acknowledges:
            self._take(frame)

    def _welcome(self, hello: Frame) -> None:
        resumed = "resume" in hello
        self.say({
            "type": "welcome", "conversation": "K7M-2QX", "resume": "the-token", "top": len(self.events), "state": "assistant",
            "owner": "assistant", "version": 1, "urgent": [], "resumed": resumed, "open": True,
            "limits": {"text_kept": 2_000, "text_max": 8_000},
            "greeting": {"text": "Hello. What would help most today?", "lang": hello.get("lang", "en"), "choices": [{"label": "What are my options?"}]},
        })
        for event in self.events[hello.get("last_seq", 0):]:
            self.say(event)

    def _take(self, frame: Frame) -> None:
        known = next((event for event in self.events if event.get("id") == frame["id"]), None)
        if known:
            self.say({"type": "ack", "re": frame["id"], "seq": known["seq"], "dup": True})
            return
        self.say({"type": "ack", "re": frame["id"], "seq": len(self.events) + 1, "dup": False})
        if frame["type"] in ("say", "choose"):
            self.message(frame.get("text") or frame["choice"], "parent", id=frame["id"])
            self.answers(frame)
        else:
            self.event("noted", id=frame["id"])
