"""What came out when a model read the messages for judging, counted."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Text

URGENT, HANDOVER = "urgent", "handover"


class Read(NamedTuple):
    """One kept-back message: the topics a fair reader accepts, the best first, and the topic that was heard."""

    text: Text
    accepted: List[Text]
    heard: Text


def figures(read: List[Read], outcome_of: Dict[Text, Text], model: Text) -> Dict[Text, Any]:
    """All that the page shows, as plain data."""
    right = [one for one in read if one.heard in one.accepted]
    by_outcome = [one for one in read if outcome_of[one.heard] in {outcome_of[t] for t in one.accepted}]
    owed = [one for one in read if outcome_of[one.accepted[0]] == HANDOVER]
    missed = [one for one in owed if outcome_of[one.heard] not in (HANDOVER, URGENT)]
    harmless = [one for one in read if URGENT not in {outcome_of[t] for t in one.accepted}]
    alarmed = [one for one in harmless if outcome_of[one.heard] == URGENT]
    topics: Dict[Text, Dict[Text, int]] = {}
    confused: Dict[Text, Dict[Text, int]] = {}
    for one in read:
        counts = topics.setdefault(one.accepted[0], {"messages": 0, "right": 0})
        counts["messages"] += 1
        counts["right"] += one.heard in one.accepted
        if one.heard not in one.accepted:
            row = confused.setdefault(one.accepted[0], {})
            row[one.heard] = row.get(one.heard, 0) + 1
    return {
        "model": model,
        "messages": len(read),
        "shares": {
            "topic right": [len(right), len(read)],
            "outcome right": [len(by_outcome), len(read)],
            "handovers heard": [len(owed) - len(missed), len(owed)],
            "false urgent": [len(alarmed), len(harmless)],
        },
        "topics": topics,
        "confused": confused,
        "missed_handovers": [one._asdict() for one in missed],
        "false_urgent": [one._asdict() for one in alarmed],
    }
