"""The danger screen: hears in a parent's words that somebody may be in danger, with nothing but this process.

The phrases are data, in `facts/danger.yaml`; `danger_words` reads texts, `danger_phrases` finds phrases in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from chat_server.core.danger_phrases import Phrase, Phrasebook, Reader
from chat_server.core.danger_words import Vocabulary

FACTS = Path(__file__).parent / "facts" / "danger.yaml"


class Kind(StrEnum):
    """What somebody may be in danger of; also the names of the three urgent topics."""

    SELF_HARM = "self_harm"
    DOMESTIC_ABUSE = "domestic_abuse"
    CHILD_SAFETY = "child_safety"


class About(StrEnum):
    """Who is spoken of in a phrase."""

    WRITER = "writer"
    OTHER = "other"
    ANYONE = "anyone"
    CHILD = "child"
    CHILD_WRITER = "child_writer"
    OWN_BEHAVIOUR = "own_behaviour"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the screen heard. Falsy when it heard no danger.

    `third_party`: an adult other than the writer is in danger, and nothing says that the writer is.
    `own_behaviour`: the writer speaks of having hurt somebody. `by_child`: a child or teenager seems to write.
    """

    kinds: tuple[Kind, ...] = ()
    third_party: bool = False
    own_behaviour: bool = False
    by_child: bool = False

    def __bool__(self) -> bool:
        return bool(self.kinds)


class Match(NamedTuple):
    """One phrase found: its theme in the data, and where it stands among the words of the text (end excluded)."""

    kind: Kind | None
    about: About
    theme: str
    begin: int
    end: int
    text: Sequence[str]

    @property
    def words(self) -> str:
        """The words that were found."""
        return " ".join(self.text[self.begin : self.end])


def screen(text: str) -> Finding:
    """Hear the kinds of danger in a text of any length, most pressing first: life, then abuse, then children."""
    return _finding(SCREEN.matches(text))


def has_calm(text: str) -> bool:
    """Whether a figure of speech, a no or paperwork stands in a text, by the phrases of the data."""
    return SCREEN.has_calm(text)


def explain(text: str) -> list[Match]:
    """What `screen` goes by, for people who review the phrases."""
    return SCREEN.matches(text)


def _finding(matches: Sequence[Match]) -> Finding:
    if not matches:
        return Finding()
    kinds, abouts = {m.kind for m in matches}, _abouts(matches)
    return Finding(
        kinds=tuple(kind for kind in Kind if kind in kinds),
        third_party=About.OTHER in abouts and not abouts & {About.WRITER, About.CHILD_WRITER, About.OWN_BEHAVIOUR},
        own_behaviour=About.OWN_BEHAVIOUR in abouts,
        by_child=About.CHILD_WRITER in abouts,
    )


def _abouts(matches: Sequence[Match]) -> set[About]:
    """Who is spoken of. A phrase about another adult takes over what it covers, unless an "i" stands within it."""
    others = [m for m in matches if m.about is About.OTHER and "i" not in m.text[m.begin : m.end]]
    rest = [m for m in matches if m.about is not About.OTHER]
    covered = [m for m in rest if any(o.kind is m.kind and o.begin <= m.begin and m.end <= o.end for o in others)]
    return {m.about for m in others} | {m.about for m in rest if m not in covered}


class _Theme(NamedTuple):
    kind: Kind | None
    about: About
    name: str


class Screen:
    """All phrases of the data. Raises ValueError naming the phrase that cannot be read or would never be heard."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        reader = Reader(facts["words"], facts["stems"].split(), facts["common"].split())
        danger = [(Kind(kind), theme) for kind, themes in facts["danger"].items() for theme in themes]
        self.danger = [phrase for kind, theme in danger for phrase in _phrases(reader, theme, kind)]
        self.calm = [phrase for theme in facts["calm"] for phrase in _phrases(reader, theme, None)]
        self.vocabulary = Vocabulary(facts, reader.literals)
        for word in sorted(reader.literals):
            heard = self.vocabulary.tokens(word)[1:-1]
            if heard != [word]:
                raise ValueError(f"danger: {word!r} is never heard: it is read as {' '.join(heard)!r}")
        self._danger, self._calm = Phrasebook(self.danger), Phrasebook(self.calm)

    def matches(self, text: str) -> list[Match]:
        """All phrases of danger in the text that no calm phrase overlaps."""
        tokens = self.vocabulary.tokens(text)
        found = [Match(*phrase.theme, begin, end, tokens) for phrase, begin, end in self._danger.found(tokens)]
        calm = {n for _, begin, end in self._calm.found(tokens) for n in range(begin, end)} if found else set()
        return [m for m in found if calm.isdisjoint(range(m.begin, m.end))]

    def has_calm(self, text: str) -> bool:
        """Whether any calm phrase is in the text."""
        return next(self._calm.found(self.vocabulary.tokens(text)), None) is not None


def _phrases(reader: Reader, theme: Mapping[str, Any], kind: Kind | None) -> Iterator[Phrase]:
    named = _Theme(kind, About(theme.get("about", About.ANYONE)), theme["theme"])
    for text in theme["phrases"]:
        try:
            yield from reader.phrases(named, text)
        except (KeyError, ValueError) as error:
            raise ValueError(f"danger: {named.name}: {text!r}: {error}") from error


SCREEN = Screen(yaml.safe_load(FACTS.read_text(encoding="utf-8")))
