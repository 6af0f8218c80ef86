"""Not sure: likely topics by name, a person after the second miss, never a guess and never a sum for a worry."""

from actions.clarify import ActionOfferTopics
from tests.actions.builders import Told, tracker

MONEY = (("statutory.fees", 0.25), ("statutory.apply", 0.2), ("estimate.start", 0.15), ("options.statutory", 0.1))


def offered(*ranking: tuple[str, float], topic: str = "nlu_fallback", **slots: object) -> Told:
    return Told(ActionOfferTopics(), tracker(topic, "hmm", ranking=ranking, **slots))


def test_two_or_three_likely_topics_are_offered_by_name() -> None:
    told = offered(*MONEY)
    assert told.keys == ["utter_clarify"]
    assert told.choices[0] == {"payload": "/statutory.fees", "label_key": "utter_label_statutory.fees"}
    assert told.payloads == ["/statutory.fees", "/statutory.apply", "/estimate.start"]
    assert told.slots == {"misses": 1, "offer": None}


def test_one_likely_topic_is_asked_about_and_yes_would_take_it_up() -> None:
    told = offered(("statutory.fees", 0.28), ("chat.thanks", 0.2))
    assert told.keys == ["utter_clarify_one"] and told.payloads == ["/statutory.fees"]
    assert told.slots["offer"] == "/statutory.fees"


def test_the_second_miss_running_offers_a_person_and_yes_would_bring_one() -> None:
    told = offered(*MONEY, misses=1)
    assert told.keys == ["utter_clarify_again"]
    assert told.payloads[-1] == "!human" and len(told.payloads) == 3
    assert told.slots == {"misses": 2, "offer": "!human"}


def test_nothing_likely_offers_nothing_made_up() -> None:
    assert offered(("out_of_scope", 0.9), topic="out_of_scope").keys == ["utter_out_of_scope"]
    assert offered().keys == ["utter_out_of_scope"]
    assert offered(*[(f"statutory.{n}", 0.02) for n in ("fees", "apply")]).choices == []


def test_no_estimate_is_offered_where_a_worry_may_be_meant() -> None:
    told = offered(("estimate.start", 0.3), ("housing", 0.25), ("estimate.method", 0.1), ("options.overview", 0.08))
    assert told.payloads == ["/housing", "/options.overview"]


def test_danger_is_never_a_button_but_brings_a_person_at_once() -> None:
    told = offered(("statutory.missed", 0.25), ("domestic_abuse", 0.2), ("effect.contact", 0.1))
    assert "/domestic_abuse" not in told.payloads
    assert told.payloads[-1] == "!human" and told.slots["offer"] == "!human"


def test_small_talk_is_not_offered() -> None:
    told = offered(("chat.affirm", 0.3), ("chat.help", 0.2), ("statutory.fees", 0.1), ("statutory.apply", 0.1))
    assert told.payloads == ["/statutory.fees", "/statutory.apply"]
