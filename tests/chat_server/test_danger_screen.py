"""The gateway's danger screen: both eyes together, and the patterns alone when the second cannot look."""

import asyncio
import itertools
import threading

import pytest

from chat_server.core.safety import Finding, Kind, screen
from chat_server.danger_eye.eye import Look
from chat_server.danger_screen import DangerScreen, together

STATED = "my ex hits me"
NO_ALARMING_WORD = "got used to long sleeves"


class SeesAbuse:
    """An eye that sees abuse in everything, at its own pace."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()

    def look(self, text: str) -> Look:
        self.go_on.wait(30)
        return Look({}, (Kind.DOMESTIC_ABUSE,), (), "of these weights", {text: "its vector"})


@pytest.fixture
def eye():
    eye = SeesAbuse()
    yield eye
    eye.go_on.set()


async def started(load, **options) -> DangerScreen:
    screen = DangerScreen(load, **options)
    await screen.start()
    return screen


async def test_the_eye_hears_what_the_patterns_cannot(eye):
    screen = await started(lambda: eye)
    heard = await screen.hear(NO_ALARMING_WORD)
    assert heard.finding.kinds == (Kind.DOMESTIC_ABUSE,)
    assert screen.problem == ""


async def test_what_was_computed_on_the_way_is_kept_with_the_encoder_it_belongs_to(eye):
    heard = await (await started(lambda: eye)).hear(NO_ALARMING_WORD)
    assert heard.vectors == {NO_ALARMING_WORD: "its vector"} and heard.encoder == "of these weights"


async def test_kinds_of_both_come_most_pressing_first_and_who_is_spoken_of_stays():
    found = screen("my sister says she wants to kill herself")
    seen = Look({}, (Kind.CHILD_SAFETY,), (), "", {})
    assert together(found, seen) == Finding((Kind.SELF_HARM, Kind.CHILD_SAFETY), third_party=True)


async def test_a_pattern_that_the_eye_is_sure_is_a_figure_of_speech_is_not_believed():
    found = screen("this form will make me kill myself lol")
    assert found.kinds == (Kind.SELF_HARM,)
    assert together(found, Look({}, (), (Kind.SELF_HARM,), "", {})) == Finding()
    assert together(found, Look({}, (), (Kind.CHILD_SAFETY,), "", {})) == found


async def test_the_patterns_decide_alone_when_the_eye_does_not_load():
    def broken():
        raise OSError("lines.json is gone")

    screen = await started(broken)
    assert (await screen.hear(STATED)).finding
    assert not (await screen.hear(NO_ALARMING_WORD)).finding
    assert screen.problem == "lines.json is gone"


async def test_the_patterns_decide_alone_before_the_start(eye):
    assert (await DangerScreen(lambda: eye).hear(STATED)).finding


async def test_the_patterns_decide_alone_when_the_eye_takes_too_long(eye):
    eye.go_on.clear()
    screen = await started(lambda: eye, within_s=0.01)
    heard = await screen.hear(STATED)
    assert heard.finding.kinds == (Kind.DOMESTIC_ABUSE,) and not heard.vectors
    assert not (await screen.hear(NO_ALARMING_WORD)).finding


async def test_the_patterns_decide_alone_when_the_eye_breaks():
    class Breaks:
        def look(self, text: str) -> Look:
            raise RuntimeError("no memory")

    assert (await (await started(Breaks)).hear(STATED)).finding


async def test_many_long_messages_at_once_are_not_held_up_by_the_eye(eye):
    eye.go_on.clear()
    screen = await started(lambda: eye, within_s=60)
    waiting = [asyncio.create_task(screen.hear("a" * 2000)) for _ in range(40)]
    async with asyncio.timeout(30):
        for let_through in itertools.islice(asyncio.as_completed(waiting), 30):
            await let_through
    assert (await screen.hear(STATED)).finding
    eye.go_on.set()
    heard = await asyncio.gather(*waiting)
    assert {bool(h.vectors) for h in heard} == {True, False}
    assert (await screen.hear(NO_ALARMING_WORD)).finding, "and the eye looks again when the rush is over"
