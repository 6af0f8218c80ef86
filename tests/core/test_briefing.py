"""The briefing card: the parent's own words, each line with its message, and nothing that was not said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chat_server.core.briefing import LONGEST_QUOTE, Line, briefing
from chat_server.core.events import Event

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Talk:
    """Builds the events of a conversation, line by line."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def _add(self, type: str, **body: Any) -> int:
        self.events.append(Event(len(self.events) + 1, NOON, type, body))
        return len(self.events)

    def parent(self, text: str, topic: str | None = None, **more: Any) -> int:
        """A parent's message, and the assistant's answer when it was about a topic."""
        seq = self._add("message", **({"from": "parent", "text": text} | more))
        if topic:
            self.assistant("An answer.", topic=topic, in_reply_to=seq)
        return seq

    def assistant(self, text: str, **more: Any) -> int:
        return self._add("message", **({"from": "assistant", "text": text} | more))

    def urgent(self, kind: str, of: int | None) -> int:
        return self._add("urgent", kind=kind, text="Help", in_reply_to=of)

    def state(self, state: str, topic: str | None) -> int:
        return self._add("state", state=state, topic=topic)

    def preferred(self, **what: Any) -> int:
        return self._add("preferred", **what)

    def lines(self, kind: str, **known: Any) -> list[Line]:
        return [line for line in briefing(self.events, **known) if line.kind == kind]


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_the_worry_stands_in_the_parents_own_words_and_leads_to_its_message(talk: Talk):
    talk.parent("hello", "chat.greet")
    seq = talk.parent("I have to get out of my house and she wants £200 a week", "housing")
    talk.parent("what is direct pay", "statutory.direct_pay")
    assert talk.lines("worry") == [Line("worry", "I have to get out of my house and she wants £200 a week", seq)]


def test_without_a_heavy_topic_the_first_and_the_latest_words_are_shown(talk: Talk):
    talk.parent("hi there", "chat.greet")
    first = talk.parent("who pays for the school trip", "family_based.in_kind")
    talk.parent("and shoes", "family_based.in_kind")
    last = talk.parent("can I talk to somebody about the trip")
    assert [line.seq for line in talk.lines("worry")] == [first, last]


def test_a_button_is_no_worry(talk: Talk):
    talk.parent("Talk to a person", button="human")
    assert talk.lines("worry") == []


def test_a_long_message_is_quoted_from_its_beginning_and_cut_between_words(talk: Talk):
    talk.parent("the house " * 100, "housing")
    quoted = talk.lines("worry")[0].text
    assert quoted.startswith("the house the house") and quoted.endswith(" …") and len(quoted) <= LONGEST_QUOTE + 2


def test_the_topic_of_the_handover_leads_to_what_the_parent_wrote(talk: Talk):
    seq = talk.parent("they want me out by friday", "housing")
    talk.state("queued", "housing")
    assert talk.lines("topic", topic="housing") == [Line("topic", "housing", seq)]
    assert talk.lines("topic") == []


def test_danger_shows_kind_and_words_and_whether_the_mark_was_lifted(talk: Talk):
    seq = talk.parent("he hits me")
    talk.urgent("domestic_abuse", seq)
    talk.urgent("domestic_abuse", talk.parent("he did it again"))
    (line,) = talk.lines("danger", urgent=["domestic_abuse"])
    assert (line.text, line.seq, line.more) == ("he hits me", seq, {"danger": "domestic_abuse", "lifted": False})
    assert talk.lines("danger")[0].more["lifted"] is True


@pytest.mark.parametrize("text", [
    "I pay maintenance for two kids", "i'm the receiving parent", "I am paying child support already",
    "as the paying parent what do I do", "I receive maintenance from him", "I'm a grandparent",
])
def test_a_role_that_was_stated_is_quoted(talk: Talk, text: str):
    seq = talk.parent(text)
    assert talk.lines("role") == [Line("role", text, seq)]


@pytest.mark.parametrize("text", [
    "she wants £200 a week", "my wife told me to leave", "he never sees the kids", "will I have to pay maintenance?",
    "how do I get maintenance", "am I paying support on that", "if I pay maintenance, then what", "the paying parent is abroad", "I cannot pay the rent",
])
def test_a_role_that_was_not_stated_is_never_guessed(talk: Talk, text: str):
    talk.parent(text)
    assert talk.lines("role") == []


def test_a_role_that_was_chosen_counts_as_stated(talk: Talk):
    of = talk.assistant("Which is it?", _payloads={"c1": '/nation{"role":"paying"}'})
    seq = talk.parent("I would pay", choice="c1", of=of)
    assert talk.lines("role") == [Line("role", "I would pay", seq)]


@pytest.mark.parametrize(("nation", "text"), [
    ("scotland", "we live in Scotland"), ("wales", "dwi'n byw yng Nghymru"), ("northern_ireland", "northern ireland"),
    ("england", "England"),
])
def test_the_nation_leads_to_where_the_parent_named_it(talk: Talk, nation: str, text: str):
    seq = talk.parent(text)
    assert talk.lines("nation", nation=nation) == [Line("nation", nation, seq)]


def test_a_nation_that_was_set_on_the_page_has_no_message_and_an_unknown_one_no_line(talk: Talk):
    talk.parent("what are my options", "options.overview")
    assert talk.lines("nation", nation="wales") == [Line("nation", "wales", None)]
    assert talk.lines("nation") == []


def test_a_preference_is_found_by_its_own_event(talk: Talk):
    talk.parent("hello")
    seq = talk.preferred(nation="scotland", lang="cy")
    assert talk.lines("nation", nation="scotland")[0].seq == seq
    assert talk.lines("lang", lang="cy") == [Line("lang", "cy", seq)]


def test_what_was_offered_and_what_was_refused(talk: Talk):
    shelter = talk.assistant("Here is who can help.", organisations=[{"name": "Shelter"}, {"name": "Citizens Advice"}])
    estimate = talk.assistant("An estimate.", estimate={"weekly": "50.40"})
    ask = talk.assistant("Would a figure help?", _payloads={"c1": "/estimate.start", "c2": "/chat.deny"})
    no = talk.parent("Not now", choice="c2", of=ask)
    typed = talk.parent("no thanks", "chat.deny")
    assert [(line.text, line.seq, line.more["what"]) for line in talk.lines("offered")] == [
        ("Shelter, Citizens Advice", shelter, "organisations"), ("£50.40", estimate, "estimate")]
    assert [(line.text, line.seq, line.more["to"]) for line in talk.lines("refused")] == [
        ("Not now", no, ask), ("no thanks", typed, ask)]


def test_the_safe_contact_stands_before_the_worry_in_the_parents_words(talk: Talk):
    talk.parent("I need to sort the house", "housing")
    seq = talk.preferred(safe_contact=True)
    contact = {"how": "text 07700 900123", "when": "after 9pm", "ask_for": "Sam", "voicemail": False}
    lines = briefing(talk.events, safe_contact=contact)
    assert lines[0] == Line("safe_contact", "text 07700 900123 · after 9pm · Sam", seq, {"voicemail": False})
    assert lines[1].kind == "worry"


def test_every_line_leads_to_a_message_that_is_there(talk: Talk):
    talk.parent("I am the paying parent in England, and they want me out of the house", "housing")
    talk.urgent("self_harm", talk.parent("I cannot go on"))
    talk.state("queued", "housing")
    lines = briefing(talk.events, topic="housing", nation="england", urgent=["self_harm"])
    assert {line.kind for line in lines} == {"danger", "worry", "topic", "nation", "role"}
    assert all(line.seq in {event.seq for event in talk.events} for line in lines)


def test_a_conversation_in_which_nothing_was_said_has_an_empty_card(talk: Talk):
    assert briefing(talk.events) == ()
