"""The words that are in the repository keep what the service promises."""

import itertools
import re
from pathlib import Path

import pytest

from chat_server.content import avoid, checks, steps
from chat_server.content.content import BLANK, Content, Variation, read
from chat_server.core.topics import Outcome, with_outcome
from chat_server.core.wording import Wording

ROOT = Path(__file__).parents[2]
HANDOVER = [topic.name for topic in with_outcome(Outcome.HANDOVER)]
URGENT = [topic.name for topic in with_outcome(Outcome.URGENT)]
NOUNS = {
    "house": "house",
    "letter": "letter",
    "court": "court",
    "solicitor": "solicitor",
    "children": "children",
    "money": r"money|sum|pay",
}


@pytest.fixture(scope="module")
def content() -> Content:
    return read(ROOT)


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(ROOT / "domain" / "wording")


def test_the_content_of_the_repository_has_no_errors(content):
    errors = [str(finding) for finding in checks.check(content) if finding.severity == "error"]
    assert not errors, "\n".join(errors)


@pytest.mark.parametrize(("topic", "worry", "open_now"), list(itertools.product(HANDOVER, NOUNS, [True, False])))
def test_a_handover_names_the_worry_first_in_the_parents_own_noun(wording, topic, worry, open_now):
    said = wording.say(f"utter_{topic}", {"worry": worry, "open_now": open_now})
    first_sentences = " ".join(re.split(r"(?<=\.)\s", said.text)[:2])
    assert re.search(NOUNS[worry], first_sentences)


@pytest.mark.parametrize("topic", HANDOVER)
def test_a_handover_says_that_nothing_needs_to_be_told_twice(wording, topic):
    for open_now in (True, False):
        text = wording.say(f"utter_{topic}", {"open_now": open_now}).text
        assert "see what you have written" in text


@pytest.mark.parametrize("topic", HANDOVER)
def test_nobody_is_promised_when_nobody_is_there(wording, topic):
    closed = wording.say(f"utter_{topic}", {"open_now": False}).text
    assert "The team is away" in closed
    assert "The team is away" not in wording.say(f"utter_{topic}", {"open_now": True}).text


@pytest.mark.parametrize(("topic", "open_now"), list(itertools.product(HANDOVER, [True, False])))
def test_a_worry_that_comes_back_is_admitted_and_not_answered_in_the_same_words(wording, topic, open_now):
    once = wording.say(f"utter_{topic}", {"worry": "children", "open_now": open_now})
    again = wording.say(f"utter_{topic}", {"worry": "children", "open_now": open_now, "again": True})
    assert again.text != once.text and len(again.text) < len(once.text)


@pytest.mark.parametrize("key", [f"utter_{topic}" for topic in HANDOVER] + [f"utter_urgent_{kind}" for kind in URGENT])
def test_mothers_and_fathers_paying_and_receiving_get_the_same_sentence(content, key):
    assert not [v for v in content.keys[key] if {"role", "asker"} & set(v.conditions)]


@pytest.mark.parametrize(("kind", "lang", "third_party"), list(itertools.product(URGENT, ["en", "cy"], [True, False])))
def test_help_in_danger_is_complete_in_both_languages(wording, kind, lang, third_party):
    for key in (f"utter_urgent_{kind}", f"utter_urgent_{kind}_short"):
        said = wording.say(key, {"third_party": third_party}, lang)
        assert said.lang == lang
        assert "999" in said.text and not said.buttons


def test_a_worry_about_somebody_else_is_not_answered_as_ones_own(wording):
    for kind in URGENT:
        own, other = (wording.say(f"utter_urgent_{kind}", {"third_party": third}).text for third in (False, True))
        assert own != other


def test_after_a_mention_of_abuse_no_signpost_leads_to_the_other_parent(wording):
    for topic in with_outcome(Outcome.SIGNPOST):
        said = wording.say(f"utter_{topic.name}", {"abuse_mentioned": True, "nation": "scotland"})
        assert not {b.payload.lstrip("/") for b in said.buttons} & set(steps.TO_THE_OTHER_PARENT), topic.name


def test_numbers_that_the_owner_has_not_given_are_not_made_up(wording):
    for open_now in (None, True, False):
        text = wording.say("utter_service.contact", {"open_now": open_now}, hours="Monday to Friday 9am to 5pm").text
        assert "no phone number, email address or office" in text
        assert not re.search(r"\d{3,}|@", text)


def test_the_first_words_say_that_the_assistant_is_automatic_and_ask_one_thing(wording):
    for lang, automatic in (("en", "automatic assistant"), ("cy", "ynorthwyydd awtomatig")):
        said = wording.say("utter_service_greeting", {}, lang)
        assert automatic in said.text and "999" in said.text and said.text.count("?") == 1
        assert not any("estimate" in button.payload or "calculat" in button.label.lower() for button in said.buttons)


# The columns "use" and "avoid" of the style guide, as sentences: each must be caught.
NEVER = [
    "the correct amount is",
    "what it should be",
    "you are owed",
    "you should be paying",
    "you are expected to pay",
    "the non-resident parent",
    "a deadbeat",
    "the parent with care",
    "your wife",
    "custody of the children",
    "access to the children",
    "you can negotiate",
    "a claim against them",
    "alimony",
    "ask the CSA",
    "you must",
    "have you thought of",
    "it must be a difficult time",
    "I understand how you feel",
    "as I explained",
    "we are not experts",
    "we only deal with maintenance",
    "organisations you might find helpful",
    "seek legal advice",
    "do you want a calculation",
    "commit suicide",
    "a cry for help",
    "are you sure",
    "completely confidential",
    "nobody will know",
    "I feel that",
    "at the moment",
    "don't worry",
    "just ask",
    "it is easy",
]


@pytest.mark.parametrize("words", NEVER)
def test_the_list_of_words_to_avoid_is_whole(words):
    assert list(avoid.find(f"Well, {words} here.", "utter_options.overview"))


def test_every_variation_can_be_said(content, wording):
    """Each variation comes out for the facts that it is written for."""
    for v in content.variations():
        assert _said(wording, v) == v.text.strip(), f"{v.path}:{v.line} is hidden by another variation"


def _said(wording: Wording, v: Variation) -> str:
    facts = {name: value for name, value in v.conditions.items() if name != "lang"}
    written = " ".join((v.text, *(button.title for button in v.buttons)))
    blanks = {name: f"{{{name}}}" for name in BLANK.findall(written)}
    return wording.say(v.key, facts, v.lang, **blanks).text
