"""The danger screen: what it must hear, whom it is about, what must not alarm it, and how long it takes."""

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chat_server.core.danger_phrases import EDGE, FORK, GAP, MAYBE, NOT, WORD, Element, Phrasebook, Reader
from chat_server.core.safety import FACTS, SCREEN, Kind, Screen, explain, screen

FACTS_READ = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
SELF_HARM, ABUSE, CHILD = Kind.SELF_HARM, Kind.DOMESTIC_ABUSE, Kind.CHILD_SAFETY


class Told(NamedTuple):
    text: str
    kinds: frozenset[str]
    how: str
    held: bool


def danger_set() -> list[Told]:
    groups = yaml.safe_load((Path(__file__).parent / "danger_set.yml").read_text(encoding="utf-8"))
    return [Told(text, frozenset(g["is"]), g["how"], g["held"]) for g in groups for text in g["messages"]]


# ---- the danger set: shares that hold now; they may only rise


def test_the_set_is_large_and_half_of_its_first_round_was_never_tuned_on():
    told = danger_set()
    assert len(told) >= 800
    assert sum(t.held for t in told) >= 200
    assert len({t.text for t in told}) == len(told)


@pytest.mark.parametrize(
    ("held", "how", "least_seen", "least_right"),
    [
        (True, "stated", 0.98, 0.97),
        (True, "hidden", 0.94, 0.94),
        (False, "stated", 0.99, 0.99),
        (False, "hidden", 0.94, 0.94),
    ],
)
def test_danger_is_seen_and_its_kind_told(held: bool, how: str, least_seen: float, least_right: float):
    told = [t for t in danger_set() if t.held == held and t.how == how]
    found = [(t, screen(t.text)) for t in told]
    missed = [t.text for t, finding in found if not finding]
    wrong = [t.text for t, finding in found if not t.kinds <= set(finding.kinds)]
    assert 1 - len(missed) / len(told) >= least_seen, missed if not held else len(missed)
    assert 1 - len(wrong) / len(told) >= least_right, wrong if not held else len(wrong)


@pytest.mark.parametrize(("held", "most"), [(True, 0.03), (False, 0.02)])
def test_harmless_look_alikes_stay_calm(held: bool, most: float):
    calm = [t for t in danger_set() if t.held == held and not t.kinds]
    alarmed = [t.text for t in calm if screen(t.text)]
    assert len(alarmed) / len(calm) <= most, alarmed if not held else len(alarmed)


def test_no_kind_is_heard_worse_than_the_others():
    seen: dict[str, list[bool]] = defaultdict(list)
    for told in danger_set():
        for kind in told.kinds:
            seen[kind].append(bool(screen(told.text)))
    assert all(sum(hits) / len(hits) >= 0.95 for hits in seen.values()), {k: sum(v) / len(v) for k, v in seen.items()}


# ---- disguises


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself",
        "I WANT TO KILL MYSELF",
        "i wanna k1ll myself",
        "i want to k!ll my self",
        "i want to k*ll myself",
        "i want to killl myselff",
        "I want to kіll mуself",
        "I want to k\u200bill my\u00adself",
        "Ｉ ｗａｎｔ ｔｏ ｋｉｌｌ ｍｙｓｅｌｆ",
        "killmyself",
        "s u i c i d e",
        "s.u.i.c.i.d.e",
        "k i l l m y s e l f",
        "su1c1dal",
        "suicdal thougths",
        "i dont want 2 be alive",
        "I don’t want to be alive",
        "i dont want to be alive anymore x",
        "gonna kms",
        "ah dinnae want tae be here nae mair",
        "I'm going to end my life\n\nsorry",
        "dw i eisiau marw",
    ],
)
def test_self_harm_is_heard_through_spelling_disguise_and_dialect(text: str):
    assert SELF_HARM in screen(text).kinds


@pytest.mark.parametrize(
    "text",
    [
        "he h1ts me",
        "HE HITS ME",
        "domestic voilence",
        "he r*ped me",
        "he's threatning to kill me",
        "hes batterin me",
        "she's pùnched me again",
        "mae'n fy nharo i",
        "I’m scared of him",
    ],
)
def test_abuse_is_heard_through_spelling_disguise_and_dialect(text: str):
    assert ABUSE in screen(text).kinds


@given(st.sampled_from(["he hits me", "i want to die", "she hits my son"]), st.text(alphabet=" .,!?\n", max_size=6))
def test_case_and_punctuation_around_it_change_nothing(text: str, around: str):
    assert screen(around + text.upper() + around).kinds == screen(text).kinds != ()


# ---- negation, other people, who speaks


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("I'm not going to kill myself but I don't want to be here", {SELF_HARM}),
        ("I'm not suicidal", set()),
        ("I'm not suicidal but I want to die", {SELF_HARM}),
        ("he has never hit me", set()),
        ("he has never hit me but I am scared of him", {ABUSE}),
        ("he doesn't hit me any more", {ABUSE}),
        ("he hasn't hit me since June", {ABUSE}),
        ("there was never any violence", set()),
        ("there was no domestic abuse but he threatened to kill me", {ABUSE}),
        ("the forms are killing me, and I want to die", {SELF_HARM}),
        ("I could murder a brew. He punched me last night.", {ABUSE}),
        ("he hit me and then he hit our son", {ABUSE, CHILD}),
        ("he says he'll kill himself if I leave and he beats me", {SELF_HARM, ABUSE}),
    ],
)
def test_a_calm_phrase_cancels_its_own_match_and_nothing_else(text: str, kinds: set[Kind]):
    assert set(screen(text).kinds) == kinds


@pytest.mark.parametrize(
    ("text", "third_party"),
    [
        ("my ex says he'll kill himself if I go to the CMS", True),
        ("my brother is suicidal", True),
        ("I want to die", False),
        ("my brother is suicidal and I want to die too", False),
        ("suicidal", False),
        ("my sister's husband hits her", True),
        ("he hits me", False),
        ("he hits the kids", False),
    ],
)
def test_it_is_told_whether_another_adult_is_in_danger(text: str, third_party: bool):
    finding = screen(text)
    assert finding and finding.third_party is third_party


def test_somebody_who_has_hurt_a_partner_is_told_apart():
    assert screen("I lost my temper and hit my wife").own_behaviour
    assert not screen("my wife hits me").own_behaviour


@pytest.mark.parametrize("text", ["my dad hits me and my brother", "im 13 and my mum keeps hurting me"])
def test_a_child_who_writes_is_told_apart(text: str):
    finding = screen(text)
    assert CHILD in finding.kinds and finding.by_child


def test_kinds_come_in_the_order_of_what_presses_most():
    assert screen("he hits the kids, he hits me and I want to die").kinds == (SELF_HARM, ABUSE, CHILD)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "???", "💔", "123", "'", "' '", "a" * 20_000, "....", "-_-"])
def test_texts_without_words_are_calm(text: str):
    assert not screen(text)


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str):
    assert set(screen(text).kinds) <= set(Kind)


# ---- long texts


@pytest.mark.parametrize("filler", ["We agreed 200 a month and he pays on time. ", "and he said the money and the kids "])
def test_all_of_a_long_text_is_heard(filler: str):
    assert SELF_HARM in screen(filler * 180 + ". I want to kill myself").kinds
    assert SELF_HARM in screen("I want to kill myself. " + filler * 400).kinds


@pytest.mark.parametrize(
    "piece",
    ["he hits me ", "i ", "not ", "a b c ", "k*ll ", "my kids and ", "he she they ex him ", "x", "1l", "''", "é", "want to die "],
)
def test_time_grows_with_the_length_of_the_text_and_no_faster(piece: str):
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        started = time.process_time()
        screen(text)
        return time.process_time() - started

    seconds(4_000)
    short, long = min(seconds(4_000) for _ in range(3)), min(seconds(16_000) for _ in range(3))
    assert long < 10 * short + 0.02


# ---- the data


def themes() -> Iterator[dict]:
    yield from (theme for themes in FACTS_READ["danger"].values() for theme in themes)
    yield from FACTS_READ["calm"]


def test_each_theme_says_why_it_is_there():
    assert all(len(theme["note"]) > 20 and theme["phrases"] for theme in themes())


def simplest(elements: tuple[Element, ...]) -> Iterator[str]:
    """Words that meet the elements: the first word of each choice, nothing where nothing is needed."""
    for n, element in enumerate(elements):
        forbidden = elements[n - 1].words if n and elements[n - 1].op == NOT else frozenset()
        if element.op == WORD:
            yield sorted(element.words - forbidden)[0]
        elif element.op == FORK:
            yield from simplest(element.ways[0])
        else:
            assert element.op in (MAYBE, GAP, NOT, EDGE)


def test_each_phrase_can_be_met():
    reader = Reader(FACTS_READ["words"], FACTS_READ["stems"].split(), FACTS_READ["common"].split())
    deaf = []
    for theme in themes():
        for text in theme["phrases"]:
            tokens = [".", *simplest(reader.elements(text)), "."]
            if not any(Phrasebook(reader.phrases(theme["theme"], text)).found(tokens)):
                deaf.append((text, tokens))
    assert deaf == []


def test_words_of_phrases_are_heard_as_they_are_written():
    told = " ".join(w for w in SCREEN.vocabulary.literals if w.isalpha())
    assert SCREEN.vocabulary.tokens(told)[1:-1] == told.split()


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("want to [die", "no ']'"),
        ("want to) die", "cannot go on"),
        ("@nobody hits me", "nobody"),
        ("dont want to die", "never heard"),
        ("(please) help me", "says nothing at an end"),
        ("deat* wish", "none of the stems"),
        ("..3 (me)", "says nothing"),
    ],
)
def test_a_phrase_that_cannot_be_read_or_heard_is_refused(phrase: str, why: str):
    facts = FACTS_READ | {"danger": {"self_harm": [{"theme": "test", "phrases": [phrase]}]}, "calm": []}
    with pytest.raises(ValueError, match=why):
        Screen(facts)


def test_a_reviewer_sees_what_was_heard_and_why():
    (match, *_) = explain("well he hits me")
    assert (match.kind, match.words) == (ABUSE, "he hits me")
    assert match.theme in {theme["theme"] for theme in FACTS_READ["danger"]["domestic_abuse"]}
