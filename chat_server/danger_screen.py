"""The danger screen of the gateway: reviewed patterns and the eye, heard together before anything else is done with a text."""

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from chat_server.core import safety
from chat_server.core.safety import Finding, Kind
from chat_server.metrics import EYE, EYE_SECONDS, UP

if TYPE_CHECKING:
    from chat_server.danger_eye.eye import Look, Vectors

log = structlog.get_logger(__name__)

WITHIN_S = 0.5
"""The eye is waited for this long; a text of 2,000 characters takes it 0.15 s on one core."""
WAITING_S = 0.25
"""Where the texts before would take longer, the patterns alone decide at once, so that messages go on being acknowledged."""
PER_CHARACTER_S = 0.0001
"""What a text adds to that, until it is read."""


class Sees(Protocol):
    """An eye; tests bring their own."""

    def look(self, text: str) -> "Look": ...


def current_eye() -> Sees:
    """The eye of this version. Imported here, so that a machine on which its libraries do not load still has the patterns."""
    from chat_server.danger_eye.eye import Eye

    return Eye.current()


@dataclass(frozen=True, slots=True)
class Heard:
    """What the screen heard in a text, and the vectors that were computed on the way.

    `vectors` holds each text that was read, as `chat_server.encoder.tidy.as_read` writes it, the whole message first, under
    the encoder whose weights have the hash `encoder`. Empty when the eye did not look.
    """

    finding: Finding
    vectors: "Vectors" = field(default_factory=dict)
    encoder: str = ""

    def packed(self) -> dict[str, Any] | None:
        """The vectors as they cross the wire to the dialogue model; None when there are none."""
        if not self.vectors:
            return None
        of = {text: b64encode(vector.astype("<f4").tobytes()).decode() for text, vector in self.vectors.items()}
        return {"encoder": self.encoder, "of": of}


class DangerScreen:
    """Both eyes. The patterns always look; the eye looks in a thread of its own, as long as it is there and quick enough."""

    def __init__(self, load: Callable[[], Sees] = current_eye, within_s: float = WITHIN_S) -> None:
        """Nothing is loaded until `start`; until then, and where loading fails, the patterns decide alone."""
        self._load = load
        self._within_s = within_s
        self._eye: Sees | None = None
        self._waiting_s = 0.0
        self._threads = ThreadPoolExecutor(min(2, os.cpu_count() or 1), "danger-eye")
        self.problem = "not started"
        """Why the eye does not look; empty when it does."""

    async def start(self) -> None:
        """Load the eye, beside the event loop."""
        try:
            self._eye = await asyncio.get_running_loop().run_in_executor(self._threads, self._load)
            self.problem = ""
        except Exception as error:  # whatever is wrong with the eye, the patterns go on
            self.problem = str(error) or type(error).__name__
            log.exception("danger_eye_failed")
        UP.labels("danger_eye").set(self._eye is not None)

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hear(self, text: str) -> Heard:
        """Hear the kinds of danger in a text of any length. Never raises, never waits longer than its time."""
        finding = safety.screen(text)
        look = await self._look(text)
        if look is None:
            return Heard(finding)
        return Heard(together(finding, look), look.vectors, look.encoder)

    async def _look(self, text: str) -> "Look | None":
        cost_s = PER_CHARACTER_S * len(text)
        if self._eye is None or self._waiting_s > WAITING_S:
            EYE.labels("away" if self._eye is None else "busy").inc()
            return None
        self._waiting_s += cost_s
        began = time.perf_counter()
        try:
            loop = asyncio.get_running_loop()
            look = await asyncio.wait_for(loop.run_in_executor(self._threads, self._eye.look, text), self._within_s)
        except TimeoutError:
            EYE.labels("late").inc()
            return None
        except Exception:  # the patterns have looked already
            log.exception("danger_eye_failed")
            EYE.labels("failed").inc()
            return None
        finally:
            self._waiting_s -= cost_s
        EYE.labels("looked").inc()
        EYE_SECONDS.observe(time.perf_counter() - began)
        return look


def together(finding: Finding, look: "Look") -> Finding:
    """What either found, but for a pattern that the eye is sure is a figure of speech. Who is spoken of, the patterns say."""
    believed = set(finding.kinds) - set(look.doubted) | set(look.kinds)
    return replace(finding, kinds=tuple(kind for kind in Kind if kind in believed)) if believed else Finding()
