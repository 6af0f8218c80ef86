"""Learn the lines of the eye from the project's own examples: `make danger-eye`.

From all of nlu/, and from those messages of the danger set that are not held out. The lines are also learned in five parts, each
measured on the part that it has not seen; thresholds are set on that, so that harmless look-alikes stay calm. So is the
doubt: how calm the eye has to be about a text before what the patterns found in it is not believed.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from chat_server.core.safety import Kind, screen
from chat_server.danger_eye.eye import LINES, Lines, is_calm, pieces_of
from chat_server.encoder.learn.examples import ROOT, written_examples
from chat_server.encoder.sentence_encoder import CURRENT, ENCODERS, SentenceEncoder
from chat_server.encoder.tidy import as_read

DANGER_SET = ROOT / "tests" / "core" / "danger_set.yml"
CACHE = ROOT / "var" / "danger_eye"
PARTS = 5
SEED = 7
FREEDOM = 3.0
"""How freely the lines may fit single examples."""
ALARMS, ALIKE_ALARMS = 0.005, 0.06
"""Share of harmless messages that each kind may take for danger: of ordinary examples, and of those that were written to sound like it."""
BELIEVED = 0.9995
"""Share of what the patterns find rightly that the eye must not doubt."""
HARMLESS_SAMPLE = 6000
CALM = "calm"
"""What the harmless messages of the danger set are about, as far as that goes."""


class Told(NamedTuple):
    """A message, the kinds of danger in it, what it is about, and how it stands in the danger set if it was written for that."""

    text: str
    kinds: frozenset[str]
    topic: str
    how: str = ""


class Vectors(dict[str, np.ndarray]):
    """Vectors by text, read when first asked for, and kept between runs in a file for each encoder."""

    def __init__(self) -> None:
        super().__init__()
        self._encoder = SentenceEncoder.named(CURRENT)
        self._file = CACHE / f"vectors-{ENCODERS[CURRENT].sha256[:12]}.npz"
        try:
            with np.load(self._file, allow_pickle=False) as stored:
                self.update(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            pass  # nothing there yet, or cut short: read again

    def __missing__(self, text: str) -> np.ndarray:
        self[text] = self._encoder.embed(text)
        return self[text]

    def read(self, texts: Sequence[str]) -> None:
        """Read those that are not known yet, on all processors."""
        new = list(dict.fromkeys(text for text in texts if text not in self))
        with ThreadPoolExecutor() as threads:
            for n, (text, vector) in enumerate(zip(new, threads.map(self._encoder.embed, new), strict=True), start=1):
                self[text] = vector
                if n % 1000 == 0 or n == len(new):
                    print(f"  read {n} of {len(new)} texts", flush=True)

    def keep(self) -> None:
        CACHE.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as out:
            np.savez(out, texts=np.array(list(self)), vectors=np.stack(list(self.values())))
        os.replace(part, self._file)


def told_examples() -> list[Told]:
    """All of nlu/, as it was written, once each as it is read."""
    once = {(topic, as_read(text)): text for topic, text in written_examples()}
    return [Told(text, frozenset({topic}) & set(Kind), topic) for (topic, read), text in sorted(once.items()) if read]


def looked_at() -> list[Told]:
    """The messages of the danger set that are not held out."""
    groups = yaml.safe_load(DANGER_SET.read_text(encoding="utf-8"))
    return [Told(text, frozenset(g["is"]), [*g["is"], CALM][0], g["how"]) for g in groups if not g["held"] for text in g["messages"]]


def fingerprint() -> str:
    """Names the examples of danger, as they are read, and the look-alikes beside them."""
    told = [t for t in told_examples() if t.kinds] + looked_at()
    return hashlib.sha256("\n".join(sorted(f"{sorted(t.kinds)} {as_read(t.text)}" for t in told)).encode()).hexdigest()[:16]


def lines(vectors: np.ndarray, topics: Sequence[str]) -> Lines:
    """A line for each topic, learned together, so that each is drawn against all that it could be instead."""
    from sklearn.linear_model import LogisticRegression  # for learning alone: the gateway does without it

    learned = LogisticRegression(C=FREEDOM, max_iter=200).fit(vectors, np.array(topics))
    order = [*map(str, Kind), *(name for name in learned.classes_ if name not in set(Kind))]
    rows = [learned.classes_.tolist().index(name) for name in order]
    return Lines(tuple(order), learned.coef_[rows], learned.intercept_[rows])


class Learned:
    """Lines over the vectors of all messages, and what each of its five parts says of the messages that it has not seen."""

    def __init__(self, told: Sequence[Told], vectors: Vectors) -> None:
        self.told = told
        vectors.read([as_read(t.text) for t in told])
        whole = np.stack([vectors[as_read(t.text)] for t in told]).astype(np.float64)
        topics = [t.topic for t in told]
        self.lines = lines(whole, topics)
        part = np.random.default_rng(SEED).integers(0, PARTS, len(told))
        by_part = [lines(whole[part != n], [t for t, p in zip(topics, part, strict=True) if p != n]) for n in range(PARTS)]
        self.measured = [n for n, t in enumerate(told) if t.kinds or t.how] + self._sample([n for n, t in enumerate(told) if not t.kinds and not t.how])
        vectors.read([as_read(piece) for n in self.measured for piece in pieces_of(told[n].text)])
        self.scores = np.stack([_best(told[n].text, by_part[part[n]], vectors) for n in self.measured])
        self.patterns = [screen(told[n].text).kinds for n in self.measured]

    @staticmethod
    def _sample(harmless: list[int]) -> list[int]:
        return np.random.default_rng(SEED).permutation(harmless)[:HARMLESS_SAMPLE].tolist()

    def thresholds(self) -> np.ndarray:
        """What a score must pass, for each kind."""
        about = [self.told[n] for n in self.measured]
        calm = {share: np.array([not t.kinds and bool(t.how) == alike for t in about]) for share, alike in ((ALARMS, False), (ALIKE_ALARMS, True))}
        return np.max([np.quantile(self.scores[side], 1 - share, axis=0) for share, side in calm.items()], axis=0)

    def doubts(self, thresholds: np.ndarray) -> np.ndarray:
        """How far under its threshold each kind's score lies before the patterns are not believed."""
        found = [(n, kind) for n, m in enumerate(self.measured) for kind in self.patterns[n] if kind in self.told[m].kinds]
        under = {kind: [thresholds[k] - self.scores[n, k] for n, one in found if one is kind] for k, kind in enumerate(Kind)}
        return np.array([np.quantile(under[kind], BELIEVED) for kind in Kind])

    def figures(self, thresholds: np.ndarray, doubts: np.ndarray) -> dict[str, float]:
        """How the parts did, with the patterns, on what the parts had not seen."""
        about = [self.told[n] for n in self.measured]
        found = np.array([[kind in kinds for kind in Kind] for kinds in self.patterns])
        seen = ((self.scores > thresholds) | (found & (self.scores >= thresholds - doubts))).any(axis=1)
        groups = {"danger in nlu": [t.kinds and not t.how for t in about], "harmless in nlu": [not t.kinds and not t.how for t in about]}
        groups |= {how: [t.how == how for t in about] for how in ("stated", "hidden", "calm")}
        return {name: round(float(seen[np.array(group, dtype=bool)].mean()), 3) for name, group in groups.items()}


def _best(text: str, learned: Lines, vectors: Vectors) -> np.ndarray:
    pieces = pieces_of(text)
    return learned.best(np.stack([vectors[as_read(piece)] for piece in pieces]), [is_calm(piece) for piece in pieces])


def card(learned: Learned) -> dict[str, Any]:
    thresholds = learned.thresholds()
    doubts = learned.doubts(thresholds)
    return {
        "encoder": CURRENT,
        "encoder_sha256": ENCODERS[CURRENT].sha256,
        "examples": len(learned.told),
        "examples_fingerprint": fingerprint(),
        "made": datetime.now(UTC).date().isoformat(),
        "seen when not learned from": learned.figures(thresholds, doubts),
        "kinds": {
            str(kind): {"threshold": round(float(least), 4), "doubt": round(float(doubt), 4)}
            for kind, least, doubt in zip(Kind, thresholds, doubts, strict=True)
        },
        "lines": {
            name: {"bias": round(float(bias), 4), "weights": np.round(weights, 3).tolist()}
            for name, weights, bias in zip(*learned.lines, strict=True)
        },
    }


def write(content: dict[str, Any], path: Path = LINES) -> None:
    """The card in place of the one before, whole or not at all; a line of text for each topic's weights."""
    part = path.with_suffix(".part")
    text = json.dumps(content, indent=1, ensure_ascii=False)
    for line in content["lines"].values():
        text = text.replace(json.dumps(line["weights"], indent=1).replace("\n", "\n   "), json.dumps(line["weights"]))
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)


def main() -> None:
    vectors = Vectors()
    learned = Learned(told_examples() + looked_at(), vectors)
    vectors.keep()
    made = card(learned)
    write(made)
    print(f"{LINES.relative_to(ROOT)}: over {made['encoder']}, {made['examples']} examples")
    for name, share in made["seen when not learned from"].items():
        print(f"  taken for danger, {name}: {share:.1%}")


if __name__ == "__main__":
    main()
