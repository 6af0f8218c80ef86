"""The link to the service over a fake socket and a clock that the test moves: nothing is lost, nothing is sent for ever."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage

SET_UP = """async () => {
  const { ChatLink } = await import("/web/widget/chat-link.js");
  const seen = (window.seen = { sent: [], statuses: [], frames: [], overdue: [], sockets: [] });
  class FakeSocket {
    readyState = 0;
    constructor(address, protocols) {
      Object.assign(this, { address, protocols });
      seen.sockets.push(this);
    }
    send(text) { seen.sent.push(JSON.parse(text)); }
    close() { this.readyState = 3; }
    opens() { this.readyState = 1; this.onopen?.(); }
    says(frame) { this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) }); }
    closes(code) { this.readyState = 3; this.onclose?.({ code }); }
    welcomes() { this.opens(); this.says({ type: "welcome", top: 0 }); }
  }
  window.socket = () => seen.sockets.at(-1);
  window.link = new ChatLink({
    address: "ws://example/ws/chat", Socket: FakeSocket, random: () => 1, hello: () => ({ resume: "t", last_seq: 7 }),
    onFrame: (frame) => seen.frames.push(frame.type), onStatus: (status) => seen.statuses.push(status.phase),
    onOverdue: (id) => seen.overdue.push(id),
  });
  link.connect();
}"""
SAY = '{ type: "say", id: "a", text: "hello" }'


class Link:
    """The link in its page, with its clock in the test's hand."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def does(self, script: str) -> None:
        self.page.evaluate(f"() => {{ {script} }}")

    def wait(self, ms: int) -> None:
        self.page.clock.run_for(ms)

    def sent(self, type: str) -> list[dict[str, Any]]:
        return [frame for frame in self.page.evaluate("seen.sent") if frame["type"] == type]

    def seen(self, what: str) -> Any:
        return self.page.evaluate(f"seen.{what}")

    @property
    def sockets(self) -> int:
        return self.page.evaluate("seen.sockets.length")


@pytest.fixture
def link(open_page: OpenPage, site: str) -> Link:
    page = open_page(f"{site}/weather")
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    page.evaluate(SET_UP)
    return Link(page)


def test_says_hello_first_with_the_sub_protocol(link: Link):
    assert link.page.evaluate("socket().protocols") == ["options-chat.v1"]
    link.does("socket().opens()")
    assert link.sent("hello") == [{"type": "hello", "resume": "t", "last_seq": 7}]


def test_what_was_written_before_the_welcome_goes_after_it(link: Link):
    link.does(f"link.send({SAY}); socket().opens()")
    assert link.sent("say") == []
    link.does('socket().says({ type: "welcome" })')
    assert len(link.sent("say")) == 1


def test_sends_again_with_the_same_id_after_five_seconds_of_silence(link: Link):
    link.does(f"socket().welcomes(); link.send({SAY})")
    link.wait(4_900)
    assert len(link.sent("say")) == 1
    link.wait(200)
    assert [frame["id"] for frame in link.sent("say")] == ["a", "a"]


def test_an_acknowledged_frame_is_not_sent_again(link: Link):
    link.does(f'socket().welcomes(); link.send({SAY}); socket().says({{ type: "ack", re: "a", seq: 1 }})')
    link.wait(30_000)
    link.does("socket().closes(1006)")
    link.wait(3_000)
    link.does("socket().welcomes()")
    assert len(link.sent("say")) == 1


def test_tells_when_nobody_acknowledges_and_goes_on_trying(link: Link):
    link.does(f"socket().welcomes(); link.send({SAY})")
    link.wait(14_000)
    assert link.seen("overdue") == []
    link.wait(2_000)
    assert link.seen("overdue") == ["a"]
    assert len(link.sent("say")) >= 3


def test_sends_what_waits_in_order_after_each_resume(link: Link):
    link.does(f'socket().welcomes(); link.send({SAY}); link.send({{ type: "say", id: "b", text: "two" }}); socket().closes(1006)')
    link.wait(3_000)
    link.does("socket().welcomes()")
    assert [frame["id"] for frame in link.sent("say")] == ["a", "b", "a", "b"]


def test_a_refused_frame_is_not_sent_again(link: Link):
    link.does(f'socket().welcomes(); link.send({SAY}); socket().says({{ type: "error", re: "a", code: "too_long", message: "" }})')
    link.wait(30_000)
    assert len(link.sent("say")) == 1


def test_slow_down_sends_again_when_the_service_said(link: Link):
    slow = '{ type: "error", re: "a", code: "slow_down", message: "", retry_after_ms: 900 }'
    link.does(f"socket().welcomes(); link.send({SAY}); socket().says({slow})")
    link.wait(800)
    assert len(link.sent("say")) == 1
    link.wait(200)
    assert len(link.sent("say")) == 2


@pytest.mark.parametrize("code", [1000, 1006, 1012, 4001, 4004, 4008, 4012])
def test_comes_back_after_a_lost_connection(link: Link, code: int):
    link.does(f"socket().welcomes(); socket().closes({code})")
    assert link.seen("statuses")[-1] == "lost"
    link.wait(2_000)
    assert link.sockets == 2


@pytest.mark.parametrize("code", [4500, 4501, 4502, 4503, 4504, 4507, 4509, 4510, 4599])
def test_stays_away_when_told_to(link: Link, code: int):
    link.does(f"socket().welcomes(); link.send({SAY}); socket().closes({code})")
    link.wait(600_000)
    assert link.sockets == 1
    assert link.seen("statuses")[-1] == "gone"


def test_waits_longer_each_time_up_to_half_a_minute(link: Link):
    waits = []
    for _ in range(8):
        link.does("socket().closes(1006)")
        before, waited = link.sockets, 0
        while link.sockets == before:
            link.wait(500)
            waited += 500
        waits.append(waited)
    assert waits == sorted(waits)
    assert waits[0] <= 1_500
    assert waits[-1] <= 30_500


def test_comes_back_when_the_restarting_service_asked_for_it(link: Link):
    link.does('socket().welcomes(); socket().says({ type: "bye", reason: "restart", after_ms: 5000 }); socket().closes(4001)')
    link.wait(4_900)
    assert link.sockets == 1
    link.wait(700)
    assert link.sockets == 2


def test_a_silent_connection_is_asked_and_then_given_up(link: Link):
    link.does("socket().welcomes()")
    link.wait(45_100)
    assert len(link.sent("ping")) == 1
    assert link.sockets == 1
    link.wait(12_000)
    assert link.sockets == 2


def test_beats_keep_a_connection(link: Link):
    link.does("socket().welcomes()")
    for _ in range(12):
        link.wait(20_000)
        link.does('socket().says({ type: "beat", top: 7 })')
    assert link.sockets == 1
    assert len(link.sent("ping")) <= 1


def test_a_socket_that_never_welcomes_is_tried_again(link: Link):
    link.does("socket().opens()")
    link.wait(17_000)
    assert link.sockets == 2


def test_what_is_not_json_is_passed_over(link: Link):
    link.does('socket().welcomes(); socket().says("<html>"); socket().says("null"); socket().says({ type: "beat", top: 1 })')
    assert link.seen("frames") == ["welcome", "beat"]


def test_after_leaving_nothing_more_is_done(link: Link):
    link.does(f"socket().welcomes(); link.send({SAY}); link.close()")
    link.wait(120_000)
    assert link.sockets == 1
    assert len(link.sent("say")) == 1
