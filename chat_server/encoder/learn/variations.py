"""The same message as other thumbs would type it, and in company: what a model must see through."""

import random
import re
from collections.abc import Sequence

from chat_server.encoder.learn.examples import Example

_NEAR = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk", "k": "jl", "l": "k",
    "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip
_SHORT = [
    ("child maintenance", "cm"), ("child maintenance", "maintenance"), ("child maintenance service", "cms"), ("cms", "csa"),
    ("universal credit", "uc"), ("because", "cos"), ("you", "u"), ("your", "ur"), ("are", "r"), ("please", "pls"), ("with", "wi"),
    ("people", "ppl"), ("about", "abt"), ("going to", "gonna"), ("want to", "wanna"), ("don't know", "dunno"), ("cannot", "cant"),
    ("though", "tho"), ("really", "rly"), ("what", "wot"), ("and", "&"), ("to", "2"), ("for", "4"), ("children", "kids"),
    ("kids", "bairns"), ("kids", "weans"), ("money", "dosh"), ("something", "summat"), ("nothing", "nowt"), ("family based arrangement", "fba"),
    ("isn't", "isnt"), ("through", "thru"), ("tonight", "2nite"), ("tomorrow", "tmrw"), ("ex-spouse", "ex"),
]  # fmt: skip
_BEFORE = [
    "hi", "hello,", "hiya", "sorry if this is the wrong place but", "not sure if you can help,", "quick question,", "ok so", "right,",
    "sorry for the long message.", "sorry im on my phone.", "been meaning to ask this for ages.", "me and my ex split up last year.",
    "we separated in march and have two kids, 5 and 8.", "we were together eleven years.", "i work nights so only just got a minute.",
    "my sister told me to try this chat.", "i'm on my lunch break so ill be quick.", "weve got a little one, shes nearly three.",
    "i have been on the phone all morning.", "its a long story.", "never done this before.", "i drive a van for a living.",
    "the kids are in bed so i can finally ask.", "i live near my parents with the little one.",
]  # fmt: skip
_AFTER = [
    "thanks", "thanks in advance", "any advice welcome", "hope that makes sense", "cheers", "ta", "please help", "sorry for rambling",
    "if that makes sense", "anyway thats where we are", "sent from my phone", "??", "x",
]  # fmt: skip
_GRAVE = {"urgent": 2, "handover": 1}


class Variations:
    """Makes another form of an example each time it is asked, from one seed."""

    def __init__(self, examples: Sequence[Example], outcome_of: dict[str, str], seed: int) -> None:
        """`examples` are also the company that a message may be put into."""
        self._random = random.Random(seed)
        self._weight = {topic: _GRAVE.get(outcome, 0) for topic, outcome in outcome_of.items()}
        self._calm = [e for e in examples if outcome_of[e.topic] in ("inform", "estimate")]
        self._outcome_of = outcome_of

    def of(self, example: Example) -> tuple[str, dict[str, float]]:
        """A text, and how much it is about each topic."""
        text, about = example.text, {example.topic: 1.0}
        if self._outcome_of[example.topic] not in ("chat", "clarify"):
            if self._chance(0.12):
                text, about = self._in_company(example)
            else:
                if self._chance(0.15):
                    text = f"{self._random.choice(_BEFORE)} {text}"
                if self._chance(0.1):
                    text = f"{text} {self._random.choice(_AFTER)}"
        return self._retyped(text), about

    def _in_company(self, example: Example) -> tuple[str, dict[str, float]]:
        """Beside another matter. The graver one is what the message is about; of two calm ones, both are."""
        other = self._random.choice(self._calm)
        first, second = self._random.sample([example, other], 2)
        joint = self._random.choice([". ", " and ", ", ", ". also ", " but ", "\n"])
        about = {example.topic: 1.0} if self._weight[example.topic] or other.topic == example.topic else {example.topic: 0.5, other.topic: 0.5}
        return f"{first.text.rstrip('.')}{joint}{second.text}".replace("\n", " "), about

    def _retyped(self, text: str) -> str:
        if self._chance(0.2):
            text = text.replace("'", "")
        if self._chance(0.2):
            text = re.sub(r"[.,;:!?]", "", text)
        if self._chance(0.3):
            for full, short in self._random.sample(_SHORT, 12):
                text = re.sub(rf"\b{full}\b", short, text)
        if self._chance(0.3):
            for _ in range(1 + len(text) // 60):
                text = self._slip(text)
        return text

    def _slip(self, text: str) -> str:
        places = [i for i, c in enumerate(text) if c in _NEAR]
        if len(places) < 6:
            return text
        at = self._random.choice(places)
        kind = self._random.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            return text[:at] + text[at] + text[at:]
        if kind == 2 and at + 1 < len(text):
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text[:at] + self._random.choice(_NEAR[text[at]]) + text[at + 1 :]

    def _chance(self, share: float) -> bool:
        return self._random.random() < share
