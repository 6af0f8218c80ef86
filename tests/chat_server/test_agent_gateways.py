"""An agent on one gateway and a parent on another; a restart; a bus that is gone."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from chat_server.services import Services
from chat_server.settings import Settings
from tests.agents import Console, add_agent, console
from tests.fakes import FakeAssistant
from tests.gateways import Parent, running


@pytest.fixture(params=[True, False], ids=["Redis up", "Redis gone"])
def two_gateways(request: pytest.FixtureRequest, new_postgres_url: str, redis_url: str, tmp_path):
    url = redis_url if request.param else "redis://127.0.0.1:9/0"
    settings = Settings(
        database_url=new_postgres_url, redis_url=url, data_dir=tmp_path, opening_hours="always", beat_every_s=0.5
    )

    def with_fake(services: Services) -> Services:
        return replace(services, assistant=FakeAssistant())

    @asynccontextmanager
    async def begin():
        async with running(settings, with_fake) as one, running(settings, with_fake) as two:
            yield one, two

    return begin


async def handed_over(parent: Parent, words: str = "the house") -> str:
    await parent.ask(words)
    await parent.do("human")
    await parent.hear("state", state="queued")
    return parent.welcome["conversation"]


async def test_words_pass_between_gateways_and_a_claim_on_one_is_taken_on_the_other(two_gateways):
    async with two_gateways() as (one, two):
        asha, ben = await add_agent(one.services), await add_agent(one.services, "Ben")
        async with console(one, asha) as agent, console(two, ben) as other, two.parent() as parent:
            ref = await handed_over(parent)
            entry = await agent.until("queue", ref)
            await other.until("queue", ref)
            await agent.claim(ref)
            assert await other.refused("claim", ref, version=entry["version"]) == "taken"
            await other.until("queue", ref, present=False)
            await parent.hear("state", state="agent")
            await parent.say("can you hear me?")
            await agent.hear("message", text="can you hear me?")
            await agent.act("say", ref, text="I can")
            await parent.hear("message", text="I can")
            seqs = [f["seq"] for f in agent.durable() if f.get("conversation") == ref]
            assert seqs == list(range(1, len(seqs) + 1))


async def test_one_who_watched_on_another_gateway_hears_nothing_after_the_claim(two_gateways):
    async with two_gateways() as (one, two):
        asha, ben = await add_agent(one.services), await add_agent(one.services, "Ben")
        async with console(one, asha) as agent, console(two, ben) as other, one.parent() as parent:
            ref = await handed_over(parent)
            await other.until("queue", ref)
            await other.send(type="watch", conversation=ref)
            await other.hear("conversation", conversation=ref)
            await agent.until("queue", ref)
            await agent.claim(ref)
            await parent.say("only for Asha")
            await agent.hear("message", text="only for Asha")
            assert (await other.hear("revoked", conversation=ref))["watching"] is False
            assert "only for Asha" not in json.dumps(other.heard)


async def test_a_sign_out_on_one_gateway_closes_the_sockets_on_the_other(two_gateways):
    async with two_gateways() as (one, two):
        asha = await add_agent(one.services)
        async with console(one, asha) as here, console(two, asha) as there, one.http() as http:
            http.cookies.update(asha.cookies)
            await http.post("/api/agent/sign-out")
            assert [await socket.closed() for socket in (here, there)] == [4500, 4500]


async def test_an_agent_whose_gateway_restarts_goes_on_at_another_with_what_they_had(two_gateways):
    async with two_gateways() as (one, two):
        asha = await add_agent(one.services)
        async with two.parent() as parent:
            async with console(one, asha) as agent:
                ref = await handed_over(parent)
                await agent.until("queue", ref)
                await agent.claim(ref)
                one.stop()
                assert await agent.closed() == 4001
                assert next(f for f in agent.heard if f["type"] == "bye")["reason"] == "restart"
            async with console(two, asha) as again:
                assert [entry["conversation"] for entry in again.desk["own"]] == [ref]
                await again.send(type="watch", conversation=ref, last_seq=0)
                await again.hear("message", text="the house")
                await again.act("say", ref, text="still with you")
                await parent.hear("message", text="still with you")
        assert not any(f.get("reason") == "lease_lost" for f in parent.heard)


async def test_everybody_claims_at_once_and_one_has_it(two_gateways):
    async with two_gateways() as (one, two):
        agents = [await add_agent(one.services, name) for name in ("Asha", "Ben", "Cai", "Dee")]
        async with console(one, agents[0]) as a, console(two, agents[1]) as b, console(one, agents[2]) as c, console(two, agents[3]) as d:
            async with two.parent() as parent:
                ref = await handed_over(parent)

                version = next(f["version"] for f in parent.heard if f.get("state") == "queued")

                async def claim(agent: Console) -> str:
                    id = await agent.do("claim", conversation=ref, version=version)
                    while True:
                        frame = await agent.hear()
                        if frame.get("re") == id:
                            return frame.get("code", "claimed")

                assert sorted(await asyncio.gather(*map(claim, (a, b, c, d)))) == ["claimed", "taken", "taken", "taken"]
                await parent.hear("state", state="agent")
                joined = [f for f in parent.heard if f.get("state") == "agent"]
                assert len(joined) == 1
