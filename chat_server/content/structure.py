"""Checks of what belongs together: keys, conditions, topics, rules, examples, blanks."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chat_server.content.content import BLANK, LABEL, URGENT, Content, Finding, Mention, Variation, blanks
from chat_server.core.topics import FACTS, Outcome

WORDS_OF_A_LONG_ANSWER = 50
_TWIN_ROLE = {"paying": "receiving", "receiving": "paying"}
RENDERER_SLOTS: Mapping[str, list[Any]] = {
    "again": [True],
    "third_party": [True, False],
    "own_behaviour": [True, False],
    "by_child": [True, False],
}
"""Conditions that are no slots of the domain: the gateway sets them when it says a key."""


def keys_without_a_default(content: Content) -> Iterator[Finding]:
    """Words for every parent, whatever is known of them."""
    for key, variations in content.keys.items():
        if not variations:
            yield Finding("domain/wording", 1, "error", f"{key} has no words.")
        elif not any(not v.conditions for v in variations):
            yield variations[0].finding(f"{key} needs one variation without a condition, for everybody else.")


def variations_that_are_never_said(content: Content) -> Iterator[Finding]:
    """Two variations with the same conditions: the first one wins."""
    for variations in content.keys.values():
        seen: dict[str, Variation] = {}
        for v in variations:
            same = json.dumps(v.conditions, sort_keys=True, default=str)
            if same in seen:
                yield v.finding(
                    f"{v.key} has the same conditions in line {seen[same].line}, so these words are never said."
                )
            seen.setdefault(same, v)


def variations_that_are_missing(content: Content) -> Iterator[Finding]:
    """Words for one parent want words for the other, and a long answer a short one for when it is asked for again."""
    for key, variations in content.keys.items():
        written = [dict(v.conditions) for v in variations]
        for v in variations:
            twin = _TWIN_ROLE.get(str(v.conditions.get("role")))
            if twin and not key.startswith("utter_ask_") and {**v.conditions, "role": twin} not in written:
                yield v.finding(f"{key} has words for the {v.conditions['role']} parent and none for the {twin} one.")
        topic = content.topics.get(key.removeprefix("utter_"))
        if topic is None or topic.outcome is not Outcome.INFORM or any(v.conditions.get("again") for v in variations):
            continue
        plain = next((v for v in variations if not v.conditions), None)
        if plain and len(plain.text.split()) > WORDS_OF_A_LONG_ANSWER:
            yield plain.finding(
                f"{key} has no shorter words for a parent who asks again (condition: again).", severity="warning"
            )


def conditions_that_cannot_be_met(content: Content) -> Iterator[Finding]:
    """A condition on a slot that nobody sets, or on a value that it never has."""
    slots = {**content.slots, **RENDERER_SLOTS}
    for v in content.variations():
        for name, value in v.conditions.items():
            if name not in slots:
                yield v.finding(f"{v.key}: no slot is called “{name}”.")
            elif (values := slots[name]) and value not in values:
                yield v.finding(f"{v.key}: “{name}” is never “{value}”; it is one of {', '.join(map(str, values))}.")


def keys_nobody_knows(content: Content) -> Iterator[Finding]:
    """A story or a program says a key that has no words."""
    for mention in (*content.story_actions, *content.code.exact):
        if mention.name.startswith("utter_") and mention.name not in content.keys:
            yield Finding(mention.path, mention.line, "error", f"{mention.name} has no words in domain/wording/.")


def keys_nobody_says(content: Content) -> Iterator[Finding]:
    """Words that are never shown."""
    said = {mention.name for mention in content.story_actions}
    for form, slots in content.forms.items():
        said |= {f"utter_ask_{form}_{slot}" for slot in slots} | {f"utter_ask_{slot}" for slot in slots}
    for name in content.topics:
        said |= {f"utter_{name}", f"{LABEL}{name}", f"{URGENT}{name}", f"{URGENT}{name}_short"}
    for key, variations in content.keys.items():
        if variations and key not in said and not content.code.said_in(key):
            yield variations[0].finding(f"Nothing says {key}: no rule, no form, no program.", severity="warning")


def topics_that_are_not_served(content: Content) -> Iterator[Finding]:
    """Each topic needs words, a label, examples and a conversation test."""
    at = FACTS.relative_to(FACTS.parents[3]).as_posix()
    for line, topic in _topic_lines(content):
        if not _has_words(content, topic):
            yield Finding(at, line, "error", f"The topic {topic} has no words: write utter_{topic}.")
        if f"{LABEL}{topic}" not in content.keys:
            yield Finding(at, line, "error", f"The topic {topic} has no label: write {LABEL}{topic}.")
        if not content.examples.get(topic):
            yield Finding(at, line, "warning", f"The topic {topic} has no examples of what parents say in nlu/.")
        if topic not in content.tested_topics:
            yield Finding(at, line, "warning", f"No conversation in tests/conversations/ tries the topic {topic}.")


def names_that_do_not_exist(content: Content) -> Iterator[Finding]:
    """Topics and actions that examples, rules or the domain name, and that are nowhere."""
    known = set(content.topics) | {mention.name for mention in content.intents}
    for mention in (*content.example_intents, *content.story_intents):
        if mention.name not in known and mention.name != "nlu_fallback":
            yield Finding(mention.path, mention.line, "error", f"There is no topic “{mention.name}”.")
    declared = {mention.name for mention in content.intents}
    for name in sorted(set(content.topics) - declared) if declared else ():
        yield Finding("domain/_shared.yml", 1, "error", f"The topic {name} is not among the intents.")
    actions = content.actions | set(content.forms) | {f"validate_{form}" for form in content.forms}
    for mention in content.story_actions:
        if not mention.name.startswith("utter_") and mention.name not in actions and mention.name != "action_listen":
            yield Finding(mention.path, mention.line, "error", f"The domain has no action “{mention.name}”.")


def examples_with_two_meanings(content: Content) -> Iterator[Finding]:
    """The same sentence under two topics teaches neither."""
    first: dict[str, tuple[str, Mention]] = {}
    for topic, examples in content.examples.items():
        for example in examples:
            plain = _plain(example.name)
            other, where = first.setdefault(plain, (topic, example))
            if other != topic:
                yield Finding(
                    example.path,
                    example.line,
                    "error",
                    f"“{example.name}” is an example of {topic}, and of {other} in {where.path}, line {where.line}.",
                )


def _plain(example: str) -> str:
    """What two examples are compared by: the words without marks, capitals and stops; signs count where there are no words."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)|\[([^]]*)\]\{[^}]*\}", r"\1\2", example.lower())
    return re.sub(r"[^a-z0-9£ ]", "", text).strip() or text.strip()


def blanks_that_stay_empty(content: Content) -> Iterator[Finding]:
    """A blank that nothing fills."""
    ours = blanks()
    for v in content.variations():
        for blank in BLANK.findall(" ".join((v.text, *(b.title for b in v.buttons)))):
            if not v.key.startswith(ours.get(blank) or ("\0",)) and not content.code.gives(v.key, blank):
                yield v.finding(f"{v.key}: nothing fills the blank {{{blank}}}.", v.line_of(f"{{{blank}}}"))


def _topic_lines(content: Content) -> Iterator[tuple[int, str]]:
    lines = FACTS.read_text(encoding="utf-8").splitlines()
    for topic in content.topics:
        yield next((at for at, line in enumerate(lines, start=1) if line.startswith(f"{topic}:")), 1), topic


def _has_words(content: Content, topic: str) -> bool:
    outcome = content.topics[topic].outcome
    if outcome is Outcome.URGENT:
        return f"{URGENT}{topic}" in content.keys and f"{URGENT}{topic}_short" in content.keys
    if outcome is Outcome.ESTIMATE:
        return f"utter_{topic}" in content.keys or any(
            f"utter_ask_{form}" in key for form in content.forms for key in content.keys
        )
    return f"utter_{topic}" in content.keys
