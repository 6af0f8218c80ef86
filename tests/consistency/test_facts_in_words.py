"""What parents are told holds: nothing retired is told as current, each nation hears its own answer, nobody who spoke
of abuse is sent to the other parent, and paying and receiving parents get words of the same size.

Each promise is checked on what a parent would read, for every mix of slots that the words know.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from chat_server.core.figures import in_force
from chat_server.core.topics import TOPICS
from chat_server.core.wording import BLANK, Said, Wording

ROOT = Path(__file__).resolve().parents[2]
WORDING = Wording(ROOT / "domain" / "wording")
TODAY = in_force(date.today())

FAMILIES = {"options", "family_based", "statutory", "legacy", "eligibility", "effect"}
TOLD = sorted(f"utter_{topic.name}" for topic in TOPICS.values() if topic.family in FAMILIES)
EVERY_KEY = sorted(WORDING.keys)

GREAT_BRITAIN_NUMBER = "08001712345"
RETIRED_OR_UNCHECKED_NUMBERS = {
    "08009880988": "the options line of 2011",
    "08000835130": "an options line",
    "08009530191": "the options line of 2019",
    "08004080308": "the options line in Welsh",
    "08000287439": "the Northern Ireland line of 2015",
    "08002321979": "a Welsh line that nobody confirmed",
    "08002321975": "one of two textphones",
    "08002321271": "the other of two textphones",
}
RETIRED_WORDS = {
    r"£20(?![\d.,]*\d)": "the application fee of 2014 to 2024",
    r"£61\b": "a misprint of the default rate",
    r"£39\b": "a corrected default rate",
    r"\b15% .*20% .*25%": "the rates of 2003",
    r"more than 175": "the half-share line begins at 175",
    r"£5 a week": "the flat rate before £7",
    r"non-resident parent|parent with care|absent parent": "names of the old schemes",
    r"\b2%": "a planned charge",
    r"child maintenance options (line|helpline|website)": "a service that was replaced in 2021",
}

# Where the answer differs by nation, that nation's parents read words of their own.
OWN_WORDS = {
    "northern_ireland": [
        "options.overview", "options.family_based", "options.statutory", "options.court_order", "family_based.agree",
        "statutory.apply", "statutory.fees", "statutory.direct_pay", "statutory.collect_pay", "statutory.changes",
        "statutory.missed", "statutory.disagree", "statutory.variation", "statutory.contact", "legacy.csa",
        "eligibility.child_age", "eligibility.who", "eligibility.abroad", "eligibility.nation", "effect.benefits",
    ],
    "scotland": [
        "options.overview", "options.court_order", "statutory.apply", "statutory.missed", "statutory.contact",
        "eligibility.child_age", "eligibility.who", "eligibility.abroad", "eligibility.nation",
    ],
    "wales": ["statutory.contact", "eligibility.child_age", "eligibility.abroad", "eligibility.nation"],
    "england": ["statutory.contact", "eligibility.abroad", "eligibility.nation"],
}  # fmt: skip

# Topics whose ordinary answer speaks of dealing with the other parent, or of what they are told.
SAFER_WORDS = [
    "options.overview", "options.family_based", "options.statutory", "options.court_order", "family_based.agree",
    "family_based.talking", "family_based.in_kind", "family_based.breakdown", "statutory.apply", "statutory.direct_pay",
    "statutory.collect_pay", "statutory.changes", "statutory.missed", "statutory.disagree", "statutory.variation",
    "statutory.parentage", "effect.contact",
]  # fmt: skip
BY_ROLE = [
    "family_based.breakdown", "statutory.apply", "statutory.fees", "statutory.direct_pay", "statutory.collect_pay",
    "statutory.changes", "statutory.missed", "statutory.variation", "statutory.parentage", "legacy.csa",
    "effect.benefits", "effect.contact",
]  # fmt: skip
COMMANDS = {"!human", "!retry", "!leave_message", "!call_back", "!stop_waiting"}
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


def say(key: str, **slots: object) -> Said:
    return WORDING.say(key, slots, **{blank: "…" for blank in blanks(key)})


def blanks(key: str) -> set[str]:
    return {
        blank
        for variation in WORDING.variations(key)
        for words in (variation.text, *(button.label for button in variation.buttons))
        for blank in BLANK.findall(words)
    }


def everything_said(key: str, **fixed: object) -> Iterator[Said]:
    """What a parent can read under this key, over every mix of the slots that its variations ask about."""
    values: dict[str, set[object]] = {}
    for variation in WORDING.variations(key):
        for name, value in variation.conditions.items():
            values.setdefault(name, {None}).add(value)
    values |= {name: {value} for name, value in fixed.items()}
    langs = values.pop("lang", {None})
    for mix in product(*values.values()):
        slots = dict(zip(values, mix, strict=True))
        for lang in langs:
            yield WORDING.say(key, slots, lang=str(lang or "en"), **{blank: "…" for blank in blanks(key)})


def read(said: Said) -> str:
    return " ".join([said.text, *(button.label for button in said.buttons)])


def digits(text: str) -> str:
    return re.sub(r"(?<=\d)[ \-]+(?=\d)", "", text)


def words(said: Said) -> int:
    return len(said.text.split())


# ---- nothing retired, nothing planned, told as today's


@pytest.mark.parametrize("key", EVERY_KEY)
def test_no_retired_or_unchecked_number_is_given(key: str):
    for said in everything_said(key):
        found = [what for number, what in RETIRED_OR_UNCHECKED_NUMBERS.items() if number in digits(read(said))]
        assert not found, f"{key} gives {found}"


@pytest.mark.parametrize("key", EVERY_KEY)
def test_no_retired_fee_rate_or_name_is_told(key: str):
    for said in everything_said(key):
        found = [what for words, what in RETIRED_WORDS.items() if re.search(words, read(said), re.IGNORECASE)]
        assert not found, f"{key} tells {found}: {said.text}"


@pytest.mark.parametrize("key", EVERY_KEY)
def test_the_csa_is_named_only_as_history(key: str):
    for said in everything_said(key):
        named = re.search(r"\bCSA\b|Child Support Agency", read(said))
        assert not named or "legacy.csa" in key, f"{key}: {said.text}"


def test_each_answer_on_the_csa_says_that_it_is_closed():
    for said in everything_said("utter_legacy.csa"):
        assert "closed" in said.text


@pytest.mark.parametrize("key", TOLD)
def test_a_plan_to_end_direct_pay_is_called_a_plan_without_a_date(key: str):
    for said in everything_said(key):
        if "June 2025" in said.text:
            assert "plan" in said.text and "no date" in said.text
        assert "2023 Act" not in said.text and "Act of 2023" not in said.text


@pytest.mark.parametrize("role", ["paying", "receiving", None])
@pytest.mark.parametrize("nation", ["england", "wales", "scotland", "northern_ireland", None])
def test_what_it_costs_is_told_whole(nation: str | None, role: str | None):
    text = say("utter_statutory.fees", nation=nation, role=role).text
    assert re.search(r"[Aa]pplying\b.* is free|no fee to apply", text)
    paying, receiving = TODAY.collect_paying_percent, TODAY.collect_receiving_percent
    assert TODAY.application_fee == 0
    assert f"{paying}%" in text and f"{receiving}%" in text
    assert f"£{50 + 50 * paying // 100}" in text and f"£{50 - 50 * receiving // 100}" in text


@pytest.mark.parametrize("nation", ["england", "wales", "scotland", None])
def test_a_decision_can_be_questioned_within_one_month_and_sooner_is_safer(nation: str | None):
    text = say("utter_statutory.disagree", nation=nation).text
    assert "one month" in text and "Sooner is safer" in text
    assert not re.search(r"\b\d+ days\b", text)


def test_no_hours_are_promised_for_the_statutory_service():
    for said in everything_said("utter_statutory.contact"):
        assert not re.search(r"\d\s?(am|pm)\b|\d:\d\d", said.text)


def test_the_default_rate_for_three_children_is_64_wherever_it_is_told():
    assert TODAY.default_rate == (38, 51, 64)
    told = [said.text for key in EVERY_KEY for said in everything_said(key) if "£38" in said.text and "£51" in said.text]
    assert all("£64" in text for text in told)


def test_half_the_nights_begins_at_175():
    assert TODAY.half_care_nights == 175
    told = [said.text for key in EVERY_KEY for said in everything_said(key) if re.search(r"\b175\b", said.text)]
    assert told and all(re.search(r"175 or more|175 nights|From 175|lines at 52, 104, 156 and 175", text) for text in told)
    assert not any(re.search(r"(more than|over|above) 175", text) for text in told)


# ---- nations


@pytest.mark.parametrize("key", EVERY_KEY)
def test_northern_ireland_is_never_sent_to_the_number_for_great_britain(key: str):
    for said in everything_said(key, nation="northern_ireland"):
        assert GREAT_BRITAIN_NUMBER not in digits(read(said)), f"{key}: {said.text}"


@pytest.mark.parametrize("nation", ["england", "wales", "scotland"])
def test_great_britain_gets_the_number(nation: str):
    for said in everything_said("utter_statutory.contact", nation=nation):
        assert GREAT_BRITAIN_NUMBER in digits(said.text)


def test_without_a_nation_the_number_comes_with_the_nations_that_it_serves():
    said = say("utter_statutory.contact")
    assert "England, Scotland and Wales" in said.text and "Northern Ireland has its own" in said.text
    assert any("northern_ireland" in button.payload for button in said.buttons)


@pytest.mark.parametrize(("nation", "topic"), [(n, t) for n, topics in OWN_WORDS.items() for t in topics])
def test_a_nation_with_another_answer_hears_it(nation: str, topic: str):
    assert say(f"utter_{topic}", nation=nation).text != say(f"utter_{topic}").text


@pytest.mark.parametrize("topic", [t for t in OWN_WORDS["northern_ireland"] if t.startswith("statutory")])
def test_northern_ireland_hears_of_its_own_service(topic: str):
    assert "Northern Ireland" in say(f"utter_{topic}", nation="northern_ireland").text


def test_scotland_hears_of_minutes_of_agreement_and_not_of_consent_orders():
    text = say("utter_options.court_order", nation="scotland").text
    assert "minute of agreement" in text and "consent order" not in text


# ---- when abuse was spoken of


@pytest.mark.parametrize("topic", SAFER_WORDS)
def test_after_abuse_the_answer_changes_and_a_person_is_a_choice(topic: str):
    safer = say(f"utter_{topic}", abuse_mentioned=True)
    assert safer.text != say(f"utter_{topic}").text
    assert "!human" in [button.payload for button in safer.buttons]


@pytest.mark.parametrize("key", TOLD)
def test_after_abuse_nobody_is_sent_to_the_other_parent(key: str):
    sent = re.compile(r"mediat|neutral|talking it through|you could (ask|say|begin)|pass on (the|bank) details", re.I)
    for said in everything_said(key, abuse_mentioned=True):
        assert not sent.search(read(said)), f"{key}: {said.text}"
        leads_to = {button.payload for button in said.buttons}
        assert not leads_to & {"/signpost.mediation", "/family_based.talking", "/family_based.agree"}, key


def test_after_abuse_direct_pay_is_not_pressed():
    for said in everything_said("utter_statutory.direct_pay", abuse_mentioned=True):
        assert "not safe" in said.text
        assert not re.search(r"no charge|most often|normally", said.text)


@pytest.mark.parametrize("slots", [{}, {"role": "paying"}, {"role": "receiving"}, {"nation": "scotland"}])
def test_a_parent_who_cannot_make_ends_meet_is_not_told_of_powers(slots: dict[str, str]):
    text = say("utter_statutory.missed", worry="money", **slots).text
    assert not re.search(r"legal order|from pay|bank|prison|licence|sheriff", text)


# ---- both parents


@pytest.mark.parametrize("topic", BY_ROLE)
def test_paying_and_receiving_parents_each_have_words(topic: str):
    plain, paying, receiving = (say(f"utter_{topic}", role=role) for role in (None, "paying", "receiving"))
    assert len({plain.text, paying.text, receiving.text}) == 3


@pytest.mark.parametrize("key", EVERY_KEY)
def test_words_for_one_parent_have_a_twin_of_the_same_size_for_the_other(key: str):
    """A question about the parent who pays asks that parent for "you"; its twin is then the one that names no role."""
    sides: dict[object, dict[frozenset[tuple[str, object]], int]] = {"paying": {}, "receiving": {}, None: {}}
    for variation in WORDING.variations(key):
        role = variation.conditions.get("role")
        if role in sides:
            others = frozenset((name, value) for name, value in variation.conditions.items() if name != "role")
            sides[role][others] = len(variation.text.split())
    asks = key.startswith("utter_ask_")
    for others in sides["paying"] | sides["receiving"]:
        sizes = [sides[role].get(others) or (sides[None].get(others) if asks else None) for role in ("paying", "receiving")]
        assert all(sizes), (key, dict(others), "one parent has words of their own and the other has not")
        assert abs(sizes[0] - sizes[1]) <= 0.15 * max(sizes), (key, dict(others))


@pytest.mark.parametrize("topic", BY_ROLE)
def test_paying_and_receiving_parents_get_as_many_next_steps(topic: str):
    paying, receiving = (say(f"utter_{topic}", role=role) for role in ("paying", "receiving"))
    assert len(paying.buttons) == len(receiving.buttons)


@pytest.mark.parametrize("topic", ["statutory.missed", "family_based.breakdown", "effect.contact", "statutory.parentage"])
@pytest.mark.parametrize("role", [None, "paying", "receiving"])
def test_the_first_sentence_meets_the_worry(topic: str, role: str | None):
    first = SENTENCE_END.split(say(f"utter_{topic}", role=role).text)[0]
    assert re.search(r"strain|worry|hurts|hard to bear|a lot to carry|weigh on|feel it", first), first


# ---- shape


@pytest.mark.parametrize("key", TOLD)
def test_an_answer_is_short_and_says_where_it_comes_from(key: str):
    for variation in WORDING.variations(key):
        text = variation.text
        assert len(text.split()) <= 80, text
        assert len(text.split("\n\n")) <= 3 and text.count("?") <= 1, text
        assert all(len(s.split()) <= 20 for s in SENTENCE_END.split(text)), text
        assert variation.metadata.get("sources") and variation.metadata.get("as_of"), text


@pytest.mark.parametrize("key", TOLD)
def test_two_or_three_next_steps_that_exist_and_none_a_push_to_the_estimate(key: str):
    for variation in WORDING.variations(key):
        payloads = [button.payload for button in variation.buttons]
        assert 2 <= len(payloads) <= 3, variation.text
        for payload in payloads:
            topic = payload.removeprefix("/").partition("{")[0]
            assert payload in COMMANDS or topic in TOPICS or topic == "nation", payload
        assert "/estimate.start" not in payloads


@pytest.mark.parametrize("key", TOLD)
def test_said_again_it_is_shorter(key: str):
    again = say(key, again=True)
    if again.text != say(key).text:
        assert words(again) <= 0.75 * words(say(key)), key


LONG_ANSWERS = [k for k in TOLD if k not in {"utter_statutory.contact", "utter_eligibility.nation"}]


@pytest.mark.parametrize("key", LONG_ANSWERS)
def test_a_long_answer_has_a_short_form(key: str):
    assert say(key, again=True).text != say(key).text
