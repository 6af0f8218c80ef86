"""The pipelines that were compared, trained on nlu/ and measured on tests/dialogue/evaluation.yml, in one table.

    nice .venv-rasa/bin/python -m benchmarks.pipelines [NAME ...]

Names are files of benchmarks/pipeline_configs; `ours` is the pipeline of dialogue/config.yml. All of them when none is
given, which takes long: DIET learns slowly. Each row is printed as soon as it is known.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Dict, List

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
warnings.filterwarnings("ignore")

import ruamel.yaml  # noqa: E402

import benchmarks.sentence_features  # noqa: E402, F401: known to Rasa by being imported
from benchmarks.understanding import MUST_BE_HEARD, ROOT, Heard, messages_and_outcomes, outcome_right, read, topic_right  # noqa: E402

CONFIGS = ROOT / "benchmarks" / "pipeline_configs"
OURS = ROOT / "dialogue" / "config.yml"
HEAD = ("pipeline", "topic", "outcome", *MUST_BE_HEARD, "false urgent", "ms", "training", "model")


def main() -> None:
    """Train, measure and print each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipelines", description=__doc__)
    parser.add_argument("names", nargs="*", help="which; all when none is given")
    options = parser.parse_args()
    known = {path.stem: path for path in sorted(CONFIGS.glob("*.yml"))}
    known["ours"] = OURS
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no such pipeline: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    sys.path.insert(0, str(ROOT))
    print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD), flush=True)
    for name in options.names or known:
        print("| " + " | ".join(row(known[name])) + " |", flush=True)


def row(config: Path) -> List[str]:
    """One pipeline in figures."""
    content: Dict[str, Any] = ruamel.yaml.YAML(typ="safe").load(config.read_text(encoding="utf-8"))
    about = content.pop("about", "ours: dialogue/config.yml")
    with tempfile.TemporaryDirectory() as folder:
        # Rasa remembers what it has learned; here it is to learn.
        os.environ["RASA_CACHE_DIRECTORY"] = str(Path(folder) / "cache")
        began = time.monotonic()
        model = trained(content, Path(folder))
        took = time.monotonic() - began
        messages, outcome_of = messages_and_outcomes()
        heard = asyncio.run(understood(model, messages))
        return [about, *figures(heard, outcome_of), f"{took / 60:.1f} min", f"{model.stat().st_size / 1e6:.0f} MB"]


def trained(content: Dict[str, Any], folder: Path) -> Path:
    """A model of the pipeline alone: no dialogue."""
    from rasa.model_training import train_nlu

    config = folder / "config.yml"
    with config.open("w", encoding="utf-8") as file:
        ruamel.yaml.YAML(typ="safe").dump({**content, "policies": []}, file)
    path = train_nlu(str(config), str(ROOT / "nlu"), str(folder))
    if not path:
        raise SystemExit(f"{config} could not be trained")
    return Path(path)


async def understood(model: Path, messages: List[Dict[str, Any]]) -> List[Heard]:
    """What the model makes of each message."""
    from rasa.core.agent import Agent

    agent = Agent.load(str(model))
    return await read(agent.parse_message, messages)


def figures(heard: List[Heard], outcome_of: Dict[str, str]) -> List[str]:
    """Shares and times as the table has them."""

    def share(part: List[Heard], right: Any) -> str:
        return f"{sum(map(right, part)) / max(len(part), 1):.1%}"

    graver = ("handover", "urgent")
    urgent = {topic for topic, outcome in outcome_of.items() if outcome == "urgent"}
    heard_of = [
        share([one for one in heard if one.accepted[0] == topic], lambda one: outcome_right(one, outcome_of) or outcome_of[one.topic] in graver)
        for topic in MUST_BE_HEARD
    ]
    harmless = [one for one in heard if not set(one.accepted) & urgent]
    return [
        share(heard, topic_right),
        share(heard, lambda one: outcome_right(one, outcome_of)),
        *heard_of,
        share(harmless, lambda one: one.topic in urgent),
        f"{statistics.median(one.core_ms for one in heard):.1f}",
    ]


if __name__ == "__main__":
    main()
