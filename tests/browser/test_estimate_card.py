"""The estimate's card: equal weight, "what if" beside the first figure by keyboard and on a phone, safety first."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page, Route, expect

from chat_server.core.estimate import estimate
from chat_server.core.figures import in_force
from chat_server.core.household import parse_household
from tests.browser.conftest import NARROW


@pytest.fixture
def card(gallery) -> Iterator[Page]:
    """The estimate on a narrow phone; the sum is worked out as the service does it."""
    page = gallery("estimate", viewport=NARROW)
    page.route("**/api/estimate", work_out)
    yield page


def work_out(route: Route) -> None:
    found = estimate(parse_household(json.loads(route.request.post_data or "")), in_force(date(2026, 11, 21)))
    route.fulfill(json=found.to_dict())


def test_other_numbers_are_compared_by_keyboard_alone(card: Page) -> None:
    summary = card.get_by_text("What if something changes?")
    summary.focus()
    card.keyboard.press("Enter")
    card.keyboard.press("Tab")
    card.keyboard.press("Tab")
    nights = card.get_by_label("Nights a year with the parent who pays", exact=True)
    expect(nights).to_be_focused()
    expect(nights).to_have_value("60")
    card.keyboard.press("ControlOrMeta+A")
    card.keyboard.type("110")
    card.keyboard.press("Tab")
    status = card.locator("options-chat-estimate [role=status]")
    expect(status).to_have_text("The formula would give £46.03 a week: £9.20 less than the first £55.23.")
    expect(card.locator("options-chat-estimate .figure strong").first).to_have_text("£55.23")


def test_a_press_changes_a_number_and_both_figures_stand_beside_each_other(card: Page) -> None:
    card.get_by_text("What if something changes?").click()
    status = card.locator("options-chat-estimate [role=status]")
    card.get_by_role("button", name="Other children at home with the parent who pays: more").click()
    expect(status).to_contain_text("£49.16 a week: £6.07 less than the first £55.23")
    card.get_by_role("button", name="Other children at home with the parent who pays: less").click()
    expect(status).to_have_text("The formula would still give £55.23 a week.")
    card.get_by_role("button", name="Income before tax, a year (£): more").click()
    expect(status).to_contain_text("more than the first £55.23")


def test_what_is_no_number_and_a_service_that_fails_are_said_in_words(card: Page) -> None:
    card.get_by_text("What if something changes?").click()
    nights = card.get_by_label("Nights a year with the parent who pays", exact=True)
    status = card.locator("options-chat-estimate [role=status]")
    nights.fill("400")
    nights.press("Tab")
    expect(status).to_have_text("Nights a year with the parent who pays: type a number from 0 to 366.")
    expect(nights).to_have_attribute("aria-invalid", "true")
    card.route("**/api/estimate", lambda route: route.fulfill(status=204))
    nights.fill("100")
    nights.press("Tab")
    expect(status).to_have_text("This could not be worked out now. Please try again.")


def test_the_figure_and_the_free_choice_have_equal_weight(card: Page) -> None:
    sides = card.locator("options-chat-estimate .estimate-side")
    expect(sides).to_have_count(2)
    sizes = sides.locator(".figure strong").evaluate_all("all => all.map(one => getComputedStyle(one).fontSize + getComputedStyle(one).color)")
    assert len(sizes) == 2 and len(set(sizes)) == 1


def test_after_a_mention_of_fear_safety_stands_first_and_nothing_speaks_of_agreeing(gallery) -> None:
    text = gallery("estimate-safe", viewport=NARROW).locator("options-chat-estimate").inner_text()
    assert text.startswith("Your safety comes first")
    assert "agree" not in text.casefold() and "Any amount" not in text
