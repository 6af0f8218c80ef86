"""How whole message and clauses decide on a topic, with probabilities that the test sets."""

import json
import subprocess

import pytest

from chat_server.launch.model import RASA_PYTHON
from tests.stack import ROOT

TOPICS = ["statutory.fees", "estimate.start", "housing", "self_harm", *(f"other.{n}" for n in range(10))]
"""Cases give the first four; the others share what is left."""
LONG = "i pay every month as we said and now there are bags of mine on the lawn"
PROGRAM = """
import json, sys, numpy as np, ruamel.yaml
from types import SimpleNamespace
from dialogue.components.topic_classifier import TopicClassifier
pipeline = ruamel.yaml.YAML(typ="safe").load(open("dialogue/config.yml"))["pipeline"]
config = {**TopicClassifier.get_default_config(), **next(each for each in pipeline if each["name"].endswith("TopicClassifier"))}
topics, cases = json.loads(sys.argv[1])
for text, whole, clause in cases:
    classifier = TopicClassifier(config, None, None, None, SimpleNamespace(topics=topics))
    classifier._read = lambda piece, known: np.array(whole if piece == text else clause)
    print(json.dumps(classifier._decide(classifier.rank(text))))
"""
CASES = {
    "a likely topic is taken": ("what does it cost", [0.7, 0.2, 0.05, 0.05], None, "statutory.fees"),
    "an unlikely one is asked about": ("hm", [0.24, 0.22, 0.05, 0.05], None, "nlu_fallback"),
    "in doubt a worry is heard": ("they want me out of here what do i pay", [0.5, 0.1, 0.38, 0.02], None, "housing"),
    "but never instead of danger": ("i cannot stay here", [0.01, 0.01, 0.07, 0.9], None, "self_harm"),
    "danger that is not likely enough is left to the screen": ("i cannot stay here", [0.1, 0.1, 0.38, 0.42], None, "housing"),
    "one clause is enough for a worry": (LONG, [0.8, 0.05, 0.1, 0.05], [0.1, 0.05, 0.8, 0.05], "housing"),
    "unless the whole speaks against it": (LONG, [0.97, 0.01, 0.01, 0.01], [0.1, 0.05, 0.8, 0.05], "statutory.fees"),
    "a clause must be sure to mean danger": (LONG, [0.8, 0.05, 0.05, 0.1], [0.1, 0.05, 0.05, 0.8], "statutory.fees"),
    "a sure one does": (LONG, [0.8, 0.05, 0.05, 0.1], [0.01, 0.01, 0.01, 0.97], "self_harm"),
}


def whole_of(first: list[float]) -> list[float]:
    return first + [(1 - sum(first)) / 10] * 10


@pytest.fixture(scope="module")
def decided() -> dict[str, str]:
    cases = json.dumps([TOPICS, [(text, whole_of(first), clause and whole_of(clause)) for text, first, clause, _ in CASES.values()]])
    done = subprocess.run([RASA_PYTHON, "-W", "ignore", "-c", PROGRAM, cases], cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, [json.loads(line)["name"] for line in done.stdout.splitlines()], strict=True))


@pytest.mark.parametrize("case", CASES)
def test_whole_and_clauses_decide(decided: dict[str, str], case: str) -> None:
    assert decided[case] == CASES[case][3]
