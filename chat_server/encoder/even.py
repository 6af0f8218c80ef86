"""Words that tell a mother from a father, or one nation from another, become one word before a text is understood.

So the same message gets the same topic whoever writes it. Nothing that matters is lost: who pays and who has the
children is said in other words, and the nation is read from the parent's own words elsewhere.
"""

from __future__ import annotations

import re
from typing import Dict

_SAME: Dict[str, str] = {
    "they": "he she",
    "their": "him her his hers",
    "they's": "he's she's hes shes",
    "they'd": "he'd she'd",
    "they'll": "he'll she'll",
    "themself": "himself herself hisself",
    "parent": "mother father mum dad mam mom mummy mommy daddy mama papa mamma",
    "parents": "mothers fathers mums dads mams moms mummies daddies",
    "spouse": "wife husband hubby missus",
    "spouses": "wives husbands",
    "exspouse": "exwife exhusband",
    "partner": "girlfriend boyfriend gf bf",
    "partners": "girlfriends boyfriends",
    "stepparent": "stepmother stepfather stepmum stepdad stepmam stepmom",
    "grandparent": "grandmother grandfather grandma grandad granddad grandpa granny gran nan nana",
    "person": "man woman bloke lady",
    "people": "men women blokes ladies",
    "scotland": "england wales",
}
_WORD = {word: same for same, words in _SAME.items() for word in words.split()}
_NORTHERN_IRELAND = re.compile(r"\b(?:northern|n\.?) ireland\b")
"""Ireland alone is another country, and stays."""
_KNOWN = re.compile(r"\b(?:" + "|".join(sorted(_WORD, key=len, reverse=True)) + r")\b")


def even(text: str) -> str:
    """A tidied text without words of sex and nation."""
    return _KNOWN.sub(lambda found: _WORD[found[0]], _NORTHERN_IRELAND.sub("scotland", text))
