"""How many sentences of parents are read as they are meant: those the readers know, and those they have never met."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from chat_server.core.enquiry import Enquiry
from chat_server.core.figures import in_force
from chat_server.core.hearing import hear

UNSEEN, KNOWN_ONES = "estimate_phrasings_unseen.yml", "estimate_phrasings.yml"
FRESH = "estimate_phrasings_fresh.yml"
GOALS = {UNSEEN: 0.97, FRESH: 0.97, KNOWN_ONES: 0.98}
LEAST = {UNSEEN: 200, FRESH: 790, KNOWN_ONES: 200}
FIGURES = in_force(date(2026, 11, 21))
KNOWN = {
    "income": {"amount": "2100", "period": "month", "up_to": None, "guess": False, "net": False},
    "pension": {"none": True},
    "children": 2,
    "nights": {"nights": 104, "up_to": None, "parts": [], "confirmed": True},
}
"""What was told before, where a sentence corrects it."""


@dataclass(frozen=True)
class Phrasing:
    """A sentence, the question that it answers or None, and the values meant by fact."""

    asked: str | None
    text: str
    meant: dict[str, Any]
    role: str | None = None
    known: Any = None


def phrasings(file: str) -> Iterator[Phrasing]:
    data = yaml.safe_load((Path(__file__).parent / file).read_text(encoding="utf-8"))
    for asked, text, meant in data.pop("corrections"):
        yield Phrasing(asked, text, meant, None, {name: value for name, value in KNOWN.items() if name != asked})
    for fact, rows in data.items():
        for asked, text, meant, *more in rows:
            given = more[0] if more else {}
            facts = {"children": given["children"]} if "children" in given else {}
            yield Phrasing(asked, text, meant if fact == "several" else {fact: meant}, given.get("role"), facts)


def read(phrasing: Phrasing) -> dict[str, Any]:
    """What was read for the facts that are meant."""
    heard = hear(Enquiry(phrasing.known or {}, role=phrasing.role), phrasing.text, phrasing.asked, FIGURES)
    enquiry = heard.enquiry
    found = {}
    for fact in phrasing.meant:
        pending = enquiry.pending or {}
        benefit = enquiry.facts.get("benefits")
        if fact == "income" and benefit and phrasing.meant[fact] in ("own_list", "means_tested"):
            found[fact] = benefit
        elif fact in heard.stated:
            found[fact] = short(fact, enquiry.facts[fact])
        elif pending.get("fact") == fact or (fact == "benefits" and pending.get("fact") == "benefits"):
            found[fact] = "!" + pending["how"]
        else:
            found[fact] = None
    return found


def short(fact: str, value: Any) -> Any:
    """A value as the file writes it."""
    if isinstance(value, dict) and value.get("unknown"):
        return "unknown"
    match fact:
        case "income":
            up_to = f"-{plain(value['up_to'])}" if value["up_to"] else ""
            return f"{plain(value['amount'])}{up_to}/{value['period']}"
        case "pension" if "percent" in value:
            return f"{value['percent']}%"
        case "pension" if "amount" in value:
            return f"{plain(value['amount'])}/{value['period']}"
        case "pension":
            return next(iter(value))
        case "nights":
            return value.get("each") or (f"{value['nights']}-{value['up_to']}" if value["up_to"] else value["nights"])
    return value


def plain(amount: str) -> str:
    return f"{Decimal(amount).normalize():f}"


@pytest.mark.parametrize("file", GOALS)
def test_stated_values_are_read_as_they_are_meant(file):
    every = list(phrasings(file))
    values = [(one.text, fact, meant, read(one)[fact]) for one in every for fact, meant in one.meant.items()]
    wrong = [row for row in values if row[2] != row[3]]
    right = 1 - len(wrong) / len(values)
    report = "\n".join(f"{text!r}: {fact} {meant}, read {found}" for text, fact, meant, found in wrong)
    print(f"{file}: {len(every)} sentences, {len(values)} values, {right:.1%} read right\n{report}")
    assert len(every) >= LEAST[file]
    assert right >= GOALS[file], report


def test_no_sentence_is_in_two_files():
    files = [{(one.asked, one.text.casefold(), one.role) for one in phrasings(file)} for file in GOALS]
    assert sum(map(len, files)) == len(set().union(*files))


@pytest.mark.parametrize("text", ["£", "28k" * 600, "9" * 2000, "nights " * 300, "every other " * 200, "(" * 500, "1/2" * 300])
def test_strange_texts_are_read_quickly(text):
    """A message has up to 2,000 characters; no pattern may take long over it."""
    for asked in (None, "income", "nights", "children", "pension"):
        started = time.process_time()
        hear(Enquiry(), text[:2000], asked, FIGURES)
        assert time.process_time() - started < 1.0
