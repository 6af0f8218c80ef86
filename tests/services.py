"""PostgreSQL, Redis and Chromium for the tests: one that runs, else one that is installed, else installed by apt-get.

    python -m tests.services [arguments of pytest]     # what `make test` runs: provide all three, then run the tests

`TEST_DATABASE_URL`, `TEST_REDIS_URL` and `TEST_CHROMIUM` name what to use outright. Nothing is skipped: without one of
them the tests stop with a line that says what to install.
"""

import asyncio
import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import redis

from chat_server.launch.ports import free_port
from chat_server.launch.watchdog import Watchdog, kill_group
from tests.waiting import eventually

Result = TypeVar("Result")
PARALLEL = ("-n", "auto", "--dist", "loadfile")
"""A worker for each core, each with services of its own; `-n 0` among the arguments runs all tests in one."""


class Missing(Exception):
    """Something the tests need is not there; the message is the one line that says what to do."""


@dataclass(frozen=True)
class Found:
    """Where a service was found: its address, and the words for a person."""

    at: str
    how: str


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, whether or not a loop is running in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


# --- PostgreSQL


def running_postgres() -> Found | None:
    """A server that lets us in and lets us make databases: the one named, or one at the usual local places."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        named = named.replace("postgresql+asyncpg://", "postgresql://")
        if not _may_create_databases(named):
            raise Missing("TEST_DATABASE_URL names no PostgreSQL server that answers and lets this user create databases.")
        return Found(named, "the one that TEST_DATABASE_URL names")
    for url in _usual_postgres_urls():
        if _may_create_databases(url):
            return Found(url, f"the one that runs at {urlsplit(url).netloc.rpartition('@')[2]}")
    return None


def _usual_postgres_urls() -> Iterator[str]:
    port = os.environ.get("PGPORT", "5432")
    if not _listens(os.environ.get("PGHOST", "127.0.0.1"), int(port)):
        return
    password = f":{quote(os.environ['PGPASSWORD'], safe='')}" if os.environ.get("PGPASSWORD") else ""
    host = os.environ.get("PGHOST", "127.0.0.1")
    users = dict.fromkeys([os.environ.get("PGUSER", "postgres"), "postgres", getpass.getuser(), "root"])
    for user in users:
        for database in dict.fromkeys([os.environ.get("PGDATABASE", "postgres"), "postgres", user, "test"]):
            yield f"postgresql://{user}{password}@{host}:{port}/{database}"


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def _may_create_databases(url: str) -> bool:
    async def ask() -> bool:
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncio.TimeoutError, ValueError):
            return False
        try:
            return bool(await connection.fetchval("select rolcreatedb or rolsuper from pg_roles where rolname = current_user"))
        finally:
            await connection.close()

    return run(ask())


def installed_postgres() -> Path | None:
    """The folder with `initdb` and `postgres` of the newest installed server."""
    folders = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin"):
        folders += sorted(Path("/").glob(pattern), key=lambda folder: _numbers(str(folder)), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in "".join(c if c.isdigit() else " " for c in text).split()]


@contextlib.contextmanager
def private_postgres(binaries: Path) -> Iterator[Found]:
    """A server of our own on a free port, over an empty folder, gone afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="chat-postgres-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        who = _not_root(Path(folder))
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **who,
        )
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        command = [binaries / "postgres", "-D", data, "-p", str(port), *(f"--{name}={value}" for name, value in settings.items())]
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        with background(command, Path(folder), stop=signal.SIGINT, **who):
            eventually(lambda: _listens("127.0.0.1", port) and _may_create_databases(url), "the private PostgreSQL answers", 60)
            yield Found(url, f"a private one of {binaries}")


def _not_root(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as its own account, or as nobody."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise Missing("The tests run as root and PostgreSQL does not: start one, or name one with TEST_DATABASE_URL.")


@contextlib.contextmanager
def new_database(server: str) -> Iterator[str]:
    """An empty database on that server, dropped afterwards."""
    name = f"chat_test_{secrets.token_hex(6)}"
    run(_execute(server, f'create database "{name}"'))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        run(_execute(server, f'drop database "{name}" with (force)'))


def empty_database(url: str) -> None:
    """Take everything out of a test database."""
    assert "/chat_test_" in url, "only a database that the tests made is emptied"
    run(_execute(url, "drop schema public cascade; create schema public"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


# --- Redis


def running_redis() -> Found | None:
    """A server that answers: the one named, or the one on the usual local port."""
    if named := os.environ.get("TEST_REDIS_URL"):
        if not _answers_redis(named):
            raise Missing("TEST_REDIS_URL names no Redis server that answers.")
        return Found(named, "the one that TEST_REDIS_URL names")
    usual = "redis://127.0.0.1:6379/0"
    return Found(usual, "the one that runs at 127.0.0.1:6379") if _answers_redis(usual) else None


def _answers_redis(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=3) as server:
            return bool(server.ping())
    except (redis.RedisError, OSError, ValueError):
        return False


def installed_redis() -> Path | None:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


@contextlib.contextmanager
def private_redis(binary: Path) -> Iterator[Found]:
    """A server of our own on a free port that keeps nothing."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="chat-redis-") as folder:
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        url = f"redis://127.0.0.1:{port}/0"
        with background(command, Path(folder)):
            eventually(lambda: _answers_redis(url), "the private Redis answers", 30)
            yield Found(url, f"a private one of {binary}")


@contextlib.contextmanager
def own_redis_database(server: str) -> Iterator[str]:
    """One of that server's numbered databases that is empty and nobody else's, emptied again afterwards."""
    mark = "chat-tests:taken"
    for number in range(15, -1, -1):
        url = urlunsplit(urlsplit(server)._replace(path=f"/{number}"))
        with redis.Redis.from_url(url) as database:
            try:
                if database.dbsize() or not database.set(mark, os.getpid(), nx=True, ex=3600):
                    continue
            except redis.ResponseError:  # a server may be set to fewer than 16
                continue
            try:
                yield url
            finally:
                database.flushdb()
            return
    raise Missing("Every database of the Redis server holds something: empty one, or name another server with TEST_REDIS_URL.")


# --- Chromium


def chromium() -> Found | None:
    """A Chromium that runs."""
    if named := os.environ.get("TEST_CHROMIUM"):
        if not _runs(named):
            raise Missing(f"TEST_CHROMIUM is {named}, which is not a Chromium that runs.")
        return Found(named, "the one that TEST_CHROMIUM names")
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        path = shutil.which(name)
        if path and _runs(path):
            return Found(path, f"the one at {path}")
    return None


def _runs(program: str) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


# --- nginx


def installed_nginx() -> Path | None:
    """The proxy's program: the one that `TEST_NGINX` names, or one that is installed; /usr/sbin is on few people's path."""
    found = os.environ.get("TEST_NGINX") or shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def provided_nginx() -> Path:
    """The same, installed first where this machine lets us. Raises Missing: only the tests of the proxy need it."""
    if not installed_nginx():
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Missing("nginx is not installed: install nginx-light, or name a program with TEST_NGINX.")
        _install({"nginx": "nginx-light"})
    if found := installed_nginx():
        return found
    raise Missing("nginx-light was installed and there is no nginx.")


# --- providing what is missing


@contextlib.contextmanager
def background(command: Sequence[str | Path], folder: Path, stop: signal.Signals = signal.SIGTERM, **who: Any) -> Iterator[None]:
    """A server beside the tests, with its output in the folder, stopped afterwards and also when the tests are killed."""
    with open(folder / "output.log", "wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, **who,
        )
    watchdog = Watchdog()
    watchdog.watch(process.pid)
    try:
        yield
    except AssertionError as late:
        late.add_note((folder / "output.log").read_text(errors="replace")[-2000:])
        raise
    finally:
        process.send_signal(stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        kill_group(process.pid)
        watchdog.close()


@contextlib.contextmanager
def a_postgres() -> Iterator[Found]:
    if found := running_postgres():
        yield found
    elif binaries := installed_postgres():
        with private_postgres(binaries) as found:
            yield found
    else:
        raise Missing("The tests need PostgreSQL: install it, start it, or name one with TEST_DATABASE_URL.")


@contextlib.contextmanager
def a_redis() -> Iterator[Found]:
    if found := running_redis():
        yield found
    elif binary := installed_redis():
        with private_redis(binary) as found:
            yield found
    else:
        raise Missing("The tests need Redis: install it, start it, or name one with TEST_REDIS_URL.")


def a_chromium() -> Found:
    if found := chromium():
        return found
    raise Missing("The tests need Chromium: install it, or name one with TEST_CHROMIUM.")


NEEDED: dict[str, tuple[str, Callable[[], object]]] = {
    "PostgreSQL": ("postgresql", lambda: running_postgres() or installed_postgres()),
    "Redis": ("redis-server", lambda: running_redis() or installed_redis()),
    "Chromium": ("chromium", chromium),
}


def install_missing() -> None:
    """Install what is neither running nor installed, where this machine lets us."""
    missing = {name: package for name, (package, there) in NEEDED.items() if not there()}
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(f"The tests need {' and '.join(missing)}: install {'it' if len(missing) == 1 else 'them'} (make test does it by itself as root with apt-get).")
    _install(missing)


def _install(missing: dict[str, str]) -> None:
    print(f"Installing {', '.join(missing)} with apt-get.", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *missing.values()]):
        done = subprocess.run(["apt-get", "-q", *command], env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode and command[0] == "install":
            raise Missing(f"apt-get could not install {', '.join(missing)}: {done.stderr.strip().splitlines()[-1:]}")


def main(arguments: Sequence[str]) -> int:
    try:
        install_missing()
        for name, (_, there) in NEEDED.items():
            found = there()
            print(f"{name}: {found.how if isinstance(found, Found) else f'a private one of {found}'}.", flush=True)
    except Missing as reason:
        print(reason, file=sys.stderr)
        return 1
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *PARALLEL, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
