"""YAML whose words know the line they stand on, so that a finding can name it."""

from pathlib import Path
from typing import Any

import yaml


class Marked(str):
    """A string of a YAML file, with the line (from 1) on which its first character stands."""

    line: int

    def __new__(cls, text: str, line: int) -> "Marked":
        marked = super().__new__(cls, text)
        marked.line = line
        return marked


class Unreadable(Exception):
    """A file that is not YAML; `line` is where reading stopped."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


class _Loader(yaml.SafeLoader):
    """Plain YAML, with marked strings, and with keys that are written twice noted."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.twice: list[Marked] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                self.twice.append(Marked(key.value, key.start_mark.line + 1))
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _string(_: _Loader, node: yaml.ScalarNode) -> Marked:
    in_block = node.style in ("|", ">")
    return Marked(node.value, node.start_mark.line + (2 if in_block else 1))


_Loader.add_constructor("tag:yaml.org,2002:str", _string)


def load(path: Path) -> tuple[Any, list[Marked]]:
    """The content of a file, and the keys that stand twice in one mapping. Raises Unreadable."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        return loader.get_single_data(), loader.twice
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, str(broken.problem or broken)) from broken
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise Unreadable(1, str(broken)) from broken


def line_of(part: Any) -> int:
    """The first line of a part of a file: the least line of the strings in it, 1 when there is none."""
    lines = list(_lines(part))
    return min(lines) if lines else 1


def _lines(part: Any) -> Any:
    if isinstance(part, Marked):
        yield part.line
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _lines(key)
            yield from _lines(value)
    elif isinstance(part, list):
        for value in part:
            yield from _lines(value)
