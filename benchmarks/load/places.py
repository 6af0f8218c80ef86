"""A gateway to load: the real process over a store of its own, with a stand-in for the dialogue model that answers at once."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.faults.places import PLAIN, OwnGateway, gateways
from tests.faults.world import Places

STORES = ("sqlite", "postgresql")


@asynccontextmanager
async def stand_in_process() -> AsyncIterator[str]:
    """The stand-in's address; it runs in a process of its own."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.stand_in", stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def new_store(store: str, own: Places) -> str:
    """The address of an empty store."""
    if store == "sqlite":
        return f"sqlite:///{own.folder / f'{secrets.token_hex(4)}.sqlite3'}"
    return await (await own.postgres()).new_database(f"load_{secrets.token_hex(4)}")


@asynccontextmanager
async def one_gateway(store: str, own: Places) -> AsyncIterator[tuple[OwnGateway, str]]:
    """A gateway process, and its store's address."""
    folder = own.folder / f"gateway-{secrets.token_hex(4)}"
    folder.mkdir()
    url = await new_store(store, own)
    async with stand_in_process() as model:
        environ = {"CHAT_DATABASE_URL": url, "CHAT_RASA_URL": model, "CHAT_RASA_TOKEN": "x" * 16}
        async with gateways(1, Path(folder), own.watchdog, environ, program=PLAIN) as (gateway,):
            yield gateway, url
