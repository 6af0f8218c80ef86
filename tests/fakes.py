"""Stand-ins for what a test must steer: the assistant, the time. Each says that it is a fake."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chat_server.assistant import AssistantUnavailable, Heard, Line, Question, Reply, Status
from chat_server.core.signals import Signal


class FakeAssistant:
    """A fake dialogue model: answers at once with one key, unless the test lays down something else.

    `script` is called with each question and returns a Reply, raises, or is awaited.
    """

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.script: Callable[[Question], Any] = lambda question: reply()
        self.ready = True

    async def reply(self, question: Question) -> Reply:
        self.asked.append(question)
        answer = self.script(question)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def status(self) -> Status:
        return Status(self.ready, "fake-model", self.ready)

    async def close(self) -> None:
        return None


def reply(
    key: str = "utter_options.overview", topic: str = "options.overview", *signals: Signal, **more: Any
) -> Reply:
    """A reply of one line, with the signals that belong to it."""
    heard = tuple(Heard(signal) for signal in signals)
    return Reply(topic=topic, confidence=0.9, lines=(Line(key),), heard=heard, memory={"last_topic": topic}, **more)


async def never() -> Reply:
    """An assistant that hangs."""
    await asyncio.Event().wait()
    raise AssertionError


def unavailable(_question: Question) -> Reply:
    """An assistant whose answers cannot be used."""
    raise AssistantUnavailable("fake")


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)
