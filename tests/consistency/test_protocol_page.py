"""`docs/protocol.md` names every frame, field, code and close that there is, and none that there is not."""

import re
from pathlib import Path
from typing import get_args

from chat_server import protocol
from chat_server.app import create_app
from chat_server.core.conversation import State
from chat_server.errors import STATUS
from chat_server.settings import Settings

AGENTS = "/api/agent/"
"""These calls stand in `docs/agents.md`, which has a test of its own."""
PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


def section(title: str) -> str:
    return PAGE.split(f"# {title}", 1)[1].split("\n#", 1)[0]


def named(text: str) -> set[str]:
    """The names in the first column of a table."""
    return {name for line in text.splitlines() if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_every_frame_of_a_parent_stands_on_the_page_with_its_fields():
    table = section("Parent to server")
    frames = get_args(get_args(protocol.ParentFrame)[0])
    assert {frame.model_fields["type"].default for frame in frames} == named(table) - {"type"}
    for frame in frames:
        row = next(line for line in table.splitlines() if line.startswith(f"| `{frame.model_fields['type'].default}`"))
        for field in set(frame.model_fields) - {"type"}:
            assert f"`{field}`" in row, f"{frame.__name__}.{field}"


def test_every_error_code_stands_on_the_page():
    assert named(section("Error codes")) == set(STATUS)


def test_every_close_code_stands_on_the_page():
    closes = {str(value) for name, value in vars(protocol).items() if name.startswith("CLOSE_")}
    assert set(re.findall(r"^\| (\d{4}) ", section("Close codes"), re.M)) == closes


def test_every_state_stands_on_the_page():
    assert all(f"`{state}`" in section("2. States") for state in State)


def test_every_call_stands_on_the_page():
    http = section("3. HTTP")
    for path in create_app(Settings()).openapi()["paths"]:
        assert path in http or path.startswith(AGENTS), path
