"""What is read without a model: clauses, what parents say about themselves, what a short question points back to."""

import pytest

from chat_server.encoder.clauses import MOST_CLAUSES, clauses
from dialogue.reading.about_parent import about_parent
from dialogue.reading.context import follow_up, in_context


def said(text: str) -> dict[str, str]:
    return {entity["entity"]: entity["value"] for entity in about_parent(text)}


@pytest.mark.parametrize(
    ("text", "nation"),
    [
        ("Wales", "wales"),
        ("and in Scotland?", "scotland"),
        ("what about northern ireland", "northern_ireland"),
        ("NI", "northern_ireland"),
        ("im in cardiff and he wont pay", "wales"),
        ("We're both in Leeds", "england"),
        ("I'm from Glasgow", "scotland"),
        ("me and the kids live in belfast", "northern_ireland"),
        ("my ex lives in wales and i'm in england", "england"),
        ("is it different in scotland", "scotland"),
        ("yn Gymru? no, in England please", None),
        ("he lives in Scotland", None),
        ("what if he moves to Scotland?", None),
        ("her solicitor is in Manchester", None),
        ("do they take off tax and NI number", None),
        ("my ni contributions", None),
        ("reading her letter", None),
        ("my mate Barry said so", None),
        ("how much should I pay", None),
    ],
)
def test_a_nation_is_remembered_when_it_is_the_parent_s_own_or_is_asked_about(text: str, nation: str | None) -> None:
    assert said(text).get("nation") == nation


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("I pay my ex £50 a week", "paying"),
        ("how much would i have to pay", "paying"),
        ("they take it out of my wages", "paying"),
        ("she wants £200 a week from me", "paying"),
        ("I am a mum and I pay maintenance to their dad", "paying"),
        ("he pays me 20 quid a week", "receiving"),
        ("she pays me nothing for our son", "receiving"),
        ("i haven't had a penny, he won't pay for my kids", "receiving"),
        ("how much will i get", "receiving"),
        ("we share care 50/50", "shared"),
        ("my ex is a nightmare", None),
        ("I'm a dad", None),
        ("I'm a mum of three", None),
        ("my wife told me to leave", None),
        ("i can't pay my rent", None),
        ("he pays me and I pay her", None),
    ],
)
def test_a_role_is_what_the_parent_says_and_never_follows_from_being_a_mother_or_a_father(text: str, role: str | None) -> None:
    assert said(text).get("role") == role


SWAPS = [
    ("he", "she"), ("him", "her"), ("his", "her"), ("husband", "wife"), ("dad", "mum"), ("father", "mother"),
    ("boyfriend", "girlfriend"), ("grandad", "nan"), ("brother", "sister"), ("son", "daughter"),
]


@pytest.mark.parametrize(
    "text",
    [
        "he pays me nothing", "I pay him every week", "how much should he pay me", "my husband refuses to pay for our son",
        "I'm a dad and I live in Leeds", "I'm their father and they want money from me", "my boyfriend pays maintenance to his ex",
        "I'm the grandad, my brother split up", "he lives in Wales", "my son's ex won't pay him",
    ],
)
def test_the_same_words_about_a_man_or_a_woman_are_read_the_same(text: str) -> None:
    words = text.split(" ")
    there = dict(SWAPS)
    for old, new in SWAPS:
        there.setdefault(f"{old}'s", f"{new}'s")
    swapped = " ".join(there.get(word, word) for word in words)
    assert said(swapped) == said(text)


@pytest.mark.parametrize(
    ("text", "asker"),
    [
        ("I'm a grandmother, my son pays too much", "relative"),
        ("asking for my brother", "relative"),
        ("my daughter's ex doesn't pay her", "relative"),
        ("I'm a health visitor supporting a family", "professional"),
        ("one of our clients has a question", "professional"),
        ("as a dad of two", "parent"),
        ("my ex won't talk to me", "parent"),
        ("my solicitor says no", None),
        ("my son is 17", None),
        ("how do i apply", None),
    ],
)
def test_who_is_asking_is_heard(text: str, asker: str | None) -> None:
    assert said(text).get("asker") == asker


def test_a_relative_s_words_say_nothing_about_the_parent_s_role() -> None:
    assert "role" not in said("I'm her nan and her dad never pays me a penny")


@pytest.mark.parametrize(("text", "lang"), [("siarad Cymraeg?", "cy"), ("can you reply in Welsh please", "cy"), ("back to English please", "en"), ("I'm Welsh", None)])
def test_a_wish_for_a_language_is_heard(text: str, lang: str | None) -> None:
    assert said(text).get("lang") == lang


def test_a_worry_at_the_end_of_a_long_message_is_a_clause_of_its_own() -> None:
    text = "We split in March and I moved to my mum's. I pay £300 a month, he buys clothes, and now the landlord says we have to be out by Friday"
    assert clauses(text)[-1] == "the landlord says we have to be out by Friday"


def test_a_short_message_is_one_clause() -> None:
    assert clauses("how do i apply?") == ["how do i apply?"]
    assert clauses("") == []


def test_a_wall_of_text_is_read_at_both_ends() -> None:
    text = "I start here with this. " + "the weather is quite nice today. " * 500 + "I end with that worry."
    found = clauses(text)
    assert len(found) == MOST_CLAUSES
    assert found[0] == "I start here with this" and found[-1] == "I end with that worry"


@pytest.mark.parametrize(
    ("text", "last_topic", "topic"),
    [
        ("how much does that cost", "statutory.apply", "statutory.fees"),
        ("is it free?", "options.statutory", "statutory.fees"),
        ("do they charge for that", "signpost.mediation", "signpost.mediation"),
        ("is that free", "options.family_based", "options.family_based"),
        ("how long does it take", "options.statutory", "statutory.apply"),
        ("how long does that take", "statutory.disagree", "statutory.disagree"),
        ("how do i do that", "options.family_based", "family_based.agree"),
        ("do they have a number", "statutory.missed", "statutory.contact"),
        ("can i ring them", "signpost.debt", "signpost.debt"),
        ("how much does that cost", None, None),
        ("how much does childcare cost", "statutory.apply", None),
        ("is it free to go to court when she has a solicitor and I have none", "statutory.apply", None),
        ("I don't like that", "statutory.apply", None),
    ],
)
def test_that_and_it_mean_what_was_talked_about(text: str, last_topic: str | None, topic: str | None) -> None:
    assert follow_up(text, last_topic) == topic


def heard(text: str, topic: str, **slots: str) -> str:
    entities = [{**entity, "extractor": "AboutParent"} for entity in about_parent(text)]
    reading = {"text": text, "intent": {"name": topic, "confidence": 0.4}, "intent_ranking": [], "entities": entities}
    return in_context(reading, slots)["intent"]["name"]


def test_yes_takes_up_what_was_offered() -> None:
    assert heard("yes please", "chat.affirm", offer="/estimate.start") == "estimate.start"
    assert heard("ok", "chat.affirm", offer="!human") == "human_request"
    assert heard("yes", "chat.affirm") == "chat.affirm"


@pytest.mark.parametrize("worry", ["housing", "legal", "distress", "human_request", "self_harm", "domestic_abuse", "child_safety"])
def test_no_context_talks_a_worry_or_danger_away(worry: str) -> None:
    assert heard("how long can I do that in Scotland", worry, last_topic="statutory.apply", offer="/estimate.start") == worry
    assert heard("Scotland", worry, last_topic="statutory.apply") == worry


def test_a_bare_nation_is_a_wish_for_the_last_answer_there() -> None:
    assert heard("and in Scotland?", "nlu_fallback", last_topic="statutory.fees") == "nation"
    assert heard("Wales", "out_of_scope") == "nation"
    assert heard("is it different in Scotland?", "nlu_fallback") == "eligibility.nation"
    assert heard("I live in Wales, how do I apply?", "statutory.apply", last_topic="options.overview") == "statutory.apply"
