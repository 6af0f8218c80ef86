"""Teach the encoder from all of nlu/ and write its weights: `make encoder`, or

    .venv-encoder/bin/python -m chat_server.encoder.learn [--kept SHARE] [--out FOLDER] [--name NAME]

With --kept a share of the examples is left out, and how well they are understood is printed after each epoch.
"""

import argparse
import dataclasses
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait busily are slow beside other work
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

from chat_server.encoder.learn.examples import examples_of, fingerprint, outcomes, split
from chat_server.encoder.learn.export import export, write_card
from chat_server.encoder.learn.network import BASE, BASE_SHA256
from chat_server.encoder.learn.training import Plan, Training
from chat_server.encoder.sentence_encoder import WEIGHTS


def main() -> None:
    """Learn, measure, write."""
    options = asked()
    plan = Plan(epochs=options.epochs)
    examples, outcome_of = examples_of(), outcomes()
    learned, kept = split(examples, options.kept, plan.seed)
    print(f"{len(learned)} examples to learn from, {len(kept)} kept back; {plan}", flush=True)
    began = time.monotonic()
    training = Training(plan, learned, outcome_of)
    figures = {}
    for epoch in training.learn():
        if kept:
            figures = measured(training, kept, outcome_of)
            print(f"epoch {epoch}: {figures}", flush=True)
    weights = options.out / f"{options.name}.onnx"
    card = {
        "base": BASE,
        "base_sha256": BASE_SHA256,
        "examples": len(learned),
        "examples_fingerprint": fingerprint(learned),
        "kept_back": len(kept),
        "figures": figures,
        "made": datetime.now(UTC).date().isoformat(),
        "minutes": round((time.monotonic() - began) / 60),
        "plan": dataclasses.asdict(plan),
    }
    card["sha256"] = export(training.reader, weights)
    write_card(card, weights.with_suffix(".json"))
    print(f"{weights}: sha256 {card['sha256']}", flush=True)


def asked() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m chat_server.encoder.learn", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go; the repository's own folder when not given")
    parser.add_argument("--name", default="options-minilm-2", help="name of the weights")
    parser.add_argument("--kept", type=float, default=0.0, help="share of the examples to keep back and measure with")
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=options.out).close()  # better to fail now than after an hour
    return options


def measured(training: Training, kept: list, outcome_of: dict[str, str]) -> dict[str, float]:
    """Topic and outcome right of what was kept back."""
    best = [training.topics[i] for i in training.scores([example.text for example in kept]).argmax(1)]
    topic = sum(found == example.topic for found, example in zip(best, kept, strict=True))
    outcome = sum(outcome_of[found] == outcome_of[example.topic] for found, example in zip(best, kept, strict=True))
    return {"topic right": round(topic / len(kept), 4), "outcome right": round(outcome / len(kept), 4)}


if __name__ == "__main__":
    main()
