"""Short answers: yes, no, "don't know", "stop", "why do you ask", and the marks of a correction or a guess."""

import re

_POLITE = r"(?:please|thanks|thank you|ta|mate|sorry|ok|okay|right|well|um|er|erm|oh|ah|hi|hello|hey)"
_FILL = rf"(?:[\s,.!;:-]*(?:{_POLITE})?[\s,.!;:-]*)*"

_YES = re.compile(
    r"^(?:yes|yeah|yea|yep|yeh|ye|yup|yh|y|aye|ya|correct|right|exactly|sure|ok|okay|k|fine|spot on|perfect|"
    r"true|agreed|please do|go on|"
    r"go ahead|indeed|absolutely(?! not)|definitely(?! not)|of course|that(?:'s|s| is| sounds| looks)? (?:right|correct|it|"
    r"good|fine|about right)|"
    r"sounds? (?:right|good|about right)|looks? (?:right|good)|about right|i do|they do|he does|she does|"
    r"it is|it does|there (?:is|are)|"
    r"yes it is|think so|i think so|i'?d say (?:so|yes)|i would say so|pretty much|more or less|roughly|ie|oes)\b"
)
_NO = re.compile(
    r"^(?:not (?:living )?(?:with|at) (?:me|us|him|her|them|home|mine)|(?:i )?(?:don'?t|do not) (?:think|"
    r"believe) so|(?:i )?doubt it|hope not|not (?:that|as far as) i(?:'?m| am)? (?:know|aware)(?: of)?|no|"
    r"nope|nah|naw|n|(?:absolutely|definitely|certainly) not|no way|not really|none|nil|nothing|nowt|nada|zilch|never|not any|"
    r"0|zero|negative|neither|nobody|not at all|"
    r"there (?:isn't|aren't|"
    r"is not|are not|is none|are none)|i don't(?! know)|they don't(?! know)|"
    r"(?:he|she) (?:doesn't|does not)(?! know)|that's wrong|thats wrong|wrong|incorrect|not right|"
    r"not quite|na|dim|"
    r"(?:just|only) (?:the |these |those |that |this |them |ours?(?! (?:new )?(?:baby|toddler))))\b"
)
_UNKNOWN = re.compile(
    r"\b(?:(?:i |we )?(?:really |honestly |still )?(?:don'?t|do not|wouldn'?t|didn'?t) (?:really |"
    r"actually |even )?(?:know|no)\b(?! (?:longer|more))|dunno|don't ?no|no idea|no clue|"
    r"(?:not|haven'?t)(?: got)? (?:an?|the) (?:clue|foggiest|faintest|scooby|notion)|(?<!\w\s)beats me|"
    r"clueless|not sure|unsure|idk|who knows|couldn'?t (?:tell|say)|"
    r"can'?t (?:say|remember|tell)|"
    r"hard to say|unknown|not certain|never told me|won'?t (?:tell|say)|no way of knowing|search me|"
    r"god knows|couldn'?t guess)\b"
)
_WILL_NOT_SAY = re.compile(
    r"\b(?:rather not|rather keep|keep (?:that|it) (?:to myself|private)|prefer not|don'?t want to (?:say|answer|share|give)|not (?:saying|telling|answering|"
    r"comfortable)|none of your|"
    r"not your business|private|skip|pass|next question|move on|not giving)\b"
)
_STOP = re.compile(
    rf"^{_FILL}(?:(?:can we |i want to |i'd like to |let'?s |just |please )*(?:stop|cancel|quit|exit|abort|"
    rf"end)(?: (?:it|this|that|the estimate|"
    r"the calculation|here|now|asking|please|for now))*|(?:forget|leave|drop|scrap) (?:it|this|that|"
    r"the estimate|about it)(?: for now)?|never ?mind|not now|not today|"
    r"(?:maybe |another time|later)(?: later)?|enough(?: now)?|no more(?: questions)?|i(?:'d|"
    r" would)? (?:don'?t want (?:to do this|this|to|an estimate|to carry on)(?: (?:any ?more|now))?|"
    r"changed my mind|'ve had enough)|do this later|come back (?:to (?:it|this) )?later|i'?ll (?:do (?:it|"
    r"this) later|come back(?: later)?|stop there)|"
    rf"that'?s enough|stop (?:asking|the questions))(?: (?:please|thanks|thank you|for now|now))*{_FILL}$"
)
_RESTART = re.compile(
    rf"^{_FILL}(?:can (?:we|i) |let'?s |i want to |please )*(?:start (?:again|over|afresh|from scratch)|"
    rf"begin again|restart|reset|clear (?:it|that|everything|all)|"
    rf"do (?:it|another(?: one)?|a new one) (?:again|from scratch)|new (?:estimate|"
    rf"calculation)){_FILL}(?:please)?{_FILL}$"
)
_WHY = re.compile(
    r"^(?:(?:and|but|sorry|ok|okay|er|um) )*(?:why\b|what(?:'s| is| has)? (?:that|this|it) (?:for|got to do|"
    r"mean)|what do you mean|what does (?:that|this|it) mean|"
    r"how come|what(?:'s| is) (?:that|this|the point)|do you (?:need|have) to (?:know|ask)|explain|"
    r"i don'?t (?:understand|get (?:it|this|that|what))|"
    r"what\?+$|huh\b|eh\?|pardon|what are you asking|don'?t understand|not sure what you (?:mean|are asking))"
)
_CORRECTS = re.compile(
    r"\b(?:actually|i said|but it'?s|but its|but i|sorry|correction|scrap that|scratch that|i mean(?:t)?|"
    r"i should have said|that'?s wrong|wrong|got (?:it|that) wrong|mistake|typo|oops|whoops|"
    r"wait|hang on|hold on|change (?:it|that|the|my)|instead|not \d|should (?:be|have been)|make (?:it|"
    r"that)|forgot|no it'?s|no its|no wait|it's \d+ (?:now|not))\b"
)
_GUESSES = re.compile(
    r"\b(?:guess(?:ing)?|i think|maybe|perhaps|probably|not (?:100% |totally |completely |entirely )?sure|"
    r"reckon|ball ?park|could be|must be|might be|i'?d say|possibly|"
    r"something like|don'?t know exactly|not exactly|i believe|assume|assuming|i heard|last i heard)\b"
)
_QUESTION = re.compile(
    r"\?|^(?:(?:and|but|so|ok|okay|also|sorry) )*(?:what|how|why|when|where|who|which|can|could|do|does|did|"
    r"is|are|will|would|should)\b"
)


def yes(text: str) -> bool:
    """Whether a normalised text begins as a yes."""
    return bool(_YES.match(_without_polite_start(text)))


def no(text: str) -> bool:
    """Whether a normalised text begins as a no, a none, or "only those"; "no idea" is none of these."""
    return bool(_NO.match(_without_polite_start(text))) and not unknown(text)


def unknown(text: str) -> bool:
    """The parent does not know, or would rather not say. A value in the same text counts more than this."""
    return bool(_UNKNOWN.search(text) or _WILL_NOT_SAY.search(text))


def stop(text: str) -> bool:
    return bool(_STOP.match(text))


def restart(text: str) -> bool:
    return bool(_RESTART.match(text))


def asks_why(text: str) -> bool:
    """A question about the question that was asked."""
    return bool(_WHY.match(text))


def corrects(text: str) -> bool:
    """Whether something said before is being put right."""
    return bool(_CORRECTS.search(text))


def guesses(text: str) -> bool:
    """Whether a value is offered as a guess."""
    return bool(_GUESSES.search(text))


def is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def _without_polite_start(text: str) -> str:
    return re.sub(r"^(?:(?:um+|er+m?|oh|ah|well|hi|hello|erm|sorry|so|ok|okay|right)\b[\s,.!-]+)*", "", text)
