"""How well the dialogue model understands messages that it never saw: tests/dialogue/evaluation.yml.

    .venv-rasa/bin/python -m benchmarks.understanding [--model FILE] [--misses] [--tags]
    .venv-rasa/bin/python -m benchmarks.understanding --danger FILE    # for benchmarks.danger_screen

Reads each message as a first message of a conversation. Prints topic and outcome right, what must not be missed, what
was taken for danger without being it, and the time that reading one message takes on one core.
"""

import argparse
import asyncio
import json
import logging
import os
import statistics
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, NamedTuple, Tuple

import ruamel.yaml

warnings.filterwarnings("ignore")
os.environ.setdefault("CHAT_ACTIONS_URL", "")  # reading needs no actions

ROOT = Path(__file__).resolve().parents[1]
EVALUATION = ROOT / "tests" / "dialogue" / "evaluation.yml"
MUST_BE_HEARD = ("housing", "legal", "distress", "human_request")
GOALS = {"topic right": 0.92, "outcome right": 0.95, "must be heard": 0.97, "false urgent": 0.03, "median ms": 15.0}


class Heard(NamedTuple):
    """One message of the evaluation with what was made of it."""

    text: str
    accepted: List[str]
    topic: str
    confidence: float
    tags: List[str]
    ms: float
    core_ms: float
    """Time that a core worked; less than `ms` on a machine with other work."""


def main() -> None:
    """Measure the newest model, or the one that is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__)
    parser.add_argument("--model", type=Path, help="a model file; the newest in var/models when not given")
    parser.add_argument("--messages", type=Path, default=EVALUATION, help="another held-out file, such as evaluation_second.yml")
    parser.add_argument("--misses", action="store_true", help="list every message with the wrong outcome")
    parser.add_argument("--tags", action="store_true", help="topic right for each tag")
    parser.add_argument("--danger", type=Path, help="write which dangers the model hears in the sets of the danger screen, and nothing else")
    options = parser.parse_args()
    model = options.model or max((ROOT / "var" / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    messages, outcome_of = messages_and_outcomes(options.messages)
    if options.danger:
        heard = asyncio.run(understood(model, danger_messages()))
        found = {one.text: [one.topic] if outcome_of[one.topic] == "urgent" else [] for one in heard}
        options.danger.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        return
    report(asyncio.run(understood(model, messages)), outcome_of, options.misses, options.tags)


def messages_and_outcomes(file: Path = EVALUATION) -> Tuple[List[Dict[str, Any]], Dict[str, str]]:
    """What is read, and what each topic leads to."""
    yaml = ruamel.yaml.YAML(typ="safe")
    messages = yaml.load(file.read_text(encoding="utf-8"))["messages"]
    topics = yaml.load((ROOT / "chat_server" / "core" / "facts" / "topics.yaml").read_text(encoding="utf-8"))
    return messages, {name: about["outcome"] for name, about in topics.items()}


def danger_messages() -> List[Dict[str, Any]]:
    """All messages of the danger screen's sets; what is in them is not judged here."""
    yaml = ruamel.yaml.YAML(typ="safe")
    groups = [group for file in sorted((ROOT / "tests" / "core").glob("danger_*.yml")) for group in yaml.load(file.read_text(encoding="utf-8"))]
    return [{"text": text, "topic": "out_of_scope"} for group in groups for text in group["messages"]]


async def understood(model: Path, messages: List[Dict[str, Any]]) -> List[Heard]:
    """What the product's model makes of each message."""
    from rasa.core.channels.channel import UserMessage
    from rasa.utils.log_utils import configure_structlog

    from dialogue.serve import make_agent

    configure_structlog(logging.ERROR)
    processor = make_agent(model).processor
    return await read(lambda text: processor.parse_message(UserMessage(text)), messages)


async def read(parse: Callable[[str], Awaitable[Dict[str, Any]]], messages: List[Dict[str, Any]]) -> List[Heard]:
    """Let a model read each message."""
    from dialogue.reading.context import in_context

    for message in messages[:20]:
        await parse(message["text"])  # warm
    heard = []
    for message in messages:
        began, worked = time.perf_counter(), time.thread_time()
        parsed = in_context(await parse(message["text"]), {})
        ms, core_ms = (time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000
        topic = parsed["intent"]["name"]
        topic = {"nlu_fallback": "out_of_scope", "nation": "eligibility.nation"}.get(topic, topic)
        accepted = [message["topic"], *message.get("also", [])]
        heard.append(Heard(message["text"], accepted, topic, parsed["intent"]["confidence"], message.get("tags", []), ms, core_ms))
    return heard


def topic_right(one: Heard) -> bool:
    """Whether a fair reader would accept the topic."""
    return one.topic in one.accepted


def outcome_right(one: Heard, outcome_of: Dict[str, str]) -> bool:
    """Whether the parent got what an accepted topic leads to."""
    return outcome_of[one.topic] in {outcome_of[topic] for topic in one.accepted}


def report(heard: List[Heard], outcome_of: Dict[str, str], misses: bool, tags: bool) -> None:
    """Print what came out, next to the goals."""

    def share(part: List[Heard], right: Any) -> str:
        good = sum(map(right, part))
        return f"{good / max(len(part), 1):6.1%}  ({good} of {len(part)})"

    right_outcome = lambda one: outcome_right(one, outcome_of)  # noqa: E731
    print(f"topic right     {share(heard, topic_right)}   goal {GOALS['topic right']:.0%}")
    print(f"outcome right   {share(heard, right_outcome)}   goal {GOALS['outcome right']:.0%}")
    print("\nmust be heard (goal 97 %; found is: the outcome is handover, or graver)")
    for topic in MUST_BE_HEARD:
        of_topic = [one for one in heard if one.accepted[0] == topic]
        found = lambda one: right_outcome(one) or outcome_of[one.topic] in ("handover", "urgent")  # noqa: E731
        print(f"  {topic:15} {share(of_topic, found)}   as itself {share(of_topic, topic_right)}")
    print("\ndanger heard by the model (the screen in the gateway comes first)")
    urgent = [topic for topic, outcome in outcome_of.items() if outcome == "urgent"]
    for topic in urgent:
        of_topic = [one for one in heard if one.accepted[0] == topic]
        print(f"  {topic:15} {share(of_topic, lambda one: one.topic in urgent)}")
    harmless = [one for one in heard if not set(one.accepted) & set(urgent)]
    print(f"\nfalse urgent    {share(harmless, lambda one: one.topic in urgent)}   goal at most {GOALS['false urgent']:.0%}")
    calm = [one for one in harmless if not {outcome_of[t] for t in one.accepted} & {"handover", "urgent"}]
    print(f"false handover  {share(calm, lambda one: outcome_of[one.topic] == 'handover')}")
    answerable = [one for one in heard if "out_of_scope" not in one.accepted]
    print(f"asked back      {share(answerable, lambda one: one.topic == 'out_of_scope')}\n")
    for what, times in (("on the clock", sorted(one.ms for one in heard)), ("of a core", sorted(one.core_ms for one in heard))):
        most = times[int(len(times) * 0.95)]
        print(f"reading a message, {what:12}: median {statistics.median(times):5.1f} ms, 95 % within {most:5.1f} ms   goal {GOALS['median ms']:.0f} ms")
    if tags:
        by_tag: Dict[str, List[Heard]] = defaultdict(list)
        for one in heard:
            for tag in one.tags:
                by_tag[tag].append(one)
        print("\ntopic right by tag")
        for tag, part in sorted(by_tag.items(), key=lambda item: -len(item[1])):
            print(f"  {tag:15} {share(part, topic_right)}")
    if misses:
        print("\nwrong outcome")
        for one in heard:
            if not right_outcome(one):
                print(f"  {one.accepted[0]:22} heard as {one.topic:22} {one.confidence:.2f}  {one.text[:110]}")


if __name__ == "__main__":
    main()
