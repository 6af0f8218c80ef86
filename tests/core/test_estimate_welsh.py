"""The estimate in Welsh: every sentence that English has, with the same numbers."""

import re
from datetime import date
from string import Formatter

import pytest

from chat_server.core.estimate import estimate, said_in
from chat_server.core.explain import words
from chat_server.core.figures import in_force
from chat_server.core.household import parse_household

TODAY = in_force(date(2026, 11, 21))
PARTS = ("nouns", "months", "periods", "fractions", "rates", "steps", "assumptions", "could_change")
LONE = ("nights_of_a_child", "list_join", "home_prefix", "nights_said", "options", "safety", "options_when_unsafe")
MONEY = re.compile(r"£[\d,]+(?:\.\d\d)?|\d+%")
CASES = {
    "ordinary": {"income": {"amount": "28000", "period": "year"}, "receiving_parents": [{"children": [{"nights_per_year": 60}] * 2}]},
    "two homes, a range, other children": {
        "income": {"amount": "2300", "up_to": "2500", "period": "month"}, "pension": {"amount": "100", "period": "month"},
        "receiving_parents": [{"children": [{"nights_per_year": 110}, {"nights_per_year": 60}]}, {"children": [{"nights_per_year": 180}]}],
        "other_children_at_home": 2, "privately_maintained_children": 1, "collection": "collect_and_pay",
    },
    "benefit": {"income": None, "benefit": "means_tested", "receiving_parents": [{"children": [{"nights_per_year": 60}]}]},
    "prison": {"income": None, "nil_reason": "prisoner", "receiving_parents": [{"children": [{}]}]},
    "unknown income": {"income": None, "receiving_parents": [{"children": [{}]}]},
    "equal care": {"income": {"amount": "500", "period": "week"}, "receiving_parents": [{"children": [{"nights_per_year": 182, "equal_care": True}, {"nights_per_year": 110}]}]},
}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("part", PARTS)
def test_each_sentence_is_there_in_both_languages_with_the_same_blanks(part: str) -> None:
    english, welsh = words("en")[part], words("cy")[part]
    if isinstance(english, list):
        assert len(english) == len(welsh)
        return
    assert english.keys() == welsh.keys()
    for key in english:
        pairs = zip(english[key], welsh[key], strict=True) if isinstance(english[key], list) else [(english[key], welsh[key])]
        for one, other in pairs:
            assert blanks(str(one)) == blanks(str(other)), key
            assert one != other, f"{key} is still in English"


@pytest.mark.parametrize("key", LONE)
def test_each_lone_sentence_is_there_in_both_languages(key: str) -> None:
    assert blanks(words("en")[key]) == blanks(words("cy")[key])


@pytest.mark.parametrize("name", CASES)
def test_the_same_steps_with_the_same_numbers_in_both_languages(name: str) -> None:
    english, welsh = (estimate(parse_household(CASES[name]), TODAY, lang).to_dict(safe_first=True) for lang in ("en", "cy"))
    assert welsh["lang"] == "cy"
    for part in ("steps", "assumptions", "could_change"):
        for one, other in zip(english[part], welsh[part], strict=True):
            texts = (one["text"], other["text"]) if part == "steps" else (one, other)
            assert sorted(MONEY.findall(texts[0])) == sorted(MONEY.findall(texts[1])), texts
            assert texts[0] != texts[1]
    assert "diogelwch" in welsh["safety"] and welsh["weekly"] == english["weekly"]


def test_an_estimate_is_said_again_in_the_parents_language_with_the_figures_of_its_day() -> None:
    english = estimate(parse_household(CASES["two homes, a range, other children"]), TODAY).to_dict(safe_first=True)
    welsh = said_in("cy", english)
    assert welsh["steps"][0]["text"].endswith("yr wythnos.") and "21 Tachwedd 2026" in welsh["assumptions"][-1]
    same = {"weekly", "monthly", "annual", "range", "homes", "fees", "rate", "as_of", "input"}
    assert {name: english[name] for name in same} == {name: welsh[name] for name in same}
    assert "safety" in welsh and said_in("en", english) is english


def test_sentences_are_short_enough_to_read() -> None:
    """Welsh says in two words what English often says in one: 28 words at most."""
    for part in ("steps", "assumptions", "could_change"):
        for key, text in words("cy")[part].items():
            for sentence in re.split(r"(?<=[.:?])\s", text):
                assert len(sentence.split()) <= 28, f"{part}.{key}: {sentence}"
