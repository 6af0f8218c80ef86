"""Every state of the chat, as the gallery plays it: accessible, and whole on every size of screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, NARROW, PHONE, STATES, ZOOMED, OpenPage

SHOWN = {
    "launcher": "Chat with us",
    "unread": "New message in the chat",
    "connecting": "Connecting to the chat",
    "greeting": "Something is worrying me",
    "conversation": "An automatic assistant is answering",
    "choices": "Northern Ireland",
    "sending": "Sending",
    "typing": "The assistant is writing",
    "still-working": "Still working on your answer",
    "failed": "Not sent.",
    "too-fast": "Waiting to be sent. It goes by itself.",
    "too-long": "stays in the box for your next message",
    "cut": "The first part was kept.",
    "empty-message": "Write a message first, then send it.",
    "queue": "Your place in the queue: 2. Lately this took 2 to 5 minutes.",
    "agent": "Sam, a person on the team, is answering",
    "agent-typing": "Sam is writing",
    "message-left": "Your message is left for the team",
    "organisations": "0808 800 4444",
    "urgent": "Help for you now",
    "estimate": "Any amount",
    "estimate-safe": "Your safety comes first",
    "estimate-open": "Between £50.10 and £60.20 a week",
    "other-language": "Ydw. Gallwch ysgrifennu yn Gymraeg.",
    "lost": "The connection is lost.",
    "restarting": "The service is restarting.",
    "closed": "If you write again, it goes on under the same reference.",
    "ended": "You ended this conversation.",
    "not-found": "This conversation could not be found again.",
    "origin": "The chat cannot be used from this page.",
    "erased": "What was written here has been erased.",
    "menu": "Erase the conversation",
    "copy": "Save it as PDF",
    "nation": "Which nation do you live in?",
    "contact": "What is safe for you?",
    "contact-saved": "Saved. The team will keep to this.",
    "safe": "It does not clear the history of your browser.",
    "rating": "Overall, how satisfied are you with this chat?",
    "end": "Yes, end it",
    "erase": "Yes, erase it",
    "erase-refused": "The service cannot do this at this time.",
}
"""What a parent must be able to read in each state."""


def test_each_state_of_the_gallery_is_checked():
    assert sorted(STATES) == sorted(SHOWN)


def assert_accessible(page: Page, where: str) -> None:
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == [], where


def assert_nothing_sticks_out(page: Page, where: str) -> None:
    """No sideways scrolling: of the page, of the panel, of anything in it but the box to write in."""
    wide = page.evaluate(
        """() => {
          const root = document.querySelector("options-chat").shadowRoot;
          const all = [document.documentElement, ...root.querySelectorAll("*")];
          return all.filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible")
            .map((one) => one.className || one.tagName);
        }"""
    )
    assert wide == [], where


@pytest.mark.parametrize("state", STATES)
def test_state_is_shown_and_accessible_on_every_screen(gallery: OpenPage, state: str):
    page = gallery(state)
    expect(page.get_by_text(SHOWN[state]).first).to_be_visible()
    for name, size in {"desktop": DESKTOP, "phone": PHONE}.items():
        page.set_viewport_size(size)
        assert_accessible(page, f"{state} on a {name}")
    for name, size in {"320 pixels": NARROW, "400 % zoom": ZOOMED}.items():
        page.set_viewport_size(size)
        assert_nothing_sticks_out(page, f"{state} at {name}")


@pytest.mark.parametrize("state", ["greeting", "queue", "agent", "failed", "urgent", "estimate", "menu", "contact", "rating", "erase"])
def test_state_in_welsh_is_accessible(gallery: OpenPage, state: str):
    page = gallery(state, lang="cy", viewport=NARROW)
    expect(page.get_by_role("button", name="Gadael y dudalen hon yn gyflym")).to_be_visible()
    assert page.evaluate("document.querySelector('options-chat').lang") == "cy"
    assert_accessible(page, f"{state} in Welsh")
    assert_nothing_sticks_out(page, f"{state} in Welsh")


@pytest.mark.parametrize("state", ["conversation", "urgent", "estimate", "failed", "rating"])
def test_state_in_forced_colours_is_accessible(gallery: OpenPage, state: str):
    page = gallery(state, viewport=PHONE, forced_colors="active")
    assert_accessible(page, f"{state} in forced colours")
    edges = page.evaluate(
        """() => [...document.querySelector("options-chat").shadowRoot.querySelectorAll("button")]
            .filter((one) => one.checkVisibility()).map((one) => parseFloat(getComputedStyle(one).borderTopWidth))"""
    )
    assert edges and min(edges) >= 1, "a button without an edge"


def test_the_parents_page_is_accessible(open_page: OpenPage, site: str):
    for size in (DESKTOP, PHONE):
        page = open_page(site, viewport=size)
        expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
        assert_accessible(page, f"the parents' page at {size['width']}")
        page.set_viewport_size(NARROW)
        assert_nothing_sticks_out(page, "the parents' page")


def test_targets_are_large_enough(gallery: OpenPage):
    for state in ("greeting", "failed", "urgent", "menu", "rating"):
        page = gallery(state, viewport=NARROW)
        small = page.evaluate(
            """() => [...document.querySelector("options-chat").shadowRoot.querySelectorAll("button, summary, input")]
                .filter((one) => one.checkVisibility()).map((one) => [one.textContent, one.getBoundingClientRect()])
                .filter(([, box]) => box.height < 24 || box.width < 24).map(([text]) => text)"""
        )
        assert small == [], state


def test_targets_are_larger_for_fingers(gallery: OpenPage):
    for state in ("failed", "urgent", "estimate", "ended", "organisations"):
        page = gallery(state, viewport=PHONE, has_touch=True, is_mobile=True)
        small = page.evaluate(
            """() => [...document.querySelector("options-chat").shadowRoot.querySelectorAll("button, summary, .ways a, .danger-bar a")]
                .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.textContent)"""
        )
        assert small == [], state


def test_moving_dots_stand_still_for_those_who_ask_for_it(gallery: OpenPage):
    moving = "getComputedStyle(document.querySelector('options-chat').shadowRoot.querySelector('.dots i')).animationName"
    assert gallery("typing").evaluate(moving) == "none"
    assert gallery("typing", reduced_motion="no-preference").evaluate(moving) != "none"
