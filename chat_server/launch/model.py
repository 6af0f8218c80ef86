"""The dialogue model: is there one that fits the training data, and training it when there is none."""

import asyncio
import contextlib
import fcntl
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from chat_server.launch.children import REMEMBERED_LINES, Log, spawn
from chat_server.launch.fingerprint import ROOT, fingerprint
from chat_server.launch.watchdog import Watchdog, kill_group

RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
MODELS_KEPT = 3
REPORT_WITHIN_S = 90.0
"""The report limits itself to about half a minute of reading; this is for a machine with much other work."""
_PAINT = re.compile(r"\x1b\[[0-9;]*m")


class TrainingFailed(Exception):
    """No model came out of the training; the message says where its output is."""


def model_path(models: Path, root: Path = ROOT) -> Path:
    """Where the model that fits the training files lies, or would lie once trained."""
    return models / f"{fingerprint(root)}.tar.gz"


async def ensure(data_dir: Path, say: Callable[[str], None], watchdog: Watchdog, root: Path = ROOT) -> Path:
    """The model in the data folder that fits the training files, trained first when it does not exist yet."""
    models = data_dir / "models"
    models.mkdir(parents=True, exist_ok=True)
    model = model_path(models, root)
    if model.is_file():
        return model
    async with _alone(models, say):
        if not model.is_file():
            await _train(model, data_dir, say, watchdog, root)
            _prune(models, model)
            await _report(model, data_dir, say, watchdog, root)
    return model


async def _train(model: Path, data_dir: Path, say: Callable[[str], None], watchdog: Watchdog, root: Path) -> None:
    """Run the training, which writes the model whole or not at all."""
    say("Training the dialogue model. This takes some minutes, and again only when the training data changes.")
    began = time.monotonic()
    log = Log(data_dir / "logs" / "training.log", lambda line: say(f"  {_PAINT.sub('', line)}"))
    with open(os.open(log.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), "wb") as errors:
        # What goes to stderr are Rasa's warnings and the hundreds of strokes of its progress bars: for the log alone.
        process, output = await spawn(
            (RASA_PYTHON, "-m", "dialogue.train", "--out", model),
            {"CHAT_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", "TQDM_DISABLE": "1"}, root, errors.fileno(),
        )
    watchdog.watch(process.pid)
    copying = asyncio.create_task(log.copy(output))
    try:
        code = await process.wait()
    finally:
        kill_group(process.pid)
        watchdog.forget(process.pid)
        await asyncio.wait([copying], timeout=2)
    if code or not model.is_file():
        last = "\n".join(f"    {line[:300]}" for line in log.path.read_text(errors="replace").splitlines()[-REMEMBERED_LINES:])
        raise TrainingFailed(f"The dialogue model could not be trained. The end of {log.path}:\n{last}")
    say(f"Trained in {time.monotonic() - began:.0f} s.")


async def _report(model: Path, data_dir: Path, say: Callable[[str], None], watchdog: Watchdog, root: Path) -> None:
    """Make the page on what the training brought. A model without its report is as good as one with it."""
    process, output = await spawn(
        (RASA_PYTHON, "-m", "dialogue.report", model), {"CHAT_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}, root
    )
    watchdog.watch(process.pid)
    log = Log(data_dir / "logs" / "report.log")
    copying = asyncio.create_task(log.copy(output))
    code = None
    try:
        async with asyncio.timeout(REPORT_WITHIN_S):
            code = await process.wait()
    except TimeoutError:
        pass
    finally:
        kill_group(process.pid)
        watchdog.forget(process.pid)
        await asyncio.wait([copying], timeout=2)
    say(log.last[-1] if code == 0 and log.last else f"There is no report on it; what went wrong is in {log.path}.")


def _prune(models: Path, current: Path) -> None:
    """Keep the newest few models: going back to earlier training data then needs no training."""
    newest_first = sorted(models.glob("[!.]*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[MODELS_KEPT:]:
        if path != current:
            path.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _alone(models: Path, say: Callable[[str], None]) -> AsyncIterator[None]:
    """One training at a time for a folder of models; a second one waits and then finds the model made."""
    with open(models / ".training.lock", "w") as lock:
        told = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if not told:
                    say("Another training for this folder is under way; waiting for it.")
                    told = True
                await asyncio.sleep(0.5)
        yield
