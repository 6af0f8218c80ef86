"""The same message, written by the other parent, or in another nation: what the fairness tests compare."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]

_PAIRS = (
    "he she|he's she's|hes shes|he'd she'd|he'll she'll|himself herself|mother father|mothers fathers|mum dad|mums dads|"
    "mummy daddy|husband wife|husbands wives|ex-husband ex-wife|exhusband exwife|hubby missus|boyfriend girlfriend|bf gf|man woman|men women|"
    "stepdad stepmum|stepfather stepmother|grandmother grandfather|grandma grandad|granny grandpa"
)
_OTHER = {one: other for pair in _PAIRS.split("|") for one, other in (pair.split(), pair.split()[::-1])}
_WORD = re.compile(r"(?<![\w-])(?:" + "|".join(sorted(map(re.escape, [*_OTHER, "him", "his", "her", "hers"]), key=len, reverse=True)) + r")(?![\w])", re.I)
_AFTER_OBJECT = set(
    "and or but so if when while because cos to at in on by for from with about of off out up over again now then today last every "
    "a an the i we you they he she it is was not no money some any more less as than that this who what where how £ all back "
    "before after until till since once even".split()
)
NATIONS = ("England", "Wales", "Scotland", "Northern Ireland")
_NATION = re.compile(r"\b(?:england|wales|scotland|northern ireland)\b", re.I)


def other_parent(text: str) -> str:
    """The text with each word of sex turned into its other: mother and father, he and she, husband and wife."""
    return _WORD.sub(lambda found: _like(found[0], _other(found[0].lower(), text[found.end() :])), text)


def other_nations(text: str) -> Iterator[str]:
    """The text once for each nation, where it names one and no second beside it."""
    if len(_NATION.findall(text)) == 1:
        for nation in NATIONS:
            yield _NATION.sub(nation, text)


def _other(word: str, after: str) -> str:
    if word == "him":
        return "her"
    if word == "his":
        return "her" if re.match(r"\s+\w", after) else "hers"
    if word == "hers":
        return "his"
    if word == "her":
        following = re.match(r"\s+([\w£]+)", after)
        return "his" if following and following[1].lower() not in _AFTER_OBJECT and not following[1][0].isdigit() else "him"
    return _OTHER[word]


def _like(word: str, other: str) -> str:
    return other.upper() if word.isupper() and len(word) > 1 else other.capitalize() if word[0].isupper() else other


def examples() -> list[str]:
    """Every message that the model learns from."""
    texts = []
    for path in sorted((ROOT / "nlu").rglob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)["nlu"]:
            lines = (block.get("examples") or "").splitlines()
            texts += [re.sub(r"\[([^]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line.strip()[2:]) for line in lines if line.strip().startswith("- ")]
    return texts


def held_out() -> list[str]:
    """Every message that is kept back for judging the model."""
    texts = []
    for path in sorted((ROOT / "tests" / "dialogue").glob("evaluation*.yml")):
        texts += [message["text"] for message in yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)["messages"]]
    return texts


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
