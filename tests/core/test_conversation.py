"""The conversation's promises: each move, and what is always true over random sequences of moves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.core.conversation import LEASE, MOVES, OPEN, WRAP_UP_LIMIT, Cause, Conversation, Refused, State

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AGENTS = {"a1": "Asha", "a2": "Ben"}


def conversation(**more: object) -> Conversation:
    return Conversation(id="c1", ref="K7QR-4MXW", created_at=NOON, **more)


def with_agent(agent: str = "a1") -> Conversation:
    one = conversation()
    one.ask_for_agent("housing", "topic", NOON)
    one.agent_joins(agent, AGENTS[agent], one.version, NOON)
    return one


def states(one: Conversation) -> list[str]:
    return [event.body["state"] for event in one.new_events if event.type == "state"]


def test_a_new_conversation_belongs_to_the_assistant():
    assert (conversation().state, conversation().owner) == (State.ASSISTANT, "assistant")


def test_asking_for_a_person_puts_the_conversation_into_the_queue_once():
    one = conversation()
    assert one.ask_for_agent("human_request", "button", NOON)
    assert not one.ask_for_agent("human_request", "button", NOON)
    assert (one.state, one.owner, one.version) == (State.QUEUED, "queue", 2)
    assert states(one) == ["queued"]


def test_second_agent_is_told_the_conversation_is_taken():
    one = with_agent("a1")
    with pytest.raises(Refused) as refused:
        one.agent_joins("a2", "Ben", one.version, NOON)
    assert refused.value.code == "taken"
    assert one.agent_name == "Asha"


def test_a_claim_with_an_old_version_is_stale():
    one = conversation()
    one.ask_for_agent("housing", "topic", NOON)
    with pytest.raises(Refused) as refused:
        one.agent_joins("a1", "Asha", one.version - 1, NOON)
    assert refused.value.code == "stale"


def test_the_assistant_is_silent_while_an_agent_has_the_conversation():
    one = with_agent()
    assert not one.assistant_may_speak
    with pytest.raises(Refused):
        one.assistant_says({"text": "hello"}, NOON)


def test_the_assistant_still_answers_one_who_waits_unless_urgent():
    one = conversation()
    one.ask_for_agent("human_request", "button", NOON)
    assert one.assistant_may_speak
    one.hear_danger({"self_harm": {"text": "help"}}, NOON, in_reply_to=1, actor="screen")
    assert not one.assistant_may_speak


def test_danger_shows_help_before_it_asks_for_a_person():
    one = conversation()
    message = one.parent_says("id", "words", NOON)
    assert one.hear_danger({"domestic_abuse": {"text": "help"}}, NOON, in_reply_to=message.seq, actor="screen")
    assert [event.type for event in one.new_events] == ["message", "urgent", "state"]
    assert one.new_events[-1].body["urgent"] == ["domestic_abuse"]


def test_help_is_in_full_for_a_new_kind_and_again_after_ten_minutes():
    one = conversation()
    assert one.help_is_due_in_full("self_harm", NOON)
    one.hear_danger({"self_harm": {"text": "help"}}, NOON, in_reply_to=1, actor="screen")
    assert not one.help_is_due_in_full("self_harm", NOON + timedelta(minutes=9))
    assert one.help_is_due_in_full("child_safety", NOON + timedelta(minutes=9))
    assert one.help_is_due_in_full("self_harm", NOON + timedelta(minutes=10))


def test_danger_while_an_agent_is_there_marks_it_without_taking_it_away():
    one = with_agent()
    version = one.version
    one.hear_danger({"child_safety": {"text": "help"}}, NOON, in_reply_to=1, actor="screen")
    assert (one.state, one.agent_id) == (State.AGENT, "a1")
    assert one.version == version + 1
    assert one.new_events[-1].body["urgent"] == ["child_safety"]


def test_an_urgent_conversation_cannot_stop_waiting_or_be_put_off_to_a_message():
    one = conversation()
    one.hear_danger({"self_harm": {"text": "help"}}, NOON, in_reply_to=1, actor="screen")
    for move in (one.stop_waiting, one.leave_message):
        with pytest.raises(Refused):
            move(NOON)
    assert one.state is State.QUEUED


def test_only_an_agent_with_a_reason_takes_the_danger_mark_off():
    one = with_agent()
    one.hear_danger({"self_harm": {"text": "help"}}, NOON, in_reply_to=1, actor="screen")
    with pytest.raises(Refused):
        one.lift_danger("a2", "self_harm", "spoke with them", NOON)
    with pytest.raises(Refused):
        one.lift_danger("a1", "self_harm", "  ", NOON)
    one.lift_danger("a1", "self_harm", "spoke with them", NOON)
    assert not one.is_urgent
    assert one.new_audit[-1].cause == Cause.DANGER_LIFTED


def test_a_lost_agent_puts_the_conversation_back_to_the_head():
    one = with_agent()
    assert not one.lose_agent(NOON + LEASE - timedelta(seconds=1))
    assert one.lose_agent(NOON + LEASE)
    assert (one.state, one.lost_agent, one.owner) == (State.QUEUED, True, "queue")


def test_a_sign_of_life_keeps_the_lease():
    one = with_agent()
    one.agent_lives("a1", NOON + timedelta(seconds=40))
    assert not one.lose_agent(NOON + LEASE)


def test_transfer_return_and_wrap_up():
    one = with_agent()
    one.agent_transfers("a1", "a2", "Ben", one.version, NOON)
    assert one.owner == "Ben"
    with pytest.raises(Refused):
        one.agent_says("a1", "still here", NOON)
    one.agent_wraps("a2", one.version, NOON)
    assert one.state is State.WRAP_UP
    assert not one.expire_wrap_up(NOON + WRAP_UP_LIMIT - timedelta(seconds=1))
    one.record_outcome("a2", "helped", NOON)
    assert one.state is State.CLOSED


def test_a_message_after_the_end_opens_a_new_part_of_the_same_reference():
    one = conversation()
    one.end(NOON)
    assert one.state is State.CLOSED
    one.parent_says("id", "one more thing", NOON)
    assert (one.state, one.part) == (State.ASSISTANT, 2)


def test_an_urgent_conversation_that_was_ended_goes_back_to_the_queue_when_it_opens_again():
    one = conversation()
    one.hear_danger({"self_harm": {"text": "help"}}, NOON, in_reply_to=1, actor="screen")
    one.end(NOON)
    one.parent_says("id", "i am back", NOON)
    assert one.state is State.QUEUED


def test_a_message_that_was_left_stays_for_the_next_agent_when_the_parent_ends():
    one = conversation()
    one.ask_for_agent("human_request", "button", NOON)
    one.leave_message(NOON)
    one.end(NOON)
    assert one.state is State.MESSAGE_LEFT


def test_nothing_can_be_done_with_an_erased_conversation():
    one = conversation()
    one.parent_says("id", "words", NOON)
    one.erase(NOON)
    for act in (lambda: one.parent_says("x", "y", NOON), lambda: one.end(NOON), lambda: one.erase(NOON),
                lambda: one.ask_for_agent("human_request", "button", NOON)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "ended"


def test_the_table_leads_from_every_state_but_erased():
    assert {state for state, _ in MOVES} == set(State) - {State.ERASED}


# ---------------------------------------------------------------------- always true


class World:
    """A conversation with everything that may happen to it; what is not allowed is refused and changes nothing."""

    def __init__(self) -> None:
        self.one = conversation()
        self.at = NOON
        self.accepted: list[str] = []
        self.assistant_spoke_in: list[State] = []

    def do(self, step: tuple[str, str]) -> None:
        name, agent = step
        self.at += timedelta(seconds=7)
        before = (self.one.state, self.one.version, self.one.top, dict(self.one.urgent))
        try:
            getattr(self, name)(agent)
        except Refused:
            assert (self.one.state, self.one.version, self.one.top, dict(self.one.urgent)) == before

    def say(self, _: str) -> None:
        client_id = f"m{len(self.accepted)}"
        self.one.parent_says(client_id, "words", self.at)
        self.accepted.append(client_id)

    def danger(self, _: str) -> None:
        self.say("")
        self.one.hear_danger({"self_harm": {"text": "help"}}, self.at, in_reply_to=self.one.top, actor="screen")

    def answer(self, _: str) -> None:
        self.one.assistant_says({"text": "words"}, self.at)
        self.assistant_spoke_in.append(self.one.state)

    def human(self, _: str) -> None:
        self.one.ask_for_agent("human_request", "button", self.at)

    def stop_waiting(self, _: str) -> None:
        self.one.stop_waiting(self.at)

    def leave_message(self, _: str) -> None:
        self.one.leave_message(self.at)

    def end(self, _: str) -> None:
        self.one.end(self.at)

    def claim(self, agent: str) -> None:
        self.one.agent_joins(agent, AGENTS[agent], self.one.version, self.at)

    def agent_says(self, agent: str) -> None:
        self.one.agent_says(agent, "words", self.at)

    def lives(self, agent: str) -> None:
        self.one.agent_lives(agent, self.at)

    def release(self, agent: str) -> None:
        self.one.agent_releases(agent, self.one.version, self.at)

    def transfer(self, agent: str) -> None:
        other = "a2" if agent == "a1" else "a1"
        self.one.agent_transfers(agent, other, AGENTS[other], self.one.version, self.at)

    def give_back(self, agent: str) -> None:
        self.one.agent_returns(agent, self.one.version, self.at)

    def wrap(self, agent: str) -> None:
        self.one.agent_wraps(agent, self.one.version, self.at)

    def record(self, agent: str) -> None:
        self.one.record_outcome(agent, "helped", self.at)

    def lift(self, agent: str) -> None:
        self.one.lift_danger(agent, "self_harm", "spoke with them", self.at)

    def wait_long(self, _: str) -> None:
        self.at += WRAP_UP_LIMIT
        self.one.lose_agent(self.at)
        self.one.expire_wrap_up(self.at)

    def erase(self, _: str) -> None:
        self.one.erase(self.at)


STEPS = [name for name in vars(World) if not name.startswith("_") and name != "do"]
sequences = st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(sorted(AGENTS))), max_size=60)


@settings(max_examples=400, deadline=None)
@given(sequences)
def test_always_true(steps: list[tuple[str, str]]):
    world = World()
    for step in steps:
        world.do(step)
    one, events = world.one, world.one.new_events

    assert [event.seq for event in events] == list(range(1, one.top + 1)), "seq has holes"
    told = [event.body["id"] for event in events if event.type == "message" and event.body["from"] == "parent"]
    assert told == world.accepted, "an accepted message does not have exactly one seq"
    assert all(state in (State.ASSISTANT, State.QUEUED) for state in world.assistant_spoke_in)

    changes = [event for event in events if event.type == "state"]
    versions = [event.body["version"] for event in changes]
    assert versions == list(range(2, one.version + 1)), "a change of version without a state event, or the reverse"
    audited = {line.version for line in one.new_audit}
    assert audited >= set(versions), "a change without an audit line"
    assert all(line.actor and line.cause for line in one.new_audit)

    assert (one.agent_id is not None) == (one.state is State.AGENT), "an owner where none may be, or none where one must"
    assert (one.lease_until is not None) == (one.state is State.AGENT)
    assert (one.queued_at is not None) == (one.state is State.QUEUED), "a place in the queue is lost"
    if one.state in OPEN:
        assert one.owner or one.state in (State.MESSAGE_LEFT, State.WRAP_UP)
    if one.is_urgent:
        assert one.state is not State.ASSISTANT, "an urgent conversation is left with the assistant"


@settings(max_examples=200, deadline=None)
@given(sequences)
def test_no_assistant_message_between_a_claim_and_its_end(steps: list[tuple[str, str]]):
    world = World()
    for step in steps:
        world.do(step)
    owner = "assistant"
    for event in world.one.new_events:
        if event.type == "state":
            owner = event.body["owner"]
        elif event.type == "message" and event.body["from"] == "assistant":
            assert owner in ("assistant", "queue")


@settings(max_examples=200, deadline=None)
@given(sequences)
def test_a_parent_can_always_say_end_and_ask_for_a_person_until_it_is_erased(steps: list[tuple[str, str]]):
    world = World()
    for step in steps:
        world.do(step)
    if world.one.state is State.ERASED:
        return
    world.one.parent_says("last", "words", world.at)
    world.one.ask_for_agent("human_request", "button", world.at)
    assert world.one.state in (State.QUEUED, State.AGENT, State.MESSAGE_LEFT)
    world.one.end(world.at)
    assert world.one.presence == "left"
