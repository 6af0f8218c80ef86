"""What became of every message: lost, doubled, disordered, unanswered. The store's own history is compared with what each side saw."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.people import Frame, Parent, answers, is_apology, reply_to

READERS = 40
"""Histories that are read at once."""


@dataclass
class Verdict:
    """The counts of a scenario; the first four have to be 0."""

    messages: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    unanswered: int = 0
    apologies: int = 0
    sockets: int = 0
    worst_ack_s: float = 0.0
    worst_answer_s: float = 0.0
    normal_s: float | None = None
    settled_s: float | None = None
    note: str = ""
    details: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.unanswered) and self.normal_s is not None and self.settled_s is not None

    def wrong(self, parent: Parent, what: str) -> None:
        self.details.append(f"{parent.name} ({parent.ref}): {what}")


async def judge(parents: Sequence[Parent]) -> Verdict:
    """Read every parent's conversation anew, as a new device of theirs would, and compare."""
    verdict, gate = Verdict(), asyncio.Semaphore(READERS)

    async def read(parent: Parent) -> tuple[Parent, list[Frame]]:
        async with gate:
            return parent, await parent.history() if parent.resume else []

    for parent, history in await asyncio.gather(*(read(parent) for parent in parents)):
        _judge_one(verdict, parent, history)
    return verdict


def _judge_one(verdict: Verdict, parent: Parent, history: list[Frame]) -> None:
    verdict.messages += len(parent.said)
    verdict.sockets += parent.sockets
    for one in parent.said:
        verdict.worst_ack_s = max(verdict.worst_ack_s, one.acked_s or 0.0)
        verdict.worst_answer_s = max(verdict.worst_answer_s, one.answered_s or 0.0)
    _lost(verdict, parent, history)
    _doubled(verdict, parent, history)
    _disordered(verdict, parent, history)
    _unanswered(verdict, parent, history)


def _lost(verdict: Verdict, parent: Parent, history: list[Frame]) -> None:
    kept = {frame.get("id"): frame for frame in history if frame["type"] == "message" and frame["from"] == "parent"}
    for one in parent.said:
        found = kept.get(one.id)
        if one.acked_s is None or found is None or found["text"] != one.text or found["seq"] != one.seq:
            verdict.lost += 1
            verdict.wrong(parent, f"{one.text!r} was {'never acknowledged' if one.acked_s is None else 'acknowledged and is not there'}")
    for seq, frame in parent.heard.items():
        if seq > len(history) or history[seq - 1] != frame:
            verdict.lost += 1
            verdict.wrong(parent, f"heard as {seq} and not in the store: {frame['type']}")


def _doubled(verdict: Verdict, parent: Parent, history: list[Frame]) -> None:
    messages = [frame for frame in history if frame["type"] == "message"]
    ids = Counter(frame["id"] for frame in messages if frame["from"] == "parent")
    replies = Counter(
        frame["in_reply_to"] for frame in messages if frame.get("in_reply_to") and (frame["from"] == "assistant" or is_apology(frame))
    )
    by_agent = Counter(frame["text"] for frame in messages if frame["from"] == "agent")
    for what, counted in (("said", ids), ("answered", replies), ("answered by an agent", by_agent)):
        for which, times in counted.items():
            if times > 1:
                verdict.doubled += times - 1
                verdict.wrong(parent, f"{which} was {what} {times} times")
    if parent.twice:
        verdict.doubled += parent.twice
        verdict.wrong(parent, f"{parent.twice} events were told twice")
    verdict.apologies += sum(is_apology(frame) for frame in messages)


def _disordered(verdict: Verdict, parent: Parent, history: list[Frame]) -> None:
    if [frame["seq"] for frame in history] != list(range(1, len(history) + 1)):
        verdict.disordered += 1
        verdict.wrong(parent, "the numbers have holes")
    order = [frame["text"] for frame in history if frame["type"] == "message" and frame["from"] == "parent" and "button" not in frame]
    if order != [one.text for one in parent.said if one.acked_s is not None]:
        verdict.disordered += 1
        verdict.wrong(parent, f"said in another order: {order}")
    answered = [frame["in_reply_to"] for frame in history if frame["type"] == "message" and frame["from"] == "assistant" and frame.get("in_reply_to")]
    if answered != sorted(answered):
        verdict.disordered += 1
        verdict.wrong(parent, f"answered in another order: {answered}")
    if parent.holes:
        verdict.disordered += parent.holes
        verdict.wrong(parent, f"{parent.holes} times an event came before the one before it")


def _unanswered(verdict: Verdict, parent: Parent, history: list[Frame]) -> None:
    for one in parent.said:
        if one.answered_s is None or one.seq is None or not any(answers(frame, one.seq, one.text) for frame in history):
            verdict.unanswered += 1
            verdict.wrong(parent, f"{one.text!r} ({one.seq}) has no answer{'' if not parent.human else ', nor ' + repr(reply_to(one.text))}")
