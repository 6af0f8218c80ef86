"""Everything that is checked, read once: words, examples, domain, stories, and who says which key."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from chat_server.content.marked import Marked, Unreadable, line_of, load
from chat_server.core.topics import Topic
from chat_server.core.topics import load as load_topics

WORDING = Path("domain/wording")
CODE = ("chat_server", "actions", "dialogue")
PROGRAMS = (".py", ".html", ".js", ".mjs")
HERE = Path(__file__).parent
LABEL = "utter_label_"
URGENT = "utter_urgent_"
BLANK = re.compile(r"\{(\w+)\}")
PHONE = re.compile(r"(?<![£\d.,])\b(?:999|111|112|101|116 ?123|[0-9]{5}|0[0-9][0-9 ]{7,}[0-9])\b(?!%)")


@dataclass(frozen=True, order=True)
class Finding:
    """Something wrong, in plain words. An error stops a change; a warning is for a person to look at."""

    path: str
    line: int
    severity: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message}"


@dataclass(frozen=True)
class Button:
    title: Marked
    payload: Marked


@dataclass(frozen=True)
class Variation:
    """One way to say a key, with the place where it is written."""

    key: str
    path: str
    line: int
    text: Marked
    conditions: Mapping[str, Any]
    buttons: tuple[Button, ...]
    metadata: Mapping[str, Any]

    @property
    def lang(self) -> str:
        return str(self.conditions.get("lang", "en"))

    def line_of(self, part: str) -> int:
        """The line of the file on which this part of the text stands; that of the text when it is not there."""
        return self.text.line + self.text.partition(part)[0].count("\n") if part in self.text else self.line

    def finding(self, message: str, line: int | None = None, severity: str = "error") -> Finding:
        return Finding(self.path, line or self.line, severity, message)


@dataclass(frozen=True)
class Mention:
    """A name that a file uses: a topic, an action or a key."""

    path: str
    line: int
    name: str


@dataclass
class Content:
    """What was read. `problems` are the findings of the reading itself."""

    root: Path
    topics: Mapping[str, Topic]
    keys: dict[str, list[Variation]] = field(default_factory=dict)
    intents: list[Mention] = field(default_factory=list)
    slots: dict[str, list[Any] | None] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    forms: dict[str, list[str]] = field(default_factory=dict)
    examples: dict[str, list[Mention]] = field(default_factory=dict)
    example_intents: list[Mention] = field(default_factory=list)
    story_intents: list[Mention] = field(default_factory=list)
    story_actions: list[Mention] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)

    @cached_property
    def code(self) -> "Code":
        return Code.read(self.root)

    @cached_property
    def tested_topics(self) -> frozenset[str]:
        """The topics that a conversation test names."""
        files = (path for ending in ("yml", "py") for path in self.root.glob(f"tests/conversations/**/*.{ending}"))
        texts = (path.read_text(encoding="utf-8") for path in files)
        words = {name for text in texts for name in re.findall(r"[a-z_]+(?:\.[a-z_]+)?", text)}
        return frozenset(name.removeprefix("utter_") for name in words)

    def variations(self) -> Iterator[Variation]:
        for variations in self.keys.values():
            yield from variations


@dataclass
class Code:
    """The keys that programs say: written out, or with gaps (`f"utter_urgent_{kind}"`)."""

    exact: list[Mention] = field(default_factory=list)
    shapes: dict[str, set[str]] = field(default_factory=dict)
    """Regular expression of a key with gaps, and the files in which it stands."""
    sources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> "Code":
        code = cls()
        for path in _program_files(root):
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            if "utter_" in text or "words(" in text:
                code.sources[name] = text
                code._add(name, text)
        return code

    def _add(self, name: str, text: str) -> None:
        strings = _python_strings(text) if name.endswith(".py") else _other_strings(text)
        for line, string in strings:
            if re.fullmatch(r"utter_[\w.]*\w", string):
                self.exact.append(Mention(name, line, string))
            elif re.fullmatch(r"utter_(?:[\w.]|\0)*[A-Za-z](?:[\w.]|\0)*", string):
                shape = "".join(r"[\w.]+" if part == "\0" else re.escape(part) for part in re.split("(\0)", string))
                self.shapes.setdefault(shape, set()).add(name)

    def said_in(self, key: str) -> set[str]:
        """The files that say this key."""
        files = {mention.path for mention in self.exact if mention.name == key}
        for shape, names in self.shapes.items():
            if re.fullmatch(shape, key):
                files |= names
        return files

    def gives(self, key: str, blank: str) -> bool:
        """Whether a file that says the key names the blank as well."""
        named = re.compile(rf"\b{blank}\s*=|[\"']{blank}[\"']|\b{blank}\s*:")
        return any(named.search(self.sources[name]) for name in self.said_in(key))


def read(root: Path) -> Content:
    """Read the content of a copy of the project. Raises OSError only when there is none at all."""
    content = Content(root, load_topics())
    for path in sorted((root / "domain").rglob("*.yml")):
        in_wording = (root / WORDING) in path.parents
        _guard(content, path, _read_wording if in_wording else _read_domain)
    for path in sorted((root / "nlu").rglob("*.yml")):
        _guard(content, path, _read_examples)
    for path in sorted((root / "stories").rglob("*.yml")):
        _guard(content, path, _read_stories)
    return content


def names() -> tuple[str, ...]:
    """Names and legal terms that are left out of the reading age."""
    raw = yaml.safe_load((HERE / "names.yaml").read_text(encoding="utf-8"))
    return (*raw["names"], *raw["terms"])


def blanks() -> Mapping[str, tuple[str, ...]]:
    """Blanks that the gateway fills by itself, with the beginnings of the keys that may hold them."""
    raw = yaml.safe_load((HERE / "blanks.yaml").read_text(encoding="utf-8"))
    return {name: tuple(keys) for name, keys in raw.items()}


def _guard(content: Content, path: Path, reader: Any) -> None:
    name = path.relative_to(content.root).as_posix()
    try:
        data, twice = load(path)
    except Unreadable as broken:
        content.problems.append(Finding(name, broken.line, "error", f"This is not readable YAML: {broken.problem}."))
        return
    for key in twice:
        content.problems.append(
            Finding(name, key.line, "error", f"“{key}” is written twice here; only one would count.")
        )
    if data is None:
        return
    try:
        reader(content, name, data)
    except (AttributeError, TypeError, KeyError) as broken:
        content.problems.append(
            Finding(name, line_of(data), "error", f"This file is not laid out as expected: {broken}.")
        )


def _read_wording(content: Content, name: str, data: dict[str, Any]) -> None:
    for key, raw in (data.get("responses") or {}).items():
        if key in content.keys:
            first = content.keys[key][0]
            content.problems.append(
                Finding(name, key.line, "error", f"{key} already has its words in {first.path}, line {first.line}.")
            )
            continue
        content.keys[key] = [found for part in raw or () if (found := _variation(content, name, key, part))]


def _variation(content: Content, name: str, key: Marked, raw: dict[str, Any]) -> Variation | None:
    line = line_of(raw) if raw else key.line
    if not str(raw.get("text") or "").strip():
        content.problems.append(Finding(name, line, "error", f"A variation of {key} has no text."))
        return None
    conditions: dict[str, Any] = {}
    for condition in raw.get("condition", ()):
        if condition.get("type") != "slot" or "name" not in condition or "value" not in condition:
            content.problems.append(
                Finding(name, line, "error", f"A condition of {key} must be {{type: slot, name: …, value: …}}.")
            )
            continue
        conditions[condition["name"]] = condition["value"]
    return Variation(
        key=str(key),
        path=name,
        line=line,
        text=raw["text"],
        conditions=conditions,
        buttons=tuple(Button(b["title"], b["payload"]) for b in raw.get("buttons", ())),
        metadata=raw.get("metadata") or {},
    )


def _read_domain(content: Content, name: str, data: dict[str, Any]) -> None:
    for key in data.get("responses") or {}:
        content.problems.append(
            Finding(name, key.line, "error", f"{key} belongs in {WORDING.as_posix()}/, where all words are.")
        )
    for intent in data.get("intents") or ():
        intent = next(iter(intent)) if isinstance(intent, dict) else intent
        content.intents.append(Mention(name, intent.line, str(intent)))
    for slot, raw in (data.get("slots") or {}).items():
        values = raw.get("values")
        content.slots[str(slot)] = list(values) if values else [True, False] if raw.get("type") == "bool" else None
    content.actions |= {str(action) for action in data.get("actions") or ()}
    for form, raw in (data.get("forms") or {}).items():
        content.forms[str(form)] = [str(slot) for slot in (raw or {}).get("required_slots", ())]


def _read_examples(content: Content, name: str, data: dict[str, Any]) -> None:
    for block in data.get("nlu") or ():
        if "intent" not in block:
            continue
        intent, examples = block["intent"], block.get("examples") or Marked("", 1)
        content.example_intents.append(Mention(name, intent.line, str(intent)))
        kept = content.examples.setdefault(str(intent), [])
        for at, line in enumerate(examples.splitlines()):
            if line.strip().startswith("- "):
                kept.append(Mention(name, examples.line + at, line.strip()[2:].strip()))


def _read_stories(content: Content, name: str, data: dict[str, Any]) -> None:
    for kind in ("rules", "stories"):
        for story in data.get(kind) or ():
            for step in _steps(story.get("steps") or ()):
                if "intent" in step:
                    content.story_intents.append(Mention(name, step["intent"].line, str(step["intent"])))
                if "action" in step:
                    content.story_actions.append(Mention(name, step["action"].line, str(step["action"])))


def _steps(steps: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for step in steps:
        if isinstance(step, dict) and "or" in step:
            yield from _steps(step["or"])
        elif isinstance(step, dict):
            yield step


def _program_files(root: Path) -> Iterator[Path]:
    for folder in CODE:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in PROGRAMS and HERE.name not in path.relative_to(root).parts:
                yield path


def _python_strings(text: str) -> Iterator[tuple[int, str]]:
    """The strings of a program, docstrings left out; the gaps of an f-string are written as a null character."""
    tree = ast.parse(text)
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in prose or id(node) in inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "\0" for p in node.values)


def _other_strings(text: str) -> Iterator[tuple[int, str]]:
    """Keys in a template or a script; a template leaves the first part out: `words("plain_" ~ problem)`."""
    for at, line in enumerate(text.splitlines(), start=1):
        for string in re.findall(r"[\"'`](utter_[^\"'`]*)[\"'`]", line):
            yield at, re.sub(r"\$\{[^}]*\}|\{\{[^}]*\}\}", "\0", string)
        for string, goes_on in re.findall(r"\bwords\(\s*[\"']([\w.]+)[\"']\s*(~?)", line):
            yield at, f"utter_{string}" + ("\0" if goes_on else "")
