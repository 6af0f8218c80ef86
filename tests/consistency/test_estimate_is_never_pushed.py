"""What every sentence about an estimate keeps to: nobody is told what to pay, no sum meets a worry, safety comes first."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actions.clarify import likely_topics
from chat_server.content.content import Content, Variation, read
from chat_server.core.explain import words
from chat_server.core.topics import TOPICS, Outcome
from chat_server.core.wording import Wording

ROOT = Path(__file__).parents[2]
WORRIES = (Outcome.HANDOVER, Outcome.URGENT, Outcome.SIGNPOST)
TELLS_WHAT_TO_PAY = {
    "en": re.compile(r"\bshould\b|\bentitle|\b(?:right|correct|fair|proper) (?:amount|sum|figure)\b|\bought\b|\bowed?\b|\bdeserve", re.IGNORECASE),
    "cy": re.compile(r"\bdyl(?:ai|ech|ent|wch)\b|\bhawl\b|\b(?:swm|ffigur) (?:cywir|teg|iawn)\b", re.IGNORECASE),
}
TO_THE_OTHER_PARENT = re.compile(
    r"\b(?:show|send|give|share|tell|talk|discuss|agree)\w*\b[^.]*\b(?:other parent|each other|between you)\b|\bany amount\b", re.IGNORECASE
)
BETWEEN_PARENTS = ("options.family_based", "family_based.", "signpost.mediation")
NOT_HAVING_TO = re.compile(r"[^.]*\b(?:does not have to|no need to|without any|nothing|nobody)\b[^.]*\.", re.IGNORECASE)


@pytest.fixture(scope="module")
def content() -> Content:
    return read(ROOT)


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


def of_the_estimate(v: Variation) -> bool:
    key = v.key.removeprefix("utter_").removeprefix("ask_")
    return key.startswith(("estimate", "copy_estimate", "copy_any", "plain_what_if")) or key.startswith("label_estimate")


@pytest.mark.parametrize("lang", ["en", "cy"])
def test_no_word_about_an_estimate_tells_anybody_what_to_pay(content: Content, lang: str):
    strings = json.loads((ROOT / "chat_server" / "web" / "strings" / f"{lang}.json").read_text())
    said = [*texts_of(words(lang)), *(text for key, text in strings.items() if key.startswith("estimate."))]
    for v in content.variations():
        if of_the_estimate(v) and v.lang == lang:
            said += [v.text, *(button.title for button in v.buttons)]
    assert len(said) > (300 if lang == "en" else 80)
    assert [text for text in said if TELLS_WHAT_TO_PAY[lang].search(text)] == []


def test_no_reply_to_a_worry_or_a_danger_leads_to_an_estimate(content: Content):
    worries = {f"utter_{topic.name}" for topic in TOPICS.values() if topic.outcome in WORRIES}
    replies = [v for v in content.variations() if v.key in worries or v.key.startswith(("utter_urgent", "utter_service_queue"))]
    assert {v.key for v in replies} >= {"utter_housing", "utter_legal", "utter_distress"}
    assert [(v.key, b.title) for v in replies for b in v.buttons if "/estimate" in b.payload] == []
    assert [v.key for v in replies if re.search(r"\bestimate|calculat|work out (?:a|the) (?:sum|figure|amount)", v.text, re.IGNORECASE)] == []


def test_nothing_but_the_parents_own_wish_starts_an_estimate(content: Content):
    """No reply has a button that starts one, and every rule that does begins with the parent who asks for it."""
    starts = [(v.key, b.title) for v in content.variations() for b in v.buttons if b.payload == "/estimate.start"]
    assert starts == []


@pytest.mark.parametrize("worry", [topic.name for topic in TOPICS.values() if topic.outcome in (Outcome.HANDOVER, Outcome.URGENT)])
def test_where_a_worry_may_be_meant_no_estimate_is_offered_by_name(worry: str):
    offered = likely_topics([("estimate.start", 0.4), ("estimate.income", 0.2), (worry, 0.2)])
    assert not [topic for topic in offered if topic.startswith("estimate.")]


def test_after_a_no_no_estimate_is_offered_by_name():
    ranked = [("estimate.start", 0.4), ("statutory.fees", 0.3)]
    assert likely_topics(ranked) == ["estimate.start", "statutory.fees"]
    assert likely_topics(ranked, estimate_refused=True) == ["statutory.fees"]


def test_after_a_mention_of_fear_nothing_suggests_to_show_or_agree_a_figure():
    wording = Wording(ROOT / "domain" / "wording")
    blanks = {name: "£1" for name in ("weekly", "low", "high", "here", "there", "before", "rate", "homes")}
    shown = ("utter_estimate_result", "utter_estimate.start", "utter_estimate_compared", "utter_estimate_safe")
    keys = [key for key in wording.keys if key.startswith(shown)]
    assert len(keys) > 8
    for key, role in itertools.product(keys, (None, "paying", "receiving")):
        said = wording.say(key, {"abuse_mentioned": True, "role": role}, "en", **blanks)
        assert not TO_THE_OTHER_PARENT.search(NOT_HAVING_TO.sub("", said.text)), said.text
        assert not [b.payload for b in said.buttons if b.payload.lstrip("/").startswith(BETWEEN_PARENTS)], key


@pytest.mark.parametrize("lang", ["en", "cy"])
def test_on_the_card_safety_has_words_of_its_own(lang: str):
    assert words(lang)["safety"] and words(lang)["options_when_unsafe"] != words(lang)["options"]
