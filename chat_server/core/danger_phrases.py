"""Phrases of danger: reading their notation, and finding them in a row of plain words.

The notation is explained at the head of `facts/danger.yaml`. A phrase hangs on its rarest word, its anchor, and is tried
only where that stands and when everything else it needs is in the text somewhere; so time grows with the length of a text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

STOP = "."
"""The token between sentences; no phrase reaches across it."""

WORD, MAYBE, GAP, NOT, EDGE, FORK = range(6)


class Element(NamedTuple):
    """A piece of a phrase as it is written: a word of a set, one that may be there, a gap, a forbidden word, an end, a fork."""

    op: int
    words: frozenset[str] = frozenset()
    most: int = 0
    ways: tuple[tuple["Element", ...], ...] = ()


class Step(NamedTuple):
    """A piece of a phrase as it is walked. Behind a word that may be missing, a gap and a fork the walk goes on in `rest` or in
    `ways`, which hold all that follows; the ways of a fork are kept by the word they begin with, "" those that begin otherwise.
    """

    op: int
    words: frozenset[str] = frozenset()
    most: int = 0
    rest: tuple["Step", ...] = ()
    ways: Mapping[str, tuple[tuple["Step", ...], ...]] = {}


class Phrase(NamedTuple):
    """A phrase of a theme, ready to be found. `needed` are further sets of words of which a text must hold one each."""

    theme: Any
    anchor: frozenset[str]
    needed: tuple[frozenset[str], ...]
    before: tuple[Step, ...]
    after: tuple[Step, ...]

    def found_at(self, tokens: Sequence[str], at: int) -> tuple[int, int] | None:
        """Where the phrase begins and ends when its anchor stands at this place; None when it is not there."""
        begin = _walk(self.before, tokens, at - 1, -1)
        if begin is None:
            return None
        end = _walk(self.after, tokens, at + 1, 1)
        return None if end is None else (begin + 1, end)


class Phrasebook:
    """Many phrases, found together: kept by their anchor and, where only few words can stand next to it, by those."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_anchor: dict[str, tuple[_ByWord, _ByWord, list[Phrase]]] = {}
        for phrase in phrases:
            after, before = _first_words(phrase.after), _first_words(phrase.before)
            for word in phrase.anchor:
                by_after, by_before, others = self._by_anchor.setdefault(word, ({}, {}, []))
                if after is not None and (before is None or len(after) <= len(before)):
                    _keep(by_after, after, phrase)
                elif before is not None:
                    _keep(by_before, before, phrase)
                else:
                    others.append(phrase)

    def found(self, tokens: Sequence[str]) -> Iterator[tuple[Phrase, int, int]]:
        """Each phrase that is there, with where it begins and ends. The tokens begin and end with STOP."""
        missing = _Missing(tokens)
        by_anchor = self._by_anchor
        for at, token in enumerate(tokens):
            hung = by_anchor.get(token)
            if hung is None:
                continue
            by_after, by_before, others = hung
            for phrase in (*by_after.get(tokens[at + 1], ()), *by_before.get(tokens[at - 1], ()), *others):
                for words in phrase.needed:
                    if missing[words]:
                        break
                else:
                    place = phrase.found_at(tokens, at)
                    if place:
                        yield phrase, *place


_ByWord = dict[str, list[Phrase]]


def _keep(by_word: _ByWord, words: Iterable[str], phrase: Phrase) -> None:
    for word in words:
        by_word.setdefault(word, []).append(phrase)


class _Missing(dict[frozenset[str], bool]):
    """Whether a text holds none of the words of a set, worked out once for each set."""

    def __init__(self, tokens: Iterable[str]) -> None:
        super().__init__()
        self._none_of = set(tokens).isdisjoint

    def __missing__(self, words: frozenset[str]) -> bool:
        self[words] = is_missing = self._none_of(words)
        return is_missing


def _first_words(steps: tuple[Step, ...]) -> frozenset[str] | None:
    """The words that can stand where the steps begin; None when that may be any word."""
    if not steps:
        return None
    op, words, _, rest, ways = steps[0]
    if op == WORD:
        return words
    if op == EDGE:
        return frozenset({STOP})
    if op not in (MAYBE, FORK):
        return None
    further = [_first_words(way) for way in ((rest,) if op == MAYBE else ways.get("", ()))]
    if any(other is None for other in further):
        return None
    return (words | ways.keys() - {""}).union(*filter(None, further))


def _walk(steps: tuple[Step, ...], tokens: Sequence[str], i: int, way: int) -> int | None:
    """Match steps from place `i` on, forwards (`way` 1) or backwards (-1); the first place behind them, or None.

    The tokens begin and end with STOP, which matches no word, so `i` stays inside.
    """
    for op, words, most, rest, ways in steps:
        here = tokens[i]
        if op == WORD:
            if here not in words:
                return None
            i += way
        elif op == GAP:
            return _walk_over(rest, tokens, i, way, most)
        elif op == FORK:
            for after_word in ways.get(here, ()):
                end = _walk(after_word, tokens, i + way, way)
                if end is not None:
                    return end
            for other in ways.get("", ()):
                end = _walk(other, tokens, i, way)
                if end is not None:
                    return end
            return None
        elif op == MAYBE:
            end = _walk(rest, tokens, i + way, way) if here in words else None
            return _walk(rest, tokens, i, way) if end is None else end
        elif op == NOT:
            if here in words:
                return None
        elif here != STOP:
            return None
    return i


def _walk_over(steps: tuple[Step, ...], tokens: Sequence[str], i: int, way: int, most: int) -> int | None:
    """As `_walk`, with up to `most` words skipped first; never over the end of a sentence."""
    wanted = steps[0].words if steps[0].op == WORD else None
    for _ in range(most + 1):
        here = tokens[i]
        if wanted is None or here in wanted:
            end = _walk(steps, tokens, i, way)
            if end is not None:
                return end
        if here == STOP:
            return None
        i += way
    return None


# ---- the notation

_MARK = re.compile(r"\.\.\d*|[()\[\]|!^$]|[\w'@*~]+|\s+")


_PAIRS = "he she|himself herself|mum dad|mother father|husband wife|boyfriend girlfriend|man woman|men women|stepdad stepmum"
_COUNTERPARTS: Mapping[str, tuple[str, ...]] = {
    one: (other,) for pair in _PAIRS.split("|") for one, other in (pair.split(), pair.split()[::-1])
} | {"him": ("her",), "his": ("her",), "her": ("him", "his")}
"""What is danger from one parent is danger from the other: a phrase that names one of these is heard for both."""


class Reader:
    """Reads phrases as they are written in the data, and remembers every word that one of them asks for.

    `lists` are the words behind @names, `stems` the beginnings that may be written with a star, `common` the words that say
    little, the most common first. Raises ValueError or KeyError on what cannot be read.
    """

    def __init__(self, lists: Mapping[str, str], stems: Sequence[str], common: Sequence[str]) -> None:
        self.literals: set[str] = set()
        self._lists = lists
        self._stems = stems
        self._commonness = {word: len(common) - n for n, word in enumerate(common)}
        self._read: dict[str, frozenset[str]] = {}

    def phrases(self, theme: Any, text: str) -> Iterator[Phrase]:
        """The phrase of this text; one for each way of a fork where the ways have rarer words than the rest."""
        elements = self.elements(text)
        if any(end.op in (MAYBE, GAP) or () in end.ways for end in (elements[0], elements[-1])):
            raise ValueError("what may be missing says nothing at an end")
        for anchored in self._anchored(elements):
            yield self._phrase(theme, anchored)

    def elements(self, text: str) -> tuple[Element, ...]:
        """The pieces of the text."""
        marks = _MARK.findall(text)
        elements = self._row(marks)
        if marks or not elements:
            raise ValueError(f"cannot go on at {''.join(marks)!r}")
        return elements

    def words(self, listed: str) -> frozenset[str]:
        """The words of a list, with all forms of a verb for `verb~` and the other list for `@name`."""
        found: set[str] = set()
        for word in listed.split():
            if word.startswith("@"):
                found |= self._list(word[1:])
            elif word.endswith("~"):
                found |= set(_inflected(word[:-1]))
            elif word.endswith("*") and word[:-1] not in self._stems:
                raise ValueError(f"{word!r} is none of the stems")
            elif _MARK.fullmatch(word):
                found.add(word)
            else:
                raise ValueError(f"{word!r} is no word")
        found |= {other for word in found for other in _COUNTERPARTS.get(word, ())}
        heard = frozenset(by_stem(word, self._stems) for word in found)
        self.literals |= {word for word in heard if not word.endswith("*")}
        return heard

    def _list(self, name: str) -> frozenset[str]:
        if name not in self._read:
            self._read[name] = self.words(self._lists[name])
        return self._read[name]

    def _row(self, marks: list[str], bracketed: bool = False) -> tuple[Element, ...]:
        """Elements up to the end of the text or, in brackets, of the row; what was read is taken off `marks`."""
        row: list[Element] = []
        while marks and marks[0] not in ("|", ")", "]"):
            if marks[0].isspace():
                del marks[0]
            elif marks[0].startswith(".."):
                row.append(Element(GAP, most=int(marks.pop(0)[2:] or 3)))
            elif marks[0] == "(":
                row.append(_optional(self._bracket(marks, ")")))
            else:
                row.append(self._choice(marks, bracketed))
        return tuple(row)

    def _bracket(self, marks: list[str], closing: str) -> list[tuple[Element, ...]]:
        ways = []
        while marks.pop(0) != closing:
            ways.append(self._row(marks, bracketed=True))
            if not marks:
                raise ValueError(f"no {closing!r}")
        return ways

    def _choice(self, marks: list[str], bracketed: bool) -> Element:
        """Words and rows of words divided by strokes, without spaces between; in brackets a stroke begins a new row."""
        forbids = marks[0] == "!"
        if forbids:
            del marks[0]
        ways = self._atom(marks)
        while not bracketed and marks and marks[0] == "|":
            del marks[0]
            ways += self._atom(marks)
        words = _single_words(ways)
        if forbids:
            if words is None:
                raise ValueError("only single words can be forbidden")
            return Element(NOT, words)
        return Element(FORK, ways=tuple(ways)) if words is None else Element(WORD, words)

    def _atom(self, marks: list[str]) -> list[tuple[Element, ...]]:
        if marks[0] == "[":
            return self._bracket(marks, "]")
        mark = marks.pop(0)
        if mark in ("^", "$"):
            return [(Element(EDGE),)]
        return [(Element(WORD, self.words(mark)),)]

    def _anchored(self, elements: tuple[Element, ...]) -> Iterator[tuple[Element, ...]]:
        """The elements, or where a fork holds the rarest words, one row for each of its ways."""
        needed = [(self._common(words), n) for n, element in enumerate(elements) if (words := self._needed(element))]
        if not needed:
            raise ValueError("no word that must be there")
        _, rarest = min(needed)
        if elements[rarest].op == WORD:
            yield elements
            return
        for way in _merged(elements[rarest].ways):
            yield from self._anchored(elements[:rarest] + way + elements[rarest + 1 :])

    def _phrase(self, theme: Any, elements: tuple[Element, ...]) -> Phrase:
        places = [n for n, element in enumerate(elements) if element.op == WORD]
        anchor = min(places, key=lambda n: self._common(elements[n].words))
        others = elements[:anchor] + elements[anchor + 1 :]
        needed = sorted(filter(None, map(self._needed, others)), key=self._common)
        before, after = _steps(_reversed(elements[:anchor])), _steps(elements[anchor + 1 :])
        return Phrase(theme, elements[anchor].words, tuple(needed), before, after)

    def _needed(self, element: Element) -> frozenset[str]:
        """Words of which a text must hold one, or the element cannot be met; empty where it asks for none."""
        if element.op == WORD:
            return element.words
        if element.op != FORK:
            return frozenset()
        by_way = [min(filter(None, map(self._needed, way)), key=self._common, default=frozenset()) for way in element.ways]
        return frozenset().union(*by_way) if all(by_way) else frozenset()

    def _common(self, words: frozenset[str]) -> int:
        return sum(self._commonness.get(word, 1) for word in words)


def by_stem(word: str, stems: Iterable[str]) -> str:
    """The word, or its stem with a star where it begins with one."""
    return next((f"{stem}*" for stem in stems if word.startswith(stem)), word)


def _single_words(ways: Sequence[tuple[Element, ...]]) -> frozenset[str] | None:
    """All words of the ways when each way is one word; else None."""
    if any(len(way) != 1 or way[0].op != WORD for way in ways):
        return None
    return frozenset().union(*(way[0].words for way in ways))


def _merged(ways: Sequence[tuple[Element, ...]]) -> list[tuple[Element, ...]]:
    """The ways with all those of a single word made into one."""
    single = [way for way in ways if _single_words([way]) is not None]
    longer = [way for way in ways if _single_words([way]) is None]
    return longer + ([(Element(WORD, _single_words(single) or frozenset()),)] if single else [])


def _optional(ways: Sequence[tuple[Element, ...]]) -> Element:
    words = _single_words(ways)
    return Element(FORK, ways=(*ways, ())) if words is None else Element(MAYBE, words)


def _reversed(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    return tuple(e._replace(ways=tuple(map(_reversed, e.ways))) for e in reversed(elements))


def _steps(elements: tuple[Element, ...]) -> tuple[Step, ...]:
    """The elements ready to be walked."""
    for n, (op, words, most, ways) in enumerate(elements):
        behind = elements[n + 1 :]
        if op == FORK:
            last = Step(FORK, ways=_by_first_word([way + behind for way in ways]))
        elif op in (MAYBE, GAP):
            last = Step(op, words, most, rest=_steps(behind))
        else:
            continue
        return (*map(_step, elements[:n]), last)
    return tuple(map(_step, elements))


def _step(element: Element) -> Step:
    return Step(element.op, element.words)


def _by_first_word(ways: list[tuple[Element, ...]]) -> Mapping[str, tuple[tuple[Step, ...], ...]]:
    table: dict[str, list[tuple[Step, ...]]] = {}
    while ways:
        way = ways.pop(0)
        if way and way[0].op in (WORD, MAYBE):
            behind = _steps(way[1:])
            for word in way[0].words:
                table.setdefault(word, []).append(behind)
            if way[0].op == MAYBE:
                ways.insert(0, way[1:])
        else:
            table.setdefault("", []).append(_steps(way))
    return {word: tuple(found) for word, found in table.items()}


def _inflected(verb: str) -> Iterator[str]:
    """The forms of a regular verb: slap, slaps, slapped, slapping."""
    yield verb
    yield verb + ("es" if verb.endswith(("s", "x", "z", "ch", "sh")) else "s")
    if verb.endswith("e"):
        stems = [verb[:-1]]
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        yield from (verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing")
        return
    else:
        stems = [verb, verb + verb[-1]]
    for stem in stems:
        yield from (stem + "ed", stem + "ing")
