"""Another model is put in use while parents are in the middle of their conversations."""

import asyncio
import shutil

import httpx

from chat_server.launch import swap
from tests.gateways import Parent
from tests.stack import Stack, running_stack, trained_model
from tests.waiting import eventually

import websockets

from chat_server.protocol import SUBPROTOCOL

OTHER = "another-model"


def model_in_use(product: Stack) -> str | None:
    return httpx.get(f"{product.url}/readyz", timeout=10, trust_env=False).json()["model"]


async def talk(product: Stack) -> None:
    """Half an estimate with one model, the other half with another, then with one that was started again."""
    url = product.url.replace("http", "ws") + "/ws/chat"
    async with websockets.connect(url, subprotocols=[SUBPROTOCOL], origin=product.url) as socket:
        parent = Parent(socket)
        await parent.hello()
        asked = [f for f in await parent.ask("how much would I pay? i earn 28k") if f.get("from") == "assistant"][-1]
        assert asked["asking"] == "pension"

        await swap.ask(product.data_dir, OTHER)
        assert await asyncio.to_thread(model_in_use, product) == OTHER
        asked = [f for f in await parent.ask("no pension") if f.get("from") == "assistant"][-1]
        assert asked["asking"] == "children"

        await asyncio.to_thread(product.kill_and_wait, "dialogue")
        await asyncio.to_thread(eventually, lambda: model_in_use(product) == OTHER, "the new model is there after a restart")
        asked = [f for f in await parent.ask("2 kids") if f.get("from") == "assistant"][-1]
        assert asked["asking"] == "nights"


def test_an_estimate_goes_on_when_the_model_is_swapped_in_the_middle():
    with running_stack() as product:
        shutil.copy(trained_model(), product.data_dir / "models" / f"{OTHER}.tar.gz")
        asyncio.run(talk(product))
