"""Parents' journeys through the whole product: real browser, real gateway, real Rasa, real actions."""

import re
import uuid

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.stack import Stack
from tests.waiting import eventually

FATHER = "my wife has told me to leave my home, and she wants £200 a week"
ANSWER_WITHIN_MS = 30_000
"""How long a journey waits for an answer on a busy machine; never how long it takes."""

sizes = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])


class Chat:
    """The widget as a parent uses it."""

    def __init__(self, page: Page, opened: bool = True) -> None:
        self.page = page
        self.box = page.get_by_label("Your message")
        self.log = page.get_by_role("log")
        if opened:
            page.get_by_role("button", name="Chat with us").click()
            expect(self.box).to_be_visible()

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def sees(self, text: str | re.Pattern[str], times: int | None = None) -> None:
        words = self.log.get_by_text(text).and_(self.page.locator(":not(.unseen)"))
        if times is None:
            expect(words.first).to_be_visible(timeout=ANSWER_WITHIN_MS)
        else:
            expect(words).to_have_count(times, timeout=ANSWER_WITHIN_MS)

    def is_told(self, text: str) -> None:
        expect(self.page.get_by_text(text).and_(self.page.locator(":not(.unseen)")).first).to_be_visible(
            timeout=ANSWER_WITHIN_MS
        )

    def written(self) -> str:
        return self.log.inner_text()


def reach(page: Page, label: str) -> None:
    """Go backwards through what can be reached with Tab until the control with this label has the focus."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        focused = "document.querySelector('options-chat').shadowRoot.activeElement?.textContent.trim() ?? ''"
        if page.evaluate(focused) == label:
            return
    raise AssertionError(f"{label} cannot be reached with the keyboard")


def accessible(page: Page) -> None:
    """No violation of any rule of axe, on the whole page."""
    found = Axe().run(page).response["violations"]
    assert found == [], [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]


@pytest.fixture
def parents_page(open_page: OpenPage, stack: Stack):
    def open_one(**options: object) -> Page:
        return open_page(stack.url, **options)

    return open_one


@sizes
def test_the_father_who_has_to_leave_his_home_is_heard_and_no_sum_is_pushed(parents_page, viewport):
    page = parents_page(viewport=viewport)
    accessible(page)
    chat = Chat(page)
    chat.say(FATHER)
    chat.sees(FATHER)
    chat.is_told("You are waiting for a person")
    accessible(page)
    answered = chat.written().split(FATHER, 1)[1]
    assert re.search(r"\bhome\b", answered, re.I), answered
    assert "£" not in answered and not re.search(r"calculat|estimate|work out an amount", answered, re.I), answered
    assert page.locator("options-chat-estimate").count() == 0
    assert "Shelter" in answered or "council" in answered.lower(), "no organisation is named"


def test_a_conversation_by_keyboard_alone(parents_page):
    page = parents_page()
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    page.get_by_role("link", name="Start a chat").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    chat = Chat(page, opened=False)
    page.keyboard.type("what are my options?")
    page.keyboard.press("Enter")
    choice = chat.log.get_by_role("button").first
    expect(chat.log.get_by_text("There are three main ways")).to_be_visible(timeout=ANSWER_WITHIN_MS)
    label = choice.inner_text().strip()
    reach(page, label)
    page.keyboard.press("Enter")
    expect(chat.log.locator("p").get_by_text(label, exact=True).first).to_be_visible(timeout=ANSWER_WITHIN_MS)
    reach(page, "Talk to a person")
    page.keyboard.press("Enter")
    chat.is_told("You are waiting for a person")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Start a chat")).to_be_focused()


@sizes
def test_danger_brings_help_with_numbers_first(parents_page, viewport):
    page = parents_page(viewport=viewport)
    chat = Chat(page)
    chat.say("I want to kill myself")
    chat.is_told("Help for you now")
    help_card = page.get_by_role("region", name=re.compile("Help for you now")).or_(page.locator(".urgent")).first
    expect(help_card.get_by_role("link", name=re.compile("999")).first).to_have_attribute("href", "tel:999")
    expect(help_card.get_by_role("link", name=re.compile("116 123")).first).to_be_visible()
    accessible(page)


def test_a_reload_goes_on_and_the_copy_has_it_all(parents_page, stack: Stack):
    page = parents_page()
    chat = Chat(page)
    chat.say("how much does the statutory service charge in fees")
    chat.sees("how much does the statutory service charge in fees", times=1)
    expect(page.locator("options-chat")).to_contain_text("An automatic assistant is answering", timeout=ANSWER_WITHIN_MS)
    token = page.evaluate("Object.values(sessionStorage).join(' ')")
    assert "statutory service charge" not in token, "words are kept on the device"
    page.reload()
    chat = Chat(page, opened=False)
    expect(chat.box).to_be_visible()
    chat.sees("how much does the statutory service charge in fees", times=1)


def test_the_gateway_is_killed_in_mid_conversation_and_nothing_is_lost(parents_page, stack: Stack):
    page = parents_page()
    chat = Chat(page)
    chat.say("first message before the fault")
    chat.sees("first message before the fault", times=1)
    stack.kill("gateway")
    chat.is_told("What you wrote is still here")
    chat.say("second message while nobody is there")
    stack.wait_until_ready(120)
    chat.sees("first message before the fault", times=1)
    chat.sees("second message while nobody is there", times=1)
    kept = page.evaluate("Object.values(sessionStorage).join(' ')")
    events = told(stack, kept, parent_messages=2)
    said = [event["text"] for event in events if event.get("from") == "parent"]
    assert said == ["first message before the fault", "second message while nobody is there"]
    answered = {event.get("in_reply_to") for event in events if event.get("from") in ("assistant", "service")}
    assert {event["seq"] for event in events if event.get("from") == "parent"} <= answered
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def told(stack: Stack, kept: str, parent_messages: int = 1) -> list[dict]:
    """Everything in the store, once so many messages have come and been answered, by what the page keeps of the token."""
    ref = re.search(r"[2-9B-Z]{4}-[2-9B-Z]{4}", kept)
    token = re.search(r"[\w-]{43}", kept)
    assert ref and token, "the page keeps reference and token"
    headers = {"Authorization": f"Bearer {token.group()}"}

    def settled() -> list[dict] | None:
        found = httpx.get(f"{stack.url}/api/conversations/{ref.group()}/events", headers=headers, trust_env=False).json()
        said = [event for event in found["events"] if event.get("from") == "parent"]
        return None if found["working"] or len(said) < parent_messages else found["events"]

    return eventually(settled, "every message is answered", 60)


def test_the_dialogue_model_is_killed_in_mid_turn_and_the_parent_is_told_the_truth(parents_page, stack: Stack):
    page = parents_page()
    chat = Chat(page)
    chat.say("what are my options?")
    expect(chat.log.get_by_role("button").first).to_be_visible(timeout=ANSWER_WITHIN_MS)
    stack.kill("dialogue")
    chat.say("what does it cost to use the statutory service?")
    expect(chat.log.get_by_text("From the service").first).to_be_visible(timeout=ANSWER_WITHIN_MS)
    page.get_by_role("button", name="Talk to a person").first.click()
    chat.is_told("You are waiting for a person")
    stack.wait_until_ready(180)


def test_leaving_quickly_empties_the_page_and_tells_the_service(parents_page, stack: Stack):
    page = parents_page()
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="the weather", content_type="text/html"))
    chat = Chat(page)
    chat.say("something nobody else may read")
    chat.sees("something nobody else may read", times=1)
    kept = page.evaluate("Object.values(sessionStorage).join(' ')")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("https://www.bbc.co.uk/**")
    assert "hidden" in [event["type"] for event in told(stack, kept)]
    page.goto(stack.url)
    assert page.evaluate("sessionStorage.length") == 0
    assert "nobody else may read" not in page.content()


@sizes
def test_without_any_script(open_page: OpenPage, stack: Stack, viewport):
    page = open_page(f"{stack.url}/", viewport=viewport, java_script_enabled=False)
    page.goto(f"{stack.url}/chat")
    page.get_by_label("Your message").fill(FATHER)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text(FATHER)).to_be_visible(timeout=ANSWER_WITHIN_MS)
    expect(page.get_by_text("You are waiting for a person.")).to_be_visible()
    page.get_by_label("Your message").fill("are you still there")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("are you still there")).to_be_visible(timeout=ANSWER_WITHIN_MS)


@sizes
def test_the_plain_page_has_no_violation(open_page: OpenPage, stack: Stack, viewport):
    page = open_page(f"{stack.url}/chat", viewport=viewport)
    accessible(page)
    page.get_by_label("Your message").fill("I want to kill myself")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name="999").first).to_be_visible(timeout=ANSWER_WITHIN_MS)
    accessible(page)


def test_welsh_is_one_press_away(parents_page):
    page = parents_page()
    chat = Chat(page)
    page.get_by_role("button", name="Cymraeg").or_(page.get_by_role("link", name="Cymraeg")).first.click()
    expect(page.get_by_role("button", name="Siarad â pherson").first).to_be_visible()
    box = page.get_by_role("textbox").first
    box.fill("I want to kill myself")
    box.press("Enter")
    expect(chat.page.get_by_role("link", name=re.compile("116 123")).first).to_be_visible(timeout=ANSWER_WITHIN_MS)
    assert page.evaluate("document.querySelector('options-chat').lang") == "cy"


def test_two_parents_write_at_once_and_never_hear_each_other(open_page: OpenPage, stack: Stack):
    mother, father = Chat(open_page(stack.url)), Chat(open_page(stack.url, viewport=PHONE))
    mother.say("I am the mother and I receive")
    father.say("I am the father and I pay")
    mother.sees("I am the mother and I receive", times=1)
    father.sees("I am the father and I pay", times=1)
    assert "father" not in mother.written() and "mother" not in father.written()


def test_a_stranger_cannot_read_a_conversation_by_its_reference(stack: Stack):
    with httpx.Client(base_url=stack.url, trust_env=False) as http:
        mine = http.post("/api/conversations", json={}).json()
        other = http.post("/api/conversations", json={}).json()
        headers = {"Authorization": f"Bearer {other['resume']}"}
        assert http.get(f"/api/conversations/{mine['conversation']}/events", headers=headers).status_code == 404
        put = http.put(
            f"/api/conversations/{mine['conversation']}/messages/{uuid.uuid4()}", json={"text": "x"}, headers=headers
        )
        assert put.status_code == 404
