"""The examples that the encoder learns from: all of nlu/, as they are read."""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from chat_server.encoder.tidy import as_read

ROOT = Path(__file__).resolve().parents[3]


class Example(NamedTuple):
    """What a parent wrote, and what it is about."""

    topic: str
    text: str


def written_examples(folder: Path = ROOT / "nlu") -> Iterator[Example]:
    """Every example as it was written, in the order of the files."""
    return (
        Example(block["intent"], line[2:])
        for path in sorted(folder.rglob("*.yml"))
        for block in yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)).get("nlu") or []
        if "intent" in block
        for line in block["examples"].splitlines()
        if line.startswith("- ")
    )


def examples_of(folder: Path = ROOT / "nlu") -> list[Example]:
    """Every example once, as it is read, in an order that does not depend on files."""
    found = {Example(topic, as_read(text)) for topic, text in written_examples(folder)}
    return sorted(example for example in found if example.text)


def fingerprint(examples: Sequence[Example]) -> str:
    """Names a set of examples by what is in it."""
    return hashlib.sha256("\n".join(f"{topic}\t{text}" for topic, text in sorted(examples)).encode()).hexdigest()[:16]


def outcomes() -> dict[str, str]:
    """What each topic leads to."""
    topics = yaml.safe_load((ROOT / "chat_server/core/facts/topics.yaml").read_text(encoding="utf-8"))
    return {name: about["outcome"] for name, about in topics.items()}


def split(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """The examples to learn from, and this share of every topic kept back for measuring."""
    by_topic = defaultdict(list)
    for example in examples:
        by_topic[example.topic].append(example)
    learned, kept = [], []
    for topic in sorted(by_topic):
        shuffled = random.Random(f"{seed} {topic}").sample(by_topic[topic], len(by_topic[topic]))
        cut = round(len(shuffled) * share)
        kept += shuffled[:cut]
        learned += shuffled[cut:]
    return learned, kept
