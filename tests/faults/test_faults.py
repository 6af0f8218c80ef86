"""A short part of `make faults`: real gateways are broken while parents write, and nothing is lost, doubled, disordered or unanswered."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.people import Parent, Said
from tests.faults.scenarios import PLANS
from tests.faults.verdict import Verdict, _judge_one
from tests.faults.world import places, play

SHORT = ("sockets cut, SQLite", "killed in mid-turn, SQLite", "PostgreSQL restarted")
SEED = 1


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.timeout(600)
async def test_nothing_is_lost_doubled_disordered_or_unanswered(name):
    plan = next(plan for plan in PLANS if plan.name == name)
    plan = replace(plan, parents=8, with_agent=min(plan.with_agent, 2), faults=plan.faults[:1])
    with tempfile.TemporaryDirectory(prefix="chat-faults-", ignore_cleanup_errors=True) as folder:
        async with places(Path(folder)) as own:
            verdict = await play(plan, SEED, own, scale=0.4)
    assert verdict.clean, "\n".join(map(str, (verdict, *verdict.details)))
    assert verdict.messages >= plan.parents and verdict.sockets >= plan.parents


# ---------------------------------------------------------------------- the judge can see what is wrong


def talk() -> tuple[Parent, list[dict]]:
    """A parent who said two things and was answered twice."""
    parent = Parent("p", None, [])  # type: ignore[arg-type]
    parent.said = [Said("a", "one", 0.0, 1, 0.1, 0.2), Said("b", "two", 0.0, 3, 0.1, 0.2)]
    history = [
        {"type": "message", "seq": 1, "from": "parent", "id": "a", "text": "one"},
        {"type": "message", "seq": 2, "from": "assistant", "in_reply_to": 1, "text": "x"},
        {"type": "message", "seq": 3, "from": "parent", "id": "b", "text": "two"},
        {"type": "message", "seq": 4, "from": "assistant", "in_reply_to": 3, "text": "x"},
    ]
    return parent, history


def judged(parent: Parent, history: list[dict]) -> dict[str, int]:
    verdict = Verdict()
    _judge_one(verdict, parent, history)
    found = {"lost": verdict.lost, "doubled": verdict.doubled, "disordered": verdict.disordered, "unanswered": verdict.unanswered}
    return {what: count for what, count in found.items() if count}


def renumbered(history: list[dict]) -> list[dict]:
    return [{**frame, "seq": number} for number, frame in enumerate(history, 1)]


def test_a_clean_talk_is_clean():
    assert judged(*talk()) == {}


def test_a_message_that_is_gone_is_lost():
    parent, history = talk()
    assert judged(parent, history[:2])["lost"] == 1


def test_what_was_heard_and_is_not_kept_is_lost():
    parent, history = talk()
    parent.heard[5] = {"type": "message", "seq": 5, "from": "assistant", "text": "gone"}
    assert judged(parent, history) == {"lost": 1}


def test_an_answer_that_came_twice_is_doubled():
    parent, history = talk()
    assert judged(parent, renumbered([*history, history[3]])) == {"doubled": 1}


def test_a_message_that_is_kept_twice_is_doubled():
    parent, history = talk()
    assert judged(parent, renumbered([*history, history[2]]))["doubled"] == 1


def test_a_hole_and_another_order_are_disorder():
    parent, history = talk()
    assert judged(parent, [*history, {"type": "state", "seq": 6}]) == {"disordered": 1}
    parent.said.reverse()
    assert judged(parent, history) == {"disordered": 1}


def test_a_notice_is_no_answer():
    parent, history = talk()
    history[3] = {"type": "message", "seq": 4, "from": "service", "in_reply_to": 3, "text": "still working"}
    assert judged(parent, history) == {"unanswered": 1}
