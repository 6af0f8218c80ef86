"""One service kept alive: started, watched, started again with back-off, stopped."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from chat_server.launch.watchdog import Watchdog, kill_group

LOG_LIMIT_BYTES = 5 * 1024 * 1024
REMEMBERED_LINES = 15


class State(StrEnum):
    """Where a service stands, as `/readyz` shows it."""

    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"


@dataclass(frozen=True)
class Service:
    """What to run, and how to know that it is up: something listens on its port."""

    name: str
    command: tuple[str, ...]
    port: int
    host: str = "127.0.0.1"
    environ: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 5.0
    """Seconds between asking it to stop and killing it."""


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a service is started again."""

    first_s: float = 1.0
    most_s: float = 30.0
    steady_s: float = 60.0
    """A service that has lived this long begins again at `first_s`."""

    def delay_s(self, failures: int) -> float:
        """The wait after this many failures in a row, doubled each time."""
        return min(self.first_s * 2 ** min(failures - 1, 16), self.most_s)


class Log:
    """A service's output: kept in a file of bounded size, its last lines remembered, shown when asked for."""

    def __init__(self, path: Path, show: Callable[[str], None] | None = None) -> None:
        self.path = path
        self.last: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._show = show
        path.parent.mkdir(parents=True, exist_ok=True)

    async def copy(self, stream: asyncio.StreamReader) -> None:
        """Copy a process's output until it ends."""
        rest = b""
        while block := await stream.read(65536):
            *lines, rest = (rest + block).split(b"\n")
            self._write(lines)
            if len(rest) > LOG_LIMIT_BYTES:
                self._write([rest])
                rest = b""
        if rest:
            self._write([rest])

    def _write(self, lines: list[bytes]) -> None:
        if not lines:
            return
        if self.path.exists() and self.path.stat().st_size > LOG_LIMIT_BYTES:
            self.path.replace(self.path.with_suffix(".log.1"))
        with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.writelines(line + b"\n" for line in lines)
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            self.last.append(text)
            if self._show:
                self._show(text)


class Child:
    """A service's process, replaced by a new one whenever it ends before it was asked to."""

    def __init__(
        self,
        service: Service,
        log: Log,
        watchdog: Watchdog,
        changed: Callable[["Child"], None],
        died: Callable[["Child", str, float], None],
        backoff: Backoff = Backoff(),
        folder: Path | None = None,
    ) -> None:
        self.service = service
        self.log = log
        self.state = State.STARTING
        self.pid: int | None = None
        self.restarts = 0
        self._watchdog = watchdog
        self._changed = changed
        self._died = died
        self._backoff = backoff
        self._folder = folder
        self._failures = 0
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_alive(), name=f"keep {self.service.name}")

    async def stop(self) -> None:
        """Ask it to stop, kill what does not within the service's grace, and leave nothing of its group."""
        self._stopping.set()
        if not self._task:
            return
        self._signal(signal.SIGTERM)
        await asyncio.wait([self._task], timeout=self.service.grace_s)
        self.kill()
        await self._task

    def kill(self) -> None:
        """Kill it at once, with whatever it started."""
        if self.pid is not None:
            kill_group(self.pid)

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            how = await self._run_once()
            if self._stopping.is_set():
                return
            self._failures = 1 if loop.time() - began >= self._backoff.steady_s else self._failures + 1
            delay_s = self._backoff.delay_s(self._failures)
            self.restarts += 1
            self._become(State.BACKOFF)
            self._died(self, how, delay_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay_s)

    async def _run_once(self) -> str:
        """Run the service's process to its end, and tell how it ended."""
        try:
            process, output = await spawn(self.service.command, self.service.environ, self._folder)
        except OSError as error:
            return f"could not be started ({error})"
        self._watchdog.watch(process.pid)
        self.pid = process.pid
        self._become(State.STARTING)
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        copying = asyncio.create_task(self.log.copy(output))
        opening = asyncio.create_task(self._see_it_open())
        code = await process.wait()
        opening.cancel()
        kill_group(process.pid)
        self._watchdog.forget(process.pid)
        self.pid = None
        await asyncio.wait([copying], timeout=2)
        copying.cancel()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"stopped with exit code {code}"

    async def _see_it_open(self) -> None:
        while not await accepts(self.service.host, self.service.port):
            await asyncio.sleep(0.2)
        self._become(State.RUNNING)

    def _become(self, state: State) -> None:
        self.state = state
        self._changed(self)

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


async def spawn(
    command: Sequence[str | Path], environ: Mapping[str, str], folder: Path | None, errors: int | None = None
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader]:
    """A process in a group of its own, and its output as one stream; `errors` is a file for what it says beside that.

    The pipe is ours and not asyncio's, whose `wait()` returns only when nobody holds the pipe any more: a service that
    was killed would not be missed while a process that it had started lives on.
    """
    read_end, write_end = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **environ}, cwd=folder,
            stdin=asyncio.subprocess.DEVNULL, stdout=write_end, stderr=write_end if errors is None else errors,
            start_new_session=True,
        )
    except BaseException:
        os.close(read_end)
        raise
    finally:
        os.close(write_end)
    output = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(output), os.fdopen(read_end, "rb", buffering=0)
    )
    return process, output


async def accepts(host: str, port: int) -> bool:
    """Whether something takes connections there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout=2)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
