"""Make a model from nlu/, stories/ and domain/.

    .venv-rasa/bin/python -m dialogue.train --out VAR/models/<version>.tar.gz

Rasa's cache lies in CHAT_DATA_DIR/cache, so what has not changed is not learned again. The sentences of
domain/wording/ are no part of a model: only their keys are given to Rasa.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
warnings.filterwarnings("ignore")

ROOT = Path(__file__).resolve().parent.parent


def train(out: Path, data: List[Path], domain: Path) -> None:
    """Train and write the model to `out`, which appears whole or not at all."""
    _say("starting Rasa")
    import rasa.model_training
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".training-") as folder:
        work = Path(folder)
        _say("collecting topics, rules and keys")
        keys = copy_domain(domain, work / "domain")
        _say(f"training with {keys} keys")
        result = rasa.model_training.train(
            domain=str(work / "domain"),
            config=str(_config(work)),
            training_files=[str(path) for path in data],
            output=str(work / "model"),
            fixed_model_name=out.name.partition(".")[0],
        )
        if result.code != 0 or not result.model:
            sys.exit(f"Training failed with code {result.code}.")
        os.replace(result.model, out)
    _say(f"done: {out.name}")


def copy_domain(source: Path, target: Path) -> int:
    """Copy the domain, with each key of the wording in place of its sentences. Returns the number of keys."""

    import ruamel.yaml

    target.mkdir(parents=True)
    for path in sorted(source.glob("*.yml")):
        shutil.copy(path, target / path.name)
    responses: Dict[Text, Any] = {}
    for path in sorted((source / "wording").glob("*.yml")):
        content = ruamel.yaml.YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        responses.update({key: [{"text": key}] for key in content.get("responses") or {}})
    with (target / "keys.yml").open("w", encoding="utf-8") as file:
        ruamel.yaml.YAML(typ="safe").dump({"version": "3.1", "responses": responses}, file)
    return len(responses)


def _config(work: Path) -> Path:
    """Rasa writes into the configuration that it reads; it is given a copy."""
    return Path(shutil.copy(ROOT / "dialogue" / "config.yml", work / "config.yml"))


_STARTED = time.monotonic()


def _say(what: Text) -> None:
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {what}", flush=True)


def main(arguments: Optional[List[Text]] = None) -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(prog="python -m dialogue.train", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the model to write, ending in .tar.gz")
    parser.add_argument("--data", type=Path, action="append", help="training data; nlu/ and stories/ when not given")
    parser.add_argument("--domain", type=Path, default=ROOT / "domain")
    options = parser.parse_args(arguments)
    if not options.out.name.endswith(".tar.gz"):
        parser.error("--out: the name has to end in .tar.gz")
    cache = Path(os.environ.get("CHAT_DATA_DIR", "./var")).resolve() / "cache" / "rasa"
    cache.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(cache))
    sys.path.insert(0, str(ROOT))
    train(options.out.resolve(), options.data or [ROOT / "nlu", ROOT / "stories"], options.domain)


if __name__ == "__main__":
    main()
