"""Every state of the desk is accessible, and whole on every size of screen; its files keep to the policies."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.agent_browser.conftest import OpenDesk
from tests.agent_browser.live import Live
from tests.browser.conftest import DESKTOP, NARROW, PHONE, ZOOMED
from tests.browser.site import WEB

TABS = ("Briefing", "Notes", "Replies", "Directory", "Estimate")
AGENT = WEB / "agent"


def assert_accessible(page: Page, where: str) -> None:
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == [], where


def assert_nothing_sticks_out(page: Page, where: str) -> None:
    """No sideways scrolling but that of wide tables, which scroll in a frame of their own."""
    wide = page.evaluate(
        """() => [document.documentElement, ...document.body.querySelectorAll("*")]
            .filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible"
              && !one.matches(".table-frame, input, select"))
            .map((one) => one.className || one.tagName)"""
    )
    assert wide == [], where


def check(page: Page, where: str) -> None:
    """The state on a desktop and a phone by axe, and its layout on the narrowest screen and at 400 % zoom."""
    for name, size in {"desktop": DESKTOP, "phone": PHONE}.items():
        page.set_viewport_size(size)
        assert_accessible(page, f"{where} on a {name}")
    for name, size in {"320 pixels": NARROW, "400 % zoom": ZOOMED}.items():
        page.set_viewport_size(size)
        assert_nothing_sticks_out(page, f"{where} at {name}")
    page.set_viewport_size(DESKTOP)


@pytest.fixture
def busy(live: Live, desk: OpenDesk) -> Page:
    """A desk with somebody in each list, and a conversation with danger, cards and a long word on screen."""
    asha = live.agent("Asha")
    first = live.parent(nation="wales", lang="cy")
    first.act("prefer", safe_contact={"how": "07700 900123", "when": "weekdays 9 to 3", "ask_for": "Sam", "voicemail": False})
    first.wait("he hit me last night " + "a" * 200)
    live.parent().wait()
    page = desk(asha)
    page.get_by_role("button", name="Take the next").click()
    expect(page.get_by_label("Reply to the parent")).to_be_focused()
    return page


def test_signing_in(live: Live, new_page: OpenDesk):
    page = new_page(live.url)
    page.goto(f"{live.url}/agent")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Write your email address.")
    check(page, "signing in")


def test_an_empty_desk(live: Live, desk: OpenDesk):
    page = desk(live.agent("Asha"))
    expect(page.get_by_text("Nobody waits.")).to_be_visible()
    check(page, "an empty desk")
    page.get_by_role("button", name="Asha").click()
    check(page, "the menu")


def test_a_conversation_with_everything(busy: Page):
    busy.get_by_label("Reply to the parent").fill("An absent father " + "b" * 300)
    busy.get_by_label("Reply to the parent").press("Enter")
    expect(busy.get_by_role("button", name="Send as it is")).to_be_visible()
    for tab in TABS:
        busy.get_by_role("tab", name=tab).click()
        expect(busy.get_by_role("tabpanel", name=tab)).to_be_visible()
        busy.wait_for_load_state("networkidle")
        assert_accessible(busy, f"{tab} on a desktop")
        busy.set_viewport_size(PHONE)
        check_pane(busy, "side", tab)
        busy.set_viewport_size(DESKTOP)
    check(busy, "the conversation")
    for pane in ("rail", "side"):
        busy.set_viewport_size(PHONE)
        check_pane(busy, pane, pane)


def check_pane(page: Page, pane: str, where: str) -> None:
    """One pane on a small screen, reached as an agent reaches it."""
    name = {"rail": "Back to the desk", "side": "Briefing and tools"}[pane]
    page.get_by_role("button", name=name).click()
    if where in ("rail", "side"):
        assert_accessible(page, f"{where} on a phone")
    page.set_viewport_size(NARROW)
    assert_nothing_sticks_out(page, f"{where} at 320 pixels")
    if pane == "side":
        page.get_by_role("button", name="Back to the conversation").click()
    else:
        page.locator(".row-main[aria-current]").click()


@pytest.mark.parametrize(
    ("opener", "title"), [("Wrap up", "Wrap up"), ("Transfer", "Transfer to a colleague or supervisor"), ("Take mark off", "Take a danger mark off")]
)
def test_a_question(busy: Page, opener: str, title: str):
    if opener == "Take mark off":
        busy.get_by_role("button", name="More").click()
    busy.get_by_role("button", name=opener).click()
    expect(busy.get_by_role("dialog", name=title)).to_be_visible()
    check(busy, title)
    busy.keyboard.press("Escape")
    expect(busy.get_by_role("dialog")).to_have_count(0)


def test_a_supervisors_board_and_records(live: Live, desk: OpenDesk):
    live.parent().wait()
    page = desk(live.agent("Carys", "supervisor"))
    page.get_by_role("button", name="Board").click()
    expect(page.get_by_role("table", name=re.compile("Waiting")).get_by_role("row")).to_have_count(2)
    check(page, "the board")
    page.get_by_role("button", name="Records").click()
    expect(page.get_by_text("Lines shown: ")).to_be_visible()
    check(page, "the records")


def test_forced_colours_keep_edges_and_the_chosen(live: Live, desk: OpenDesk):
    live.parent().wait()
    page = desk(live.agent("Asha"), forced_colors="active")
    page.get_by_role("button", name="Take the next").click()
    expect(page.get_by_label("Reply to the parent")).to_be_focused()
    assert_accessible(page, "forced colours")
    edges = page.evaluate(
        "() => [...document.querySelectorAll('button')].filter((one) => one.checkVisibility()).map((one) => parseFloat(getComputedStyle(one).borderTopWidth))"
    )
    assert min(edges) >= 1
    assert page.locator(".row-main[aria-current]").evaluate("one => getComputedStyle(one).outlineStyle") != "none"


def test_targets_are_large_enough_for_fingers(live: Live, desk: OpenDesk):
    live.parent().wait()
    page = desk(live.agent("Asha"), viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Take the next").tap()
    expect(page.get_by_label("Reply to the parent")).to_be_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, select")].filter((one) => one.checkVisibility() && !one.matches(".link-button"))
            .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent)"""
    )
    assert small == []


@pytest.mark.parametrize(
    "forbidden",
    [r"innerHTML", r"outerHTML", r"insertAdjacentHTML", r"document\.write", r"\beval\(", r"new Function", r"document\.cookie", r'setAttribute\("style"', r"https?://"],
)
def test_no_script_of_the_desk_uses(forbidden: str):
    assert [path.name for path in AGENT.glob("*.js") if re.search(forbidden, path.read_text())] == []


def test_the_desk_has_nothing_inline_and_nothing_from_elsewhere():
    html = (AGENT / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", html)
    assert re.findall(r'(?:src|href)="(?!/)', html) == []
    for style in AGENT.glob("*.css"):
        assert re.findall(r"url\((?!\"?/web/)", style.read_text()) == [], style.name
