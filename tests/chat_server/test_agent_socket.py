"""The agents' socket, frame by frame, with parents on theirs: who has a conversation, and what the parent hears of it."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from tests.agents import Console, add_agent, agent_socket, console, new_ticket
from tests.fakes import FakeAssistant, FakeClock
from tests.gateways import Parent, Server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def waiting(parent: Parent, words: str = "they want me out of the house by friday") -> str:
    """A parent who has said something and asked for a person; the reference."""
    await parent.ask(words)
    await parent.do("human")
    await parent.hear("state", state="queued")
    return parent.welcome["conversation"]


async def claimed(agent: Console, parent: Parent) -> str:
    """A parent who waited, and whom this agent has now; the reference."""
    ref = await waiting(parent)
    await agent.until("queue", ref)
    await agent.claim(ref)
    await parent.hear("message", **{"from": "service"})
    while parent.heard[-1]["text"].find("is here") < 0:
        await parent.hear("message", **{"from": "service"})
    return ref


def version(agent: Console, ref: str) -> int:
    """The version that the console has last seen."""
    return next(f["version"] for f in reversed(agent.heard) if f.get("conversation") == ref and "version" in f)


# ---------------------------------------------------------------------- coming in


async def test_a_ticket_opens_the_desk_once(server: Server):
    asha = await add_agent(server.services)
    ticket = await new_ticket(server.services, asha)
    async with agent_socket(server) as first:
        await first.send(type="hello", ticket=ticket)
        welcome = await first.hear("welcome")
        assert welcome["agent"]["name"] == "Asha" and welcome["lease_s"] == 45 and "helped" in welcome["outcomes"]
        desk = await first.hear("desk")
        assert desk["dseq"] == 1 and desk["queue"] == [] and [a["name"] for a in desk["agents"]] == ["Asha"]
        async with agent_socket(server) as second:
            await second.send(type="hello", ticket=ticket)
            assert await second.closed() == 4500


@pytest.mark.parametrize("ticket", ["", "made up", "\ud800", "x" * 300])
async def test_a_wrong_ticket_opens_nothing(server: Server, ticket: str):
    async with agent_socket(server) as stranger:
        for _ in range(10):
            await stranger.send(type="hello", ticket=ticket)
        assert await stranger.closed() in (4500, 4501)
        assert not any(f["type"] in ("welcome", "desk") for f in stranger.heard)


async def test_a_page_of_another_origin_gets_no_desk_even_if_it_may_embed_the_widget(start):
    async with start(allowed_origins="https://council.example") as server:
        async with agent_socket(server, origin="https://council.example") as stranger:
            assert await stranger.closed() == 4503


async def test_bad_frames_are_answered_and_ten_close(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent:
        for bad in ("{", "[]", '{"type":"nope"}', '{"type":"claim"}'):
            await agent.ws.send(bad)
            assert (await agent.hear("error"))["code"] == "bad_frame"
        await agent.send(type="ping")
        await agent.hear("beat")
        for _ in range(10):
            await agent.ws.send("{")
        assert await agent.closed() == 4501


async def test_signing_out_closes_the_sockets_at_once_and_gives_the_parent_back_to_the_queue(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent, server.http() as http:
        await claimed(agent, parent)
        http.cookies.update(asha.cookies)
        answer = await http.post("/api/agent/sign-out")
        assert answer.status_code == 204
        assert await agent.closed() == 4500
        assert agent.heard[-1]["reason"] == "signed_out"
        state = await parent.hear("state", state="queued")
        assert state["reason"] == "lease_lost"


async def test_a_frame_after_the_sign_in_has_ended_does_nothing(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        async with server.services.store.work() as work:
            await work.end_sign_ins(asha.agent.id)
            await work.commit()
        await agent.do("say", conversation=ref, text="I should not be heard")
        assert await agent.closed() == 4500
    async with server.services.store.reading() as reading:
        found = await reading.by_ref(ref)
        assert not any("should not" in str(e.body) for e in await reading.events_after(found.id, 0))


# ---------------------------------------------------------------------- claiming


async def test_a_handover_comes_to_the_desk_and_a_claim_brings_the_card_and_the_transcript(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent(hello={"nation": "wales"}) as parent:
        ref = await waiting(parent)
        entry = await agent.until("queue", ref)
        assert entry["topic"] == "human_request" and entry["nation"] == "wales" and entry["urgent"] == []
        assert "house" not in json.dumps(agent.heard), "no words of the parent before the conversation is opened"
        card = await agent.claim(ref)
        assert card["state"] == "agent" and card["owner"] == "Asha" and card["mine"]
        assert [line["text"] for line in card["briefing"] if line["kind"] == "worry"] == ["they want me out of the house by friday"]
        joined = await agent.hear("message", **{"from": "service", "seq": card["top"]})
        seqs = [f["seq"] for f in agent.durable() if f.get("conversation") == ref]
        assert seqs == list(range(1, joined["seq"] + 1)), "the whole transcript, once, in order"
        await agent.until("own", ref, state="agent")
        await agent.until("queue", ref, present=False)
        state = await parent.hear("state", state="agent")
        assert state["owner"] == "Asha" and state["reason"] == "claimed"
        notice = await parent.hear("message", **{"from": "service"})
        assert notice["text"].startswith("Asha from the team is here.")


async def test_the_second_agent_is_told_that_it_is_taken(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as first, console(server, ben) as second, server.parent() as parent:
        ref = await waiting(parent)
        entry = await second.until("queue", ref)
        await first.until("queue", ref)
        await first.claim(ref)
        assert await second.refused("claim", ref, version=entry["version"]) == "taken"


async def test_a_claim_with_an_old_version_is_stale(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await waiting(parent)
        entry = await agent.until("queue", ref)
        assert await agent.refused("claim", ref, version=entry["version"] - 1) == "stale"


async def test_places_bound_what_an_agent_takes_unless_somebody_may_be_in_danger(server: Server):
    asha = await add_agent(server.services, places=0)
    async with console(server, asha) as agent, server.parent() as one, server.parent() as other:
        ref = await waiting(one)
        entry = await agent.until("queue", ref)
        assert await agent.refused("claim", ref, version=entry["version"]) == "not_allowed"
        await other.say("I want to kill myself")
        await other.hear("state", state="queued")
        urgent = other.welcome["conversation"]
        await agent.until("queue", urgent)
        assert agent.desk["queue"][0]["conversation"] == urgent and agent.desk["queue"][0]["urgent"] == ["self_harm"]
        await agent.claim(urgent)


async def test_words_pass_both_ways_and_the_assistant_is_silent(server: Server, assistant: FakeAssistant):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        before = len(assistant.asked)
        await parent.ask("the letter says friday")
        heard = await agent.hear("message", text="the letter says friday")
        assert heard["conversation"] == ref and heard["from"] == "parent"
        await agent.act("say", ref, text="Friday is soon. Here is who can look at the letter today.")
        said = await parent.hear("message", **{"from": "agent"})
        assert said["name"] == "Asha" and said["text"].startswith("Friday is soon.")
        await agent.hear("message", **{"from": "agent", "conversation": ref})
        assert len(assistant.asked) == before


async def test_typing_and_read_marks_pass_both_ways(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        await parent.send(type="typing", on=True)
        assert (await agent.hear("typing", who="parent"))["conversation"] == ref
        await parent.send(type="seen", seq=3)
        assert await agent.hear("receipt", who="parent", seq=3, conversation=ref)
        await agent.send(type="typing", conversation=ref, on=True)
        assert (await parent.hear("typing", who="agent"))["on"] is True
        await agent.send(type="seen", conversation=ref, seq=2)
        assert await parent.hear("receipt", who="agent", seq=2)


async def test_the_same_act_again_is_acknowledged_again_and_done_once(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref, id = await claimed(agent, parent), str(uuid.uuid4())
        first = await agent.act("say", ref, id=id, text="hello")
        again = await agent.act("say", ref, id=id, text="hello")
        assert (again["seq"], again["dup"], first["dup"]) == (first["seq"], True, False)
        assert await agent.refused("say", ref, id=id, text="something else") == "id_reused"
        await agent.act("say", ref, text="the end")
        await parent.hear("message", text="the end")
        assert [f["text"] for f in parent.heard if f.get("from") == "agent"] == ["hello", "the end"]


# ---------------------------------------------------------------------- leaving it


async def test_a_released_conversation_goes_to_the_head_of_the_queue(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as first, server.parent() as second:
        ref = await claimed(agent, first)
        other = await waiting(second)
        await agent.until("queue", other)
        await agent.act("release", ref, version=version(agent, ref))
        assert (await first.hear("state", state="queued"))["reason"] == "released"
        assert "left this chat" in (await first.hear("message", **{"from": "service"}))["text"]
        assert (await first.hear("queue"))["position"] == 1
        await agent.until("queue", ref, lost_agent=True)
        assert [e["conversation"] for e in agent.desk["queue"]] == [ref, other]
        revoked = next(f for f in agent.heard if f["type"] == "revoked")
        assert revoked["conversation"] == ref and revoked["watching"] is True


async def test_a_transfer_waits_until_the_colleague_accepts(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as first, console(server, ben) as second, server.parent() as parent:
        ref = await claimed(first, parent)
        await first.act("transfer", ref, version=version(first, ref), to=ben.agent.id, reason="knows Scots law")
        offer = await second.until("offers", ref)
        assert offer["kind"] == "transfer" and offer["from"]["name"] == "Asha"
        await first.act("say", ref, text="still with me")
        await parent.hear("message", text="still with me")

        await second.act("accept", ref, version=offer["version"])
        card = await second.hear("conversation", conversation=ref, mine=True)
        assert [note["text"] for note in card["notes"]] == ["knows Scots law"]
        assert (await parent.hear("state", state="agent", owner="Ben"))["reason"] == "transferred"
        assert "Another person" in (await parent.hear("message", **{"from": "service"}))["text"]
        revoked = await first.hear("revoked", conversation=ref)
        assert (revoked["reason"], revoked["watching"]) == ("transferred", False)
        assert await first.refused("say", ref, text="one more thing") == "not_found"
        await second.act("say", ref, text="Ben here")
        await parent.hear("message", text="Ben here")
        await second.until("offers", ref, present=False)


async def test_a_message_in_the_moment_of_a_transfer_is_with_the_new_agent(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as first, console(server, ben) as second, server.parent() as parent:
        ref = await claimed(first, parent)
        await first.act("transfer", ref, version=version(first, ref), to=ben.agent.id)
        offer = await second.until("offers", ref)
        await asyncio.gather(
            second.act("accept", ref, version=offer["version"]), parent.say("in this very moment")
        )
        await second.has_heard("message", text="in this very moment")
        await parent.has_heard("message", text="in this very moment")


async def test_an_offer_can_be_declined_and_taken_back_and_an_accept_is_then_too_late(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as first, console(server, ben) as second, server.parent() as parent:
        ref = await claimed(first, parent)
        for who in (second, first):
            await first.act("transfer", ref, version=version(first, ref), to=ben.agent.id)
            offer = await second.until("offers", ref)
            await who.act("decline", ref)
            await second.until("offers", ref, present=False)
            assert await second.refused("accept", ref, version=offer["version"]) == "not_found"
        await first.act("say", ref, text="we go on")


async def test_a_conversation_is_not_offered_to_oneself_to_nobody_or_to_one_who_is_away(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with server.services.store.work() as work:
        await work.change_agent(ben.agent.id, seen_at=None)
        await work.commit()
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        for to, code in ((asha.agent.id, "not_found"), ("nobody", "not_found"), (ben.agent.id, "unavailable")):
            assert await agent.refused("transfer", ref, version=version(agent, ref), to=to) == code


async def test_back_to_the_assistant_it_answers_again(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        await agent.act("return", ref, version=version(agent, ref))
        assert (await parent.hear("state", state="assistant"))["owner"] == "assistant"
        assert "automatic assistant" in (await parent.hear("message", **{"from": "service"}))["text"]
        assert (await agent.hear("revoked", conversation=ref))["reason"] == "returned"
        frames = await parent.ask("what are my options?")
        assert any(f.get("from") == "assistant" for f in frames)
        assert "what are my options?" not in json.dumps(agent.heard), "nobody listens any more"


async def test_danger_keeps_a_conversation_from_the_assistant_until_the_owner_lifts_it_with_a_reason(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        await parent.say("I want to kill myself")
        await agent.hear("urgent", conversation=ref, kind="self_harm")
        await agent.hear("state", conversation=ref, urgent=["self_harm"])
        assert await agent.refused("return", ref, version=version(agent, ref)) == "not_allowed"
        assert await agent.refused("lift", ref, version=version(agent, ref), kind="self_harm", reason=" ") == "bad_frame"
        assert await agent.refused("lift", ref, version=1, kind="self_harm", reason="spoke with them") == "stale"
        await agent.act("lift", ref, version=version(agent, ref), kind="self_harm", reason="spoke with them")
        assert (await parent.hear("state", reason="danger_lifted"))["urgent"] == []
        await agent.hear("state", conversation=ref, reason="danger_lifted")
        await agent.act("return", ref, version=version(agent, ref))


async def test_an_agent_can_mark_danger_and_the_parent_is_shown_help(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        await agent.act("mark", ref, version=version(agent, ref), kind="child_safety")
        urgent = await parent.hear("urgent", kind="child_safety")
        assert urgent["organisations"] and urgent["text"]


async def test_wrapping_up_with_an_outcome_later_or_at_once(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as one, server.parent() as other:
        ref = await claimed(agent, one)
        await agent.act("wrap", ref, version=version(agent, ref))
        assert (await one.hear("state", state="wrap_up"))["owner"] is None
        assert "has finished here" in (await one.hear("message", **{"from": "service"}))["text"]
        entry = await agent.until("own", ref, state="wrap_up")
        assert entry["wrap_up_until"]
        assert await agent.refused("wrap", ref, version=entry["version"]) == "bad_frame"
        await agent.act("wrap", ref, version=entry["version"], outcome="signposted", note="gave Shelter")
        await one.hear("state", state="closed")
        await agent.until("own", ref, present=False)

        second = await claimed(agent, other)
        await agent.act("wrap", second, version=version(agent, second), outcome="helped")
        assert [(await other.hear("state"))["state"] for _ in range(2)] == ["wrap_up", "closed"]
        lines = await audit(server, second)
        assert ("recorded", {"outcome": "helped"}) in [(line.cause, line.detail) for line in lines]


async def test_when_the_parent_ends_the_agent_still_records_the_outcome(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        await parent.do("end")
        entry = await agent.until("own", ref, state="wrap_up")
        await agent.act("wrap", ref, version=entry["version"], outcome="parent_left")
        await agent.until("own", ref, present=False)


async def test_when_the_parent_erases_the_agent_keeps_nothing(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        await agent.act("note", ref, text="a note on the letter")
        await parent.do("erase")
        revoked = await agent.hear("revoked", conversation=ref)
        assert revoked["watching"] is False
        assert await agent.refused("say", ref, text="hello?") == "not_found"
        await agent.until("own", ref, present=False)
        async with server.services.store.reading() as reading:
            found = await reading.by_ref(ref)
            assert await reading.notes(found.id) == []


# ---------------------------------------------------------------------- losing it


async def test_a_lost_agent_is_told_to_the_parent_who_is_first_in_the_queue_again(start, clock):
    async with start(clock=clock) as server:
        asha = await add_agent(server.services)
        async with console(server, asha) as agent, server.parent() as parent:
            ref = await claimed(agent, parent)
            clock.move(seconds=44)
            await agent.until("own", ref)
            clock.move(seconds=1)
            assert (await parent.hear("state", state="queued"))["reason"] == "lease_lost"
            notice = await parent.hear("message", **{"from": "service"})
            assert "front of the line" in notice["text"]
            revoked = await agent.hear("revoked", conversation=ref)
            assert revoked["reason"] == "lease_lost"
            assert await agent.refused("say", ref, text="am I still here?") == "not_allowed"


async def test_any_frame_keeps_what_the_agent_has(start, clock, monkeypatch):
    monkeypatch.setattr("chat_server.agent_socket.RENEW_EVERY_S", 0.0)
    async with start(clock=clock) as server:
        asha = await add_agent(server.services)
        async with console(server, asha) as agent, server.parent() as parent:
            ref = await claimed(agent, parent)
            for _ in range(3):
                clock.move(seconds=44)
                await agent.send(type="ping")
                await agent.hear("beat")
                lease = next(f for f in reversed(agent.heard) if f["type"] == "lease")
                assert lease["conversations"] == [ref]
            await agent.act("say", ref, text="still here")
            await parent.hear("message", text="still here")


async def test_a_reload_within_45_seconds_keeps_the_conversations(start, clock):
    async with start(clock=clock) as server:
        asha = await add_agent(server.services)
        async with server.parent() as parent:
            async with console(server, asha) as agent:
                ref = await claimed(agent, parent)
            clock.move(seconds=40)
            await parent.say("are you there?")
            await parent.hear("done")
            async with console(server, asha) as again:
                assert [e["conversation"] for e in again.desk["own"]] == [ref]
                clock.move(seconds=40)
                await again.send(type="watch", conversation=ref, last_seq=0)
                await again.hear("conversation", conversation=ref, mine=True)
                await again.hear("message", text="are you there?")
                await again.act("say", ref, text="I am back")
            await parent.hear("message", text="I am back")
        assert not any(f.get("state") == "queued" for f in parent.heard[-5:])


async def test_an_outcome_that_nobody_records_is_closed_after_ten_minutes(start, clock):
    async with start(clock=clock) as server:
        asha = await add_agent(server.services)
        async with console(server, asha) as agent, server.parent() as parent:
            ref = await claimed(agent, parent)
            await agent.act("wrap", ref, version=version(agent, ref))
            clock.move(minutes=10)
            assert (await parent.hear("state", state="closed"))["reason"] == "wrap_up_expired"


# ---------------------------------------------------------------------- notes, cards, call backs


async def test_notes_never_reach_a_parent(server: Server):
    asha, sue = await add_agent(server.services), await add_agent(server.services, "Sue", "supervisor")
    async with console(server, asha) as agent, console(server, sue) as boss, server.parent() as parent:
        ref = await claimed(agent, parent)
        await boss.send(type="watch", conversation=ref)
        await boss.hear("conversation", conversation=ref)
        await agent.act("note", ref, text="sounded afraid of XYZZY")
        card = await boss.hear("conversation", conversation=ref)
        assert [(n["by"], n["text"]) for n in card["notes"]] == [("Asha", "sounded afraid of XYZZY")]
        await boss.act("note", ref, text="XYZZY again")
        await agent.act("transfer", ref, version=version(agent, ref), to=sue.agent.id, reason="XYZZY reason")
        offer = await boss.until("offers", ref)
        await boss.act("accept", ref, version=offer["version"])
        await boss.act("wrap", ref, version=version(boss, ref), outcome="helped", note="XYZZY at the end")
        await parent.hear("state", state="closed")
        token = {"Authorization": f"Bearer {parent.welcome['resume']}"}
        async with server.http() as http, server.parent(hello={"resume": parent.welcome["resume"]}) as again:
            calls = [(await http.get(f"/api/conversations/{ref}/events", headers=token)).text]
            for kind in ("txt", "html"):
                calls.append((await http.get(f"/api/conversations/{ref}/copy?format={kind}", headers=token)).text)
            http.cookies.set("options_chat", parent.welcome["resume"])
            plain = await http.get("/chat")
            await again.hear("state", state="closed")
            everything = json.dumps(parent.heard) + json.dumps(again.heard) + "".join(calls) + plain.text
        assert "house by friday" in everything and "XYZZY" not in everything


async def test_an_estimate_and_organisations_are_sent_as_cards(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        ref = await claimed(agent, parent)
        household = {"income": {"amount": "28000", "period": "year"},
                     "receiving_parents": [{"children": [{"nights_per_year": 0}]}]}
        await agent.act("send_estimate", ref, household=household)
        sent = await parent.hear("message", **{"from": "agent"})
        assert sent["estimate"]["rate"] == "basic" and sent["estimate"]["weekly"] and "starting point" in sent["text"]
        await agent.act("send_organisations", ref, organisations=["shelter-england"], text="For the house:")
        sent = await parent.hear("message", **{"from": "agent"})
        assert sent["text"] == "For the house:" and sent["organisations"][0]["id"] == "shelter-england"
        assert await agent.refused("send_organisations", ref, organisations=["no-such"]) == "not_found"
        id = await agent.do("send_estimate", conversation=ref, household={**household, "income": {"amount": "-1", "period": "year"}})
        error = await agent.hear("error", re=id)
        assert error["code"] == "bad_input" and error["field"].startswith("household.income")


async def test_a_call_back_stands_on_the_desk_with_its_warning_and_the_number_comes_with_the_conversation(start):
    async with start(opening="never") as server:
        asha = await add_agent(server.services)
        async with console(server, asha) as agent, server.parent() as parent:
            ref = await waiting(parent)
            notice = await parent.hear("message", **{"from": "service"})
            choice = next(c["id"] for c in notice["choices"] if c["label"] == "Ask for a call back")
            await parent.do("choose", of=notice["seq"], choice=choice)
            await parent.do("prefer", safe_contact={"how": "07700 900123", "when": "after nine", "ask_for": "Sam", "voicemail": False})
            entry = await agent.until("call_backs", ref, safe_contact={"when": "after nine", "voicemail": False})
            assert "07700" not in json.dumps(agent.heard)
            card = await agent.claim(ref)
            assert card["safe_contact"]["how"] == "07700 900123" and entry["since"]
            await agent.act("wrap", ref, version=version(agent, ref), outcome="called_back")


# ---------------------------------------------------------------------- presence, supervisors


async def test_presence_is_seen_by_colleagues(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as first, console(server, ben) as second:
        await second.send(type="presence", status="busy", places=1)
        entry = await first.until("agents", ben.agent.id, status="busy")
        assert entry["places"] == 1 and entry["here"] is True


async def test_a_supervisor_sees_all_and_assigns_what_waits(server: Server):
    asha, sue = await add_agent(server.services), await add_agent(server.services, "Sue", "supervisor")
    async with console(server, asha) as agent, console(server, sue) as boss, server.parent() as one, server.parent() as two:
        held = await claimed(agent, one)
        entry = await boss.until("held", held)
        assert entry["name"] == "Asha" and agent.desk["held"] == []
        await boss.send(type="watch", conversation=held)
        assert (await boss.hear("conversation", conversation=held))["mine"] is False
        assert await boss.refused("say", held, text="let me") == "not_allowed"

        ref = await waiting(two)
        entry = await boss.until("queue", ref)
        assert await agent.refused("assign", ref, version=entry["version"], to=asha.agent.id) == "not_allowed"
        await boss.act("assign", ref, version=entry["version"], to=asha.agent.id, reason="yours")
        offer = await agent.until("offers", ref)
        assert offer["kind"] == "assign"
        await agent.act("accept", ref, version=offer["version"])
        await two.hear("state", state="agent", owner="Asha")


# ---------------------------------------------------------------------- nothing crosses


ACTS: dict[str, dict[str, Any]] = {
    "release": {"version": 1},
    "transfer": {"version": 1, "to": "somebody"},
    "assign": {"version": 1, "to": "somebody"},
    "accept": {"version": 1},
    "decline": {},
    "return": {"version": 1},
    "wrap": {"version": 1, "outcome": "helped"},
    "lift": {"version": 1, "kind": "self_harm", "reason": "spoke"},
    "mark": {"version": 1, "kind": "self_harm"},
    "say": {"text": "hello"},
    "note": {"text": "hello"},
    "send_estimate": {"household": {}},
    "send_organisations": {"organisations": ["shelter-england"]},
}
LIGHT: dict[str, dict[str, Any]] = {"watch": {}, "seen": {"seq": 1}, "typing": {"on": True}}


async def test_the_list_of_acts_that_are_tried_is_complete():
    from typing import get_args

    from chat_server import agent_protocol as wire

    frames = {frame.model_fields["type"].default for frame in get_args(get_args(wire.AgentFrame)[0])}
    assert frames == set(ACTS) | set(LIGHT) | {"hello", "presence", "claim", "unwatch", "ping"}


async def test_another_agents_conversation_is_refused_like_one_that_is_not_there(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as agent, console(server, ben) as other, server.parent() as parent:
        ref = await claimed(agent, parent)
        before = json.dumps([e async for e in all_of(server, ref)])
        for place in (ref, "ZZZZ-ZZZZ", "\x00Z", "../x"):
            for type, fields in ACTS.items():
                assert await other.refused(type, place, **fields) == "not_found", (type, place)
            for type, fields in LIGHT.items():
                await other.send(type=type, conversation=place, **fields)
                assert (await other.hear("error"))["code"] == "not_found", (type, place)
        assert await other.refused("claim", "ZZZZ-ZZZZ", version=1) == "not_found"
        assert json.dumps([e async for e in all_of(server, ref)]) == before
        assert "friday" not in json.dumps(other.heard)


async def test_what_the_assistant_has_is_no_agents_to_read(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent:
        await parent.ask("what are my options?")
        ref = parent.welcome["conversation"]
        assert await agent.refused("claim", ref, version=1) == "not_found"
        await agent.send(type="watch", conversation=ref)
        assert (await agent.hear("error"))["code"] == "not_found"


async def test_one_who_watched_hears_nothing_after_a_colleague_has_claimed(server: Server):
    asha, ben = await add_agent(server.services), await add_agent(server.services, "Ben")
    async with console(server, asha) as first, console(server, ben) as second, server.parent() as parent:
        ref = await waiting(parent)
        await second.until("queue", ref)
        await second.send(type="watch", conversation=ref)
        await second.hear("conversation", conversation=ref)
        await first.until("queue", ref)
        await first.claim(ref)
        assert (await second.hear("revoked", conversation=ref))["watching"] is False
        await first.act("note", ref, text="private matter")
        await parent.say("only for Asha")
        await first.hear("message", text="only for Asha")
        await second.send(type="ping")
        await second.hear("beat")
        assert "only for Asha" not in json.dumps(second.heard) and "private matter" not in json.dumps(second.heard)


async def test_every_reading_and_every_change_is_in_the_audit(server: Server):
    asha = await add_agent(server.services)
    async with console(server, asha) as agent, server.parent() as parent, server.http() as http:
        ref = await waiting(parent)
        await agent.until("queue", ref)
        await agent.send(type="watch", conversation=ref)
        await agent.hear("conversation", conversation=ref)
        await agent.claim(ref)
        http.cookies.update(asha.cookies)
        transcript = await http.get(f"/api/agent/conversations/{ref}")
        assert transcript.status_code == 200
        await agent.act("release", ref, version=version(agent, ref))
        lines = [(line.cause, line.actor) for line in await audit(server, ref)]
        mine = asha.agent.id
        assert lines == [("handover", "parent"), ("watched", mine), ("claimed", mine), ("watched", mine), ("read", mine), ("released", mine)]


# ---------------------------------------------------------------------- the desk


async def test_an_old_desk_with_its_events_is_the_new_desk(server: Server):
    asha, sue = await add_agent(server.services), await add_agent(server.services, "Sue", "supervisor")
    async with console(server, asha) as agent, console(server, sue) as boss:
        async with server.parent() as one, server.parent() as two, server.parent() as three:
            refs = [await waiting(parent) for parent in (one, two, three)]
            for ref in refs:
                await agent.until("queue", ref)
            await agent.claim(refs[1])
            await three.say("I want to kill myself")
            await agent.act("transfer", refs[1], version=version(agent, refs[1]), to=sue.agent.id)
            await agent.send(type="presence", status="busy", places=2)
            await boss.until("agents", asha.agent.id, status="busy")
            await boss.until("offers", refs[1])
            await boss.until("queue", refs[2], urgent=["self_harm"])
            await one.do("end")
            await boss.until("queue", refs[0], present=False)
            for who, kept in ((asha, agent), (sue, boss)):
                await kept.until("queue", refs[0], present=False)
                await kept.until("offers", refs[1])
                async with console(server, who) as fresh:
                    assert fresh.desk == kept.desk
                    assert [e["conversation"] for e in fresh.desk["queue"]] == [refs[2]]


async def test_a_slow_console_is_closed_and_its_lease_goes_on(start):
    async with start(outbox_limit_bytes=4096) as server:
        asha = await add_agent(server.services)
        async with server.parent() as parent:
            async with console(server, asha, max_queue=1) as agent:
                ref = await waiting(parent)
                await agent.until("queue", ref)
                entry = next(e for e in agent.desk["queue"])
                await agent.act("claim", ref, version=entry["version"])
                for n in range(40):
                    await agent.do("say", conversation=ref, text=f"{n} " + "long words " * 400)
                assert await agent.closed() == 4008
            async with server.services.store.reading() as reading:
                found = await reading.by_ref(ref)
                assert found.owner == "Asha"


# ---------------------------------------------------------------------- helpers


async def audit(server: Server, ref: str) -> list[Any]:
    async with server.services.store.reading() as reading:
        found = await reading.by_ref(ref)
        return await reading.audit_lines(found.id)


async def all_of(server: Server, ref: str):
    async with server.services.store.reading() as reading:
        found = await reading.by_ref(ref)
        for event in await reading.events_after(found.id, 0, limit=1000):
            yield event.frame()



async def test_an_agent_hears_whether_the_parent_has_a_page_that_is_connected(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_server.desks.ASK_EVERY_S", 0.2)
    monkeypatch.setattr("chat_server.desks.ANSWER_WITHIN_S", 0.1)
    asha = await add_agent(server.services)
    async with console(server, asha) as agent:
        async with server.parent() as parent:
            ref = await claimed(agent, parent)
            assert (await agent.has_heard("connected", conversation=ref))["on"]
            token = parent.welcome["resume"]
        await agent.hear("connected", conversation=ref, on=False)
        async with server.parent(hello={"resume": token}):
            await agent.hear("connected", conversation=ref, on=True)
