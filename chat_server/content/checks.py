"""All checks: each reads the content and says what is wrong."""

from collections.abc import Callable, Iterator

from chat_server.content import language, steps, structure
from chat_server.content.content import Content, Finding


def unreadable_files(content: Content) -> Iterator[Finding]:
    """What could not be read at all."""
    yield from content.problems


CHECKS: tuple[Callable[[Content], Iterator[Finding]], ...] = (
    unreadable_files,
    structure.keys_without_a_default,
    structure.variations_that_are_never_said,
    structure.variations_that_are_missing,
    structure.conditions_that_cannot_be_met,
    structure.keys_nobody_knows,
    structure.keys_nobody_says,
    structure.topics_that_are_not_served,
    structure.names_that_do_not_exist,
    structure.examples_with_two_meanings,
    structure.blanks_that_stay_empty,
    language.words_to_avoid,
    language.tone_of_signs,
    language.one_sided_words,
    language.length,
    language.reading_age,
    language.questions,
    steps.buttons,
    steps.a_plain_yes,
    steps.buttons_that_steer,
    steps.safety_that_is_overruled,
    steps.welsh,
    language.urgent_words,
    language.phone_numbers,
    language.sources,
)


def check(content: Content) -> list[Finding]:
    """All findings, in the order of files and lines."""
    return sorted({finding for one in CHECKS for finding in one(content)})


def waiting_for_welsh_review(content: Content) -> int:
    """How many Welsh variations a Welsh speaker has not read yet."""
    return sum(v.metadata.get("review") == "welsh speaker" for v in content.variations())
