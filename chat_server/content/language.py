"""Checks of the language: words, tone, length, reading age, numbers, and the age of the facts."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from chat_server.content import avoid, reading
from chat_server.content.content import BLANK, LABEL, PHONE, URGENT, Content, Finding, Variation, names
from chat_server.content.marked import Marked
from chat_server.core.directory import DIRECTORY, NATIONS
from chat_server.core.topics import Outcome

WORDS_IN_A_MESSAGE = 80
WORDS_IN_AN_URGENT_MESSAGE = 60
WORDS_BEFORE_THE_FIRST_NUMBER = 40
WORDS_IN_A_SENTENCE = {"en": 20, "cy": 25}
"""Welsh says in two words what English often says in one."""
WORDS_IN_A_LABEL = 8
PARAGRAPHS_IN_A_MESSAGE = 3
ITEMS_IN_A_LIST = 3
READING_GRADE = 6.0
WORDS_FOR_A_GRADE = 20
"""A shorter text has no grade worth the name."""
FACTS_AGE_MONTHS = 36
"""How old the source of a fact may be before somebody should look at it again."""

EMOJI = re.compile("[\U0001f000-\U0001faff☀-➿]")
SHOUTING = re.compile(r"\b[A-Z]{4,}\b")
IN_CAPITALS = {"SHOUT", "NSPCC", "HMRC", "CALM", "PAPYRUS", "MATCH", "FLOWS", "REMO", "MIAM"}
RELAY_PREFIX = "18001"
"""What people who use Relay UK dial before a number; it belongs to no organisation."""


def words_to_avoid(content: Content) -> Iterator[Finding]:
    """The list of words that are not said, with what to say instead."""
    for v in _english(content):
        for text in (v.text, *(b.title for b in v.buttons)):
            for hit in avoid.find(text, v.key, v.metadata.get("allow", ())):
                yield v.finding(f"“{hit.words}”: {hit.rule.why} Say: {hit.rule.use}.", _line_at(text, hit.at))


def tone_of_signs(content: Content) -> Iterator[Finding]:
    """No exclamation marks, no emoji, no capitals for stress."""
    for v in content.variations():
        if "!" in v.text:
            yield v.finding("No exclamation marks.", v.line_of("!"))
        if EMOJI.search(v.text):
            yield v.finding("No emoji.")
        for loud in SHOUTING.findall(v.text):
            if loud not in IN_CAPITALS:
                yield v.finding(f"“{loud}”: no capitals for stress.", v.line_of(loud))
        if re.search(r"\bCMS\b", v.text) and "Child Maintenance Service" not in v.text:
            yield v.finding("“CMS”: say Child Maintenance Service.", v.line_of("CMS"))


def one_sided_words(content: Content) -> Iterator[Finding]:
    """Fathers without mothers, or mothers without fathers."""
    for v in _english(content):
        text = _without_names(v.text)
        fathers = re.search(r"\b(?:father|dad|husband|man|men)s?\b", text, re.IGNORECASE)
        mothers = re.search(r"\b(?:mother|mum|wife|wives|woman|women)s?\b", text, re.IGNORECASE)
        if bool(fathers) != bool(mothers):
            word = (fathers or mothers).group()  # type: ignore[union-attr]
            yield v.finding(f"“{word}” stands alone: name both, or neither.", v.line_of(word), "warning")


def length(content: Content) -> Iterator[Finding]:
    """A message, its paragraphs, its lists and its sentences are short."""
    for v in content.variations():
        if v.key.startswith(LABEL):
            if len(v.text.split()) > WORDS_IN_A_LABEL:
                yield v.finding(f"A label has {WORDS_IN_A_LABEL} words at most.")
            continue
        text = BLANK.sub("blank", v.text)
        count = _count(text)
        most = WORDS_IN_AN_URGENT_MESSAGE if v.key.startswith(URGENT) else WORDS_IN_A_MESSAGE
        if count > most:
            yield v.finding(f"{v.key} has {count} words; {most} is the most.")
        if (parts := len(reading.paragraphs(text))) > PARAGRAPHS_IN_A_MESSAGE + _lists(text):
            yield v.finding(f"{v.key} has {parts} paragraphs; {PARAGRAPHS_IN_A_MESSAGE} is the most.")
        if (items := len(re.findall(r"^- ", text, re.MULTILINE))) > ITEMS_IN_A_LIST:
            yield v.finding(f"{v.key} lists {items} things; {ITEMS_IN_A_LIST} is the most.")
        for at, sentence in reading.sentences(text):
            most = WORDS_IN_A_SENTENCE.get(v.lang, 20)
            if (size := _count(sentence)) > most:
                yield v.finding(f"This sentence has {size} words; {most} is the most: “{sentence}”", v.text.line + at)


def reading_age(content: Content) -> Iterator[Finding]:
    """A reading age of 9 to 11."""
    left_out = (*names(), *_organisation_names())
    for v in _english(content):
        text = BLANK.sub("", v.text)
        if v.key.startswith(LABEL) or len(reading.words(text)) < WORDS_FOR_A_GRADE:
            continue
        if (grade := reading.grade(text, left_out)) > READING_GRADE:
            yield v.finding(
                f"{v.key} reads at grade {grade:.1f}; {READING_GRADE:.0f} is the most. Shorter words or sentences help."
            )


def questions(content: Content) -> Iterator[Finding]:
    """One question in a message."""
    for v in content.variations():
        if (asked := v.text.count("?")) > 1:
            yield v.finding(f"{v.key} asks {asked} questions; one is the most.", v.line_of("?"))


def urgent_words(content: Content) -> Iterator[Finding]:
    """In danger the first number comes within forty words, and 999 is among the numbers."""
    for v in content.variations():
        if not v.key.startswith(URGENT):
            continue
        number = PHONE.search(v.text)
        if number is None or "999" not in v.text:
            yield v.finding(f"{v.key} does not give 999.")
        elif len(reading.words(v.text[: number.start()])) > WORDS_BEFORE_THE_FIRST_NUMBER:
            yield v.finding(f"{v.key}: the first number comes after more than {WORDS_BEFORE_THE_FIRST_NUMBER} words.")


def phone_numbers(content: Content) -> Iterator[Finding]:
    """A number in a sentence is one that the directory shows."""
    known = _numbers_that_may_be_shown()
    for v in content.variations():
        for number in PHONE.finditer(v.text):
            if number.group().replace(" ", "") not in known:
                yield v.finding(
                    f"{number.group()} is no number that the directory shows.", _line_at(v.text, number.start())
                )


def sources(content: Content) -> Iterator[Finding]:
    """A fact says where it comes from and when, and is looked at again in time."""
    today = date.today()
    informs = {
        f"utter_{name}" for name, topic in content.topics.items() if topic.outcome in (Outcome.INFORM, Outcome.SIGNPOST)
    }
    for v in content.variations():
        as_of = v.metadata.get("as_of")
        if v.key in informs and v.conditions.get("again") is not True and not (as_of and v.metadata.get("sources")):
            yield v.finding(f"{v.key}: name its sources and their date (metadata: sources, as_of).", severity="warning")
        if as_of is None:
            continue
        latest = _latest_month(str(as_of))
        if latest is None:
            yield v.finding(f"{v.key}: “{as_of}” is no date; write 2026 or 2026-11.")
        elif today.year * 12 + today.month - latest > FACTS_AGE_MONTHS:
            yield v.finding(f"{v.key} rests on facts of {as_of}: look at them again.", severity="warning")


def _english(content: Content) -> Iterator[Variation]:
    return (v for v in content.variations() if v.lang == "en")


def _line_at(text: Marked, at: int) -> int:
    return text.line + text[:at].count("\n")


def _count(text: str) -> int:
    """How many words a text has; numbers are not counted, so that a phone number makes no sentence long."""
    return sum(not re.fullmatch(r"[\d.,:]+", word) for word in reading.words(text))


def _lists(text: str) -> int:
    """One more paragraph is allowed for a list, which needs its own space."""
    return 1 if re.search(r"^- ", text, re.MULTILINE) else 0


@lru_cache
def _organisation_names() -> tuple[str, ...]:
    return tuple(organisation.name["en"] for organisation in DIRECTORY.organisations.values())


@lru_cache
def _numbers_that_may_be_shown() -> frozenset[str]:
    """The numbers of the directory that are not held back, without spaces."""
    shown = [RELAY_PREFIX]
    for organisation in DIRECTORY.organisations.values():
        lines = (organisation.line(nation) for nation in (None, *NATIONS))
        shown += [line.number for line in lines if line]
        shown += [text for text in [organisation.confirmed("text")] if text]
    return frozenset(number.replace(" ", "") for text in shown for number in PHONE.findall(text))


def _without_names(text: str) -> str:
    for name in (*_organisation_names(), *names()):
        text = re.sub(re.escape(name), " ", text, flags=re.IGNORECASE)
    return text


def _latest_month(as_of: str) -> int | None:
    """The months since year 0 of a date such as 2026, 2026-11, 2026-11-21 or the years 2024-25."""
    if not (parts := re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-\d{2})?", as_of)):
        return None
    year, month = int(parts[1]), int(parts[2] or 12)
    return year * 12 + month if month <= 12 else (year // 100 * 100 + month) * 12 + 12
