"""What is broken on purpose: PostgreSQL and Redis of our own, a disk of our own, and gateways as processes.

Nothing of the machine's is touched: every server here was started here.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import asyncpg
import httpx
import redis.asyncio as redis

from chat_server.launch.ports import free_port
from chat_server.launch.watchdog import Watchdog
from tests.services import Missing, _not_root, installed_postgres, installed_redis
from tests.stack import ROOT

WITHIN_S = 240.0
FAULTY, PLAIN = ("tests.faults.faulty_gateway",), ("chat_server", "serve")
"""A gateway that can be told to break, and one as it is in production."""
BACK_AFTER_S = 0.5
"""How soon a gateway that has died is started again, as whatever looks after it would."""


class Process:
    """One process of ours: its output in a file, killed with us."""

    def __init__(self, name: str, folder: Path, watchdog: Watchdog) -> None:
        self.name, self.folder = name, folder
        self._watchdog = watchdog
        self._process: asyncio.subprocess.Process | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def launch(self, command: Sequence[str | Path], environ: dict[str, str] | None = None, cwd: Path = ROOT, **who: object) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("CHAT_", "FAULT_"))}
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(str(part) for part in command), cwd=cwd, env={**inherited, **(environ or {})},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **who,
            )
        self._watchdog.watch(self._process.pid)

    def send(self, number: signal.Signals) -> None:
        if self.runs:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def ended(self) -> None:
        if self._process:
            await self._process.wait()
            self._watchdog.forget(self._process.pid)

    async def kill(self) -> None:
        """As a power cut does."""
        self.send(signal.SIGKILL)
        await self.ended()

    def end_of_log(self) -> str:
        path = self.folder / f"{self.name}.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""


async def until(look, what: str, within_s: float = WITHIN_S) -> None:
    """Wait until an awaited look finds something."""
    try:
        async with asyncio.timeout(within_s):
            while not await look():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:g} s: {what}") from None


class OwnPostgres(Process):
    """A PostgreSQL cluster in a folder, which can be killed and started again over the same data."""

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        folder.mkdir()
        super().__init__("postgres", folder, watchdog)
        self.port = free_port()
        self._data = folder / "data"
        binaries = installed_postgres()
        if binaries is None:
            raise Missing("The fault tests need the programs of a PostgreSQL server: they start and kill one of their own.")
        self._binaries = binaries
        self._who = _not_root(folder)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    async def make(self) -> None:
        made = await asyncio.to_thread(
            subprocess.run,
            [self._binaries / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
            capture_output=True, text=True, cwd=self.folder, **self._who,
        )
        if made.returncode:
            raise Missing(f"initdb: {made.stderr.strip()[-500:]}")
        await self.start()

    async def start(self) -> None:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
        command = [self._binaries / "postgres", "-D", self._data, "-p", str(self.port), *(f"--{n}={v}" for n, v in settings.items())]
        await self.launch(command, cwd=self.folder, **self._who)
        await until(self._answers, "PostgreSQL answers")

    async def crash(self) -> None:
        """All its processes end at once, without a checkpoint: what was committed has to be recovered from the log."""
        self.send(signal.SIGQUIT)
        await self.ended()

    async def stop(self) -> None:
        self.send(signal.SIGINT)
        await self.ended()

    async def new_database(self, name: str) -> str:
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(f'create database "{name}"')
        finally:
            await connection.close()
        return self.url(name)

    async def _answers(self) -> bool:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await (await asyncpg.connect(self.url(), timeout=5)).close()
            return True
        return False


class OwnRedis(Process):
    """A Redis that keeps nothing, which can be killed, stopped short, and started again."""

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        folder.mkdir()
        super().__init__("redis", folder, watchdog)
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        binary = installed_redis()
        if binary is None:
            raise Missing("The fault tests need a redis-server program: they start and kill one of their own.")
        await self.launch([binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], cwd=self.folder)
        await until(self._answers, "Redis answers")

    async def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError, OSError):
            async with redis.Redis.from_url(self.url, socket_timeout=2) as server:
                return bool(await server.ping())
        return False


class OwnGateway(Process):
    """The real gateway as a process on a port of its own, started again when it dies."""

    def __init__(self, name: str, folder: Path, watchdog: Watchdog, environ: dict[str, str], program: Sequence[str] = FAULTY) -> None:
        super().__init__(name, folder, watchdog)
        self._program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.deaths = 0
        self.clock = folder / f"{name}.clock"
        self.clock.write_text("0")
        self._environ = {
            **environ, "CHAT_PORT": str(self.port), "CHAT_DATA_DIR": str(folder), "CHAT_OPENING_HOURS": "always",
            "CHAT_LOG_LEVEL": "WARNING", "FAULT_CLOCK": str(self.clock),
        }
        self._faults: list[str] = []
        self._keeper: asyncio.Task[None] | None = None
        self.answers = asyncio.Event()
        self.last_death = 0.0

    def lay(self, *faults: str) -> None:
        """What the next starts come to, one fault for each."""
        self._faults += faults

    async def start(self) -> None:
        self._keeper = asyncio.create_task(self._keep())
        async with asyncio.timeout(WITHIN_S):
            await self.answers.wait()

    async def restart(self) -> None:
        """An orderly stop, as for an upgrade; the keeper starts it again. Returns when it answers."""
        self.answers.clear()
        self.send(signal.SIGTERM)
        async with asyncio.timeout(WITHIN_S):
            await self.answers.wait()

    async def close(self) -> None:
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(15):
                await self.ended()
        except TimeoutError:
            await self.kill()

    async def _keep(self) -> None:
        while True:
            fault = {"FAULT_AT": self._faults.pop(0)} if self._faults else {}
            await self.launch([sys.executable, "-m", *self._program], {**self._environ, **fault})
            looking = asyncio.create_task(self._look())
            await self.ended()
            looking.cancel()
            self.answers.clear()
            self.deaths += 1
            self.last_death = asyncio.get_running_loop().time()
            await asyncio.sleep(BACK_AFTER_S)

    async def _look(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            while not self.answers.is_set():
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(f"{self.url}/healthz", timeout=5)).status_code == 200:
                        self.answers.set()
                        return
                await asyncio.sleep(0.05)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own that can be filled without hurting anybody. Raises Missing where it cannot be made."""
    folder.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run([mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True, text=True)
    if not done or done.returncode:
        raise Missing("a small file system cannot be mounted here (it takes root), so no disk was filled")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], capture_output=True)


def fill(folder: Path) -> Path:
    """Write until nothing more fits; the ballast, which is deleted to make room."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
        while file.write(bytes(64 * 1024)):
            pass
    with contextlib.suppress(OSError), open(ballast, "ab", buffering=0) as file:
        while file.write(bytes(512)):
            pass
    return ballast


@contextlib.asynccontextmanager
async def gateways(count: int, folder: Path, watchdog: Watchdog, environ: dict[str, str], faults: Sequence[str] = (), program: Sequence[str] = FAULTY) -> AsyncIterator[list[OwnGateway]]:
    """So many of them over the same store, one after the other, as migrations want it; each with these faults, one for each life."""
    running = [OwnGateway(f"gateway-{number}", folder, watchdog, environ, program) for number in range(1, count + 1)]
    try:
        for one in running:
            one.lay(*faults)
            await one.start()
        yield running
    finally:
        await asyncio.gather(*(one.close() for one in running), return_exceptions=True)


def pick(rng: random.Random, running: Sequence[OwnGateway]) -> OwnGateway:
    """A gateway as a load balancer picks one: of those that answer, if any does."""
    return rng.choice([one for one in running if one.answers.is_set()] or list(running))
