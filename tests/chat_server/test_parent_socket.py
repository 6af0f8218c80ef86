"""The parents' socket, frame by frame, over a real socket."""

import json
import uuid

import pytest
import websockets

from chat_server.core.signals import Danger, Handover
from tests.fakes import FakeAssistant, reply
from tests.gateways import Server


def kinds(frames: list[dict]) -> list[str]:
    return [frame["type"] for frame in frames if frame["type"] not in ("typing", "beat")]


async def test_a_new_conversation_is_welcomed_with_a_reference_a_token_and_a_greeting(server: Server):
    async with server.parent() as parent:
        welcome = parent.welcome
        assert welcome["top"] == 0 and welcome["state"] == "assistant" and welcome["resumed"] is False
        assert len(welcome["resume"]) > 30 and len(welcome["conversation"]) == 9
        assert "automatic" in welcome["greeting"]["text"] and welcome["open"] is True
        assert welcome["limits"]["text_kept"] == 2000


async def test_a_message_is_acknowledged_shown_answered_and_done_in_this_order(server: Server):
    async with server.parent() as parent:
        frames = await parent.ask("what are my options?")
        assert kinds(frames) == ["ack", "message", "message", "done"]
        ack, mine, answer, done = [f for f in frames if f["type"] != "typing"]
        assert (ack["seq"], ack["dup"]) == (1, False)
        assert (mine["seq"], mine["from"], mine["text"]) == (1, "parent", "what are my options?")
        assert (answer["seq"], answer["from"], answer["in_reply_to"]) == (2, "assistant", 1)
        assert answer["topic"] == "options.overview" and answer["outcome"] == "inform" and answer["text"]
        assert done["in_reply_to"] == 1


async def test_choices_are_offered_without_what_they_mean_and_can_be_chosen(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        frames = await parent.ask("what are my options?")
        answer = next(f for f in frames if f.get("from") == "assistant")
        assert answer["choices"] and set(answer["choices"][0]) == {"id", "label"}
        assert "payload" not in json.dumps(answer) and not any(key.startswith("_") for key in answer)
        await parent.do("choose", of=answer["seq"], choice=answer["choices"][0]["id"])
        await parent.hear("done")
        assert assistant.asked[-1].payload.startswith("/") and assistant.asked[-1].text is None
        assert any(f.get("text") == answer["choices"][0]["label"] for f in parent.heard)


@pytest.mark.parametrize("choice", ["c99", "", "/estimate.start"])
async def test_a_choice_that_was_not_offered_is_not_found(server: Server, choice: str):
    async with server.parent() as parent:
        await parent.ask("what are my options?")
        id = await parent.do("choose", of=2, choice=choice)
        assert (await parent.hear("error", re=id))["code"] == "not_found"


async def test_typed_commands_are_words(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        for typed in ("/restart", "/estimate.start{\"income\": 1}", "!human", "  /session_start"):
            await parent.ask(typed)
        assert [q.text for q in assistant.asked] == ["/restart", "/estimate.start{\"income\": 1}", "!human", "  /session_start"]
        assert all(q.payload is None for q in assistant.asked)


async def test_the_same_id_is_acknowledged_again_and_said_once(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        id = await parent.say("hello")
        first = await parent.has_heard("ack", re=id)
        await parent.hear("done")
        await parent.say("hello", id=id)
        again = await parent.hear("ack", re=id)
        assert (again["seq"], again["dup"]) == (first["seq"], True)
        await parent.ask("and then?")
        assert [f["text"] for f in parent.durable() if f.get("from") == "parent"] == ["hello", "and then?"]
        assert len(assistant.asked) == 2


async def test_the_same_id_with_another_body_is_refused(server: Server):
    async with server.parent() as parent:
        id = await parent.say("hello")
        await parent.hear("done")
        await parent.say("something else", id=id)
        assert (await parent.hear("error", re=id))["code"] == "id_reused"
        assert len([f for f in parent.durable() if f.get("from") == "parent"]) == 1


async def test_resume_replays_everything_above_what_the_client_holds(server: Server):
    async with server.parent() as parent:
        for n in range(3):
            await parent.ask(f"message {n}")
        before = parent.durable()
        token = parent.welcome["resume"]
    for last_seq in (0, 2, len(before)):
        async with server.parent(hello={"resume": token, "last_seq": last_seq}) as again:
            assert again.welcome["resumed"] and again.welcome["top"] == len(before)
            await again.hear("done")
            assert again.durable() == before[last_seq:]


async def test_resume_replays_hundreds_of_events_without_limit(server: Server):
    async with server.parent() as parent:
        frame = {"type": "prefer", "lang": "en"}
        for _ in range(450):
            await parent.send(id=str(uuid.uuid4()), **frame)
        while len(parent.durable()) < 450:
            await parent.hear()
        async with server.parent(hello={"resume": parent.welcome["resume"]}) as again:
            while len(again.durable()) < 450:
                await again.hear()
            assert [f["seq"] for f in again.durable()] == list(range(1, 451))


async def test_a_second_socket_of_the_same_conversation_hears_everything(server: Server):
    async with server.parent() as phone:
        async with server.parent(hello={"resume": phone.welcome["resume"]}) as laptop:
            await phone.ask("hello from the phone")
            await laptop.hear("done")
            assert [f["seq"] for f in laptop.durable()] == [f["seq"] for f in phone.durable()]


async def test_hello_again_on_the_same_socket_replays(server: Server):
    async with server.parent() as parent:
        await parent.ask("hello")
        before = parent.durable()
        parent.heard.clear()
        await parent.hello(resume=parent.welcome["resume"], last_seq=0)
        await parent.hear("done")
        assert parent.durable() == before


async def test_a_wrong_token_is_closed_4500(server: Server):
    async with server.socket() as parent:
        await parent.send(type="hello", resume="not-a-token")
        assert await parent.closed() == 4500


async def test_no_hello_is_closed_4502(start):
    async with start(hello_within_s=0.3) as server, server.socket() as parent:
        assert await parent.closed() == 4502


async def test_a_foreign_origin_is_closed_4503(server: Server):
    async with server.socket(origin="https://evil.example") as parent:
        assert await parent.closed() == 4503


async def test_the_own_and_the_allowed_origins_are_welcome(start):
    async with start(allowed_origins="https://www.example.org, https://other.example") as server:
        for origin in (server.url, "https://www.example.org", "https://OTHER.example"):
            async with server.socket(origin=origin) as parent:
                await parent.hello()


async def test_another_version_is_closed_4510(server: Server):
    async with server.socket(subprotocols=["options-chat.v9"]) as parent:
        assert await parent.closed() == 4510


async def test_too_many_sockets_of_one_conversation_are_closed_4504(start):
    async with start(sockets_per_conversation=2) as server, server.parent() as one:
        token = one.welcome["resume"]
        async with server.parent(hello={"resume": token}), server.socket() as third:
            await third.send(type="hello", resume=token)
            assert await third.closed() == 4504


BAD = [
    "not json", "[]", "7", '"text"', "{}", '{"type": "nope"}', '{"type": "say"}', '{"type":"say","id":"1","text":"x"}',
    '{"type":"ack","id":"00000000-0000-4000-8000-000000000000"}', '{"type":"hello","last_seq":-1}',
    '{"type":"say","id":"00000000-0000-4000-8000-000000000000","text":"   "}',
    '{"type":"say","id":"00000000-0000-4000-8000-000000000000","text":{"a":1}}',
    '{"type":"rate","id":"00000000-0000-4000-8000-000000000000","answers":{"overall":11}}',
    '{"type":"prefer","id":"00000000-0000-4000-8000-000000000000","nation":"france"}',
    "[" * 5000,
]


@pytest.mark.parametrize("raw", BAD)
async def test_a_malformed_frame_gets_its_code_and_the_conversation_goes_on(server: Server, raw: str):
    async with server.parent() as parent:
        await parent.ws.send(raw)
        error = await parent.hear("error")
        assert error["code"] == "bad_frame" and error["message"]
        assert kinds(await parent.ask("still there?")) == ["ack", "message", "message", "done"]


async def test_a_binary_frame_is_a_bad_frame(server: Server):
    async with server.parent() as parent:
        await parent.ws.send(b"\x00\x01")
        assert (await parent.hear("error"))["code"] == "bad_frame"
        await parent.ask("still there?")


async def test_repeated_bad_frames_are_closed_4501(server: Server):
    async with server.parent() as parent:
        for _ in range(12):
            try:
                await parent.ws.send("nonsense")
            except websockets.ConnectionClosed:
                break
        assert await parent.closed() == 4501


async def test_words_that_no_store_can_keep_are_cleaned_not_lost(server: Server):
    async with server.parent() as parent:
        frames = await parent.ask("before \ud800 \x00 after")
        mine = next(f for f in frames if f.get("from") == "parent")
        assert mine["text"].startswith("before ") and mine["text"].endswith(" after")


async def test_a_long_message_is_cut_at_2000_and_says_so(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        frames = await parent.ask("x" * 7999)
        ack = next(f for f in frames if f["type"] == "ack")
        mine = next(f for f in frames if f.get("from") == "parent")
        assert ack["cut"] == 2000 and len(mine["text"]) == 2000 and mine["cut"]
        assert "2,000" in next(f for f in frames if f.get("from") == "service")["text"]


async def test_a_message_over_8000_is_too_long_and_nothing_is_stored(server: Server):
    async with server.parent() as parent:
        id = await parent.say("x" * 8001)
        assert (await parent.hear("error", re=id))["code"] == "too_long"
        await parent.ask("short")
        assert parent.durable()[0]["text"] == "short"


async def test_danger_at_the_end_of_a_message_that_is_too_long_still_brings_help(server: Server):
    async with server.parent() as parent:
        id = await parent.say("x " * 4100 + "I want to kill myself")
        urgent = await parent.hear("urgent")
        assert urgent["kind"] == "self_harm" and urgent["organisations"]
        assert (await parent.hear("error", re=id))["code"] == "too_long"


async def test_a_frame_over_16_kib_is_refused_and_danger_in_it_still_brings_help(server: Server):
    async with server.parent() as parent:
        id = await parent.say("\U0001f622" * 5000 + " I want to kill myself")
        assert (await parent.has_heard("urgent"))["kind"] == "self_harm"
        assert (await parent.has_heard("error", re=id))["code"] == "bad_frame"


async def test_too_quick_is_told_when_to_try_again_and_can_then_be_said(server: Server):
    async with server.parent() as parent:
        ids = [await parent.say(f"quick {n}") for n in range(8)]
        error = await parent.hear("error")
        assert error["code"] == "slow_down" and 0 < error["retry_after_ms"] <= 1000 and error["re"] in ids


async def test_danger_is_stored_whatever_the_rate(server: Server):
    async with server.parent() as parent:
        for n in range(8):
            await parent.say(f"quick {n}")
        id = await parent.say("I want to kill myself")
        assert (await parent.has_heard("ack", re=id))["seq"]
        assert (await parent.hear("urgent"))["kind"] == "self_harm"


async def test_urgent_comes_in_the_same_turn_before_anything_else(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        frames = await parent.ask("he hits me when he is drunk")
        assert kinds(frames)[:5] == ["ack", "message", "urgent", "state", "message"]
        urgent = next(f for f in frames if f["type"] == "urgent")
        state = next(f for f in frames if f["type"] == "state")
        assert urgent["kind"] == "domestic_abuse" and urgent["in_reply_to"] == 1
        assert [o["id"] for o in urgent["organisations"]][0] == "emergency-999"
        assert (state["state"], state["owner"], state["urgent"]) == ("queued", "queue", ["domestic_abuse"])
        assert not assistant.asked, "the dialogue model must not answer beside emergency help"


async def test_urgent_again_is_one_short_line(server: Server):
    async with server.parent() as parent:
        first = next(f for f in await parent.ask("I want to kill myself") if f["type"] == "urgent")
        second = next(f for f in await parent.ask("I will kill myself") if f["type"] == "urgent")
        assert len(second["text"]) < len(first["text"]) and first["organisations"]


async def test_danger_heard_by_the_model_brings_help_and_none_of_its_reply(server: Server, assistant: FakeAssistant):
    assistant.script = lambda q: reply("utter_options.overview", "child_safety", Danger("child_safety"))
    async with server.parent() as parent:
        frames = await parent.ask("she flinches on sundays")
        assert kinds(frames)[:4] == ["ack", "message", "urgent", "state"]
        assert not any(f.get("from") == "assistant" for f in frames)


async def test_a_handover_is_acknowledged_with_named_help_then_queued(server: Server, assistant: FakeAssistant):
    assistant.script = lambda q: reply("utter_housing", "housing", Handover("housing"))
    async with server.parent() as parent:
        frames = await parent.ask("my wife told me to leave my home")
        said, state, notice = [f for f in frames if f["type"] in ("message", "state")][1:4]
        assert said["outcome"] == "handover" and said["organisations"] and len(said["organisations"]) <= 3
        assert (state["state"], state["topic"], state["reason"]) == ("queued", "housing", "topic")
        assert notice["from"] == "service"
        place = await parent.hear("queue") if "queue" not in kinds(frames) else next(f for f in frames if f["type"] == "queue")
        assert place["position"] == 1 and place["wait"]["words"]


async def test_the_button_brings_a_person_without_the_model(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        id = await parent.do("human")
        seq = (await parent.has_heard("ack", re=id))["seq"]
        state = await parent.hear("state")
        assert (state["state"], state["reason"]) == ("queued", "button")
        await parent.has_heard("done", in_reply_to=seq)
        assert not assistant.asked


async def test_one_who_waits_is_still_answered_and_may_stop_waiting(server: Server):
    async with server.parent() as parent:
        await parent.do("human")
        notice = await parent.hear("message", **{"from": "service"})
        frames = await parent.ask("what does it cost?")
        assert any(f.get("from") == "assistant" for f in frames)
        stop = next(c for c in notice["choices"] if "wait" in c["label"].lower())
        await parent.do("choose", of=notice["seq"], choice=stop["id"])
        assert (await parent.hear("state"))["state"] == "assistant"


async def test_when_closed_the_truth_is_told_and_a_message_can_be_left(start, assistant: FakeAssistant):
    async with start(opening="never") as server, server.parent() as parent:
        assert parent.welcome["open"] is False
        await parent.do("human")
        notice = await parent.hear("message", **{"from": "service"})
        leave = next(c for c in notice["choices"] if "message" in c["label"].lower())
        await parent.do("choose", of=notice["seq"], choice=leave["id"])
        assert (await parent.hear("state", state="message_left"))["owner"] is None
        await parent.hear("done")
        frames = await parent.ask("please write to me in the evening")
        assert not any(f.get("from") == "assistant" for f in frames) and not assistant.asked
        assert [f["from"] for f in frames if f["type"] == "message"] == ["parent", "service"], "it is confirmed"
        frames = await parent.ask("or at the weekend")
        assert [f["from"] for f in frames if f["type"] == "message"] == ["parent"], "once is enough"


async def test_one_in_danger_who_waits_and_writes_is_not_met_with_silence(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        await parent.ask("I want to kill myself")
        await parent.hear("queue")
        frames = await parent.ask("are you still there")
        assert [f["from"] for f in frames if f["type"] == "message"] == ["parent", "service"] and not assistant.asked


async def test_a_starter_in_welsh_is_understood(server: Server, assistant: FakeAssistant):
    async with server.parent(hello={"lang": "cy"}) as parent:
        starters = [choice["label"] for choice in parent.welcome["greeting"]["choices"]]
        assert starters and parent.welcome["greeting"]["lang"] == "cy"
        frames = await parent.ask(starters[0])
        assert next(f for f in frames if f.get("from") == "parent")["text"] == starters[0]
        assert assistant.asked[-1].text != starters[0] and assistant.asked[-1].text.isascii()


async def test_prefer_is_remembered_and_a_safe_contact_is_not_shown_again(server: Server, assistant: FakeAssistant):
    async with server.parent() as parent:
        contact = {"how": "07700 900123", "when": "after 6pm", "ask_for": "Sam", "voicemail": False}
        id = await parent.do("prefer", lang="cy", nation="wales", safe_contact=contact)
        await parent.has_heard("ack", re=id)
        event = await parent.hear("preferred")
        assert event["nation"] == "wales" and event["safe_contact"] is True
        assert "07700" not in json.dumps(parent.heard)
        await parent.ask("helo")
        assert assistant.asked[-1].slots["nation"] == "wales" and assistant.asked[-1].slots["lang"] == "cy"


async def test_welsh_words_are_used_where_they_exist(server: Server):
    async with server.parent(hello={"lang": "cy"}) as parent:
        urgent = next(f for f in await parent.ask("I want to kill myself") if f["type"] == "urgent")
        assert urgent["lang"] == "cy" and "999" in urgent["text"]


async def test_a_rating_is_stored_once(server: Server):
    async with server.parent() as parent:
        id = await parent.do("rate", answers={"overall": 8, "comment": "clear"})
        assert not (await parent.has_heard("ack", re=id))["dup"]
        await parent.do("rate", id=id, answers={"overall": 8, "comment": "clear"})
        assert (await parent.hear("ack", re=id))["dup"]


async def test_end_closes_and_a_later_message_opens_a_new_part(server: Server):
    async with server.parent() as parent:
        await parent.ask("hello")
        await parent.do("end")
        assert await parent.closed() == 4509
        assert [f for f in parent.heard if f["type"] == "bye"][0]["reason"] == "ended"
        token, ref = parent.welcome["resume"], parent.welcome["conversation"]
    async with server.parent(hello={"resume": token, "last_seq": 100}) as again:
        assert again.welcome["state"] == "closed" and again.welcome["conversation"] == ref
        frames = await again.ask("one more thing")
        assert next(f for f in frames if f["type"] == "state")["state"] == "assistant"
        assert any(f.get("from") == "assistant" for f in frames)


async def test_erase_leaves_no_word_and_the_token_is_worth_nothing(server: Server):
    async with server.parent() as parent:
        await parent.ask("a secret nobody may read")
        await parent.do("erase")
        assert await parent.closed() == 4509
        token, ref = parent.welcome["resume"], parent.welcome["conversation"]
    async with server.socket() as again:
        await again.send(type="hello", resume=token)
        assert await again.closed() == 4509
    async with server.http() as http:
        answer = await http.get(f"/api/conversations/{ref}/events", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 410 and answer.json()["code"] == "ended"
    async with server.services.store.reading() as reading:
        conversation = await reading.by_ref(ref)
        events = await reading.events_after(conversation.id, 0)
        assert "secret" not in repr(events) and [e.type for e in events] == ["state"]
        assert [line.cause for line in await reading.audit_lines(conversation.id)] == ["erased"]


async def test_hide_is_told_to_the_service_and_the_conversation_can_be_resumed(server: Server):
    async with server.parent() as parent:
        await parent.ask("hello")
        id = await parent.do("hide")
        await parent.has_heard("ack", re=id)
        token = parent.welcome["resume"]
        async with server.services.store.reading() as reading:
            assert (await reading.by_resume(token)).presence == "left"
    async with server.parent(hello={"resume": token}) as again:
        assert again.welcome["resumed"]


async def test_ping_is_answered_with_the_top(server: Server):
    async with server.parent() as parent:
        await parent.ask("hello")
        await parent.send(type="ping")
        assert (await parent.hear("beat"))["top"] == 2


async def test_a_quiet_socket_hears_beats(start):
    async with start(beat_every_s=0.2) as server, server.parent() as parent:
        assert (await parent.hear("beat"))["top"] == 0


async def test_a_socket_that_never_speaks_is_closed_4012(start):
    async with start(beat_every_s=0.1, silent_after_s=0.3) as server, server.parent() as parent:
        assert await parent.closed() == 4012


async def test_a_restart_says_bye_with_a_spread_and_4001(start):
    async with start() as server, server.parent() as parent:
        server.stop()
        assert await parent.closed() == 4001
        bye = next(f for f in parent.heard if f["type"] == "bye")
        assert bye["reason"] == "restart" and bye["after_ms"] >= 0


async def test_two_conversations_never_hear_each_other(server: Server):
    async with server.parent() as one, server.parent() as other:
        await one.ask("I am the mother")
        await other.ask("I am the father")
        assert "mother" not in json.dumps(other.heard) and "father" not in json.dumps(one.heard)
        assert one.welcome["conversation"] != other.welcome["conversation"]
