"""No hot statement reads a whole table: the plans of everything that a parent, an agent and the sweeps ask of the store."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from chat_server.services import Services
from tests.agents import add_agent, console
from tests.chat_server.conftest import Start
from tests.gateways import Server

GROWS = {"conversations", "events", "inbound", "turns", "audit", "notes", "ratings"}
"""Tables with a row for every conversation or message that ever was. The others are as large as the team."""
Asked = dict[str, Any]
"""Each statement that was executed, with the parameters of one time."""


@contextmanager
def listening(services: Services) -> Iterator[Asked]:
    engine, asked = services.store._engine.sync_engine, {}

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        asked.setdefault(statement, parameters[0] if many and parameters else parameters)

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


async def everything_hot(server: Server) -> None:
    """A parent talks, comes back, is handed over, talks to an agent; the sweeps run; the desk is made."""
    services = server.services
    asha = await add_agent(services)
    async with console(server, asha) as agent, server.parent() as parent:
        await parent.ask("hello")
        resume, ref = parent.welcome["resume"], parent.welcome["conversation"]
        async with server.parent(hello={"resume": resume, "last_seq": 1}) as again:
            await again.ask("me again")
        await parent.do("human")
        await parent.hear("queue")
        await agent.until("queue", ref)
        await agent.claim(ref)
        await agent.act("say", ref, text="I am here")
        await parent.hear("message", text="I am here")
    at = services.clock()
    async with services.store.work() as work:  # a sign of life, not committed
        await work.renew_leases(asha.agent.id, at, at)
    async with services.store.reading() as reading:
        await reading.waiting_turns(at)
        await reading.tops([(await reading.by_ref(ref)).id])
        await reading.queue()
        await reading.recent_waits_s()
        await reading.overdue(at)
        await reading.world(at)


@pytest.fixture
async def asked(start: Start) -> Any:
    async with start() as server:
        with listening(server.services) as heard:
            await everything_hot(server)
        yield server.services, heard


async def test_no_hot_statement_reads_a_whole_table(asked):
    services, heard = asked
    hot = {statement: parameters for statement, parameters in heard.items() if re.match(r"\s*(SELECT|UPDATE|DELETE)\b", statement)}
    assert len(hot) >= 20, "the store was hardly asked anything"
    looked_at, whole = set(), []
    async with services.store._engine.connect() as connection:
        for statement, parameters in hot.items():
            looked_at |= GROWS & set(re.findall(r"\w+", statement))
            whole += [f"{table}: {statement}" for table in await read_whole(connection, statement, parameters)]
    assert {"conversations", "events", "inbound", "turns", "audit"} <= looked_at
    assert whole == []


async def test_a_statement_without_an_index_would_be_found(asked):
    services, _ = asked
    async with services.store._engine.connect() as connection:
        assert await read_whole(connection, "SELECT id FROM conversations WHERE via = 'x'", ()) == ["conversations"]


async def read_whole(connection: Any, statement: str, parameters: Any) -> list[str]:
    """The growing tables of which this statement reads every row, as the database itself plans it."""
    if connection.dialect.name == "sqlite":
        plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        named = [re.match(r"SCAN (\w+)(.*)", step) for step in plan]
        aliases = dict((alias, table) for table, alias in re.findall(r"(\w+) AS (\w+)", statement))
        found = [(aliases.get(step[1], step[1]), step[2]) for step in named if step]
        return [table for table, how in found if table in GROWS and not PARTIAL.search(how)]
    await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # with few rows a whole table is the better plan: not so here
    plan = (await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)).scalar_one()
    return [node["Relation Name"] for node in _nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWS]


PARTIAL = re.compile(r"USING (COVERING )?INDEX (ix_conversations_queue|ix_turns_waiting)")
"""Indexes that hold only what waits: reading all of one is reading what waits."""


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
