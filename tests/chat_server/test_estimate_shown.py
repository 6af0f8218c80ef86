"""An estimate as a parent gets it: in the copy with every step, on the plain page with "what if", in Welsh, safety first."""

import re
import uuid
from datetime import date

import httpx
import pytest
from fpdf import FPDF

from chat_server.core.estimate import estimate
from chat_server.core.figures import in_force
from chat_server.core.household import parse_household
from chat_server.core.signals import EstimateShown
from tests.fakes import FakeAssistant, reply
from tests.gateways import Server

FACTS = {
    "income": {"amount": "28000", "period": "year"}, "pension": {"amount": "0", "period": "week"},
    "receiving_parents": [{"children": [{"nights_per_year": 60}, {"nights_per_year": 60}]}],
}
STEP = "£28,000 a year before tax, divided by 365 days and times 7, is £536.99 a week."


def shown(assistant: FakeAssistant, *, safe_first: bool = False) -> None:
    """The assistant's next answers carry an estimate of £73.65 a week."""
    result = estimate(parse_household(FACTS), in_force(date(2026, 11, 21))).to_dict(safe_first=safe_first)
    assistant.script = lambda question: reply("utter_estimate.method", "estimate.start", EstimateShown(result))


@pytest.fixture
async def browser(server: Server):
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=True, timeout=60, trust_env=False) as client:
        yield client


async def say(browser: httpx.AsyncClient, **query: str) -> str:
    answer = await browser.post("/chat/say", params=query, data={"id": str(uuid.uuid4()), "text": "what does the formula give?"})
    return answer.text


async def compare(browser: httpx.AsyncClient, page: str, **numbers: str) -> httpx.Response:
    of = re.search(r'<form class="what-if".*?name="of" value="(\d+)"', page, re.DOTALL).group(1)
    return await browser.post("/chat/what-if", data={"of": of, "income": "28000.00", "others": "0", **numbers})


async def test_the_copy_has_the_figure_the_other_ways_and_every_step(
    browser: httpx.AsyncClient, assistant: FakeAssistant, monkeypatch: pytest.MonkeyPatch
):
    shown(assistant)
    written: list[str] = []
    cell = FPDF.multi_cell
    monkeypatch.setattr(FPDF, "multi_cell", lambda pdf, w, h, text, **more: written.append(text) or cell(pdf, w, h, text, **more))
    await say(browser)
    copies = {format: await browser.get("/chat/copy", params={"format": format}) for format in ("txt", "html", "pdf")}
    assert copies["pdf"].content.startswith(b"%PDF-")
    for text in (copies["txt"].text, copies["html"].text, "\n".join(written)):
        for words in ("Parents can agree any amount", "How this was worked out", "What was assumed", "What could change it"):
            assert words in text, words
        figure = text.index("£73.65 a week")
        assert figure < text.index("Parents can agree any amount", figure) < text.index(STEP)
        assert ".: " not in text


async def test_where_fear_was_mentioned_the_copy_begins_with_safety_and_speaks_of_no_agreement(
    browser: httpx.AsyncClient, assistant: FakeAssistant
):
    shown(assistant, safe_first=True)
    page = await say(browser)
    for text in (page, (await browser.get("/chat/copy")).text):
        card = text[text.index("Your safety comes first") :]
        assert card.index("£73.65") > 0 and "any amount" not in card.split("What could change it")[0]


async def test_another_number_is_compared_on_the_plain_page_and_nothing_is_kept(browser: httpx.AsyncClient, assistant: FakeAssistant):
    shown(assistant)
    page = await say(browser)
    assert STEP in page and "<script" not in page
    compared = await compare(browser, page, nights="110")
    assert "The formula would give £61.37 a week: £12.28 less than the first £73.65." in compared.text
    assert 'name="nights" inputmode="decimal" value="110"' in compared.text
    again = (await browser.get("/chat")).text
    assert "less than the first" not in again and 'value="60"' in again
    assert len(assistant.asked) == 1


CHANGED = [({"income": "£30,000"}, "£78.90 a week: £5.25 more"), ({"others": "1"}, "£65.55 a week: £8.10 less"), ({}, "would still give £73.65")]
IMPOSSIBLE = [{"nights": "400"}, {"nights": "lots"}, {"income": "-3"}, {"others": "2.5"}, {"income": "9" * 30}]


async def test_income_and_other_children_can_be_changed_too(browser: httpx.AsyncClient, assistant: FakeAssistant):
    shown(assistant)
    page = await say(browser)
    for numbers, answer in CHANGED:
        assert answer in (await compare(browser, page, **numbers)).text, numbers


async def test_what_is_no_number_is_said_in_words_and_stands_in_the_field(browser: httpx.AsyncClient, assistant: FakeAssistant):
    shown(assistant)
    page = await say(browser)
    for numbers in IMPOSSIBLE:
        answer = await compare(browser, page, **numbers)
        assert answer.status_code == 400 and "Type numbers only" in answer.text, numbers
        assert f'value="{next(iter(numbers.values()))[:20]}"' in answer.text, numbers


async def test_an_estimate_of_another_conversation_is_out_of_reach(server: Server, browser: httpx.AsyncClient, assistant: FakeAssistant):
    shown(assistant)
    page = await say(browser)
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=True, timeout=60, trust_env=False) as stranger:
        assert "£" not in (await compare(stranger, page, nights="110")).text.split("</header>")[1].split("<form id")[0]


async def test_in_a_welsh_conversation_the_steps_are_in_welsh(browser: httpx.AsyncClient, assistant: FakeAssistant):
    shown(assistant)
    page = await say(browser, lang="cy")
    assert "£28,000 y flwyddyn cyn treth" in page and STEP not in page
    assert '<div class="estimate" id="estimate-2" lang="cy">' in page
