"""Organisations: the right ones, in the right order, with nothing on the card that is not certain."""

import os
import re
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from chat_server.core import directory
from chat_server.core.directory import DIRECTORY, MOST_SHOWN, NATIONS, Directory, card
from chat_server.core.opening import LONDON
from chat_server.core.topics import TOPICS

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)
NIGHT = datetime(2026, 11, 23, 23, 30, tzinfo=LONDON)
EVERYWHERE = (None, *NATIONS)
GROUPS = (None, "fathers", "mothers", "men", "women", "single_parents", "self_employed", "experienced_abuse")
LISTED = sorted({topic for o in DIRECTORY.organisations.values() for topic in o.topics})
CALM = [topic for topic in LISTED if topic not in DIRECTORY.urgent_sets]
LEANING = {"fathers": 1, "paying_parent": 1, "mothers": 2, "receiving_parent": 2}


def ids(organisations) -> list[str]:
    return [o.id for o in organisations]


def entry(id_: str) -> directory.Organisation:
    found = directory.get(id_)
    assert found is not None
    return found


# ---- the file


def test_every_topic_of_an_entry_is_a_topic_of_the_service():
    assert set(LISTED) <= set(TOPICS)


def test_every_signpost_and_urgent_topic_has_organisations_in_every_nation():
    for topic, nation in product([t for t in TOPICS if TOPICS[t].outcome in ("signpost", "urgent")], EVERYWHERE):
        assert directory.organisations(topic, nation), (topic, nation)


def test_every_handover_about_a_worry_has_named_help_in_every_nation():
    for topic, nation in product(["housing", "legal", "distress"], EVERYWHERE):
        assert directory.handover_set(topic, nation), (topic, nation)


@pytest.mark.parametrize(
    ("id_", "nation", "phone"),
    [
        ("emergency-999", None, "999"),
        ("samaritans", "wales", "116 123"),
        ("live-fear-free", "wales", "0808 80 10 800"),
        ("national-da-helpline", "england", "0808 2000 247"),
        ("scotland-da-fm-helpline", "scotland", "0800 027 1234"),
        ("ni-dsa-helpline", "northern_ireland", "0808 802 1414"),
        ("mens-advice-line", "england", "0808 801 0327"),
        ("nspcc", None, "0808 800 5000"),
        ("childline", None, "0800 1111"),
        ("urgent-mental-health-line", "england", "111"),
        ("urgent-mental-health-line", "northern_ireland", "0808 808 8000"),
        ("child-maintenance-service-gb", "scotland", "0800 171 2345"),
        ("shelter-england", "england", "0808 800 4444"),
        ("citizens-advice-england", "england", "0800 144 8848"),
    ],
)
def test_the_numbers_that_matter_most_are_the_known_ones(id_: str, nation: str | None, phone: str):
    assert card(entry(id_), nation, NOON)["phone"] == phone


def test_contacts_are_dialled_as_printed():
    for o in DIRECTORY.organisations.values():
        for number in [o.phone, o.phone_welsh, *(line.number for line in o.phone_by_nation.values())]:
            assert number is None or re.fullmatch(r"[\d ]{3,16}", number), o.id
        assert o.website is None or o.website.startswith("https://"), o.id


def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path):
    broken = directory.FACTS.read_text().replace("leans_to: paying_parent", "leans: paying_parent", 1)
    file = tmp_path / "directory.yaml"
    file.write_text(broken)
    with pytest.raises(ValueError, match="business-debtline"):
        Directory.load(file)


def test_a_set_that_names_no_entry_is_refused(tmp_path: Path):
    file = tmp_path / "directory.yaml"
    file.write_text(directory.FACTS.read_text().replace("[papyrus, calm, childline]", "[papyrus, calmly]", 1))
    with pytest.raises(ValueError, match="calmly"):
        Directory.load(file)


def test_no_entry_is_overdue_for_review_at_the_date_of_the_file():
    assert ids(directory.stale(DIRECTORY.reviewed_on)) == []
    assert max(o.reviewed_on for o in DIRECTORY.organisations.values()) <= DIRECTORY.reviewed_on


def test_no_entry_is_overdue_for_review_today():
    """Fails by the passing of time, and should: somebody has to try the numbers. DIRECTORY_REVIEWED_BY sets another day."""
    on = date.fromisoformat(os.environ.get("DIRECTORY_REVIEWED_BY") or date.today().isoformat())
    overdue = ids(directory.stale(on))
    assert not overdue, f"go over these in facts/directory.yaml and set reviewed_on: {', '.join(overdue)}"


def test_entries_nobody_has_reviewed_for_three_months_are_stale():
    assert directory.stale(date(2027, 2, 21)) == ()
    assert len(directory.stale(date(2027, 2, 22))) == len(DIRECTORY.organisations)


# ---- lists


def test_no_list_is_longer_than_three_or_from_another_nation():
    for topic, nation, group, at in product(CALM, EVERYWHERE, GROUPS, (None, NOON, NIGHT)):
        found = directory.organisations(topic, nation, group, at)
        assert len(found) <= MOST_SHOWN
        assert len(set(ids(found))) == len(found)
        assert nation is None or all(nation in o.nations for o in found)


def test_no_list_takes_one_side():
    for topic, nation, group, at in product(
        ["signpost.parenting", "signpost.relationship", "legal", "distress"],
        EVERYWHERE,
        GROUPS,
        (NOON, NIGHT),
    ):
        for found in (directory.organisations(topic, nation, group, at), directory.handover_set(topic, nation, at)):
            sides = [LEANING.get(o.leans_to, 0) for o in found]
            assert (1 in sides) == (2 in sides), (topic, nation, group, ids(found))
            assert sides.index(1) >= sides.count(0) if 1 in sides else True, "neutral entries come first"


def test_the_same_list_is_given_to_both_parents_unless_they_have_said_more():
    for topic, nation in product(CALM, EVERYWHERE):
        for o in directory.organisations(topic, nation, at=NOON):
            assert not o.only_if_stated
            assert "anyone" in o.audience or LEANING.get(o.leans_to), (topic, o.id)


def test_open_organisations_come_before_all_others():
    for topic, nation, at in product(CALM, NATIONS, (NOON, NIGHT)):
        found = [o for o in directory.organisations(topic, nation, at=at) if o.leans_to == "neither"]
        are_open = [card(o, nation, at)["open"] is True for o in found]
        assert are_open == sorted(are_open, reverse=True), (topic, nation, at)


def test_debt_help_by_day_and_by_night():
    by_day = ids(directory.organisations("signpost.debt", "england", at=NOON))
    assert by_day[0] == "citizens-advice-england" and "stepchange" in by_day
    assert card(entry("stepchange"), "england", NOON)["open"] is True
    assert card(entry("stepchange"), "england", NIGHT)["open"] is False


def test_a_parent_who_has_said_more_sees_what_is_for_them():
    assert "business-debtline" in ids(directory.organisations("signpost.debt", "wales", "self_employed"))
    assert "business-debtline" not in ids(directory.organisations("signpost.debt", "wales"))
    assert "dad-info" in ids(directory.organisations("signpost.parenting", "england", "fathers"))
    assert "sea-financial-support-line" in ids(directory.organisations("signpost.debt", None, ["experienced_abuse"]))
    assert "kinship" in ids(directory.organisations("signpost.parenting", "england", "kinship_carers"))


def test_while_the_nation_is_unknown_help_for_every_nation_comes_first():
    assert entry(ids(directory.organisations("signpost.debt"))[0]).nations == set(NATIONS)
    assert {"relationships-scotland", "resolution"} <= set(ids(directory.organisations("signpost.mediation")))


def test_a_topic_with_nothing_of_its_own_in_a_nation_still_has_a_name_to_give():
    assert ids(directory.organisations("signpost.mediation", "northern_ireland")) == ["advice-ni"]
    assert directory.organisations("chat.greet", "england") == ()


def test_housing_handover_names_the_nations_own_help():
    assert "shelter-england" in ids(directory.handover_set("housing", "england", NOON))
    assert "shelter-scotland" in ids(directory.handover_set("housing", "scotland", NOON))
    assert "housing-rights-ni" in ids(directory.handover_set("housing", "northern_ireland", NOON))
    assert directory.handover_set("human_request", "england") == ()


def test_distress_always_begins_with_somebody_who_listens_now():
    for nation, at in product(EVERYWHERE, (NOON, NIGHT)):
        first = directory.handover_set("distress", nation, at)[0]
        assert first.id == "samaritans" and first.is_open(at, nation)


def test_a_general_adviser_can_be_searched_in_the_console():
    assert "stepchange" in ids(directory.search("debt plans"))
    assert "shelter-cymru" not in ids(directory.search("housing", "scotland"))


# ---- danger


@pytest.mark.parametrize(
    ("kind", "nation", "expected"),
    [
        ("self_harm", "scotland", ["emergency-999", "samaritans", "shout", "urgent-mental-health-line", "breathing-space", "papyrus", "calm", "childline"]),
        ("self_harm", None, ["emergency-999", "samaritans", "shout", "urgent-mental-health-line", "papyrus", "calm", "childline"]),
        ("domestic_abuse", "england", ["emergency-999", "national-da-helpline", "mens-advice-line", "galop", "sea-financial-support-line"]),
        ("domestic_abuse", "wales", ["emergency-999", "live-fear-free", "mens-advice-line", "galop", "sea-financial-support-line"]),
        ("domestic_abuse", "northern_ireland", ["emergency-999", "ni-dsa-helpline", "galop", "sea-financial-support-line"]),
        ("child_safety", "england", ["emergency-999", "nspcc", "childline", "child-law-advice"]),
        ("child_safety", "wales", ["emergency-999", "nspcc", "childline"]),
    ],
)
def test_emergency_help_is_whole_and_in_order(kind: str, nation: str | None, expected: list[str]):
    assert ids(directory.urgent_set(kind, nation)) == expected


def test_an_unknown_nation_gets_the_abuse_line_of_every_nation():
    shown = ids(directory.urgent_set("domestic_abuse"))
    assert shown[0] == "emergency-999"
    assert {"national-da-helpline", "mens-advice-line", "live-fear-free", "scotland-da-fm-helpline", "ni-dsa-helpline"} <= set(shown)


def test_asking_for_a_kind_of_danger_gives_the_whole_set():
    for kind in DIRECTORY.urgent_sets:
        assert directory.organisations(kind, "scotland", limit=1) == directory.urgent_set(kind, "scotland")


def test_men_and_women_both_see_an_abuse_line_they_can_use():
    for nation in EVERYWHERE:
        lines = directory.urgent_set("domestic_abuse", nation)
        for group in ("men", "women"):
            assert any(o.id != "emergency-999" and o.audience & {"anyone", group} for o in lines)


def test_the_line_on_own_behaviour_is_never_shown_to_somebody_who_is_harmed():
    assert "respect-phoneline" not in ids(directory.urgent_set("domestic_abuse", "england"))
    assert "respect-phoneline" not in ids(directory.organisations("domestic_abuse", "england"))
    assert "respect-phoneline" in ids(directory.urgent_set("domestic_abuse", "england", "own_behaviour"))


def test_every_urgent_entry_is_told_in_both_languages_with_a_way_to_reach_it():
    for kind, nation in product(DIRECTORY.urgent_sets, EVERYWHERE):
        for o in directory.urgent_set(kind, nation):
            english, welsh = card(o, nation, NIGHT), card(o, nation, NIGHT, "cy")
            assert welsh["helps_with"] != english["helps_with"], o.id
            assert english["phone"] or english["text"] or english["website"], o.id
            assert (welsh["phone"], welsh["website"]) == (english["phone"], english["website"])


def test_in_every_kind_of_danger_somebody_is_open_at_night():
    for kind, nation in product(DIRECTORY.urgent_sets, EVERYWHERE):
        assert any(card(o, nation, NIGHT)["open"] for o in directory.urgent_set(kind, nation))


def test_emergency_help_is_called_open_long_after_the_review_date():
    late = datetime(2029, 6, 1, 3, 0, tzinfo=UTC)
    assert card(entry("samaritans"), "england", late)["open"] is True
    assert card(entry("citizens-advice-england"), "england", late + timedelta(hours=7))["open"] is None


# ---- cards


def test_a_contact_that_is_still_to_be_checked_is_not_on_the_card():
    for o, nation in product(DIRECTORY.organisations.values(), EVERYWHERE):
        shown = card(o, nation, NOON)
        for field in ("phone", "text", "webchat", "email", "relay"):
            if field in o.check and not (field == "phone" and nation in o.phone_by_nation):
                assert shown[field] is None, (o.id, field)
        if not o.phone_ok:
            assert shown["phone"] is None, o.id


@pytest.mark.parametrize("id_", ["shelter-cymru", "advice-direct-scotland", "turn2us", "child-law-advice", "flows", "moneyhelper", "gingerbread"])
def test_numbers_held_back_do_not_appear_anywhere_on_a_card(id_: str):
    o = entry(id_)
    assert o.phone and o.phone not in str(card(o, next(iter(o.nations)), NOON))


def test_a_nations_number_that_is_held_back_is_not_replaced_by_another_nations():
    assert card(entry("both-parents-matter"), "wales", NOON)["phone"] is None
    assert card(entry("council-homelessness"), "northern_ireland", NOON)["phone"] is None


def test_the_mental_health_line_has_the_name_and_the_way_in_of_the_nation():
    line = entry("urgent-mental-health-line")
    assert (card(line, "wales")["name"], card(line, "wales")["phone_how"]) == ("NHS 111 Wales", "press 2")
    assert card(line, "wales", lang="cy")["phone_how"] == "pwyswch 2"
    assert (card(line, "northern_ireland")["name"], card(line, "northern_ireland")["phone_how"]) == ("Lifeline", None)
    unknown = card(line, None)
    assert unknown["phone"] == "111"
    assert [(more["name"], more["phone"]) for more in unknown["more_phones"]] == [("Lifeline", "0808 808 8000")]


def test_hours_nobody_has_confirmed_are_not_called_open():
    shown = card(entry("shelter-england"), "england", NOON)
    assert shown["open"] is None
    assert shown["hours"] == "Monday to Friday 8am to 8pm, Saturday and Sunday 9am to 5pm; please check on their website"


def test_unknown_hours_are_null_and_never_open():
    shown = card(entry("nspcc"), "england", NOON)
    assert (shown["hours"], shown["open"]) == (None, None)


def test_a_card_says_hours_cost_languages_and_the_date_of_its_source():
    shown = card(entry("civil-legal-advice"), "wales", NOON)
    assert shown["hours"] == "Monday to Friday 9am to 8pm, Saturday 9am to 12:30pm"
    assert shown["cost"] == "charged like an ordinary call"
    assert "Welsh" in shown["languages"]
    assert shown["as_of"] == "2026-08-20"
    assert card(entry("samaritans"), None, NIGHT, "cy")["hours"] == "24 awr y dydd, bob dydd"


def test_notes_for_colleagues_are_never_on_a_card():
    for o in DIRECTORY.organisations.values():
        assert not o.note or o.note not in str(card(o, None, NOON))
