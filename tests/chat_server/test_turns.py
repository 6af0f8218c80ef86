"""Turns are durable work: what was acknowledged is answered, in order, whatever happens to the model or the gateway."""

import asyncio
import json
import uuid

import pytest

from chat_server.assistant import AssistantUnavailable, Heard, Line, Question, Reply
from chat_server.core.conversation import State
from chat_server.core.signals import Handover, Prefer
from tests.fakes import FakeAssistant, never, reply, unavailable
from tests.gateways import Server

QUICK = {"notice_after_s": 0.2, "turn_limit_s": 0.6}
"""The clock of rule 6, ten times faster, so that a test does not wait for it."""


async def test_a_slow_answer_is_announced_and_then_given(start, assistant: FakeAssistant):
    async def slowly() -> Reply:
        await asyncio.sleep(0.35)
        return reply()

    assistant.script = lambda q: slowly()
    async with start(notice_after_s=0.1, turn_limit_s=5.0) as server, server.parent() as parent:
        frames = await parent.ask("what are my options?")
        said = [f["from"] for f in frames if f["type"] == "message"]
        assert said == ["parent", "service", "assistant"]


async def test_a_model_that_hangs_gives_the_truth_another_try_and_a_person(start, assistant: FakeAssistant):
    assistant.script = lambda q: never()
    async with start(**QUICK) as server, server.parent() as parent:
        frames = await parent.ask("what are my options?")
        working, failed = [f for f in frames if f.get("from") == "service"]
        assert working["text"] and not working.get("choices")
        assert len(failed["choices"]) >= 2 and failed["in_reply_to"] == 1

        assistant.script = lambda q: reply()
        again = next(c for c in failed["choices"] if "again" in c["label"].lower())
        await parent.do("choose", of=failed["seq"], choice=again["id"])
        await parent.hear("done")
        assert assistant.asked[-1].text == "what are my options?"
        assert parent.durable()[-1]["from"] == "assistant"


async def test_two_failed_turns_running_offer_a_person_first(start, assistant: FakeAssistant):
    assistant.script = unavailable
    async with start(**QUICK) as server, server.parent() as parent:
        first = [f for f in await parent.ask("one") if f.get("from") == "service"][-1]
        second = [f for f in await parent.ask("two") if f.get("from") == "service"][-1]
        assert first["text"] != second["text"]
        person = second["choices"][0]
        await parent.do("choose", of=second["seq"], choice=person["id"])
        assert (await parent.hear("state"))["state"] == "queued"


async def test_a_good_turn_forgets_the_failures_before_it(start, assistant: FakeAssistant):
    async with start(**QUICK) as server, server.parent() as parent:
        texts = []
        for script in (unavailable, lambda q: reply(), unavailable):
            assistant.script = script
            frames = await parent.ask("hello")
            texts.append([f for f in frames if f["type"] == "message"][-1]["text"])
        assert texts[0] == texts[2] != texts[1]


@pytest.mark.parametrize(
    "broken",
    [
        Reply("options.overview", 0.9, (Line("utter_there_is_no_such_key"),)),
        Reply("options.overview", 0.9, (Line("utter_service_agent_joined"),)),
    ],
    ids=["unknown key", "blank without value"],
)
async def test_a_reply_that_has_no_words_is_a_failed_turn(start, assistant: FakeAssistant, broken: Reply):
    assistant.script = lambda q: broken
    async with start(**QUICK) as server, server.parent() as parent:
        frames = await parent.ask("hello")
        assert [f["from"] for f in frames if f["type"] == "message"] == ["parent", "service"]


async def test_with_the_model_down_a_chosen_information_topic_is_still_answered(start, assistant: FakeAssistant):
    async with start(**QUICK) as server, server.parent() as parent:
        answer = next(f for f in await parent.ask("options?") if f.get("from") == "assistant")
        assistant.script = unavailable
        await parent.do("choose", of=answer["seq"], choice=answer["choices"][0]["id"])
        await parent.hear("done")
        assert parent.durable()[-1]["from"] == "assistant" and parent.durable()[-1]["outcome"] == "inform"


async def test_a_plain_yes_means_what_the_question_asked(start, assistant: FakeAssistant):
    assistant.script = lambda q: reply("utter_signpost.mediation", "signpost.mediation", model="m")
    async with start(**QUICK) as server, server.parent() as parent:
        await parent.ask("can somebody help us to agree?")
        await parent.ask("yes")
        assert assistant.asked[-1].memory["slots"]["offer"] == "/domestic_abuse"
        assistant.script = lambda q: reply("utter_chat.thanks", "chat.thanks")
        await parent.ask("thanks")
        await parent.ask("yes")
        assert "slots" not in assistant.asked[-1].memory
        assert not any("domestic_abuse" in json.dumps(frame) for frame in parent.heard)


async def test_named_help_stands_with_the_words_of_the_handover_and_not_with_the_question_after_them(
    start, assistant: FakeAssistant
):
    assistant.script = lambda q: Reply(
        "legal", 0.9, (Line("utter_legal"), Line("utter_ask_nation")), (Heard(Handover("legal", "topic"), 1),), "nation", memory={}
    )
    async with start(**QUICK) as server, server.parent() as parent:
        frames = await parent.ask("i got court papers")
        words, question = [f for f in frames if f.get("from") == "assistant"]
        assert words["organisations"] and "organisations" not in question
        assert question["asking"] == "nation" and len(question["choices"]) == 4


async def test_answers_come_in_order_and_one_at_a_time(server: Server, assistant: FakeAssistant):
    at_once = 0
    most = 0

    async def answer(question: Question) -> Reply:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1
        return reply()

    assistant.script = answer
    async with server.parent() as parent:
        ids = [await parent.say(f"message {n}") for n in range(4)]
        acks = [await parent.has_heard("ack", re=id) for id in ids]
        for ack in acks:
            await parent.has_heard("done", in_reply_to=ack["seq"])
        assert most == 1
        assert [q.text for q in assistant.asked] == [f"message {n}" for n in range(4)]
        replies = [f["in_reply_to"] for f in parent.durable() if f.get("from") == "assistant"]
        assert replies == sorted(replies) == [ack["seq"] for ack in acks]
        assert sorted(f["seq"] for f in parent.durable()) == [f["seq"] for f in parent.durable()]


async def test_conversations_do_not_wait_for_each_other(server: Server, assistant: FakeAssistant):
    held = asyncio.Event()

    async def answer(question: Question) -> Reply:
        if question.text == "slow":
            await held.wait()
        return reply()

    assistant.script = answer
    async with server.parent() as slow, server.parent() as quick:
        await slow.say("slow")
        await slow.hear("ack")
        await quick.ask("quick")
        held.set()
        await slow.hear("done")


async def test_memory_travels_with_the_turn_and_comes_back(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        await parent.ask("one")
        await parent.ask("two")
        assert [q.memory for q in assistant.asked] == [None, {"last_topic": "options.overview"}]


async def test_the_nation_that_was_said_is_kept(server: Server, assistant: FakeAssistant):
    assistant.script = lambda q: reply("utter_options.overview", "options.overview", Prefer(nation="scotland"))
    async with server.parent() as parent:
        await parent.ask("I live in Glasgow")
        await parent.ask("and now?")
        assert assistant.asked[-1].slots["nation"] == "scotland"


async def test_what_identifies_a_person_does_not_reach_the_model(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        frames = await parent.ask("my number is 07700 900123 and my email sam@example.org")
        assert "07700 900123" in next(f for f in frames if f.get("from") == "parent")["text"]
        assert "900123" not in assistant.asked[0].text and "sam@" not in assistant.asked[0].text


async def test_a_late_reply_is_dropped_and_recorded_when_an_agent_has_taken_over(server: Server, assistant: FakeAssistant):
    held = asyncio.Event()

    async def answer(question: Question) -> Reply:
        await held.wait()
        return reply("utter_housing", "housing", Handover("housing"))

    assistant.script = answer
    async with server.parent() as parent:
        ack_id = await parent.say("what happens with the house?")
        seq = (await parent.has_heard("ack", re=ack_id))["seq"]
        await parent.hear("typing")
        store = server.services.store
        async with store.work() as work:
            conversation = await work.by_ref(parent.welcome["conversation"])
            conversation.ask_for_agent("human_request", "button", server.services.clock())
            conversation.agent_joins("a1", "Asha", conversation.version, server.services.clock())
            await work.save(conversation)
            await work.commit()
        held.set()
        await parent.has_heard("done", in_reply_to=seq)
        async with store.reading() as reading:
            conversation = await reading.by_ref(parent.welcome["conversation"])
            events = await reading.events_after(conversation.id, 0)
            causes = [line.cause for line in await reading.audit_lines(conversation.id)]
        assert conversation.state is State.AGENT
        assert not [e for e in events if e.body.get("from") == "assistant"]
        assert "late_reply_dropped" in causes


async def test_a_message_that_was_acknowledged_is_answered_after_a_restart(start, assistant: FakeAssistant):
    assistant.script = lambda q: never()
    async with start() as first:
        async with first.parent() as parent:
            id = await parent.say("will this be answered?")
            ack = await parent.has_heard("ack", re=id)
            await parent.hear("typing")
            token = parent.welcome["resume"]
    answering = FakeAssistant()
    async with start(assistant=answering, turn_limit_s=8.0) as second:
        async with second.parent(hello={"resume": token, "last_seq": ack["seq"]}) as parent:
            answer = await parent.hear("message", **{"from": "assistant"})
            assert answer["in_reply_to"] == ack["seq"]
            await parent.has_heard("done", in_reply_to=ack["seq"])
            assert len(answering.asked) == 1


async def test_done_reaches_a_parent_who_was_away_when_it_was_said(server: Server, assistant: FakeAssistant):
    held = asyncio.Event()

    async def answer(question: Question) -> Reply:
        await held.wait()
        return reply()

    assistant.script = answer
    async with server.parent() as parent:
        id = await parent.say("hello")
        seq = (await parent.has_heard("ack", re=id))["seq"]
        token = parent.welcome["resume"]
        async with server.parent() as other:
            await parent.ws.close()
            held.set()
            await other.ask("something else")
    async with server.parent(hello={"resume": token, "last_seq": seq}) as again:
        await again.has_heard("done", in_reply_to=seq)
        assert [f["from"] for f in again.durable()] == ["assistant"]


async def test_the_words_of_a_finished_turn_are_kept_once(server: Server):
    """A turn's own copy of the words is gone when it is done; the transcript keeps the only one."""
    import sqlalchemy as sa

    from chat_server.store.tables import turns

    async with server.parent() as parent:
        await parent.ask("only in the transcript")
    async with server.services.store._engine.connect() as connection:
        rows = (await connection.execute(sa.select(turns))).all()
    assert rows and "only in the transcript" not in json.dumps([str(row) for row in rows])


async def test_retrying_a_retry_asks_the_first_question_again(start, assistant: FakeAssistant):
    assistant.script = unavailable
    async with start(**QUICK) as server, server.parent() as parent:
        await parent.ask("the question")
        for _ in range(2):
            failed = [f for f in parent.durable() if f.get("from") == "service" and f.get("choices")][-1]
            again = next(c for c in failed["choices"] if "again" in c["label"].lower())
            await parent.do("choose", of=failed["seq"], choice=again["id"], id=str(uuid.uuid4()))
            await parent.hear("done")
        assert {q.text for q in assistant.asked} == {"the question"} and len(assistant.asked) == 3


async def test_an_unavailable_model_never_loses_the_message(start, assistant: FakeAssistant):
    def down(_: Question) -> Reply:
        raise AssistantUnavailable("fake")

    assistant.script = down
    async with start(**QUICK) as server, server.parent() as parent:
        await parent.ask("keep this")
        token = parent.welcome["resume"]
        async with server.parent(hello={"resume": token}) as again:
            assert (await again.hear("message"))["text"] == "keep this"
