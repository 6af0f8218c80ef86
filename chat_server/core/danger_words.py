"""The words of a text in the plain spelling in which phrases of danger are written.

Sees through capitals, look-alike letters, digits for letters, hidden and repeated letters, spaces between letters, words run
together, short forms, dialect and slips of the finger. What is known of each is data, in `facts/danger.yaml`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chat_server.core.danger_phrases import STOP, by_stem

CACHED_WORDS = 20_000

_COMMON_SIGNS = str.maketrans(
    dict.fromkeys("’‘ʼ`´＇", "'") | dict.fromkeys("“”«»–—£€•·\u00a0", " ") | {"…": ".."}
)
# Letters of other alphabets that look like Latin ones, and marks that cannot be seen.
_LOOKALIKES = str.maketrans(
    dict(zip("аеорсухіјѕԁһӏցոаΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχ", "aeopcyxijsdhlgnaabezhikmnoptyxaeiknoptux", strict=True))
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None)
)
_TOKEN = re.compile(r"[a-z0-9']+(?:[*@$!|][a-z0-9'*@$!|]*[a-z0-9'])*|\.\.+|[.?!;\n]")
_SPACED_OUT = re.compile(r"(?<![a-z0-9'])(?:[a-z0-9][ .\-_*]{1,3}){3,}[a-z0-9](?![a-z0-9'])")
_MANY = re.compile(r"(.)\1{2,}")
_LEET = tuple(str.maketrans("01345789@$!|", f"o{one}eastbgas{one}l") for one in "il")
_HIDDEN_LETTER = re.compile(r"[*@$!|]")


class Vocabulary:
    """Turns the words of a text into the plain spelling in which phrases are written."""

    def __init__(self, facts: Mapping[str, Any], literals: Iterable[str]) -> None:
        self.literals = frozenset(literals)
        self.stems = tuple(facts["stems"].split())
        self.spoken = {spoken: self._by_stem(plain) for spoken, plain in facts["spoken"].items()}
        self.fillers = frozenset(facts["fillers"].split())
        self.together = {"".join(phrase.split()): tuple(phrase.split()) for phrase in facts["run_together"]}
        self.not_typos = frozenset(facts["not_typos"].split())
        self._targets = facts["typos"].split()
        self._near = _one_letter_less(self._targets)
        self._masked = _one_letter_masked({*self._targets, *facts["masked"].split()})
        self._cache: dict[str, tuple[str, ...]] = {}

    def tokens(self, text: str) -> list[str]:
        """The text as plain words, STOP at both ends and between sentences."""
        cache, tokens = self._cache, [STOP]
        for word in _TOKEN.findall(_SPACED_OUT.sub(_joined, _folded(text))):
            plain = cache.get(word)
            if plain is None:
                plain = self._remember(word)
            tokens += plain
        tokens.append(STOP)
        return tokens

    def _by_stem(self, words: str) -> tuple[str, ...]:
        return tuple(by_stem(word, self.stems) for word in words.split())

    def _remember(self, word: str) -> tuple[str, ...]:
        """The plain spelling, kept for the next text; numbers and names with signs in them are nobody's to keep."""
        plain = self._plain(word)
        if word.isalpha() or word in self.spoken:
            if len(self._cache) >= CACHED_WORDS:
                self._cache.clear()
            self._cache[word] = plain
        return plain

    def _plain(self, word: str) -> tuple[str, ...]:
        if not (word[0].isalnum() or word[0] == "'"):
            return (STOP,) if word in ".?!;\n" else ()
        word = word.strip("'")
        plain = word.replace("'", "")
        for known in (self.known(word), self.known(plain)):
            if known is not None:
                return known
        return self._guessed(plain) if plain else ()

    def known(self, word: str) -> tuple[str, ...] | None:
        """The plain spelling of a word that is known as it stands: no words at all for a filler, None for a stranger."""
        if word in self.fillers:
            return ()
        if word in self.spoken:
            return self.spoken[word]
        if word in self.literals:
            return (word,)
        if word in self.together:
            return self._each(self.together[word])
        if word.startswith(self.stems):
            return (by_stem(word, self.stems),)
        if word.endswith("'s") and len(word) > 3:
            return self._each([word[:-2]])
        return None

    def _each(self, words: Iterable[str]) -> tuple[str, ...]:
        """The plain spelling of several words, strangers as they are."""
        known = ((word, self.known(word)) for word in words)
        return tuple(token for word, plain in known for token in ((word,) if plain is None else plain))

    def _guessed(self, word: str) -> tuple[str, ...]:
        for guess in self._spellings(word):
            known = self.known(guess)
            if known is not None:
                return known
        for key, words in self.together.items():
            if len(key) > 8 and key in word:
                return self._each(words)
        if _HIDDEN_LETTER.search(word):
            return self._each(filter(None, _HIDDEN_LETTER.split(word)))
        return (word,)

    def _spellings(self, word: str) -> Iterator[str]:
        """What a word nobody knows may stand for: digits for letters, a hidden letter, letters repeated, a slip."""
        if not word.isalpha():
            for leet in _LEET:
                yield word.translate(leet)
            yield from self._masked.get(_HIDDEN_LETTER.sub("*", word), ())
            return
        if word in self.not_typos:
            return
        if word.endswith("in"):
            yield word + "g"
        squeezed = _MANY.sub(r"\1\1", word)
        if squeezed != word:
            yield squeezed
            yield _MANY.sub(r"\1", word)
        if len(word) > 4:
            for shorter in (word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))):
                target = self._near.get(shorter)
                if target and abs(len(target) - len(word)) < 2:
                    yield target


def _folded(text: str) -> str:
    """Small plain letters: compatibility forms, look-alike letters, accents and invisible marks undone."""
    text = text.lower()
    if not text.isascii():
        text = text.translate(_COMMON_SIGNS)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).casefold().translate(_COMMON_SIGNS).translate(_LOOKALIKES)
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _joined(spaced_out: re.Match[str]) -> str:
    return re.sub(r"[ .\-_*]", "", spaced_out.group())


def _one_letter_less(targets: Iterable[str]) -> dict[str, str]:
    """Each target under all spellings with one letter missing, the first letter apart: slips meet it half-way."""
    near: dict[str, str] = {}
    for target in targets:
        for i in range(1, len(target)):
            near.setdefault(target[:i] + target[i + 1 :], target)
    return near | {target: target for target in targets}


def _one_letter_masked(words: Iterable[str]) -> dict[str, list[str]]:
    """Each word under all spellings with one or two letters hidden behind stars: k*ll, s*icide, r**e."""
    masked: dict[str, list[str]] = {}
    for word in words:
        for i in range(1, len(word)):
            masked.setdefault(word[:i] + "*" + word[i + 1 :], []).append(word)
            if i + 1 < len(word):
                masked.setdefault(word[:i] + "**" + word[i + 2 :], []).append(word)
    return masked
