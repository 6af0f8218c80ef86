"""The conversation as plain forms, as a browser without script sees it."""

import re
import uuid

import httpx
import pytest

from tests.fakes import FakeAssistant
from tests.gateways import Server


@pytest.fixture
async def browser(server: Server):
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=True, timeout=60, trust_env=False) as client:
        yield client


async def submit(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    return await browser.post(path, data={"id": str(uuid.uuid4()), **fields})


async def test_the_first_page_greets_and_has_no_script(browser: httpx.AsyncClient):
    page = (await browser.get("/chat")).text
    assert "<script" not in page and "style=" not in page
    assert "automatic" in page and 'name="text"' in page


async def test_a_message_is_answered_on_the_page_that_comes_back(browser: httpx.AsyncClient):
    page = await submit(browser, "/chat/say", text="what are my options? <b>&")
    assert page.status_code == 200
    assert "what are my options? &lt;b&gt;&amp;" in page.text
    assert page.text.count('<li class="message') == 2


async def test_the_token_is_out_of_reach_of_scripts(browser: httpx.AsyncClient):
    answer = await browser.post("/chat/say", data={"id": str(uuid.uuid4()), "text": "hello"}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/chat" in cookie


async def test_sending_a_form_twice_says_it_once(browser: httpx.AsyncClient):
    id = str(uuid.uuid4())
    await browser.post("/chat/say", data={"id": id, "text": "only once"})
    page = await browser.post("/chat/say", data={"id": id, "text": "only once"})
    assert page.text.count("only once") == 1


async def test_a_choice_is_a_button(browser: httpx.AsyncClient, assistant: FakeAssistant):
    page = (await submit(browser, "/chat/say", text="options?")).text
    of = re.search(r'name="of" value="(\d+)"', page).group(1)
    choice = re.search(r'name="choice" value="(\w+)"', page).group(1)
    await submit(browser, "/chat/choose", of=of, choice=choice)
    assert assistant.asked[-1].payload.startswith("/")


async def test_what_was_typed_stands_in_the_field_when_it_cannot_be_taken(browser: httpx.AsyncClient):
    page = await submit(browser, "/chat/say", text="y" * 8001)
    assert page.status_code == 400 and "y" * 8001 in page.text and 'role="alert"' in page.text


async def test_danger_shows_help_with_numbers_that_can_be_called(browser: httpx.AsyncClient):
    page = (await submit(browser, "/chat/say", text="I want to kill myself")).text
    assert 'class="message urgent"' in page and 'href="tel:999"' in page


async def test_a_person_can_be_asked_for_and_the_page_says_who_answers(browser: httpx.AsyncClient):
    page = (await submit(browser, "/chat/act", do="human")).text
    assert "You are waiting for a person" in page


async def test_leaving_tells_the_service_forgets_the_token_and_goes_to_a_neutral_page(
    browser: httpx.AsyncClient, server: Server
):
    await submit(browser, "/chat/say", text="hello")
    token = browser.cookies["options_chat"]
    answer = await browser.post("/chat/leave", data={"id": str(uuid.uuid4())}, follow_redirects=False)
    assert answer.status_code == 303 and "weather" in answer.headers["location"]
    assert 'options_chat=""' in answer.headers["set-cookie"]
    async with server.services.store.reading() as reading:
        assert (await reading.by_resume(token)).presence == "left"


async def test_erase_forgets_everything(browser: httpx.AsyncClient):
    await submit(browser, "/chat/say", text="a secret")
    page = await submit(browser, "/chat/act", do="erase")
    assert "a secret" not in page.text and "options_chat" not in browser.cookies


async def test_the_page_is_in_welsh_when_asked(browser: httpx.AsyncClient):
    page = (await browser.get("/chat?lang=cy")).text
    assert '<html lang="cy">' in page and "Siarad â pherson" in page


async def test_a_form_on_another_site_cannot_speak_for_a_parent(browser: httpx.AsyncClient):
    answer = await browser.post(
        "/chat/say", data={"id": str(uuid.uuid4()), "text": "hello"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
