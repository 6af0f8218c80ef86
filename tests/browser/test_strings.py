"""The interface's sentences: the same in both languages, all of them used, and in the service's voice."""

import json
import re

import pytest

from tests.browser.site import WEB

BLANK = re.compile(r"\{(\w+)\}")
TABLES = {lang: json.loads((WEB / "strings" / f"{lang}.json").read_text()) for lang in ("en", "cy")}
SCRIPTS = "\n".join(path.read_text() for path in sorted((WEB / "widget").glob("*.js")))
BUILT_KEYS = (
    r"(from|fate|fate\.failed|gone|menu|nation|contact|copy|rate|organisation|estimate\.what_if\.income|estimate\.what_if\.is|notice|error|change|exit\.shift)[._]\w[\w-]*"
)
"""Families whose last part is put together in the code, as in `from.${who}`."""

AVOIDED = [
    "right amount", "correct amount", "entitle", "you should", "you must", "you need to", "you have to", "simply", "just ", "easy to use",
    "don't worry", "currently", "at the moment", "soon", "shortly", "session", "chatbot", "!",
]


def test_both_languages_have_the_same_sentences_in_the_same_order():
    assert list(TABLES["en"]) == list(TABLES["cy"])


@pytest.mark.parametrize("key", TABLES["en"])
def test_both_languages_fill_the_same_blanks(key: str):
    assert sorted(BLANK.findall(TABLES["en"][key])) == sorted(BLANK.findall(TABLES["cy"][key]))


def test_no_sentence_is_empty_or_left_in_english():
    same = {key for key in TABLES["en"] if TABLES["en"][key] == TABLES["cy"][key] or not TABLES["cy"][key].strip()}
    assert same == set()


def test_every_sentence_is_used():
    unused = [key for key in TABLES["en"] if f'"{key}"' not in SCRIPTS and not re.fullmatch(BUILT_KEYS, key)]
    by_half = [key for key in unused if not key.startswith("estimate.") or f'"{key.removeprefix("estimate.")}"' not in SCRIPTS]
    assert by_half == []


def test_every_sentence_that_is_asked_for_exists():
    asked = set(re.findall(r'(?:words\.say|say)\("([a-z][\w.-]*)"', SCRIPTS))
    assert len(asked) > 50
    assert {key for key in asked if key not in TABLES["en"] and f"estimate.{key}" not in TABLES["en"]} == set()


@pytest.mark.parametrize("phrase", AVOIDED)
def test_english_keeps_to_the_voice(phrase: str):
    assert [key for key, sentence in TABLES["en"].items() if phrase in sentence.lower()] == []


def test_months_are_twelve():
    for table in TABLES.values():
        assert len(table["months"].split()) == 12
