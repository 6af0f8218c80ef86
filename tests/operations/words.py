"""A conversation with a word of its own in every place that can hold words, and a search for them in all of the store."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from chat_server.settings import Settings
from tests.agents import add_agent, console
from tests.fakes import FakeAssistant, never, reply
from tests.gateways import Server

WORDS = {
    "message": "quinceblossom", "memory": "larkspurmeadow", "unanswered": "thistledown", "note": "foxglovelane", "via": "bramblegate",
    "reason": "juniperhollow", "transfer": "heathermoor", "agent": "willowbrook", "contact": "rowanberry", "ask_for": "hazelcopse", "comment": "elderflower",
}


async def fill(server: Server, assistant: FakeAssistant) -> dict[str, str]:
    """Say, note, rate, leave and give reasons, one word each; reference and token of the conversation."""
    asha, bert = await add_agent(server.services, "Asha"), await add_agent(server.services, "Bert")
    assistant.script = lambda question: _remembering()
    async with console(server, asha) as agent, server.parent(hello={"via": WORDS["via"]}) as parent:
        await parent.ask(f"does {WORDS['message']} count as pay")
        await parent.do("prefer", safe_contact={"how": WORDS["contact"], "ask_for": WORDS["ask_for"]})
        await parent.do("rate", answers={"overall": 4, "comment": WORDS["comment"]})
        await parent.do("human")
        await parent.hear("state", state="queued")
        ref = parent.welcome["conversation"]
        await agent.until("queue", ref)
        await agent.claim(ref)
        await agent.act("note", ref, text=WORDS["note"])
        await agent.act("say", ref, text=WORDS["agent"])
        await agent.act("mark", ref, version=await _version(server, ref), kind="domestic_abuse")
        await agent.act("lift", ref, version=await _version(server, ref), kind="domestic_abuse", reason=WORDS["reason"])
        await agent.act("transfer", ref, version=await _version(server, ref), to=bert.agent.id, reason=WORDS["transfer"])
        await agent.act("return", ref, version=await _version(server, ref))
        assistant.script = lambda question: never()
        id = await parent.say(f"and nobody answers {WORDS['unanswered']}")
        await parent.has_heard("ack", re=id)
        return {"ref": ref, "resume": parent.welcome["resume"]}


async def _remembering() -> Any:
    return replace(reply(), memory={"said": WORDS["memory"]})


async def _version(server: Server, ref: str) -> int:
    async with server.services.store.reading() as reading:
        return (await reading.by_ref(ref)).version


async def found_in(database_url: str) -> dict[str, list[str]]:
    """Where each word stands: table and column, of every table that the database has."""
    engine = create_async_engine(Settings(database_url=database_url).database)
    places: dict[str, list[str]] = {}
    async with engine.connect() as connection:
        tables = await connection.run_sync(_reflected)
        for table in tables:
            for row in (await connection.execute(sa.select(table))).mappings():
                for column, value in row.items():
                    text = json.dumps(value, default=str) if not isinstance(value, str) else value
                    for word in WORDS.values():
                        if word in text:
                            places.setdefault(word, []).append(f"{table.name}.{column}")
    await engine.dispose()
    return places


def _reflected(connection: sa.Connection) -> list[sa.Table]:
    there = sa.MetaData()
    there.reflect(connection)
    return there.sorted_tables


def found_in_files(folder: Path) -> set[str]:
    """Words that stand anywhere in the files of an embedded store, deleted or not."""
    content = b"".join(path.read_bytes() for path in folder.glob("chat.sqlite3*"))
    return {word for word in WORDS.values() if word.encode() in content}
