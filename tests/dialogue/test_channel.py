"""The dialogue server's one way in: who may use it, what it refuses, and that nothing is kept between turns."""

import json

import httpx
import pytest

from tests.rasa_server import TOKEN, Chat, DialogueServer


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}, {"Authorization": "Bearer"}, {"Authorization": f"Basic {TOKEN}"}],
    ids=["no token", "another token", "no scheme", "an empty token", "another scheme"],
)
@pytest.mark.parametrize("path", ["turn", "status", "model"])
def test_nobody_without_the_token_is_answered(dialogue_server: DialogueServer, headers: dict[str, str], path: str) -> None:
    url = f"http://127.0.0.1:{dialogue_server.port}/webhooks/gateway/{path}"
    asked = httpx.request("GET" if path == "status" else "POST", url, headers=headers, json={}, trust_env=False)
    assert asked.status_code == 401


def test_rasa_s_own_interface_is_not_served(dialogue_server: DialogueServer) -> None:
    base = f"http://127.0.0.1:{dialogue_server.port}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/model/parse", "/conversations/x/tracker", "/webhooks/rest/webhook", "/status", "/"):
        for method in ("GET", "POST"):
            assert httpx.request(method, base + path, headers=headers, trust_env=False).status_code == 404


def test_status_names_the_model_and_knows_whether_actions_answer(dialogue_server: DialogueServer) -> None:
    status = dialogue_server.http.get("/status").json()
    assert status["ready"] is True and status["actions"] is True
    assert status["model"] == dialogue_server.turn(text="hello").json()["model"]


MALFORMED = {
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"7",
    "nothing": b"",
    "endless nesting": b"[" * 100_000,
    "no words and no choice": json.dumps({"conversation": "c", "turn": 1}).encode(),
    "words and a choice": json.dumps({"conversation": "c", "turn": 1, "text": "hi", "payload": "/chat.greet"}).encode(),
    "words that are a number": json.dumps({"conversation": "c", "turn": 1, "text": 5}).encode(),
    "no conversation": json.dumps({"turn": 1, "text": "hi"}).encode(),
    "a turn in words": json.dumps({"conversation": "c", "turn": "one", "text": "hi"}).encode(),
    "slots in a list": json.dumps({"conversation": "c", "turn": 1, "text": "hi", "slots": [1]}).encode(),
    "memory of somebody else": json.dumps({"conversation": "c", "turn": 1, "text": "hi", "memory": {"x": 1}}).encode(),
    "memory in words": json.dumps({"conversation": "c", "turn": 1, "text": "hi", "memory": "yes"}).encode(),
    "a choice without a slash": json.dumps({"conversation": "c", "turn": 1, "payload": "chat.greet"}).encode(),
    "a choice cut short": json.dumps({"conversation": "c", "turn": 1, "payload": '/nation{"nation":'}).encode(),
    "too many words": json.dumps({"conversation": "c", "turn": 1, "text": "a" * 10_001}).encode(),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_turn_is_refused_with_a_reason(dialogue_server: DialogueServer, body: bytes) -> None:
    refused = dialogue_server.http.post("/turn", content=body)
    assert refused.status_code == 400
    assert refused.json()["error"]


def test_an_unknown_slot_or_a_slot_value_from_another_time_does_no_harm(dialogue_server: DialogueServer) -> None:
    answered = dialogue_server.turn(text="hello", slots={"shoe_size": 9, "nation": None, "lang": "en"})
    assert answered.status_code == 200
    assert "shoe_size" not in answered.json()["slots"]


def test_a_form_that_the_model_does_not_know_any_more_is_left(dialogue_server: DialogueServer) -> None:
    memory = {"format": 1, "slots": {"gone": 1}, "loop": "old_form", "requested": "gone", "rejected": False}
    answered = dialogue_server.turn(text="hello", memory=memory).json()
    assert answered["asking"] is None and answered["memory"]["loop"] is None


@pytest.mark.parametrize("text", ["/restart", "/housing", " /session_start", "\n/back", "//chat.goodbye", '/nation{"nation":"wales"}', "\u200b/housing", "/"])
def test_words_that_begin_with_a_slash_are_words(dialogue_server: DialogueServer, text: str) -> None:
    answered = dialogue_server.turn(text=text)
    assert answered.status_code == 200
    said = answered.json()
    assert said["messages"], "a parent is always answered"
    assert said["confidence"] < 1.0, "read by the model, not unpacked as a command"
    assert "nation" not in said["slots"]


def test_a_choice_means_its_topic_and_fills_its_slot(chat: Chat) -> None:
    chat.choose("/statutory.fees")
    said = chat.choose('/nation{"nation":"wales"}')
    assert said.topic == "statutory.fees"
    assert said.slot("nation") == "wales"
    assert said.signal("prefer")["nation"] == "wales"


def test_a_choice_cannot_fill_what_is_not_the_parent_s_to_say(chat: Chat) -> None:
    said = chat.choose('/statutory.fees{"abuse_mentioned": true, "misses": 7, "last_topic": "housing"}')
    assert said.slot("abuse_mentioned") is False
    assert said.raw["memory"]["slots"] == {"last_topic": "statutory.fees"}


def test_a_choice_of_newer_words_than_the_model_is_asked_back_not_dropped(chat: Chat) -> None:
    said = chat.choose("/statutory.not_invented_yet")
    assert said.topic == "out_of_scope"
    assert said.keys


def test_a_turn_that_is_asked_again_is_answered_the_same(chat: Chat) -> None:
    chat.say("how do i apply to the child maintenance service")
    body = {"turn": 2, "text": "and in Scotland?", "slots": chat.slots, "memory": chat.memory}
    first, again = (chat.server.turn(**body).json() for _ in range(2))
    assert first == again


def test_two_conversations_under_the_same_name_do_not_meet(dialogue_server: DialogueServer) -> None:
    one = dialogue_server.turn(conversation="same", text="I live in Wales").json()
    other = dialogue_server.turn(conversation="same", text="hello").json()
    assert one["slots"]["nation"] == "wales"
    assert "nation" not in other["slots"]


def test_memory_does_not_grow_with_the_conversation(chat: Chat) -> None:
    texts = ["how much does it cost to apply", "I live in Wales", "where can i find a mediator", "purple monkey dishwasher", "thanks"]
    sizes = [len(json.dumps(chat.say(texts[turn % len(texts)]).raw["memory"])) for turn in range(100)]
    assert max(sizes) < 2000
    assert max(sizes[50:]) <= max(sizes[:50])


def test_what_the_gateway_knows_wins_over_memory_and_what_it_does_not_know_takes_nothing(chat: Chat) -> None:
    chat.say("I live in Wales")
    chat.slots["nation"] = "scotland"
    assert chat.say("hello").slot("nation") == "scotland"
    chat.slots["nation"] = None
    chat.memory["slots"]["nation"] = "wales"
    assert chat.say("hello").slot("nation") == "wales"


def test_a_very_long_message_is_answered(chat: Chat) -> None:
    said = chat.say("we split up last year and the kids stay with me. " * 160)
    assert said.keys


@pytest.mark.parametrize("text", ["", "   ", "?", "\u200b", "👍", "ŵ" * 50, "<script>alert(1)</script>", "{income}", "[x](intent)"])
def test_odd_words_are_answered(chat: Chat, text: str) -> None:
    said = chat.say(text)
    assert said.keys or said.signals


def test_signals_say_which_message_they_belong_to(chat: Chat) -> None:
    said = chat.choose("/signpost.mediation")
    shown = said.signal("organisations_shown")
    assert said.keys[shown["after"] - 1] == "utter_signpost.mediation"


def test_a_model_that_is_none_of_ours_is_not_loaded(dialogue_server: DialogueServer) -> None:
    before = dialogue_server.http.get("/status").json()["model"]
    for name in ("../../etc/passwd", "/tmp/model", "nowhere", "", None, 5):
        refused = dialogue_server.http.post("/model", json={"model": name})
        assert refused.status_code == 400, name
    assert dialogue_server.http.get("/status").json() == {"ready": True, "model": before, "actions": True}


def test_the_model_is_swapped_under_a_conversation(chat: Chat) -> None:
    chat.say("I live in Wales")
    model = chat.server.http.get("/status").json()["model"]
    swapped = chat.server.http.post("/model", json={"model": model}, timeout=120)
    assert swapped.json() == {"ready": True, "model": model}
    assert chat.say("where can i find a mediator").slot("nation") == "wales"


def test_a_dead_action_server_fails_the_turn_and_a_repeat_is_answered(chat: Chat) -> None:
    server = chat.server
    body = {"payload": "/housing"}
    server.stop_actions()
    try:
        failed = server.turn(**body)
        still = server.turn(payload="/statutory.fees")
        assert server.http.get("/status").json()["actions"] is False
    finally:
        server.start_actions()
    assert failed.status_code == 503 and "memory" not in failed.json()
    assert still.json()["messages"][0]["key"] == "utter_statutory.fees", "answers that need no action go on"
    server.wait_until_ready()
    assert server.turn(**body).json()["signals"][0]["signal"] == "handover"
