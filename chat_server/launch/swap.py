"""Put a trained model in use under live conversations, without stopping anything.

`train` writes down which model is wanted; the supervisor of the same data folder sees it, has the dialogue model's process
load it, and writes down how that went. A process that is started again later begins with the new model too.
"""

import asyncio
import contextlib
import fcntl
import json
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

from chat_server.settings import Settings

LOOK_EVERY_S = 0.5
LOADED_WITHIN_S = 60.0
FIRST_RETRY_S = 1.0


class NotSwapped(Exception):
    """The product goes on with the model that it had; the message says why."""


async def put_in_use(settings: Settings, version: str, say: Callable[[str], None]) -> None:
    """Have whatever runs with these settings use the model, and say so. Raises NotSwapped."""
    if settings.rasa_urls:
        for url in settings.rasa_urls:
            await load(url, settings.rasa_token or "", version)
            say(f"The dialogue model at {url} now uses it.")
    elif is_running(settings.data_dir):
        await ask(settings.data_dir.absolute(), version)
        say("The running product now uses it; no conversation was interrupted.")
    else:
        say("Nothing runs on this data folder; `make run` starts with it.")


def is_running(data_dir: Path) -> bool:
    """Whether a product runs on this data folder."""
    path = data_dir / "run" / "supervisor.lock"
    if not path.exists():
        return False
    with open(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


async def ask(data_dir: Path, version: str, within_s: float = 2 * LOADED_WITHIN_S) -> None:
    """Have the running product use this model; return when it does. Raises NotSwapped."""
    wanted, outcome = _wanted(data_dir), _outcome(data_dir)
    outcome.unlink(missing_ok=True)
    _write(wanted, {"version": version})
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        answer = _read(outcome)
        if answer.get("version") == version:
            if answer.get("problem"):
                raise NotSwapped(answer["problem"])
            return
        await asyncio.sleep(LOOK_EVERY_S / 2)
    wanted.unlink(missing_ok=True)
    raise NotSwapped(f"The running product did not take the model within {within_s:.0f} s.")


def forget_wishes(data_dir: Path) -> None:
    """At a start, which takes the current model anyway."""
    _wanted(data_dir).unlink(missing_ok=True)


async def answer_wishes(data_dir: Path, take: Callable[[str], Awaitable[None]]) -> None:
    """The supervisor's side, for as long as it runs: each model that is wanted is taken; `take` raises NotSwapped."""
    wanted = _wanted(data_dir)
    while True:
        if version := _read(wanted).get("version"):
            problem = None
            try:
                await take(str(version))
            except NotSwapped as refused:
                problem = str(refused)
            wanted.unlink(missing_ok=True)
            _write(_outcome(data_dir), {"version": version, "problem": problem})
        await asyncio.sleep(LOOK_EVERY_S)


async def load(url: str, token: str, version: str, within_s: float = LOADED_WITHIN_S) -> None:
    """Have one dialogue server load a model of its models folder. One that is being started is waited for. Raises NotSwapped."""
    until = time.monotonic() + within_s
    while True:
        try:
            return await asyncio.to_thread(_post, f"{url.rstrip('/')}/webhooks/gateway/model", token, version)
        except OSError as down:
            if time.monotonic() >= until:
                raise NotSwapped(f"The dialogue model at {url} cannot be reached ({down}).") from down
            await asyncio.sleep(FIRST_RETRY_S)


def _post(url: str, token: str, version: str) -> None:
    request = urllib.request.Request(
        url, json.dumps({"model": version}).encode(), {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    )
    try:
        # Proxies of the environment are not asked.
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=LOADED_WITHIN_S).close()
    except urllib.error.HTTPError as refused:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            raise NotSwapped(f"The dialogue model refused {version}: {json.loads(refused.read())['error']}.") from refused
        raise NotSwapped(f"The dialogue model refused {version} ({refused.code}).") from refused


def _wanted(data_dir: Path) -> Path:
    return data_dir / "run" / "model-wanted.json"


def _outcome(data_dir: Path) -> Path:
    return data_dir / "run" / "model-taken.json"


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return {}


def _write(path: Path, content: dict[str, str | None]) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(content))
    unfinished.replace(path)
