"""Conversations by the hundred thousand, made by the database itself: each begun, asked once, answered once, and closed."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

WAITING = 50
"""So many wait for an agent, however many are stored: the queue is as long as the day, not as the years."""

SERIES = {
    "postgresql": "SELECT n FROM generate_series({first}, {last}) AS s(n)",
    "sqlite": "SELECT n FROM (WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s)",
}
HEX = {"postgresql": "lpad(to_hex(n), 32, '0')", "sqlite": "printf('%032x', n)"}
AT = {"postgresql": "timestamptz '2026-01-01' + n * interval '1 second'", "sqlite": "datetime('2026-01-01', n || ' seconds') || '.000000'"}
FALSE = {"postgresql": "false", "sqlite": "0"}

STATEMENTS = (
    """INSERT INTO conversations (id, ref, resume_hash, created_at, state, version, top, part, lang, presence, urgent, lost_agent, is_urgent, failures, recent_keys, queued_at)
       SELECT {hex}, 'L' || n, {hex}, {at}, CASE WHEN n <= {waiting} THEN 'queued' ELSE 'closed' END, 1, 2, 1, 'en', 'left', '{{}}', {false}, {false}, 0, '[]',
              CASE WHEN n <= {waiting} THEN {at} END FROM ({series}) AS numbers""",
    """INSERT INTO events (conversation_id, seq, at, type, body)
       SELECT {hex}, 1, {at}, 'message', '{{"from": "parent", "text": "we are separating and I do not know where to begin"}}' FROM ({series}) AS numbers""",
    """INSERT INTO events (conversation_id, seq, at, type, body)
       SELECT {hex}, 2, {at}, 'message', '{{"from": "assistant", "in_reply_to": 1, "text": "There are three ways to arrange child maintenance."}}' FROM ({series}) AS numbers""",
    """INSERT INTO inbound (conversation_id, client_id, digest, seq, at) SELECT {hex}, {hex}, {hex}, 1, {at} FROM ({series}) AS numbers""",
    """INSERT INTO turns (conversation_id, seq, created_at, attempts, noticed, done_at, result)
       SELECT {hex}, 1, {at}, 1, {false}, {at}, 'answered' FROM ({series}) AS numbers""",
    """INSERT INTO audit (conversation_id, at, actor, cause, from_state, to_state, version, detail)
       SELECT {hex}, {at}, 'parent', 'ended', 'assistant', 'closed', 1, '{{}}' FROM ({series}) AS numbers""",
)


async def fill(database: str, size: int) -> None:
    """Bring the number of made conversations up to `size`."""
    engine = create_async_engine(database)
    dialect = engine.dialect.name
    try:
        async with engine.connect() as connection:
            there = (await connection.execute(sa.text("SELECT count(*) FROM conversations WHERE ref LIKE 'L%'"))).scalar_one()
        if size > there:
            parts = {"hex": HEX[dialect], "at": AT[dialect], "false": FALSE[dialect], "waiting": WAITING}
            series = SERIES[dialect].format(first=there + 1, last=size)
            async with engine.begin() as connection:
                for statement in STATEMENTS:
                    await connection.exec_driver_sql(statement.format(series=series, **parts))
        async with engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("ANALYZE")
    finally:
        await engine.dispose()
