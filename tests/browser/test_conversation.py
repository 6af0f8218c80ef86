"""The conversation as a value: events in order, once each, with holes seen."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage

AT = "2026-11-23T10:42:00.000Z"


@pytest.fixture
def after(open_page: OpenPage, site: str):
    """Play frames into an empty conversation inside the browser; what it is afterwards."""
    page: Page = open_page(f"{site}/weather")
    page.evaluate("async () => { window.c = await import('/web/widget/conversation.js') }")

    def play(*frames: dict[str, Any], look: str = "v", start: str = "c.emptyConversation()", mend: bool = False) -> Any:
        return page.evaluate(
            f"""([frames, mend]) => {{
              const c = window.c;
              const v = frames.reduce((value, frame) => c.take(value, frame, {{ mend }}), {start});
              return {look};
            }}""",
            [list(frames), mend],
        )

    return play


def message(seq: int, text: str = "words", **more: Any) -> dict[str, Any]:
    return {"type": "message", "seq": seq, "at": AT, "from": "assistant", "text": text, "lang": "en", **more}


def state(seq: int, name: str, owner: str | None, **more: Any) -> dict[str, Any]:
    return {"type": "state", "seq": seq, "at": AT, "state": name, "owner": owner, "version": 2, **more}


WRITTEN = 'c.written(c.emptyConversation(), {id: "a", text: "hello", at: null, frame: {type: "say", id: "a", text: "hello"}})'
OUTGOING = "v.outgoing.map((m) => [m.id, m.fate])"


def test_an_event_that_comes_twice_is_shown_once(after):
    assert after(message(1), message(2), message(1), message(2), look="v.entries.map((e) => e.seq)") == [1, 2]


def test_an_event_after_a_hole_waits_for_what_is_missing(after):
    assert after(message(1), message(3), look="[v.top, v.entries.length]") == [1, 1]
    assert after(message(1), look=f"c.hasHole(v, {json.dumps(message(3))})") is True
    assert after(message(1), look=f"c.hasHole(v, {json.dumps(message(2))})") is False


def test_a_hole_that_the_service_cannot_fill_is_taken_as_it_is(after):
    assert after(message(1), message(3), mend=True, look="[v.top, v.entries.length]") == [3, 2]


def test_a_beat_above_what_is_known_shows_a_hole(after):
    assert after(message(1), look='c.hasHole(v, {type: "beat", top: 2})') is True
    assert after(message(1), look='c.hasHole(v, {type: "beat", top: 1})') is False


def test_an_event_of_an_unknown_kind_keeps_the_count_and_shows_nothing(after):
    frames = [message(1), {"type": "preferred", "seq": 2, "at": AT}, {"type": "from_the_future", "seq": 3, "at": AT}, message(4)]
    assert after(*frames, look="[v.top, v.entries.length]") == [4, 2]


def test_frames_of_unknown_types_are_ignored(after):
    assert after({"type": "fanfare"}, {"type": "fanfare", "seq": "x"}, look="[v.top, v.entries.length]") == [0, 0]


def test_a_receipt_an_ack_and_an_answered_beat_are_no_events(after):
    frames = [message(1), {"type": "receipt", "who": "agent", "seq": 1}, {"type": "ack", "re": "x", "seq": 9}, {"type": "beat", "top": 1}]
    assert after(*frames, look="[v.top, v.readTo]") == [1, 1]


def test_what_was_sent_is_replaced_by_its_echo(after):
    echo = message(1, "hello", id="a") | {"from": "parent"}
    assert after(start=WRITTEN, look=OUTGOING) == [["a", "sending"]]
    assert after({"type": "ack", "re": "a", "seq": 1, "dup": False}, start=WRITTEN, look=OUTGOING) == [["a", "sent"]]
    assert after(echo, start=WRITTEN, look="[v.outgoing.length, c.lines(v).map((l) => l.key)]") == [0, ["ma"]]


def test_an_ack_that_comes_after_the_echo_leaves_nothing_behind(after):
    others_echo = message(1, "hello") | {"from": "parent"}
    ack = {"type": "ack", "re": "a", "seq": 1, "dup": True}
    assert after(others_echo, ack, start=WRITTEN, look="[v.outgoing.length, v.entries.length]") == [0, 1]


def test_a_refused_message_says_why_and_one_that_passes_by_itself_is_held(after):
    refused = {"type": "error", "re": "a", "code": "not_allowed", "message": "no"}
    assert after(refused, start=WRITTEN, look="v.outgoing.map((m) => [m.fate, m.code])") == [["failed", "not_allowed"]]
    slow = {"type": "error", "re": "a", "code": "slow_down", "message": "slow", "retry_after_ms": 900}
    assert after(slow, start=WRITTEN, look="v.outgoing.map((m) => m.fate)") == ["held"]


def test_choices_can_be_taken_until_the_parent_says_something_else(after):
    offer = message(1, choices=[{"id": "c1", "label": "Yes"}])
    answer = message(2, "no thanks", id="b") | {"from": "parent"}
    assert after(offer, look="c.lines(v)[0].live") is True
    assert after(offer, answer, look="c.lines(v)[0].live") is False
    assert after(offer, look='c.lines(c.written(v, {id: "a", text: "x", at: null, frame: {}}))[0].live') is False


def test_who_answers_follows_the_state_and_is_told_in_the_log_for_people(after):
    frames = [
        {"type": "welcome", "conversation": "R", "resume": "t", "top": 0, "state": "assistant", "version": 1, "resumed": False},
        state(1, "queued", "queue"), state(2, "agent", "Sam"), state(3, "assistant", "assistant"),
    ]
    assert after(*frames, look="[v.state, v.owner]") == ["assistant", "assistant"]
    assert after(*frames, look="v.entries.map((e) => [e.state, e.owner])") == [["agent", "Sam"], ["assistant", "assistant"]]


def test_a_message_of_an_agent_carries_the_name(after):
    spoken = message(2, "hello") | {"from": "agent"}
    assert after(state(1, "agent", "Sam"), spoken, look="v.entries.at(-1).name") == "Sam"


def test_danger_is_remembered_after_an_agent_took_the_mark_off(after):
    urgent = {"type": "urgent", "seq": 1, "at": AT, "kind": "self_harm", "text": "help", "organisations": []}
    calm = state(2, "agent", "Sam", urgent=[])
    assert after(urgent, look="[v.urgent, v.entries[0].kind, v.entries[0].danger]") == [["self_harm"], "urgent", "self_harm"]
    assert after(urgent, calm, look="[v.urgent, v.everUrgent]") == [[], True]


def test_the_place_in_the_queue_is_forgotten_when_somebody_answers(after):
    place = {"type": "queue", "position": 2, "wait": {"words": "about 5 minutes", "seconds": 300}}
    assert after(state(1, "queued", "queue"), place, look="v.queue") == {"position": 2, "wait": "about 5 minutes"}
    assert after(state(1, "queued", "queue"), place, state(2, "agent", "Sam"), look="v.queue") is None


def test_the_assistant_is_writing_until_the_turn_is_done(after):
    typing = {"type": "typing", "who": "assistant", "on": True}
    assert after(typing, look="v.typing") == {"who": "assistant"}
    assert after(typing, message(1), look="v.typing") == {"who": "assistant"}
    assert after(typing, {"type": "done", "in_reply_to": 1}, look="v.typing") is None
    assert after({"type": "typing", "who": "agent", "on": True}, {"type": "done", "in_reply_to": 1}, look="v.typing") == {"who": "agent"}


def test_a_replay_from_the_start_gives_the_same_view(after):
    frames = [
        message(1, "hi", id="a") | {"from": "parent"}, message(2, choices=[{"id": "c1", "label": "Yes"}]), state(3, "queued", "queue"),
        state(4, "agent", "Sam"), message(5) | {"from": "agent", "name": "Sam"}, state(6, "closed", None),
    ]
    view = "[v.top, v.state, v.owner, c.lines(v).map((l) => [l.key, l.live])]"
    assert after(*frames, look=view) == after(*frames[:3], *frames, look=view)
