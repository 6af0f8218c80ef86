"""What a parent is told about waiting is true: also when these are the hours and nobody is at the desk."""

import pytest

from tests.agents import add_agent
from tests.gateways import Server

NOBODY = "nobody from the team is here at this moment"


async def asked_for_a_person(server: Server) -> dict:
    async with server.parent() as parent:
        await parent.do("human")
        return await parent.hear("message", **{"from": "service"})


async def test_open_and_somebody_at_the_desk(server: Server):
    await add_agent(server.services)
    assert "will join you" in (await asked_for_a_person(server))["text"]


async def test_open_and_nobody_at_the_desk(server: Server):
    notice = await asked_for_a_person(server)
    assert NOBODY in notice["text"]
    assert [choice["label"] for choice in notice["choices"]] == ["Leave a message", "Ask for a call back", "Stop waiting"]


async def test_one_who_is_away_is_not_promised(server: Server):
    asha = await add_agent(server.services)
    async with server.services.store.work() as work:
        await work.change_agent(asha.agent.id, status="away")
        await work.commit()
    assert NOBODY in (await asked_for_a_person(server))["text"]


@pytest.mark.parametrize("somebody", [True, False])
async def test_in_danger_with_nobody_at_the_desk_the_help_above_is_named_instead(server: Server, somebody: bool):
    if somebody:
        await add_agent(server.services)
    async with server.parent() as parent:
        frames = await parent.ask("I want to kill myself")
    said = [f for f in frames if f["type"] == "urgent" or f.get("from") == "service"]
    assert [f["type"] for f in said] == ["urgent", "message"]
    notice = said[1]
    assert ("Nobody from the team is here now" in notice["text"]) is not somebody


async def test_nobody_there_names_help_that_is_open_first_and_somebody_there_names_none(server: Server):
    named = (await asked_for_a_person(server))["organisations"]
    assert len(named) == 2 and named[0]["open"] is True
    assert "samaritans" in [organisation["id"] for organisation in named]
    await add_agent(server.services)
    assert "organisations" not in await asked_for_a_person(server)
