"""Codes of an app, and the organisation's own sign-in, as an agent meets them. The provider is a fake of the tests."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from time import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.agent_browser.conftest import OpenDesk
from tests.agent_browser.live import PASSWORD, Live, live_gateway
from tests.agent_browser.test_states import check
from tests.fake_provider import FakeProvider, running_provider


def sign_in_by_keyboard(page: Page) -> None:
    """The password is given; the page asks for the code."""
    page.get_by_label("Email address").fill("asha@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code of your app")).to_be_focused()


def write(page: Page, code: str) -> None:
    """Write into what has the focus, and send it off."""
    page.keyboard.insert_text(code)
    page.keyboard.press("Enter")


def test_codes_are_switched_on_asked_for_and_replaced_by_a_recovery_code(live: Live, desk: OpenDesk):
    page = desk(live.agent("Asha"))
    page.get_by_role("button", name="Asha").click()
    page.get_by_role("button", name="Codes of an app").click()
    page.get_by_label("Password now").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="picture for your app")).to_be_visible()
    check(page, "telling the app")
    app = pyotp.TOTP(page.get_by_role("dialog").locator("kbd").inner_text())
    page.get_by_label("The code that it shows").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("The code does not fit")
    page.get_by_label("The code that it shows").fill(app.now())
    page.keyboard.press("Enter")
    codes = page.get_by_role("dialog").get_by_role("listitem")
    expect(codes).to_have_count(8)
    check(page, "recovery codes")
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Asha").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in_by_keyboard(page)
    check(page, "asking for the code")
    page.get_by_label("Code of your app").focus()
    write(page, "000000")
    expect(page.get_by_role("alert")).to_contain_text("That code was not right")
    expect(page.get_by_label("Code of your app")).to_be_focused()
    page.get_by_label("Code of your app").fill("")
    write(page, app.at(int(time()) + app.interval))
    expect(page.get_by_text("Nobody waits.")).to_be_visible()
    page.get_by_role("button", name="Asha").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in_by_keyboard(page)
    write(page, recovery)
    expect(page.get_by_text("Nobody waits.")).to_be_visible()


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """In a thread of its own, as the gateway is."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stack = AsyncExitStack()
    yield asyncio.run_coroutine_threadsafe(stack.enter_async_context(running_provider()), loop).result(60)
    asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_an_agent_comes_in_by_the_organisation_and_whoever_has_no_desk_is_told(provider: FakeProvider, tmp_path: Path, new_page: OpenDesk):
    with live_gateway(tmp_path, **provider.settings) as live:
        live.agent("Asha")
        page = new_page(live.url)
        page.goto(f"{live.url}/agent")
        link = page.get_by_role("link", name="Sign in with your organisation")
        provider.claims = {"email": "nobody@example.org"}
        link.click()
        expect(page.get_by_role("alert")).to_contain_text("has no desk here")
        expect(page).to_have_url(f"{live.url}/agent")
        check(page, "the organisation's sign-in")
        provider.claims = {}
        link.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nobody waits.")).to_be_visible()
        page.get_by_role("button", name="Asha").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("Signed out of the organisation")).to_be_visible()
        page.goto(f"{live.url}/agent")
        expect(page.get_by_role("heading", name="Sign in to your desk")).to_be_visible()
