"""`python -m chat_server up`: the dialogue model, the action server and the gateway, started and kept alive as one."""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import signal
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from chat_server.launch import model, swap
from chat_server.launch.ports import free_port, listen_problem
from chat_server.launch.children import Backoff, Child, Log, Service
from chat_server.launch.watchdog import Watchdog
from chat_server.settings import Settings

ROOT = model.ROOT
DIALOGUE = "dialogue"
"""What the names of the processes that hold a dialogue model begin with."""
READY_WITHIN_S = 300.0
DEATHS_BEFORE_READY = 3
STILL_WAITING_EVERY_S = 15.0

Say = Callable[[str], None]


class CannotStart(Exception):
    """The start is given up; the message is what a person has to know."""


def say(line: str) -> None:
    """Tell the person at the terminal, if there still is one."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


class Supervisor:
    """Services started in order, kept alive, and stopped together.

    Writes how each stands to `run/children.json` in the data folder, for the gateway's `/readyz`.
    """

    def __init__(
        self,
        services: Sequence[Service],
        data_dir: Path,
        watchdog: Watchdog,
        say: Say = say,
        backoff: Backoff = Backoff(),
        verbose: bool = False,
    ) -> None:
        self._record = data_dir / "run" / "children.json"
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._say = say
        self._ready = False
        self._hopeless: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.children = [
            Child(service, self._log(service, data_dir, verbose), watchdog, self._changed, self._died, backoff, ROOT)
            for service in services
        ]

    def start(self) -> None:
        for child in self.children:
            child.start()

    async def wait_until(self, ready: Callable[[], Awaitable[bool]], within_s: float = READY_WITHIN_S) -> None:
        """Return once `ready` says so; give up when a service keeps dying before that, or when time is up."""
        waiting = asyncio.create_task(self._poll(ready))
        await asyncio.wait([waiting, self._hopeless], timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            waiting.result()
            self._ready = True
            return
        waiting.cancel()
        if self._hopeless.done():
            raise CannotStart(self._hopeless.result())
        states = ", ".join(f"{child.service.name} is {child.state}" for child in self.children)
        raise CannotStart(f"Not ready after {within_s:.0f} s: {states}. Their output is in {self._logs}.")

    async def stop(self) -> None:
        """The last service first, which is the one that people talk to; then the others at once."""
        *behind, front = self.children
        await front.stop()
        await asyncio.gather(*(child.stop() for child in behind))
        self._record.unlink(missing_ok=True)

    def kill(self) -> None:
        """Do not wait for anything: kill all services now."""
        for child in self.children:
            child.kill()

    @property
    def _logs(self) -> Path:
        return self.children[0].log.path.parent

    def _log(self, service: Service, data_dir: Path, verbose: bool) -> Log:
        show = (lambda line: self._say(f"{service.name:>9} | {line}")) if verbose else None
        return Log(data_dir / "logs" / f"{service.name}.log", show)

    def _changed(self, _: Child) -> None:
        states = {
            child.service.name: {"pid": child.pid, "restarts": child.restarts, "state": child.state.value}
            for child in self.children
        }
        unfinished = self._record.with_suffix(".new")
        unfinished.write_text(json.dumps(states))
        unfinished.replace(self._record)

    def _died(self, child: Child, how: str, delay_s: float) -> None:
        name = child.service.name
        self._say(f"{name} {how}; starting it again in {delay_s:g} s. Its output is in {child.log.path}.")
        if not self._ready and child.restarts >= DEATHS_BEFORE_READY and not self._hopeless.done():
            last = "\n".join(f"    {line}" for line in child.log.last)
            self._hopeless.set_result(f"{name} does not stay up. The last lines of its output:\n{last}")

    async def _poll(self, ready: Callable[[], Awaitable[bool]]) -> None:
        began = told = time.monotonic()
        while not await ready():
            await asyncio.sleep(0.25)
            if time.monotonic() - told >= STILL_WAITING_EVERY_S:
                told = time.monotonic()
                self._say(f"  {told - began:4.0f} s  still starting")


async def up(settings: Settings, verbose: bool = False) -> None:
    """Run the whole product until it is told to stop by Ctrl-C or TERM."""
    data_dir = settings.data_dir.absolute()
    with owned(data_dir), watching() as watchdog:
        swap.forget_wishes(data_dir)
        if settings.port and (problem := listen_problem(settings.host, settings.port)):
            raise CannotStart(f"Port {settings.port} on {settings.host} cannot be used ({problem}); choose another with CHAT_PORT.")
        port = settings.port or free_port(settings.host)
        if settings.rasa_url:
            services = [gateway(settings, port)]
        else:
            trained = await model.ensure(data_dir, say, watchdog)
            services = everything(settings, port, trained)
        base = address(settings.host, port)
        supervisor = Supervisor(services, data_dir, watchdog, verbose=verbose)
        await supervise(
            supervisor,
            ready=lambda: asyncio.to_thread(answers, f"{base}/readyz"),
            greeting=lambda: greeting(base),
            meanwhile=lambda: swap_models(supervisor, data_dir),
        )


async def swap_models(supervisor: Supervisor, data_dir: Path) -> None:
    """Take each model that `train` makes for this data folder; a dialogue model elsewhere is told by `train` itself."""

    async def take(version: str) -> None:
        trained = data_dir / "models" / f"{version}.tar.gz"
        for child in supervisor.children:
            service = child.service
            if service.name.startswith(DIALOGUE):
                await swap.load(f"http://{service.host}:{service.port}", service.environ["CHAT_RASA_TOKEN"], version)
                child.service = replace(service, command=dialogue_command(trained, service.port))
        say(f"The dialogue model is now {version}.")

    await swap.answer_wishes(data_dir, take)


async def supervise(
    supervisor: Supervisor,
    ready: Callable[[], Awaitable[bool]],
    greeting: Callable[[], str],
    meanwhile: Callable[[], Awaitable[object]] = lambda: asyncio.Event().wait(),
) -> None:
    """Start, wait until ready, greet, stay until cancelled, stop in order. A second signal stops the waiting."""
    began = time.monotonic()
    say(f"Starting: {', '.join(child.service.name for child in supervisor.children)}.")
    supervisor.start()
    try:
        await supervisor.wait_until(ready)
        say(f"Ready after {time.monotonic() - began:.0f} s.")
        say(await asyncio.to_thread(greeting))
        await meanwhile()
    finally:
        say("Stopping.")
        on_stop_signal(supervisor.kill)
        await supervisor.stop()
        say("Stopped.")


def everything(settings: Settings, port: int, trained: Path) -> list[Service]:
    """The services of a machine that runs all of it, in the order of their start."""
    token = settings.rasa_token or secrets.token_urlsafe(32)
    actions_port = free_port()
    models = [dialogue(settings, number, trained, token, actions_port) for number in range(1, settings.dialogue_servers + 1)]
    urls = ",".join(f"http://127.0.0.1:{service.port}" for service in models)
    return [
        Service(
            "actions",
            (sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions_port)),
            actions_port,
            environ={"SANIC_HOST": "127.0.0.1", "SANIC_WORKERS": "1"},
        ),
        *models,
        gateway(settings, port, CHAT_RASA_URL=urls, CHAT_RASA_TOKEN=token),
    ]


def dialogue(settings: Settings, number: int, trained: Path, token: str, actions_port: int) -> Service:
    """One of the processes that answer; the first has no number in its name."""
    port = free_port()
    return Service(
        DIALOGUE if number == 1 else f"{DIALOGUE}-{number}",
        dialogue_command(trained, port),
        port,
        environ={
            "CHAT_RASA_TOKEN": token,
            "CHAT_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
            "CHAT_DATA_DIR": str(settings.data_dir.absolute()),
        },
    )


def dialogue_command(trained: Path, port: int) -> tuple[str, ...]:
    return (str(model.RASA_PYTHON), "-m", "dialogue.serve", "--model", str(trained), "--port", str(port))


def gateway(settings: Settings, port: int, **environ: str) -> Service:
    """The gateway; it gets longer to stop, to say goodbye to its sockets."""
    return Service(
        "gateway",
        (sys.executable, "-m", "chat_server", "serve"),
        port,
        host=reachable(settings.host),
        environ={"CHAT_PORT": str(port), "CHAT_DATA_DIR": str(settings.data_dir.absolute()), **environ},
        grace_s=15.0,
    )


def reachable(host: str) -> str:
    """Where this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def address(host: str, port: int) -> str:
    host = reachable(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answers(url: str) -> bool:
    """Whether a GET there is answered with success. Proxies of the environment are not asked: it is this machine."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
            return answer.status < 400
    except (OSError, ValueError):
        return False


def greeting(base: str) -> str:
    """What is where, for the person who started it."""
    lines = [f"  Parents         {base}/", f"  Without script  {base}/chat"]
    if answers(f"{base}/agent"):
        lines.append(f"  Agents          {base}/agent")
    return "\n".join([*lines, f"  Health          {base}/readyz", "Ctrl-C stops it."])


@contextlib.contextmanager
def owned(data_dir: Path) -> Iterator[None]:
    """Hold the data folder; a second copy on the same folder is refused."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data_dir / "run").mkdir(exist_ok=True)
    with open(data_dir / "run" / "supervisor.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CannotStart(
                f"The data folder {data_dir} is in use by process {lock.read().strip()}; choose another with CHAT_DATA_DIR."
            ) from None
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def watching() -> Iterator[Watchdog]:
    watchdog = Watchdog()
    try:
        yield watchdog
    finally:
        watchdog.close()


async def until_told(work: Callable[[], Awaitable[None]]) -> int:
    """Run `work` until it ends or the terminal or the system asks to stop; the process's exit code."""
    task = asyncio.ensure_future(work())
    on_stop_signal(task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return 0
    except (CannotStart, model.TrainingFailed, swap.NotSwapped) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def on_stop_signal(then: Callable[[], object]) -> None:
    """What the loop does on Ctrl-C, TERM or a closed terminal, in place of what it did before."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, then)
