"""Every topic can be reached, and answers as its outcome promises, also when it is asked a second time."""

import pytest

from chat_server.core.topics import TOPICS, Outcome
from tests.rasa_server import Chat

INFORM = [
    "estimate.method", "estimate.shared_care", "estimate.other_children", "estimate.income", "options.overview",
    "options.family_based", "options.statutory", "options.court_order", "family_based.agree", "family_based.talking",
    "family_based.in_kind", "family_based.breakdown", "statutory.apply", "statutory.fees", "statutory.direct_pay",
    "statutory.collect_pay", "statutory.changes", "statutory.missed", "statutory.disagree", "statutory.variation",
    "statutory.parentage", "statutory.contact", "legacy.csa", "eligibility.child_age", "eligibility.who",
    "eligibility.abroad", "eligibility.nation", "effect.benefits", "effect.contact", "service.about", "service.contact",
    "service.privacy", "service.access", "service.records",
]  # fmt: skip
SIGNPOST = [
    "signpost.debt", "signpost.benefits", "signpost.mediation", "signpost.childcare", "signpost.parenting",
    "signpost.relationship", "signpost.work",
]  # fmt: skip


def test_no_topic_is_left_out() -> None:
    assert set(INFORM) == {topic.name for topic in TOPICS.values() if topic.outcome is Outcome.INFORM}
    assert set(SIGNPOST) == {topic.name for topic in TOPICS.values() if topic.outcome is Outcome.SIGNPOST}


@pytest.mark.parametrize("topic", INFORM)
def test_a_question_is_answered_and_nation_by_nation_on_request(chat: Chat, topic: str) -> None:
    said = chat.choose(f"/{topic}")
    assert said.keys == [f"utter_{topic}"] and said.asking is None
    there = chat.say("and in Scotland?")
    assert there.slot("nation") == "scotland" and len(there.texts) == 1


@pytest.mark.parametrize("topic", SIGNPOST)
def test_who_can_help_is_named_and_for_northern_ireland_others(chat: Chat, topic: str) -> None:
    assert 1 <= len(chat.choose(f"/{topic}").organisations) <= 3
    chat.slots["nation"] = "northern_ireland"
    assert 1 <= len(chat.choose(f"/{topic}").organisations) <= 3


@pytest.mark.parametrize("topic", ["chat.greet", "chat.goodbye", "chat.thanks", "chat.affirm", "chat.deny", "chat.bot", "chat.help", "out_of_scope"])
def test_a_courtesy_is_answered(chat: Chat, topic: str) -> None:
    assert len(chat.choose(f"/{topic}").texts) == 1
