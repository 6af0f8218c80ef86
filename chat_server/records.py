"""The parent's copy of a conversation: text, a printable page or a PDF, with the reference and the times."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from anyio import to_thread
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from jinja2 import Environment, FileSystemLoader

from chat_server.core.conversation import Conversation, State
from chat_server.core.events import Event
from chat_server.errors import Problem
from chat_server.services import Services

LONDON = ZoneInfo("Europe/London")
FONTS = Path(__file__).parent / "fonts"
SPEAKERS = ("parent", "assistant", "agent", "service", "urgent")
templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "web" / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said, ready to be written down."""

    at: str
    speaker: str
    text: str
    lang: str
    lines: tuple[str, ...]
    """Organisations, the estimate with its steps, sources: one line each."""


@dataclass(frozen=True, slots=True)
class Record:
    """A conversation written down."""

    ref: str
    lang: str
    title: str
    made_at: str
    note: str
    entries: tuple[Entry, ...]


async def copy_response(services: Services, conversation: Conversation, kind: str) -> Response:
    """The copy as `txt`, `html` or `pdf`. Raises Problem for anything else, and for an erased conversation."""
    if kind not in ("txt", "html", "pdf"):
        raise Problem("bad_input", "format: txt, html or pdf", field="format")
    if conversation.state is State.ERASED:
        raise Problem("ended", "this conversation was erased")
    record = await make_record(services, conversation)
    name = f'attachment; filename="conversation-{conversation.ref}.{kind}"'
    if kind == "pdf":
        content = await to_thread.run_sync(as_pdf, record)
        return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})
    if kind == "html":
        return HTMLResponse(templates.get_template("copy.html").render(record=record))
    return PlainTextResponse(as_text(record), headers={"Content-Disposition": name})


async def make_record(services: Services, conversation: Conversation) -> Record:
    """Everything that was said, in order, in the words in which it was said."""
    events: list[Event] = []
    async with services.store.reading() as reading:
        while page := await reading.events_after(conversation.id, events[-1].seq if events else 0):
            events += page
    words = _Words(services, conversation.lang)
    shown = [event for event in events if event.type in ("message", "urgent")]
    return Record(
        ref=conversation.ref,
        lang=conversation.lang,
        title=words("title"),
        made_at=_time(services.clock()),
        note=words("note"),
        entries=tuple(_entry(event, words) for event in shown),
    )


def as_text(record: Record) -> str:
    """The copy as plain text."""
    lines = [record.title, record.ref, record.made_at, "", record.note, ""]
    for entry in record.entries:
        lines += [f"[{entry.at}] {entry.speaker}:", entry.text, *(f"  {line}" for line in entry.lines), ""]
    return "\n".join(lines)


def as_pdf(record: Record) -> bytes:
    """The copy as a PDF of A4 pages, tagged with its language; letters that the font lacks are left as boxes."""
    pdf = FPDF(format="A4")
    pdf.set_lang(record.lang)
    pdf.set_title(f"{record.title} {record.ref}")
    pdf.set_margin(18)
    pdf.set_auto_page_break(True, margin=18)
    pdf.add_font("body", "", FONTS / "DejaVuSans.ttf")
    pdf.add_font("body", "B", FONTS / "DejaVuSans-Bold.ttf")
    pdf.add_page()
    _write(pdf, f"{record.title} {record.ref}", 15, bold=True)
    _write(pdf, record.made_at, 9)
    _write(pdf, record.note, 9)
    for entry in record.entries:
        pdf.ln(3)
        _write(pdf, f"{entry.speaker} · {entry.at}", 9, bold=True)
        _write(pdf, entry.text, 11)
        for line in entry.lines:
            _write(pdf, f"• {line}", 10)
    return bytes(pdf.output())


def _write(pdf: FPDF, text: str, size: int, *, bold: bool = False) -> None:
    pdf.set_font("body", "B" if bold else "", size)
    pdf.multi_cell(0, size * 0.55, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


class _Words:
    """The copy's own few words, in the parent's language."""

    def __init__(self, services: Services, lang: str) -> None:
        self._wording, self._lang = services.wording, lang

    def __call__(self, key: str, **blanks: Any) -> str:
        return self._wording.say(f"utter_copy_{key}", {}, self._lang, **blanks).text


def _entry(event: Event, words: _Words) -> Entry:
    body = event.body
    who = "urgent" if event.type == "urgent" else body["from"]
    speaker = body.get("name") if who == "agent" and body.get("name") else words(f"speaker_{who}")
    return Entry(_time(event.at), speaker, body["text"], body.get("lang", "en"), tuple(_lines(body, words)))


def _lines(body: dict[str, Any], words: _Words) -> list[str]:
    lines = [_organisation(card) for card in body.get("organisations") or ()]
    estimate = body.get("estimate")
    if estimate:
        lines += _estimate(estimate, words)
    for source in body.get("sources") or ():
        dated = f"{source['title']} ({source['as_of']})" if source.get("as_of") else source["title"]
        lines.append(words("source", source=dated))
    return lines


def _organisation(card: dict[str, Any]) -> str:
    parts = [card["name"], card.get("phone"), card.get("text"), card.get("website"), card.get("hours")]
    return " · ".join(str(part) for part in parts if part)


def _estimate(estimate: dict[str, Any], words: _Words) -> list[str]:
    """Safety first where it was called for; the figure and, beside it, what else is open; then every step."""
    lines = [estimate["safety"]] if estimate.get("safety") else []
    lines.append(words("estimate", weekly=estimate["weekly"], as_of=estimate["as_of"]))
    lines.append(estimate.get("options") or words("any_amount"))
    lines += [words("steps"), *(f"{number}. {step['text']}" for number, step in enumerate(estimate["steps"], 1))]
    for part in ("assumptions", "could_change"):
        if estimate.get(part):
            lines += [words(part), *estimate[part]]
    return lines


def _time(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y, %H:%M}"
