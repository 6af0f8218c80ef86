"""pyproject.toml is the one source of dependencies; the hashed requirement files are compiled from it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
BASE = PROJECT["project"]["dependencies"]
COMPILED = {
    "chat_server/requirements.txt": BASE,
    "actions/requirements.txt": GROUPS["actions"],
    "tests/requirements.txt": BASE + GROUPS["actions"] + GROUPS["test"],
    "chat_server/encoder/learn/requirements.txt": GROUPS["encoder"],
    "dialogue/requirements.txt": GROUPS["dialogue"],
    "chat_server/launch/requirements.txt": GROUPS["tools"],
}


def pins(file: str) -> dict[str, set[str]]:
    """Each pinned package with its versions; there can be one for each platform."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", (ROOT / file).read_text(), re.M):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def test_every_requirement_file_is_compiled_from_pyproject():
    tracked = {str(path.relative_to(ROOT)) for folder in ("actions", "chat_server", "dialogue", "tests") for path in (ROOT / folder).rglob("requirements*.txt")}
    assert tracked == set(COMPILED)


@pytest.mark.parametrize("file", COMPILED)
def test_every_direct_dependency_is_pinned_as_pyproject_asks(file):
    pinned = pins(file)
    for wanted in map(Requirement, COMPILED[file]):
        versions = pinned.get(canonicalize_name(wanted.name), set())
        assert versions, f"{wanted.name} is not in {file}: run `make requirements`"
        assert all(wanted.specifier.contains(version) for version in versions), f"{wanted} is {versions} in {file}: run `make requirements`"


@pytest.mark.parametrize("file", COMPILED)
def test_every_pin_has_its_hashes(file):
    for block in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / file).read_text().strip()):
        assert "==" in block.splitlines()[0] and "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("file", COMPILED)
def test_no_host_is_named(file):
    text = (ROOT / file).read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text and "--extra-index" not in text


def test_the_files_for_one_environment_agree():
    """chat_server's, actions' and the tests' are installed together."""
    together = pins("tests/requirements.txt")
    for file in ("chat_server/requirements.txt", "actions/requirements.txt"):
        differing = {name: versions for name, versions in pins(file).items() if together.get(name) != versions}
        assert not differing, file
