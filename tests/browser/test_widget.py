"""What a parent does and sees in the widget, on the parents' page, with a fake service behind the socket."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.fake_service import AT, FakeService
from tests.waiting import eventually

FOCUSED = "document.querySelector('options-chat').shadowRoot.activeElement?.textContent.trim() || document.querySelector('options-chat').shadowRoot.activeElement?.tagName"


@pytest.fixture
def parents_page(open_page: OpenPage, site: str):
    """Open the parents' page with a fake service; the chat stands open unless told otherwise."""

    def open_chat(*, opened: bool = True, clock: bool = False, **options: object) -> tuple[Page, FakeService]:
        page = open_page(f"{site}/weather", **options)
        service = FakeService(page)
        if clock:
            page.clock.install()
        page.goto(site)
        expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
        if opened:
            page.get_by_role("button", name="Chat with us").click()
            expect(seen(page, "What would help most today?")).to_be_visible()
        return page, service

    return open_chat


def box(page: Page):
    return page.get_by_label("Your message")


def seen(page: Page, text: str, exact: bool = False) -> Locator:
    """Words on screen; what only the status line says is not meant."""
    return page.get_by_text(text, exact=exact).and_(page.locator(":not(.unseen)"))


def write(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def announced(page: Page) -> str:
    return page.evaluate("document.querySelector('options-chat').status.textContent")


# ---------------------------------------------------------------------- keyboard and focus


def test_a_whole_conversation_by_keyboard_alone(parents_page):
    page, service = parents_page(opened=False)
    offer = {"choices": [{"id": "c1", "label": "Wales"}]}
    service.answers = lambda frame: service.message("Which nation?", **(offer if frame["type"] == "say" else {}))
    page.get_by_role("link", name="Start a chat").focus()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    assert service.hears("say")[0]["text"] == "first line\nsecond line"
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")
    expect(page.get_by_role("button", name="Wales")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == "Wales"
    page.keyboard.press("Enter")
    assert service.hears("choose")[0] | {"id": ""} == {"type": "choose", "id": "", "of": 2, "choice": "c1"}
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("link", name="Start a chat")).to_be_focused()


def test_the_panel_is_reached_and_left_in_a_sensible_order(parents_page):
    page, _ = parents_page()
    page.evaluate("document.querySelector('options-chat').head.heading.focus()")
    order = []
    for _ in range(8):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUSED))
    assert order[:5] == ["Cymraeg", "BUTTON", "BUTTON", "Leave this page quickly", "Talk to a person"]
    assert order[6:] == ["What are my options?", "TEXTAREA"]


def test_a_message_that_comes_moves_no_focus(parents_page):
    page, service = parents_page()
    page.get_by_role("button", name="Menu").focus()
    service.message("Something new", choices=[{"id": "c1", "label": "Yes"}])
    expect(seen(page, "Something new")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_focused()


def test_a_choice_that_was_taken_keeps_the_focus_and_cannot_be_taken_twice(parents_page):
    page, service = parents_page()
    service.message("Which nation?", choices=[{"id": "c1", "label": "Wales"}, {"id": "c2", "label": "England"}])
    page.get_by_role("button", name="Wales").focus()
    page.keyboard.press("Enter")
    service.hears("choose")
    expect(page.get_by_role("button", name="England")).to_be_hidden()
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "Wales"
    box(page).focus()
    expect(page.get_by_role("button", name="Wales")).to_have_count(0)
    assert len(service.all_heard("choose")) == 1


def test_escape_goes_back_step_by_step_and_the_focus_with_it(parents_page):
    page, _ = parents_page()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Staying safe on this page").click()
    expect(page.get_by_role("heading", name="Staying safe on this page")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Staying safe on this page")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Back to the chat")).to_be_focused()


def test_the_chat_covers_a_phone_and_leaves_a_desktop_usable(parents_page):
    page, _ = parents_page(viewport=PHONE)
    modal = "document.querySelector('options-chat').panel.matches(':modal')"
    assert page.evaluate(modal) is True
    page.set_viewport_size(DESKTOP)
    eventually(lambda: page.evaluate(modal) is False, "the panel stands beside the page")
    expect(box(page)).to_be_visible()


# ---------------------------------------------------------------------- sending


def test_a_message_without_an_answer_is_failed_and_tried_again_under_its_id(parents_page):
    page, service = parents_page(clock=True)
    service.acknowledges = False
    write(page, "is anybody there")
    expect(seen(page, "Sending", exact=True)).to_be_visible()
    page.clock.run_for(16_000)
    expect(seen(page, "Not sent. No answer came back yet. We keep trying.")).to_be_visible()
    assert "A message was not sent." in announced(page)
    service.acknowledges = True
    page.get_by_role("button", name="Try again").click()
    expect(seen(page, "Sent", exact=True)).to_be_visible()
    assert len({frame["id"] for frame in service.all_heard("say")}) == 1
    expect(seen(page, "is anybody there")).to_have_count(1)


def test_a_refused_message_can_be_changed(parents_page):
    page, service = parents_page()
    service.acknowledges = False
    write(page, "words that are refused")
    frame = service.hears("say")[0]
    service.say({"type": "error", "re": frame["id"], "code": "not_allowed", "message": "no"})
    page.get_by_role("button", name="Change it").click()
    expect(box(page)).to_have_value("words that are refused")
    expect(box(page)).to_be_focused()
    expect(page.get_by_role("log").get_by_text("words that are refused")).to_have_count(0)


def test_words_that_are_too_long_go_back_into_the_box(parents_page):
    page, service = parents_page()
    service.acknowledges = False
    text = "a long letter " * 600
    write(page, text)
    frame = service.hears("say")[0]
    assert frame["text"] == text.strip()
    service.say({"type": "error", "re": frame["id"], "code": "too_long", "message": "too long"})
    expect(box(page)).to_have_value(text.strip())
    expect(seen(page, "It is too long for one message.")).to_be_visible()


def test_what_did_not_fit_goes_back_into_the_box(parents_page):
    page, service = parents_page()
    service.acknowledges = False
    write(page, "x" * 2_000 + " and the rest of it")
    frame = service.hears("say")[0]
    service.say({"type": "ack", "re": frame["id"], "seq": 1, "dup": False, "cut": 2_000})
    service.message("x" * 2_000, "parent", id=frame["id"], cut=True)
    expect(box(page)).to_have_value("and the rest of it")
    expect(seen(page, "The first part was kept.")).to_be_visible()


def test_a_lost_connection_is_said_and_loses_nothing(parents_page):
    page, service = parents_page(clock=True)
    service.acknowledges = False
    write(page, "sent into the dark")
    service.hears("say")
    box(page).fill("half a thought")
    service.breaks_off(4004)
    expect(seen(page, "The connection is lost.")).to_be_visible()
    eventually(lambda: "The connection is lost." in announced(page), "the loss is announced")
    service.acknowledges = True
    page.clock.run_for(3_000)
    assert service.hears("hello", 2)[1] | {"via": ""} == {"type": "hello", "resume": "the-token", "last_seq": 0, "lang": "en", "via": ""}
    expect(seen(page, "Sent", exact=True)).to_be_visible()
    expect(seen(page, "The connection is lost.")).to_be_hidden()
    eventually(lambda: "Connected again." in announced(page), "the mending is announced")
    expect(box(page)).to_have_value("half a thought")
    assert len({frame["id"] for frame in service.all_heard("say")}) == 1


def test_a_restart_is_told_from_a_fault(parents_page):
    page, service = parents_page(clock=True)
    service.say({"type": "bye", "reason": "restart", "after_ms": 2_000})
    service.breaks_off(4001)
    expect(seen(page, "The service is restarting.")).to_be_visible()
    page.clock.run_for(4_000)
    expect(seen(page, "The service is restarting.")).to_be_hidden()


def test_trying_now_comes_back_at_once(parents_page):
    page, service = parents_page(clock=True)
    service.breaks_off(4004)
    page.get_by_role("button", name="Try now").click()
    service.hears("hello", 2)
    expect(seen(page, "The connection is lost.")).to_be_hidden()


def test_missing_events_are_asked_for_and_shown_in_order(parents_page):
    page, service = parents_page()
    service.message("one")
    service.message("two", lost=True)
    service.message("three")
    service.message("four")
    expect(seen(page, "four")).to_be_visible()
    shown = page.get_by_role("log").locator(".bubble").all_inner_texts()
    assert [text for text in shown if text in ("one", "two", "three", "four")] == ["one", "two", "three", "four"]
    assert [hello.get("last_seq") for hello in service.all_heard("hello")] == [None, 1]


def test_a_conversation_that_is_gone_can_be_begun_anew_with_the_words_kept(parents_page):
    page, service = parents_page()
    service.acknowledges = False
    write(page, "never arrived")
    service.hears("say")
    service.breaks_off(4500)
    expect(seen(page, "This conversation could not be found again.")).to_be_visible()
    page.get_by_role("button", name="Start a new conversation").click()
    expect(box(page)).to_have_value("never arrived")
    assert "resume" not in service.hears("hello", 2)[1]


# ---------------------------------------------------------------------- what is shown


def test_what_the_service_sends_is_text_and_never_markup(parents_page):
    page, service = parents_page()
    service.message("<img src=x onerror=alert(1)> <b>bold</b>", organisations=[
        {"id": "x", "name": "<i>Name</i>", "phone": "0808 800 4444", "website": "javascript:alert(1)", "hours": None, "open": None},
    ], sources=[{"title": "A source", "as_of": None}])
    expect(seen(page, "<img src=x onerror=alert(1)> <b>bold</b>")).to_be_visible()
    assert page.get_by_role("log").locator("img, b, i").count() == 0
    assert page.locator('a[href^="javascript"]').count() == 0


def test_numbers_and_addresses_in_words_are_links_and_amounts_are_not(parents_page):
    page, service = parents_page()
    service.message("Call 0808 800 4444 or 116 123, see https://www.gov.uk/child-maintenance-service. It may cost £999, or 2030 pounds.")
    log = page.get_by_role("log")
    links = [link.get_attribute("href") for link in log.locator(".bubble a").all()]
    assert links == ["tel:08088004444", "tel:116123", "https://www.gov.uk/child-maintenance-service"]


def test_who_answers_is_always_said_and_a_person_is_announced_by_name(parents_page):
    page, service = parents_page()
    expect(seen(page, "An automatic assistant is answering")).to_be_visible()
    service.event("state", state="queued", owner="queue", version=2)
    service.say({"type": "queue", "position": 3, "wait": {"words": "Lately this took 5 to 10 minutes.", "seconds": 600}})
    expect(seen(page, "Your place in the queue: 3. Lately this took 5 to 10 minutes.")).to_be_visible()
    service.event("state", state="agent", owner="Sam", version=3)
    expect(seen(page, "Sam, a person on the team, is answering")).to_be_visible()
    assert "Sam, a person on the team, is answering" in announced(page)
    service.say({"type": "typing", "who": "agent", "on": True})
    expect(seen(page, "Sam is writing")).to_be_visible()
    service.message("Hello", "agent", name="Sam")
    expect(seen(page, "Sam is writing")).to_be_hidden()


def test_a_slow_answer_is_said_to_be_still_worked_on(parents_page):
    page, service = parents_page(clock=True)
    service.say({"type": "typing", "who": "assistant", "on": True})
    expect(seen(page, "The assistant is writing")).to_be_visible()
    page.clock.run_for(4_500)
    expect(seen(page, "Still working on your answer")).to_be_visible()
    assert "Still working on your answer" in announced(page)
    service.say({"type": "done", "in_reply_to": 1})
    expect(seen(page, "Still working on your answer")).to_be_hidden()


def test_a_person_is_asked_for_once_while_the_service_has_not_answered(parents_page):
    page, service = parents_page()
    service.acknowledges = False
    person = page.get_by_role("button", name="Talk to a person")
    person.click()
    person.press("Enter")
    service.hears("human")
    assert len(service.all_heard("human")) == 1
    expect(person).to_have_attribute("aria-disabled", "true")
    frame = service.all_heard("human")[0]
    service.say({"type": "error", "re": frame["id"], "code": "closed_now", "message": "closed"})
    expect(seen(page, "Nobody from the team is here now.")).to_be_visible()
    expect(person).to_have_attribute("aria-disabled", "false")


def test_urgent_help_comes_into_view_whole_from_its_beginning_and_no_rating_is_asked(parents_page):
    page, service = parents_page(viewport=PHONE)
    service.message("An answer from before. " * 30)
    write(page, "i cannot go on")
    service.hears("say")
    card = {"id": "s", "name": "Samaritans", "phone": "116 123", "hours": "24 hours a day, every day", "open": True, "helps_with": "Somebody who listens."}
    service.event("urgent", kind="self_harm", text="Thank you for telling me this.", lang="en", organisations=[card, card | {"id": "t"}], in_reply_to=2)
    service.message("A person from the team will join you. " * 10, "service")
    expect(page.get_by_role("heading", name="Help for you now")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Call Samaritans: 116 123").first).to_be_in_viewport()
    expect(page.get_by_role("link", name="Call 999")).to_be_in_viewport()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("button", name="Tell us how it was")).to_have_count(0)


def test_an_answer_can_be_rated_and_only_what_was_scored_is_sent(parents_page):
    page, service = parents_page()
    service.message("An answer")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Tell us how it was").click()
    page.get_by_role("group", name="Overall, how satisfied").get_by_label("9").check()
    page.get_by_role("button", name="Send").click()
    expect(seen(page, "Thank you.")).to_be_visible()
    assert service.hears("rate")[0]["answers"] == {"overall": 9}


def test_a_safe_way_of_contact_is_sent_as_it_was_filled_in(parents_page):
    page, service = parents_page()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="A safe way to reach you").click()
    page.get_by_label("A text message").check()
    page.get_by_label("Phone number or email address").fill("07700 900123")
    page.get_by_label("When is it safe?").fill("weekday mornings")
    page.get_by_role("group", name="May we leave a voicemail?").get_by_label("No").check()
    page.get_by_role("button", name="Save").click()
    expect(seen(page, "Saved. The team will keep to this.")).to_be_visible()
    assert service.hears("prefer")[0]["safe_contact"] == {"how": "text: 07700 900123", "when": "weekday mornings", "voicemail": False}


def test_welsh_is_one_press_away_and_keeps_what_was_typed(parents_page):
    page, service = parents_page()
    box(page).fill("half a thought")
    page.get_by_role("button", name="Cymraeg").click()
    expect(page.get_by_role("button", name="Siarad â pherson")).to_be_visible()
    expect(page.get_by_label("Eich neges")).to_have_value("half a thought")
    expect(page.get_by_role("button", name="English")).to_be_focused()
    assert service.hears("prefer")[0]["lang"] == "cy"
    assert service.hears("hello", 2)[1]["lang"] == "cy"


def test_a_message_that_comes_while_the_chat_is_away_shows_on_the_button(parents_page):
    page, service = parents_page()
    page.get_by_role("button", name="Put the chat away").click()
    service.message("Are you still there?")
    expect(page.get_by_role("button", name="New message in the chat")).to_be_visible()
    assert announced(page) == "New message in the chat"
    page.get_by_role("button", name="New message in the chat").click()
    expect(seen(page, "Are you still there?")).to_be_visible()


def test_new_messages_are_announced_by_the_log_and_old_ones_are_not(parents_page):
    page, service = parents_page()
    service.message("An answer from before")
    expect(seen(page, "An answer from before")).to_be_visible()
    page.add_init_script("""
      window.quietly = [];
      new MutationObserver(() => {
        const log = document.querySelector("options-chat")?.log.list;
        if (!log || window.watched) return;
        window.watched = new MutationObserver(() => window.quietly.push([log.textContent, log.getAttribute("aria-live")]));
        window.watched.observe(log, { childList: true });
      }).observe(document, { childList: true, subtree: true });""")
    page.reload()
    log = page.get_by_role("log")
    expect(log.get_by_text("An answer from before")).to_be_visible()
    old = [live for text, live in page.evaluate("quietly") if "An answer from before" in text]
    assert set(old) == {"off"}
    expect(log).not_to_have_attribute("aria-live", "off")
    service.message("A new answer")
    expect(log.get_by_text("A new answer")).to_be_visible()
    assert page.evaluate("quietly.at(-1)[1]") is None


def test_a_person_sees_that_the_parent_writes_and_has_read(parents_page):
    page, service = parents_page()
    write(page, "hello")
    service.event("state", state="agent", owner="Sam", version=2)
    service.message("Hello", "agent", name="Sam")
    expect(seen(page, "Hello", exact=True)).to_be_visible()
    assert service.hears("seen")[-1]["seq"] >= 1
    box(page).press_sequentially("thank")
    assert [frame["on"] for frame in service.hears("typing")] == [True]
    service.say({"type": "receipt", "who": "agent", "seq": 1})
    expect(seen(page, "Seen", exact=True)).to_be_visible()
    box(page).press("Enter")
    assert [frame["on"] for frame in service.hears("typing", 2)] == [True, False]


def test_the_assistant_is_not_told_that_the_parent_writes(parents_page):
    page, service = parents_page()
    box(page).press_sequentially("just thinking")
    write(page, "done thinking")
    service.hears("say")
    assert service.all_heard("typing") == []


# ---------------------------------------------------------------------- copy, end, erase


def test_a_copy_is_fetched_with_the_token_and_saved(parents_page, site: str):
    page, _ = parents_page()
    asked = []

    def give(route):
        asked.append((route.request.url, route.request.headers["authorization"]))
        route.fulfill(body="the copy", content_type="text/plain")

    page.route("**/api/conversations/**", give)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Get a copy of this conversation").click()
    expect(seen(page, "K7M-2QX")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save it as text").click()
    assert download.value.suggested_filename == "chat-K7M-2QX.txt"
    assert asked == [(f"{site}/api/conversations/K7M-2QX/copy?format=txt", "Bearer the-token")]
    expect(seen(page, "The file is with your downloads.")).to_be_visible()


def test_printing_prints_the_conversation_and_nothing_else_and_tidies_up(parents_page):
    page, service = parents_page()
    service.message("An answer to keep")
    page.evaluate("() => { window.print = () => { window.printed = document.querySelector('.options-chat-paper').innerText } }")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Get a copy of this conversation").click()
    page.get_by_role("button", name="Print it").click()
    eventually(lambda: page.evaluate("window.printed"), "the page was printed")
    page.emulate_media(media="print")
    printed = page.evaluate("window.printed")
    assert "K7M-2QX" in printed and "An answer to keep" in printed and "23/11/2026" in printed
    assert page.evaluate("[...document.body.children].filter((one) => one.checkVisibility()).map((one) => one.className)") == ["options-chat-paper"]
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".options-chat-paper").count() == 0


def test_ending_asks_back_and_forgets_the_token(parents_page):
    page, service = parents_page()
    service.message("An answer")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="End the conversation").click()
    assert service.all_heard("end") == []
    page.get_by_role("button", name="Yes, end it").click()
    service.hears("end")
    service.breaks_off(4509)
    expect(seen(page, "You ended this conversation.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_role("button", name="Write more in this conversation").click()
    assert service.hears("hello", 2)[1]["resume"] == "the-token"
    expect(box(page)).to_be_visible()


def test_what_was_ended_can_still_be_rated_and_erased(parents_page, site: str):
    page, service = parents_page()
    asked = []
    page.route("**/actions/**", lambda route: (asked.append(route.request), route.fulfill(status=201, body="{}")))
    write(page, "a secret")
    service.message("An answer")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="End the conversation").click()
    page.get_by_role("button", name="Yes, end it").click()
    service.hears("end")
    service.breaks_off(4509)
    page.get_by_role("button", name="Tell us how it was").click()
    page.get_by_role("group", name="Overall, how satisfied").get_by_label("3").check()
    page.get_by_role("button", name="Send").click()
    expect(seen(page, "Thank you.")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Erase the conversation").click()
    page.get_by_role("button", name="Yes, erase it").click()
    expect(seen(page, "What was written here has been erased.")).to_be_visible()
    assert [request.post_data_json for request in asked] == [{"type": "rate", "answers": {"overall": 3}}, {"type": "erase"}]
    assert all(request.url.startswith(f"{site}/api/conversations/K7M-2QX/actions/") for request in asked)


def test_erasing_asks_back_and_empties_the_log(parents_page):
    page, service = parents_page()
    write(page, "a secret")
    service.hears("say")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Erase the conversation").click()
    assert service.all_heard("erase") == []
    page.get_by_role("button", name="Yes, erase it").click()
    expect(seen(page, "What was written here has been erased.")).to_be_visible()
    assert "a secret" not in page.evaluate("document.querySelector('options-chat').shadowRoot.textContent")
    assert page.evaluate("sessionStorage.length") == 0


# ---------------------------------------------------------------------- nothing is kept


def test_nothing_that_was_written_is_kept_on_the_device(parents_page):
    page, service = parents_page()
    write(page, "a secret that was sent")
    service.message("An answer to the secret")
    box(page).fill("a secret that was not sent")
    kept = page.evaluate("""async () => JSON.stringify([
      { ...sessionStorage }, { ...localStorage }, document.cookie, await indexedDB.databases(), history.state, location.href, document.title,
      window.name, (await navigator.storage.estimate()).usageDetails ?? null])""")
    assert "secret" not in kept
    kept_for_a_reload = page.evaluate("Object.entries(sessionStorage).map(([, value]) => JSON.parse(value))")
    assert kept_for_a_reload == [{"resume": "the-token", "conversation": "K7M-2QX", "open": True}]
    assert page.evaluate("document.querySelector('options-chat').form.box.autocomplete") == "off"


def test_a_reload_goes_on_with_the_same_conversation(parents_page):
    page, service = parents_page()
    write(page, "before the reload")
    service.hears("say")
    page.reload()
    expect(page.get_by_role("log").get_by_text("before the reload")).to_be_visible()
    assert service.hears("hello", 2)[1]["resume"] == "the-token"


# ---------------------------------------------------------------------- leaving quickly


def leave_at(page: Page, site: str) -> None:
    page.evaluate(f"document.querySelector('options-chat').exitUrl = '{site}/weather'")


def test_leaving_covers_and_empties_the_page_before_anything_else(parents_page, site: str):
    page, service = parents_page()
    leave_at(page, site)
    write(page, "a secret")
    service.hears("say")
    told = []
    page.on("request", lambda request: told.append(request) if "/actions/" in request.url else None)
    page.route("**/actions/**", lambda route: route.fulfill(status=201, body="{}"))
    left = page.evaluate("""() => {
      const widget = document.querySelector("options-chat");
      widget.leave();
      const [cover] = document.body.children;
      const box = cover.getBoundingClientRect();
      return {
        children: document.body.children.length, text: document.body.textContent, title: document.title, kept: sessionStorage.length,
        covers: box.width >= innerWidth && box.height >= innerHeight, icons: document.querySelectorAll('link[rel~="icon"]').length,
        colour: getComputedStyle(cover).backgroundColor,
      };
    }""")
    assert left == {
        "children": 1, "text": "", "title": "Weather", "kept": 0, "covers": True, "icons": 0, "colour": "rgb(255, 255, 255)",
    }
    page.wait_for_url(f"{site}/weather")
    service.hears("hide")
    eventually(lambda: page.evaluate("0") == 0 and told, "the service was told over HTTP too")
    assert told[0].method == "PUT" and told[0].headers["authorization"] == "Bearer the-token"
    assert told[0].url.endswith(service.all_heard("hide")[0]["id"]) and told[0].post_data_json == {"type": "hide"}


def test_back_does_not_return_to_the_chat(open_page: OpenPage, site: str):
    page = open_page("about:blank")
    FakeService(page)
    page.goto(site)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    leave_at(page, site)
    page.get_by_role("link", name="Leave this page quickly").click()
    page.wait_for_url(f"{site}/weather")
    page.go_back()
    assert page.url == "about:blank"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_button_in_the_panel_leaves(parents_page, site: str, viewport):
    page, _ = parents_page(viewport=viewport)
    page.route("**/actions/**", lambda route: route.fulfill(status=201, body="{}"))
    leave_at(page, site)
    page.get_by_role("dialog").get_by_role("button", name="Leave this page quickly").click()
    page.wait_for_url(f"{site}/weather")


def test_shift_three_times_leaves_from_inside_the_box_and_from_the_page(parents_page, site: str):
    page, _ = parents_page(opened=False)
    leave_at(page, site)
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert announced(page) == "Press Shift once more to leave this page."
    page.keyboard.press("Shift")
    page.wait_for_url(f"{site}/weather")


def test_capitals_and_slow_presses_do_not_leave(parents_page, site: str):
    page, _ = parents_page(clock=True)
    leave_at(page, site)
    box(page).focus()
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    for key in ("Shift", "Shift", "x", "Shift", "Shift", "Enter"):
        page.keyboard.press(key)
    for _ in range(4):
        box(page).click(modifiers=["Shift"])
    for _ in range(4):
        page.keyboard.press("Shift")
        page.clock.run_for(3_000)
    expect(box(page)).to_be_visible()
    assert not page.url.endswith("/weather")


def test_an_address_that_is_no_page_is_not_gone_to(parents_page):
    page, _ = parents_page()
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
    page.route("**/actions/**", lambda route: route.fulfill(status=201, body="{}"))
    page.evaluate("document.querySelector('options-chat').exitUrl = 'javascript:alert(1)'")
    page.get_by_role("dialog").get_by_role("button", name="Leave this page quickly").click()
    page.wait_for_url(re.compile("bbc.co.uk/weather"))


# ---------------------------------------------------------------------- on somebody else's page


def test_one_line_puts_it_on_a_page_of_another_origin(open_page: OpenPage, host_page: str, site: str):
    page = open_page("about:blank")
    service = FakeService(page)
    page.route("**/actions/**", lambda route: route.fulfill(status=201, body="{}", headers={"Access-Control-Allow-Origin": "*"}))
    page.goto(host_page)
    page.get_by_role("button", name="Chat with us").click()
    write(page, "hello from another page")
    assert service.hears("say")[0]["text"] == "hello from another page"
    look = page.evaluate("""() => {
      const root = document.querySelector("options-chat").shadowRoot;
      const style = getComputedStyle(root.querySelector(".bubble p"));
      return [style.fontSize, style.fontFamily.includes("cursive"), style.backgroundColor === "rgb(0, 255, 0)"];
    }""")
    assert look == ["16px", False, False]
    page.get_by_role("dialog").get_by_role("button", name="Leave this page quickly").click()
    page.wait_for_url(f"{site}/weather")


def test_the_line_twice_is_one_widget(open_page: OpenPage, host_page: str, site: str):
    page = open_page(host_page)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    page.add_script_tag(url=f"{site}/widget.js")
    expect(page.locator("options-chat")).to_have_count(1)


def test_without_its_modules_there_is_a_link_to_the_plain_page(browser, host_page: str, site: str):
    page = browser.new_page()
    page.route("**/web/widget/main.js", lambda route: route.abort())
    page.goto(host_page)
    expect(page.get_by_role("link", name="Chat")).to_have_attribute("href", f"{site}/chat")
    page.close()


def test_options_of_the_line_are_heard(open_page: OpenPage, host_page: str):
    page = open_page("about:blank")
    service = FakeService(page)
    page.goto(f"{host_page}?lang=cy&nation=wales&open=")
    expect(page.get_by_role("button", name="Siarad â pherson")).to_be_visible()
    assert service.hears("hello")[0] | {"via": ""} == {"type": "hello", "lang": "cy", "nation": "wales", "via": ""}


def test_time_of_a_message_is_shown(parents_page):
    page, service = parents_page()
    service.message("An answer")
    expect(page.locator("time").first).to_have_attribute("datetime", AT)
