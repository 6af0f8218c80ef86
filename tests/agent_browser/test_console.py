"""What an agent does and sees at `/agent`: a real browser, a real gateway, parents on real sockets."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.agent_browser.conftest import OpenDesk
from tests.agent_browser.live import PASSWORD, Live, LiveParent
from tests.agent_browser.pages import box, log, reply, row
from tests.agents import SignedIn


@pytest.fixture
def asha(live: Live) -> SignedIn:
    return live.agent("Asha")


@pytest.fixture
def talking(live: Live, asha: SignedIn, desk: OpenDesk) -> tuple[Page, LiveParent]:
    """Asha's desk, with one parent whom she has taken."""
    parent = live.parent()
    parent.wait()
    page = desk(asha)
    page.get_by_role("button", name="Take the next").click()
    expect(box(page)).to_be_focused()
    return page, parent


# ---------------------------------------------------------------------- signing in and out


def test_sign_in_says_what_is_wrong_then_opens_the_desk_and_sign_out_closes_it(live: Live, asha: SignedIn, new_page: OpenDesk):
    page = new_page(live.url)
    page.goto(f"{live.url}/agent")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Write your email address.")
    page.get_by_label("Email address").fill("asha@example.org")
    page.get_by_label("Password").fill("not the password")
    for _ in range(5):
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("The email address or the password is wrong.")
        expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Too many tries. Wait about 15 minutes")
    live.agent("Ben")
    page.get_by_label("Email address").fill("ben@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_text("Nobody waits.")).to_be_visible()
    page.get_by_role("button", name="Ben").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_have_text("You are signed out.")
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to your desk")).to_be_visible()


def test_signed_out_elsewhere_is_said_at_once_and_the_draft_is_still_there(live: Live, talking):
    page, _ = talking
    box(page).fill("half a sentence")
    other = page.context.new_page()
    other.goto(f"{live.url}/agent")
    other.get_by_role("button", name="Asha").click()
    other.get_by_role("button", name="New password").click()
    other.get_by_label("Password now").fill(PASSWORD)
    other.get_by_label("New password", exact=True).fill("another good one 22")
    other.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    page.get_by_label("Email address").fill("asha@example.org")
    page.get_by_label("Password").fill("another good one 22")
    page.get_by_role("button", name="Sign in").click()
    expect(box(page)).to_have_value("half a sentence")


# ---------------------------------------------------------------------- taking and talking


def test_an_agent_takes_a_parent_talks_and_wraps_up(live: Live, asha: SignedIn, desk: OpenDesk):
    page = desk(asha)
    parent = live.parent(nation="wales")
    parent.wait("they want me out of the house by friday")
    expect(row(page, parent.ref, "Waiting")).to_contain_text("Wales")
    page.get_by_role("button", name=f"Take {parent.ref}").click()
    expect(log(page)).to_contain_text("they want me out of the house by friday")
    expect(page.get_by_role("tabpanel", name="Briefing")).to_contain_text("they want me out of the house by friday")
    reply(page, "I am here now.\nWhat is on for Friday?")
    assert parent.hears("message", **{"from": "agent"})["text"] == "I am here now.\nWhat is on for Friday?"
    parent.say("the bailiffs")
    expect(log(page).get_by_role("article").last).to_contain_text("the bailiffs")
    page.get_by_role("button", name="Wrap up").click()
    page.get_by_role("button", name="End the talk").click()
    expect(page.get_by_role("dialog")).to_contain_text("Choose one of the outcomes.")
    page.get_by_label("Pointed to other help").check()
    page.get_by_role("button", name="End the talk").click()
    expect(page.get_by_text("the outcome is recorded")).to_be_visible()
    parent.hears("state", state="closed")
    expect(page.get_by_text("Nobody yet.")).to_be_visible()


def test_the_late_one_is_told_who_was_quicker(live: Live, asha: SignedIn, desk: OpenDesk, new_page: OpenDesk):
    parent = live.parent()
    parent.wait()
    quick = desk(asha)
    late = new_page(live.url, live.agent("Ben"))
    held = []

    def late_news(socket) -> None:
        """The desk of the late one does not hear in time that the parent was taken."""
        server = socket.connect_to_server()
        server.on_message(lambda text: held.append(text) if '"desk_event"' in text else socket.send(text))

    late.route_web_socket(re.compile("/ws/agent"), late_news)
    late.goto(f"{live.url}/agent")
    expect(row(late, parent.ref, "Waiting")).to_be_visible()
    quick.get_by_role("button", name="Take the next").click()
    expect(box(quick)).to_be_focused()
    late.get_by_role("button", name="Take the next").click()
    expect(late.get_by_text("Asha has this conversation. You were a moment too late.")).to_be_visible()
    expect(box(late)).to_be_hidden()


def test_by_keyboard_alone_a_parent_is_taken_and_answered(live: Live, asha: SignedIn, desk: OpenDesk):
    page = desk(asha)
    parent = live.parent()
    parent.wait()
    expect(row(page, parent.ref, "Waiting")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_contain_text("Take the next parent who waits")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(box(page)).to_be_focused()
    page.keyboard.type("t for two")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("lines?")
    page.keyboard.press("Enter")
    assert parent.hears("message", **{"from": "agent"})["text"] == "t for two\nlines?"
    page.keyboard.press("Escape")
    expect(log(page)).to_be_focused()
    page.keyboard.press("n")
    expect(page.get_by_label("New private note")).to_be_focused()
    page.keyboard.press("F6")
    expect(row(page, parent.ref, "Yours")).to_be_focused()
    page.keyboard.press("F6")
    expect(box(page)).to_be_focused()


def test_shortcuts_can_be_switched_off(live: Live, asha: SignedIn, desk: OpenDesk):
    page = desk(asha)
    page.get_by_role("button", name="Asha").click()
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Single-key shortcuts, outside of fields").uncheck()
    page.get_by_role("button", name="Keep these").click()
    parent = live.parent()
    parent.wait()
    expect(row(page, parent.ref, "Waiting")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.keyboard.press("t")
    page.get_by_role("button", name="Asha").click()
    page.get_by_role("button", name="Shortcuts").click()
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.get_by_role("dialog")).to_contain_text("Single keys are switched off")
    expect(row(page, parent.ref, "Waiting")).to_be_visible()


def test_several_conversations_are_counted_and_their_drafts_kept_apart_over_a_reload(live: Live, talking):
    page, first = talking
    box(page).fill("for the first")
    second = live.parent()
    second.wait("my ex will not answer letters about money")
    page.get_by_role("button", name="Take the next").click()
    expect(log(page)).to_contain_text("will not answer letters")
    expect(box(page)).to_have_value("")
    box(page).fill("for the second")
    first.say("are you there")
    first.say("hello?")
    expect(row(page, first.ref, "Yours")).to_contain_text("2 new")
    expect(page).to_have_title("(2) Your desk")
    page.reload()
    expect(box(page)).to_have_value("for the second")
    row(page, first.ref, "Yours").click()
    expect(box(page)).to_have_value("for the first")
    expect(page).to_have_title("Your desk")
    box(page).press("Enter")
    assert first.hears("message", **{"from": "agent"})["text"] == "for the first"
    assert not [f for f in first.client.heard if f["type"] == "state" and f["state"] == "queued" and f["reason"] == "lease_lost"]


def test_what_is_written_while_the_connection_is_lost_arrives_once(live: Live, asha: SignedIn, desk: OpenDesk, new_page: OpenDesk):
    parent = live.parent()
    parent.wait()
    page = new_page(live.url, asha)
    sockets = []
    down = []

    def line(socket) -> None:
        sockets.append(socket)
        if down:
            socket.close(code=1012)
        else:
            socket.connect_to_server()

    page.route_web_socket(re.compile("/ws/agent"), line)
    page.goto(f"{live.url}/agent")
    page.get_by_role("button", name="Take the next").click()
    expect(box(page)).to_be_focused()
    down.append(True)
    sockets[-1].close(code=1012)
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    reply(page, "Written in the dark")
    expect(page.get_by_text("Sending", exact=True)).to_be_visible()
    down.clear()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("The connection is lost.")).to_be_hidden()
    expect(page.get_by_text("Sent", exact=True)).to_be_visible()
    expect(log(page).get_by_text("Written in the dark")).to_have_count(1)
    parent.say("I got it")
    expect(log(page)).to_contain_text("I got it")
    assert [f["text"] for f in parent.client.durable() if f.get("from") == "agent"] == ["Written in the dark"]


def test_markup_is_text_wherever_it_comes_from(live: Live, asha: SignedIn, desk: OpenDesk):
    markup = "<img src=x onerror=document.title='owned'><b>bold</b> out of the house by friday"
    parent = live.parent()
    parent.act("prefer", safe_contact={"how": "<b>text</b>", "when": "<i>noon</i>", "ask_for": "<u>Sam</u>", "voicemail": False})
    parent.wait(markup)
    page = desk(asha)
    page.get_by_role("button", name="Take the next").click()
    expect(log(page).get_by_text(markup)).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Briefing")).to_contain_text(markup)
    expect(page.get_by_text("<u>Sam</u>").first).to_be_visible()
    reply(page, "<script>alert(1)</script>")
    expect(log(page).get_by_text("<script>alert(1)</script>")).to_be_visible()
    page.get_by_role("tab", name="Notes").click()
    page.get_by_label("New private note").fill("<b>note</b>")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("tabpanel", name="Notes").get_by_text("<b>note</b>")).to_be_visible()
    assert page.locator("desk-console :is(b, i, u, img, script)").count() == 0
    expect(page).to_have_title("Your desk")


def test_words_better_not_said_are_pointed_out_and_the_agent_decides(talking):
    page, parent = talking
    reply(page, "An absent father pays too.")
    expect(page.get_by_text("Some words may be better said another way")).to_be_visible()
    expect(page.get_by_text("“absent father”")).to_be_visible()
    expect(box(page)).to_be_focused()
    box(page).fill("The parent who pays has rights too.")
    box(page).press("Enter")
    assert parent.hears("message", **{"from": "agent"})["text"] == "The parent who pays has rights too."
    reply(page, "You wrote “absent father”.")
    page.get_by_role("button", name="Send as it is").click()
    parent.hears("message", text="You wrote “absent father”.")


def test_a_line_of_the_briefing_leads_to_its_message(live: Live, asha: SignedIn, desk: OpenDesk):
    parent = live.parent()
    parent.ask("they want me out of the house by friday")
    for n in range(12):
        parent.act("prefer", nation="wales" if n % 2 else "scotland")
    parent.act("human")
    page = desk(asha)
    page.get_by_role("button", name="Take the next").click()
    page.get_by_role("button", name="Go to the message: Worry, in their words").click()
    focused = page.locator("article:focus")
    expect(focused).to_contain_text("they want me out of the house by friday")
    expect(focused).to_be_in_viewport()


# ---------------------------------------------------------------------- beside the conversation


def test_a_note_never_reaches_the_parent(live: Live, talking):
    page, parent = talking
    page.get_by_role("tab", name="Notes").click()
    expect(page.get_by_text("Private: the parent never sees these.")).to_be_visible()
    page.get_by_label("New private note").fill("sounds very tired")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("tab", name="Notes (1)")).to_be_visible()
    expect(page.get_by_label("New private note")).to_have_value("")
    reply(page, "Still here.")
    parent.hears("message", text="Still here.")
    assert "tired" not in str(parent.client.heard)


def test_replies_organisations_and_an_estimate_go_out_from_beside(talking):
    page, parent = talking
    page.get_by_role("tab", name="Replies").click()
    page.get_by_label("Search replies").fill("hurry")
    page.get_by_role("button", name="Use: No hurry").click()
    expect(box(page)).to_have_value(re.compile("Take the time you need"))
    box(page).press("Enter")
    parent.hears("message", **{"from": "agent"})

    page.get_by_role("tab", name="Directory").click()
    page.get_by_label("Search organisations").fill("shelter cymru")
    page.get_by_label("Choose Shelter Cymru").check()
    page.get_by_label("Your words with the cards (if you like)").fill("They know about evictions.")
    page.get_by_role("button", name="Send cards").click()
    sent = parent.hears("message", text="They know about evictions.")
    assert [card["name"] for card in sent["organisations"]] == ["Shelter Cymru"]
    expect(log(page).get_by_role("heading", name="Shelter Cymru")).to_be_visible()

    page.get_by_role("tab", name="Estimate").click()
    page.get_by_label("Income of the paying parent, before tax", exact=True).fill("£28,000")
    page.get_by_label("Children", exact=True).fill("0")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_text("how many children live there?")).to_be_visible()
    page.get_by_label("Children", exact=True).fill("2")
    page.get_by_label("Nights a year with the paying parent").fill("400, 52")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_text("Receiving parents: Give a whole number from 0 to 366.")).to_be_visible()
    page.get_by_label("Nights a year with the paying parent").fill("104, 52")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_role("region", name="The estimate").get_by_text("Any amount", exact=True)).to_be_visible()
    page.get_by_role("button", name="Send as a card").click()
    expect(log(page).get_by_text("Any amount", exact=True)).to_be_visible()


def test_a_transfer_waits_until_the_colleague_accepts(live: Live, talking, desk: OpenDesk):
    page, parent = talking
    ben = live.agent("Ben")
    colleague = desk(ben)
    page.get_by_role("button", name="Transfer").click()
    page.get_by_role("radio", name=re.compile("^Ben")).check()
    page.get_by_label("What they need to know (if you like)").fill("Friday is the day")
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_text("Offered to Ben. Not yet accepted.")).to_be_visible()
    colleague.get_by_role("button", name=f"Accept {parent.ref}").click()
    expect(box(colleague)).to_be_focused()
    colleague.get_by_role("tab", name="Notes (1)").click()
    expect(colleague.get_by_role("tabpanel").get_by_text("Friday is the day")).to_be_visible()
    expect(page.get_by_text("A colleague has accepted it.")).to_be_visible()
    expect(box(page)).to_be_hidden()
    assert "Friday is the day" not in str(parent.client.heard)


def test_a_call_back_warns_before_anybody_dials(live: Live, asha: SignedIn, desk: OpenDesk):
    parent = live.parent()
    parent.act("prefer", safe_contact={"how": "07700 900123", "when": "weekdays 9 to 3", "ask_for": "Sam", "voicemail": False})
    parent.wait("could somebody ring me about the maintenance letter")

    async def leaves_a_message() -> None:
        async with live.services.store.work() as work:
            found = await work.by_ref(parent.ref)
            conversation = await work.load(found.id)
            conversation.leave_message(live.services.clock())
            await work.save(conversation)
            await work.commit()

    live.do(leaves_a_message())
    page = desk(asha)
    waiting = row(page, parent.ref, "Messages and call-backs")
    expect(waiting).to_contain_text("No voicemail")
    expect(waiting).to_contain_text("safe: weekdays 9 to 3")
    waiting.click()
    for words in ("No voicemail.", "07700 900123", "weekdays 9 to 3", "Sam"):
        expect(page.locator(".bands")).to_contain_text(words)
    page.get_by_role("button", name="Take this conversation").click()
    page.get_by_role("button", name="Wrap up").click()
    page.get_by_label("Called back").check()
    page.get_by_role("button", name="End the talk").click()
    expect(page.get_by_text("the outcome is recorded")).to_be_visible()


# ---------------------------------------------------------------------- what an agent hears of


def test_an_agent_may_look_before_taking_and_the_parent_hears_nothing_of_it(live: Live, asha: SignedIn, desk: OpenDesk):
    page = desk(asha)
    parent = live.parent()
    parent.wait()
    heard = len(parent.client.heard)
    row(page, parent.ref, "Waiting").click()
    expect(page.get_by_role("heading", name="Asked for a person")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Briefing")).to_contain_text("they want me out of the house by friday")
    expect(page.get_by_text("The parent does not know, and nobody answers yet.")).to_be_visible()
    expect(box(page)).to_be_hidden()
    parent.say("anybody there")
    expect(log(page)).to_contain_text("anybody there")
    assert not [f for f in parent.client.heard[heard:] if f["type"] in ("receipt", "state")]


def test_the_parents_typing_reading_and_connection_are_seen(live: Live, talking):
    page, parent = talking
    where = page.locator(".talk-where")
    expect(where).to_contain_text("the parent is connected")
    reply(page, "Are you all right?")
    sent = parent.hears("message", **{"from": "agent"})
    expect(page.get_by_text("Sent", exact=True)).to_be_visible()
    parent.send(type="seen", seq=sent["seq"])
    expect(page.get_by_text("Seen by the parent")).to_be_visible()
    parent.send(type="typing", on=True)
    expect(page.get_by_text("The parent is writing…")).to_be_visible()
    parent.act("hide")
    expect(where).to_contain_text("the parent left the page")
    expect(log(page)).to_contain_text("The parent left the page quickly")


def test_tones_and_notifications_come_by_choice_and_without_a_parents_words(live: Live, talking):
    page, parent = talking
    expect(log(page)).to_contain_text("Asha from the team is here")
    expect(page).to_have_title("Your desk")
    page.context.grant_permissions(["notifications"], origin=live.url)
    page.evaluate(
        """() => {
          window.rung = [];
          window.Notification = class { static permission = "granted"; static requestPermission = async () => "granted"; constructor(title, { body }) { rung.push(body); } };
          window.AudioContext = class { constructor() { rung.push("tone"); throw new Error("no sound here"); } };
          document.hasFocus = () => false;
        }"""
    )
    parent.say("first secret")
    expect(page).to_have_title("(1) Your desk")
    assert page.evaluate("rung") == []
    page.get_by_role("button", name="Asha").click()
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("A soft tone for new messages, new parents and offers").check()
    page.get_by_label("Notifications of this computer while the desk is not in front").check()
    page.get_by_role("button", name="Keep these").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("rung.length = 0")
    parent.say("second secret")
    expect(page).to_have_title("(2) Your desk")
    assert page.evaluate("rung") == ["tone", f"New message in {parent.ref}."]


# ---------------------------------------------------------------------- supervisors


def test_a_supervisor_sees_the_board_assigns_watches_and_searches_the_audit(live: Live, talking, desk: OpenDesk):
    page, held = talking
    waiting = live.parent()
    waiting.wait("my ex will not answer letters about money")
    board = desk(live.agent("Carys", "supervisor"))
    board.get_by_role("button", name="Board").click()
    agents = board.get_by_role("table", name=re.compile("Agents"))
    expect(agents.get_by_role("row", name=re.compile("Asha"))).to_contain_text("1 of 3")
    board.get_by_role("button", name=f"Assign {waiting.ref}").click()
    board.get_by_role("radio", name=re.compile("^Asha")).check()
    board.get_by_role("button", name="Offer it").click()
    page.get_by_role("button", name=f"Accept {waiting.ref}").click()
    expect(log(page)).to_contain_text("will not answer letters")
    board.get_by_role("button", name=f"Watch {held.ref}").click()
    expect(log(board)).to_contain_text("they want me out of the house by friday")
    expect(box(board)).to_be_hidden()
    held.say("one more thing")
    expect(log(board)).to_contain_text("one more thing")
    board.get_by_role("button", name="Records").click()
    board.get_by_label("Reference").fill(held.ref)
    board.get_by_label("What").select_option("Opened on the desk")
    board.get_by_role("button", name="Search").click()
    audit = board.get_by_role("table", name="Audit")
    expect(audit.get_by_role("row", name=re.compile("Offered"))).to_have_count(0)
    expect(audit.get_by_role("row", name=re.compile("Carys"))).to_contain_text(held.ref)
    expect(board.get_by_role("table", name="Readings").get_by_role("row", name=re.compile("Carys"))).to_contain_text("1")
