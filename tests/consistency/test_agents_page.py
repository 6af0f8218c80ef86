"""`docs/agents.md` names every frame, field, call and entry that there is, and none that there is not."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from chat_server import agent_protocol as wire
from chat_server.agents_cli import ROLES
from chat_server.app import create_app
from chat_server.core import briefing
from chat_server.core.board import KEY, Agent, Offer, Standing, World, desk
from chat_server.core.conversation import Conversation, State
from chat_server.desk import card_frame
from chat_server.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text()
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUE = Agent("s1", "sue@example.org", "Sue", "supervisor")


def section(title: str) -> str:
    return PAGE.split(f"# {title}", 1)[1].split("\n#", 1)[0]


def rows(title: str) -> dict[str, list[str]]:
    """The cells of each row of a section's table, by the names in the first one."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section(title).splitlines() if line.startswith("| `")]
    return {name: row[1:] for row in cells for name in re.findall(r"`([^`]+)`", row[0])}


def names(cell: str) -> set[str]:
    """The names outside of brackets: the fields of the thing itself."""
    return set(re.findall(r"`(\w+)`", re.sub(r"[{(\[].*?[})\]]+", "", cell)))


def test_every_frame_of_an_agent_stands_on_the_page_with_its_fields():
    table = rows("Agent to server")
    frames = {frame.model_fields["type"].default: frame for frame in get_args(get_args(wire.AgentFrame)[0])}
    assert set(table) - {"type"} == set(frames)
    for name, frame in frames.items():
        assert names(table[name][0]) == set(frame.model_fields) - {"type"}, name


def test_every_call_stands_on_the_page():
    there = {f"{method.upper()} {path}" for path, methods in create_app(Settings()).openapi()["paths"].items()
             for method in methods if path.startswith("/api/agent")}
    assert {name.partition("?")[0] for name in rows("Calls") if name.split()[0] in ("GET", "POST", "PUT", "DELETE")} == there


def test_every_section_of_the_desk_stands_on_the_page_with_its_fields():
    standing = [
        Standing(id=str(state), ref=str(state), state=state, version=1, since=NOON, agent_id="s1", last_agent_id="s1", safe_contact={})
        for state in (State.QUEUED, State.AGENT, State.MESSAGE_LEFT)
    ]
    made = desk(World(standing, [SUE], [Offer("agent", "transfer", "s1", "s1", NOON.replace(hour=13))]), SUE, NOON)
    table = rows("The desk")
    assert set(table) == set(KEY)
    for name, entries in made.items():
        assert names(table[name][0]) == set(entries[0]), name


def test_the_conversation_frame_stands_on_the_page_with_its_fields():
    frame = card_frame(SUE, Conversation("c1", "K7QR-4MXW", NOON), [], [], None, {})
    cell = rows("Server to agent")["conversation"][0].split(". Comes again")[0]
    assert names(cell) == set(frame) - {"type"}


def test_every_kind_of_briefing_line_stands_on_the_page():
    source = Path(briefing.__file__).read_text()
    assert set(rows("The briefing")) == set(re.findall(r'Line\("(\w+)"', source))


def test_outcomes_statuses_and_roles_stand_on_the_page():
    assert set(wire.OUTCOMES) == set(get_args(wire.Outcome)) == set(re.findall(r"`(\w+)`", PAGE.split("Outcomes:")[1].split(". ")[0]))
    assert "|".join(ROLES) in PAGE
    for status in get_args(wire.Presence.model_fields["status"].annotation):
        assert f"`{status}`" in rows("Agent to server")["presence"][0]
