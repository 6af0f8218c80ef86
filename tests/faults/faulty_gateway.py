"""The real gateway as a process, with a fault laid into it from outside; the product itself has no hooks.

    FAULT_AT=<point>:<n> FAULT_CLOCK=<file> python -m tests.faults.faulty_gateway

At the n-th time that it comes to the point, the process is killed as by a power cut. The file holds the seconds by
which the clock of this gateway is wrong.
"""

import asyncio
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from chat_server import app, turns
from chat_server.inbox import Inbox
from chat_server.services import Services, now
from chat_server.settings import Settings

ACK_LEAVES_S = 0.05
"""An acknowledgement waits for its turn in the socket's outbox; after this long it has left."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Fuse:
    """Burns down by one each time that the point is reached."""

    def __init__(self, times: int) -> None:
        self.left = times

    def burns_out(self) -> bool:
        self.left -= 1
        return self.left == 0


def between_write_and_ack(fuse: Fuse) -> None:
    store = Inbox._store

    async def stored(self: Inbox, *arguments: Any) -> Any:
        result = await store(self, *arguments)
        if fuse.burns_out():
            die()
        return result

    Inbox._store = stored  # type: ignore[method-assign]


def between_ack_and_publish(fuse: Fuse) -> None:
    tell = Inbox._tell

    async def told(self: Inbox, *arguments: Any) -> None:
        if fuse.burns_out():
            await asyncio.sleep(ACK_LEAVES_S)
            die()
        await tell(self, *arguments)

    Inbox._tell = told  # type: ignore[method-assign]


def in_mid_turn(fuse: Fuse) -> None:
    """The dialogue model has answered, and nothing of it is stored."""
    ask = turns._ask

    async def asked(*arguments: Any) -> Any:
        reply = await ask(*arguments)
        if fuse.burns_out():
            die()
        return reply

    turns._ask = asked


def between_reply_and_publish(fuse: Fuse) -> None:
    store = turns._store_reply

    async def stored(*arguments: Any) -> Any:
        result = await store(*arguments)
        if fuse.burns_out():
            die()
        return result

    turns._store_reply = stored


POINTS = {point.__name__: point for point in (between_write_and_ack, between_ack_and_publish, in_mid_turn, between_reply_and_publish)}


def wrong_clock(file: Path) -> None:
    """From now on the services of this process are given a clock that is wrong by what the file says."""
    make = app.make_services

    def made(settings: Settings) -> Services:
        return replace(make(settings), clock=lambda: now() + timedelta(seconds=float(file.read_text() or 0)))

    app.make_services = made


def main() -> None:
    if laid := os.environ.get("FAULT_AT"):
        point, _, times = laid.partition(":")
        POINTS[point](Fuse(int(times)))
    if file := os.environ.get("FAULT_CLOCK"):
        wrong_clock(Path(file))
    app.serve(Settings())


if __name__ == "__main__":
    main()
