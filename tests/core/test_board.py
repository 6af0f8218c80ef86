"""Who may see what, and that a desk with its changes is the new desk."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.core.board import KEY, ORDER, Agent, Offer, Standing, World, changed, changes, desk, may_see
from chat_server.core.conversation import State

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ASHA = Agent("a1", "asha@example.org", "Asha", "agent", seen_at=NOON)
BEN = Agent("a2", "ben@example.org", "Ben", "agent")
SUE = Agent("s1", "sue@example.org", "Sue", "supervisor", seen_at=NOON)

agents = st.sampled_from([ASHA.id, BEN.id, SUE.id])


@st.composite
def standings(draw: st.DrawFn) -> tuple[Standing, ...]:
    """Conversations of all kinds, each reference once."""
    def one(n: int) -> Standing:
        state = draw(st.sampled_from([State.QUEUED, State.AGENT, State.MESSAGE_LEFT, State.WRAP_UP]))
        owner = draw(agents) if state is State.AGENT else None
        return Standing(
            id=f"c{n}", ref=f"REF-{n}", state=state, version=draw(st.integers(1, 3)),
            since=NOON - timedelta(minutes=draw(st.integers(0, 9))), agent_id=owner, agent_name=owner,
            last_agent_id=owner or draw(agents), urgent=tuple(draw(st.sampled_from([[], ["self_harm"]]))),
            lost_agent=draw(st.booleans()), safe_contact=draw(st.sampled_from([None, {"how": "07700 900123", "when": "nine"}])),
        )
    return tuple(one(n) for n in draw(st.sets(st.integers(0, 8), max_size=6)))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    standing = draw(standings())
    offers = [Offer(s.id, "transfer", ASHA.id, draw(agents), NOON + timedelta(minutes=1)) for s in standing if draw(st.booleans())]
    return World(standing, draw(st.sampled_from([[ASHA, BEN, SUE], [ASHA, SUE]])), offers)


@given(worlds(), worlds(), st.sampled_from([ASHA, SUE]))
def test_an_old_desk_with_its_changes_is_the_new_desk(before: World, after: World, agent: Agent):
    old, new = desk(before, agent, NOON), desk(after, agent, NOON)
    difference = changes(old, new)
    if difference is None:
        assert old == new
    else:
        assert changed(old, difference["put"], difference["gone"]) == new


@given(worlds())
def test_no_conversation_is_on_two_desks_and_urgent_ones_stand_first(world: World):
    desks = [desk(world, agent, NOON) for agent in (ASHA, BEN, SUE)]
    own = [entry["conversation"] for one in desks for entry in one["own"]]
    assert len(own) == len(set(own))
    for one in desks:
        urgent = [bool(entry["urgent"]) for entry in one["queue"]]
        assert urgent == sorted(urgent, reverse=True)
        assert set(one) == set(KEY) == set(ORDER)
    assert desks[0]["held"] == [] and len(desks[2]["held"]) == sum(s.state is State.AGENT for s in world.standing)


@given(worlds())
def test_a_number_to_call_is_on_no_desk(world: World):
    assert "07700" not in repr([desk(world, agent, NOON) for agent in (ASHA, SUE)])


@pytest.mark.parametrize(("state", "owner", "last", "offered", "asha", "sue"), [
    (State.ASSISTANT, None, None, None, False, True),
    (State.QUEUED, None, None, None, True, True),
    (State.MESSAGE_LEFT, None, None, None, True, True),
    (State.AGENT, "a1", "a1", None, True, True),
    (State.AGENT, "a2", "a2", None, False, True),
    (State.AGENT, "a2", "a2", "a1", True, True),
    (State.WRAP_UP, None, "a1", None, True, True),
    (State.WRAP_UP, None, "a2", None, False, True),
    (State.CLOSED, None, "a1", None, False, True),
    (State.ERASED, None, "a1", None, False, False),
])
def test_who_may_see_a_conversation(state, owner, last, offered, asha, sue):
    assert may_see(ASHA, state, owner, last, offered) is asha
    assert may_see(SUE, state, owner, last, offered) is sue


def test_an_agent_without_a_sign_of_life_for_45_seconds_is_not_here():
    assert ASHA.is_here(NOON + timedelta(seconds=44)) and not ASHA.is_here(NOON + timedelta(seconds=45)) and not BEN.is_here(NOON)


def test_an_offer_that_has_run_out_is_on_no_desk():
    one = Standing(id="c1", ref="REF-1", state=State.AGENT, version=2, since=NOON, agent_id="a1", agent_name="Asha")
    world = World([one], [ASHA, BEN], [Offer("c1", "transfer", "a1", "a2", NOON)])
    assert desk(world, BEN, NOON)["offers"] == []
