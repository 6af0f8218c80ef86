"""A shift as agents and parents live it: two desks and three chats in real browsers, and what goes wrong between them."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fpdf import FPDF
from playwright.sync_api import Page, expect

from chat_server import agent_socket
from tests.agent_browser.conftest import OpenDesk
from tests.agent_browser.live import Live, live_gateway
from tests.agent_browser.pages import Line, ParentPage, box, log, reply, row
from tests.agents import SignedIn
from tests.fakes import reply as assistant_reply
from tests.waiting import eventually

WORRIES = ("they want me out of the house by friday", "the figure in the letter is not right", "the letter says court on monday")
STOPPED_WAITING_MS = 5_500
"""Longer than a page waits for an acknowledgement before it sends again, shorter than it believes in a dead socket."""


class Clock:
    """The time of the service: it goes by itself, and a test can let more of it pass."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, **by: float) -> None:
        self._ahead += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(tmp_path: Path, clock: Clock) -> Iterator[Live]:
    with live_gateway(tmp_path, clock, beat_every_s=2.0) as running:  # who waits is told their place with each beat
        yield running


@pytest.fixture
def parent(live: Live, new_page: OpenDesk) -> Callable[..., ParentPage]:
    """A parent who has opened the chat, and waits for a person if they have a worry."""

    def open_chat(worry: str = "", before: Callable[[Page], object] = lambda _: None) -> ParentPage:
        page = new_page(live.url)
        before(page)
        one = ParentPage(page, live.url)
        if worry:
            one.wait(worry)
        return one

    return open_chat


@pytest.fixture
def queue(parent: Callable[..., ParentPage]) -> list[ParentPage]:
    """Three parents who wait, in this order."""
    return [parent(worry) for worry in WORRIES]


def take(page: Page, one: ParentPage, agent: str) -> None:
    """Take a parent who waits, and both sides know it."""
    page.get_by_role("button", name=f"Take {one.ref}").click()
    expect(box(page)).to_be_focused()
    one.is_told(f"{agent}, a person on the team, is answering")


def waits_at(page: Page, place: int):
    """Who stands at this place of the queue."""
    return page.get_by_role("list", name=re.compile("Waiting")).get_by_role("listitem").nth(place)


def agents_words(live: Live, one: ParentPage) -> list[str]:
    return [text for who, text in live.said(one.ref) if who == "agent"]


# ---------------------------------------------------------------------- who has whom


def test_both_agents_reach_for_each_of_three_parents_and_each_parent_gets_one(live: Live, new_page: OpenDesk, queue: list[ParentPage]):
    pages: dict[str, Page] = {}
    lines: dict[str, Line] = {}
    for name in ("Asha", "Ben"):
        pages[name] = new_page(live.url, live.agent(name))
        lines[name] = Line(pages[name], "/ws/agent")
        pages[name].goto(f"{live.url}/agent")
    for first, one in zip(("Asha", "Ben", "Asha"), queue, strict=True):
        late = "Ben" if first == "Asha" else "Asha"
        for name, page in pages.items():
            expect(page.get_by_role("button", name=f"Take {one.ref}")).to_be_visible()
            lines[name].up = lines[name].down = Line.HELD  # both have pressed before either can know of the other
            page.get_by_role("button", name=f"Take {one.ref}").click()
        lines[first].release()
        one.is_told(f"{first}, a person on the team, is answering")
        lines[late].release()
        expect(pages[late].get_by_text(f"{first} has this conversation. You were a moment too late.")).to_be_visible()
        expect(row(pages[first], one.ref, "Yours")).to_be_visible()
        expect(row(pages[late], one.ref, "Yours")).to_be_hidden()
        assert [text for _, text in live.said(one.ref) if "from the team is here. They" in text] == [
            f"{first} from the team is here. They can see what you have written, so you do not need to say it again."
        ]


def test_a_laptop_is_closed_and_the_parent_is_first_in_line_again_with_every_word(
    live: Live, clock: Clock, desk: OpenDesk, queue: list[ParentPage], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(agent_socket, "RENEW_EVERY_S", 0.0)
    first, second, third = queue
    asha, ben = live.agent("Asha"), live.agent("Ben")
    laptop, page = desk(asha), desk(ben)
    take(laptop, first, "Asha")
    reply(laptop, "I am looking at the letter now.")
    first.sees("I am looking at the letter now.")
    take(page, second, "Ben")
    laptop.context.close()
    first.say("thank you, I will wait")
    for _ in range(2):  # the one whose desk is open keeps their parent, however long it takes
        clock.move(seconds=23)
        box(page).press_sequentially(".")
        expect(row(page, second.ref, "Yours")).to_be_visible()
        eventually(lambda: has_a_sign_of_life_of(live, ben, clock), "a sign of life")
    first.is_told("You are waiting for a person. Your place in the queue: 1.")
    first.sees("The link to the person from the team was lost. Nothing you wrote is lost. You are back at the front of the line, and you do not have to say it again.")
    expect(waits_at(page, 0)).to_contain_text(first.ref)
    expect(waits_at(page, 0)).to_contain_text("Lost their agent: first in line")
    expect(waits_at(page, 1)).to_contain_text(third.ref)
    page.get_by_role("button", name="Take the next").click()
    for words in (WORRIES[0], "I am looking at the letter now.", "thank you, I will wait"):
        expect(log(page).get_by_text(words, exact=True)).to_have_count(1)
    first.is_told("Ben, a person on the team, is answering")
    expect(row(page, second.ref, "Yours")).to_be_visible()
    opened_again = desk(asha)
    expect(opened_again.get_by_text("Nobody yet.")).to_be_visible()


def has_a_sign_of_life_of(live: Live, who: SignedIn, clock: Clock) -> bool:
    async def look() -> bool:
        async with live.services.store.reading() as reading:
            agent = await reading.agent(who.agent.id)
            return bool(agent and agent.seen_at and clock() - agent.seen_at < timedelta(seconds=20))

    return live.do(look())


def test_an_agent_who_wakes_too_late_is_told_and_says_nothing_to_a_parent_who_has_another(
    live: Live, clock: Clock, new_page: OpenDesk, desk: OpenDesk, parent: Callable[..., ParentPage]
):
    one = parent(WORRIES[0])
    asleep = new_page(live.url, live.agent("Asha"))
    line = Line(asleep, "/ws/agent")
    asleep.goto(f"{live.url}/agent")
    take(asleep, one, "Asha")
    line.up = line.down = Line.CUT
    reply(asleep, "Are you still there?")
    expect(asleep.get_by_text("Sending", exact=True)).to_be_visible()
    clock.move(seconds=46)
    page = desk(live.agent("Ben"))
    take(page, one, "Ben")
    line.wake()
    expect(asleep.get_by_text("Not sent.")).to_be_visible()
    expect(log(asleep).get_by_text("Are you still there?")).to_be_visible()
    reply(page, "Ben here, I have read it all.")
    one.sees("Ben here, I have read it all.")
    one.sees("Are you still there?", times=0)
    expect(log(asleep).get_by_text("Ben here, I have read it all.")).to_have_count(0)
    assert agents_words(live, one) == ["Ben here, I have read it all."]


def test_what_a_parent_writes_in_the_moment_of_a_transfer_arrives_at_the_new_agent(
    live: Live, new_page: OpenDesk, desk: OpenDesk, parent: Callable[..., ParentPage]
):
    lines: list[Line] = []
    one = parent(WORRIES[0], lambda page: lines.append(Line(page, "/ws/chat")))
    page = desk(live.agent("Asha"))
    colleague = new_page(live.url, live.agent("Ben"))
    theirs = Line(colleague, "/ws/agent")
    colleague.goto(f"{live.url}/agent")
    take(page, one, "Asha")
    page.get_by_role("button", name="Transfer").click()
    page.get_by_role("radio", name=re.compile("^Ben")).check()
    page.get_by_role("button", name="Offer it").click()
    accept = colleague.get_by_role("button", name=f"Accept {one.ref}")
    expect(accept).to_be_visible()
    one.say("before it is accepted")
    expect(log(page)).to_contain_text("before it is accepted")
    lines[0].up = theirs.up = Line.HELD
    one.say("in the very moment")
    accept.click()
    theirs.release()
    lines[0].release()
    expect(box(colleague)).to_be_focused()
    one.say("after it was accepted")
    for words in ("before it is accepted", "in the very moment", "after it was accepted"):
        expect(log(colleague).get_by_text(words, exact=True)).to_have_count(1)
        one.sees(words)
    expect(box(page)).to_be_hidden()
    expect(log(page).get_by_text("after it was accepted")).to_have_count(0)
    reply(colleague, "I have all three.")
    one.sees("I have all three.")


def test_one_in_danger_goes_first_in_a_full_queue_and_is_announced(
    live: Live, desk: OpenDesk, queue: list[ParentPage], parent: Callable[..., ParentPage]
):
    busy = desk(live.agent("Asha", places=1))
    other = desk(live.agent("Ben"))
    take(busy, queue[0], "Asha")
    expect(waits_at(busy, 0)).to_contain_text(queue[1].ref)
    endangered = parent()
    endangered.say("I want to kill myself")
    for page in (busy, other):
        expect(page.get_by_role("status").filter(has_text="A parent is waiting: Danger: self-harm.")).to_be_attached()
        expect(waits_at(page, 0)).to_contain_text(endangered.ref)
        expect(waits_at(page, 0)).to_contain_text("Danger: self-harm")
        expect(waits_at(page, 1)).to_contain_text(queue[1].ref)
    endangered.is_told("You are waiting for a person. Your place in the queue: 1.")
    queue[1].is_told("You are waiting for a person. Your place in the queue: 2.")
    busy.get_by_role("button", name="Take the next").click()  # also where all places are taken
    endangered.is_told("Asha, a person on the team, is answering")
    expect(busy.locator(".bands")).to_contain_text("Danger: self-harm")


# ---------------------------------------------------------------------- connections


@pytest.mark.parametrize("cut", ["up", "down"], ids=["outgoing", "incoming"])
def test_a_network_that_works_one_way_loses_nothing_and_sends_it_once(
    live: Live, new_page: OpenDesk, parent: Callable[..., ParentPage], cut: str
):
    lines: list[Line] = []

    def with_a_line(page: Page) -> None:
        page.clock.install()
        lines.append(Line(page, "/ws/chat"))

    one = parent(WORRIES[0], with_a_line)
    page = new_page(live.url, live.agent("Asha"))
    page.clock.install()
    lines.append(Line(page, "/ws/agent"))
    page.goto(f"{live.url}/agent")
    take(page, one, "Asha")
    for line in lines:
        setattr(line, cut, Line.HELD)  # what is on its way comes late, after the page has given it up and sent it again
    one.say("from the train")
    reply(page, "from the desk")
    for shown in (one.page, page):
        expect(shown.get_by_text("Sending", exact=True)).to_be_visible()
        shown.clock.run_for(STOPPED_WAITING_MS)
    for line, words in zip(lines, ("from the train", "from the desk"), strict=True):
        times = eventually(lambda: pump(page) and len(line.said(words)) > 1 and line.said(words), "it is sent again")
        assert len({frame["id"] for frame in times}) == 1
        line.release()
    for shown in (one.page, page):
        shown.clock.run_for(STOPPED_WAITING_MS)
        expect(shown.get_by_text("Sending", exact=True)).to_have_count(0)
    for words in ("from the train", "from the desk"):
        one.sees(words)
        expect(log(page).get_by_text(words, exact=True)).to_have_count(1)
    assert live.said(one.ref).count(("parent", "from the train")) == 1
    assert agents_words(live, one) == ["from the desk"]


def pump(page: Page) -> bool:
    """Let the browser's events be heard."""
    page.evaluate("0")
    return True


def test_the_service_restarts_in_mid_conversation_and_nothing_is_lost_or_doubled(
    live: Live, desk: OpenDesk, parent: Callable[..., ParentPage]
):
    talking, waiting, asking = parent(WORRIES[0]), parent(WORRIES[1]), parent()
    page = desk(live.agent("Asha"))
    take(page, talking, "Asha")
    reply(page, "before, from the desk")
    talking.say("before, from the parent")
    expect(log(page)).to_contain_text("before, from the parent")
    begun = threading.Event()

    def hangs(_question: object):
        begun.set()
        return asyncio.Event().wait()

    live.assistant.script = hangs
    asking.say("what are my options?")
    assert begun.wait(20), "the turn has begun"
    live.stop()
    live.assistant.script = lambda _question: assistant_reply()
    talking.is_told("The service is restarting.")
    expect(page.get_by_text("The service is restarting.")).to_be_visible()
    talking.say("while it was away, from the parent")
    reply(page, "while it was away, from the desk")
    live.start(live.server.port)
    for words in ("before, from the desk", "before, from the parent", "while it was away, from the desk", "while it was away, from the parent"):
        talking.sees(words)
        expect(log(page).get_by_text(words, exact=True)).to_have_count(1)
    talking.is_told("Asha, a person on the team, is answering")
    expect(row(page, talking.ref, "Yours")).to_be_visible()
    waiting.is_told("You are waiting for a person. Your place in the queue: 1.")
    expect(row(page, waiting.ref, "Waiting")).to_be_visible()
    expect(talking.page.get_by_text("Sending", exact=True)).to_have_count(0)
    asking.is_told("An automatic assistant is answering")
    eventually(lambda: [who for who, _ in live.said(asking.ref)].count("assistant") == 1, "the turn is answered, once", 30)
    said = live.said(talking.ref)
    assert len(said) == len(set(said)), "nothing twice"
    assert agents_words(live, talking) == ["before, from the desk", "while it was away, from the desk"]


def test_signing_out_closes_every_desk_of_the_agent_at_once_and_the_parent_waits_first(
    live: Live, desk: OpenDesk, parent: Callable[..., ParentPage]
):
    asha = live.agent("Asha")
    one, page = parent(WORRIES[0]), desk(asha)
    take(page, one, "Asha")
    second_window = desk(asha)
    second_window.get_by_role("button", name="Asha").click()
    second_window.get_by_role("button", name="Sign out").click()
    expect(second_window.get_by_role("alert")).to_have_text("You are signed out.")
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    expect(box(page)).to_be_hidden()
    one.is_told("You are waiting for a person. Your place in the queue: 1.")
    one.say("where did you go?")
    colleague = desk(live.agent("Ben"))
    take(colleague, one, "Ben")
    expect(log(colleague)).to_contain_text("where did you go?")
    assert "where did you go?" not in page.content()


# ---------------------------------------------------------------------- what stays where it is


MARKUP = (
    "<img src=/x.png onerror=alert(1)>", "<script>alert(2)</script>", "<svg onload=alert(3)></svg>",
    "<a href='javascript:alert(4)'>press</a>", "<iframe src=/frame></iframe>", "</div><style>*{display:none}</style>",
)


def test_markup_is_text_on_both_sides_and_does_nothing(live: Live, desk: OpenDesk, parent: Callable[..., ParentPage]):
    name = "<b>Asha</b>"
    one = parent(MARKUP[0])
    page = desk(live.agent(name))
    happened: list[str] = []
    for shown in (one.page, page):
        shown.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
        shown.on("request", lambda request: happened.append(request.url) if re.search("x.png|/frame", request.url) else None)
    take(page, one, name)
    for number, markup in enumerate(MARKUP):
        if number:
            one.say(markup)
        reply(page, f"You wrote {markup}")
        for words in (markup, f"You wrote {markup}"):
            one.sees(words)
            expect(log(page).get_by_text(words, exact=True)).to_have_count(1)
    for shown, root in ((one.page, "options-chat"), (page, "desk-console")):
        assert shown.locator(f"{root} :is(b, img, script, iframe, style, [onload], [onerror], [href^=javascript])").count() == 0
    assert happened == []


def test_another_agents_conversation_is_refused_by_call_and_by_socket(
    live: Live, desk: OpenDesk, parent: Callable[..., ParentPage]
):
    one = parent(WORRIES[0])
    page, other = desk(live.agent("Asha")), desk(live.agent("Ben"))
    take(page, one, "Asha")
    expect(other.get_by_text("Nobody waits.")).to_be_visible()
    answers = other.evaluate(
        """async (ref) => {
          const call = await fetch(`/api/agent/conversations/${ref}`);
          const { ticket } = await (await fetch("/api/agent/ticket", { method: "POST" })).json();
          const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/agent`, ["options-chat.v1"]);
          const heard = [];
          const wanted = [{ type: "watch" }, { type: "say", text: "not mine", id: crypto.randomUUID() }];
          await new Promise((done) => {
            socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ticket }));
            socket.onmessage = ({ data }) => {
              const frame = JSON.parse(data);
              heard.push(data);
              if (frame.type === "desk") for (const one of wanted) socket.send(JSON.stringify({ conversation: ref, ...one }));
              if (frame.type === "error" && heard.filter((text) => JSON.parse(text).type === "error").length === wanted.length) done();
            };
          });
          socket.close();
          return { status: call.status, call: await call.text(), heard };
        }""",
        one.ref,
    )
    assert answers["status"] == 404 and "there is no such conversation" in answers["call"]
    assert sum('"not_found"' in text for text in answers["heard"]) == 2
    assert WORRIES[0] not in answers["call"] + "".join(answers["heard"]) + other.content()
    assert agents_words(live, one) == []


def test_notes_reach_no_page_no_stream_and_no_copy_of_the_parent(
    live: Live, desk: OpenDesk, parent: Callable[..., ParentPage], monkeypatch: pytest.MonkeyPatch
):
    lines: list[str] = []
    printed: list[str] = []
    cell = FPDF.multi_cell
    monkeypatch.setattr(FPDF, "multi_cell", lambda pdf, w, h, text, **more: printed.append(text) or cell(pdf, w, h, text, **more))

    def overhear(page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", lambda text: lines.append(str(text))))

    one = parent(WORRIES[0], overhear)
    page, colleague = desk(live.agent("Asha")), desk(live.agent("Ben"))
    take(page, one, "Asha")
    page.get_by_role("tab", name="Notes").click()
    page.get_by_label("New private note").fill("XYZZY sounds afraid")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("tab", name="Notes (1)")).to_be_visible()
    page.get_by_role("button", name="Transfer").click()
    page.get_by_role("radio", name=re.compile("^Ben")).check()
    page.get_by_label("What they need to know (if you like)").fill("XYZZY is the reason")
    page.get_by_role("button", name="Offer it").click()
    colleague.get_by_role("button", name=f"Accept {one.ref}").click()
    reply(colleague, "Ben here.")
    one.sees("Ben here.")
    expect(colleague.get_by_role("tab", name="Notes (2)")).to_be_visible()
    with httpx.Client(base_url=live.url, trust_env=False, headers={"Authorization": f"Bearer {one.token}"}) as http:
        calls = [http.get(f"/api/conversations/{one.ref}/events")]
        calls += [http.get(f"/api/conversations/{one.ref}/copy", params={"format": format}) for format in ("txt", "html", "pdf")]
    assert [call.status_code for call in calls] == [200] * 4
    one.page.reload()
    one.sees("Ben here.")
    for kind, text in {
        "page": one.log.inner_text(), "frames": "".join(lines), "events": calls[0].text, "text": calls[1].text, "html": calls[2].text, "pdf": "\n".join(printed),
    }.items():
        assert "Ben here." in text and WORRIES[0] in text, f"{kind} has what was said"
        assert "XYZZY" not in text, kind
