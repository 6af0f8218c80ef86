"""Makes what parents type easier to read: one kind of quote and dash, number words as figures, `28k` for thousands."""

import re
import unicodedata

_UNITS = {
    word: number
    for number, words in enumerate(
        "zero nil|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
        "seventeen|eighteen|nineteen".split("|")
    )
    for word in words.split()
}
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "ninty": 90,
}  # fmt: skip
_THOUSAND = {"thousand", "thosand", "thou", "grand", "k"}
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}

# Words that parents write otherwise, and how the readers know them.
_OTHERWISE = tuple(
    (re.compile(written), plain)
    for written, plain in (
        (r"\bb4\b", "before"),
        (r"\bid (?=rather|prefer|say|guess|like)", "i'd "),
        (r"\b(do|does|did|is|are|was|were|have|has|had|would|could|should|ca|wo)nt\b", r"\1n't"),
        (r"(?<= )'?em\b", "them"),
        (r"(?<=\w) '?n'? (?=[\w£])", " and "),
        (r"(?<=\w) an (?=(?:i|he|she|we|they|my|his|her|our|the|pays?|puts?|has|have|gets?|got|earns?)\b)", " and "),
        (r"\b(?:wean|wain|sprog|nipper|kiddie|kiddo|youngster|(?:little?|young)[ ']*un)(s?)\b", r"kid\1"),
        (r"\bton\b(?! (?:of|and a half)\b)", "hundred"),
    )
)

# "Our 2 every weekend": the word for the children is left out.
_OUR_NUMBER = re.compile(
    r"\bour ([1-9])(?=\W*$|[,.;!?]| (?:and|but|every|each|alternate|on|at|for|with|half|over ?night|stays?|lives?|are|comes?|go(?:es)?|\d)\b)"
)

_JOINED = re.compile(rf"\b({'|'.join(_TENS)})({'|'.join(word for word in _UNITS if 0 < _UNITS[word] < 10)})\b")
_TOKEN = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[^a-z\d]+")
_JOINING = re.compile(r"[\s-]+")


def normalise(text: str) -> str:
    """Lower case, plain punctuation, figures for number words. The readers all work on this form."""
    for sign, decimal in _FRACTIONS.items():
        text = re.sub(rf"(?<=\d)\s?{sign}", decimal, text).replace(sign, f"0{decimal}")
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‘’`´]", "'", text)
    text = re.sub(r"[‐-―−]", "-", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    for written, plain in _OTHERWISE:
        text = written.sub(plain, text)
    text = re.sub(r"\b(?:an? |the )?(tenner|fiver)\b", lambda note: "£10" if note.group(1) == "tenner" else "£5", text)
    text = re.sub(r"(?<=\d)x(?= )", "", text)
    text = re.sub(r"\b(twen|thir|for|fif|six|seven|eigh|nine)ties\b", lambda word: f"{_TENS[word.group(1) + 'ty']}s", text)
    text = re.sub(r"£\s+", "£", text)
    text = re.sub(r"(?<=£)(\d{1,3}) (?=\d{3}\b)|\b(\d{2,3}) (?=000\b)", lambda match: match.group(1) or match.group(2), text)
    text = re.sub(r"(?<=\d) 1/2\b", ".5", text)
    text = re.sub(
        r"(?<=\d)(?=(?:pw|pcm|pa|pm|p/w|p/a|wk|wks|yrs?|hrs?|ph|nights?|days?|kids?|weeks?|months?|girls?|boys?|"
        r"grand)\b)"
    , " ", text)
    text = re.sub(r"\s+", " ", text).strip()
    text = figures_for_words(text)
    text = re.sub(r"\b(\d{1,3}) pounds? (?:and )?(\d{2})(?: ?p\b| pence)?(?= (?:an|a|per|each) )", r"£\1.\2", text)
    text = re.sub(r"(?<=\d)\s?(?:thousand|thosand|thou|grand|k)\b(?:'s)?", "k", text)
    text = re.sub(r"(?<=\d)\s?(?:million|mill?)\b", "m", text)
    return _OUR_NUMBER.sub(r"our \1 kids", text)


def figures_for_words(text: str) -> str:
    """`two and a half grand` as `2.5 grand`, `twenty eight thousand five hundred` as `28500`, `a couple of` as `2`."""
    text = re.sub(r"\b(?:a )?couple(?: of)?\b", "2", text)
    text = re.sub(r"\bhalf an? (?=grand|thousand|k\b)", "0.5 ", text)
    text = re.sub(r"\ban? (?=hundred|thousand|grand\b)", "1 ", text)
    text = re.sub(r"(?:^|(?<=about )|(?<=around )|(?<=roughly ))(?=hundred\b)", "1 ", text)
    text = _JOINED.sub(r"\1 \2", text)
    text = re.sub(r"(?<=\w) and a bit\b", "", text)
    tokens = _TOKEN.findall(text)
    out: list[str] = []
    place = 0
    while place < len(tokens):
        number, after = _number(tokens, place)
        if after == place:
            out.append(tokens[place])
            place += 1
        else:
            out.append(number)
            place = after
    return re.sub(r"(\d) and a half\b", r"\1.5", "".join(out))


def _number(tokens: list[str], place: int) -> tuple[str, int]:
    """The number that begins at a token, as figures, and the place after it; the same place when there is none."""
    value, after = _below_thousand(tokens, place)
    if value is None:
        return "", place
    step = _next_word(tokens, after)
    if step is not None and tokens[step] in _THOUSAND - {"grand", "k"}:
        more, end = _below_thousand(tokens, _skip_and(tokens, step + 1))
        if more is not None and more >= 20:
            return str(value * 1000 + more), end
    if tokens[place].isdigit() and after == place + 1:
        return "", place
    return str(value), after


def _below_thousand(tokens: list[str], place: int) -> tuple[int | None, int]:
    value, after = _below_hundred(tokens, place)
    if value is None:
        return None, place
    step = _next_word(tokens, after)
    if step is None:
        return value, after
    if tokens[step] == "hundred":
        more, end = _below_hundred(tokens, _skip_and(tokens, step + 1))
        return (value * 100 + more, end) if more is not None else (value * 100, step + 1)
    if tokens[step] in _TENS and value < 10 and not tokens[place].isdigit():
        more, end = _below_hundred(tokens, step)
        return value * 100 + (more or 0), end
    return value, after


def _below_hundred(tokens: list[str], place: int) -> tuple[int | None, int]:
    if place >= len(tokens):
        return None, place
    word = tokens[place]
    if word in _TENS:
        step = _next_word(tokens, place + 1)
        if step is not None and 0 < _UNITS.get(tokens[step], 0) < 10:
            return _TENS[word] + _UNITS[tokens[step]], step + 1
        return _TENS[word], place + 1
    if word in _UNITS:
        return _UNITS[word], place + 1
    if word.isdigit() and len(word) <= 3:
        return int(word), place + 1
    return None, place


def _next_word(tokens: list[str], place: int) -> int | None:
    """The place of the next word when only a space or hyphen lies between."""
    if place + 1 < len(tokens) and _JOINING.fullmatch(tokens[place]):
        return place + 1
    return None


def _skip_and(tokens: list[str], place: int) -> int:
    step = _next_word(tokens, place)
    if step is None:
        return place
    if tokens[step] == "and":
        return _next_word(tokens, step + 1) or place
    return step
