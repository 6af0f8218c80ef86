"""A trained model is taken by what runs on the same data folder, or it is said why not."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chat_server.launch import supervisor, swap
from chat_server.settings import Settings


@contextlib.asynccontextmanager
async def product(data_dir: Path, take: Callable[[str], Awaitable[None]]):
    """What a running supervisor does for this folder, with `take` in the place of the dialogue model."""
    with supervisor.owned(data_dir):
        answering = asyncio.create_task(swap.answer_wishes(data_dir, take))
        yield
        answering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answering


async def put_in_use(data_dir: Path) -> list[str]:
    said: list[str] = []
    await swap.put_in_use(Settings(data_dir=data_dir, rasa_url=None), "b2", said.append)
    return said


async def test_the_running_product_takes_the_model(tmp_path: Path):
    taken: list[str] = []

    async def take(version: str) -> None:
        taken.append(version)

    async with product(tmp_path, take):
        assert "no conversation was interrupted" in (await put_in_use(tmp_path))[0]
    assert taken == ["b2"]


async def test_a_model_that_is_refused_is_told_with_its_reason(tmp_path: Path):
    async def take(version: str) -> None:
        raise swap.NotSwapped("The dialogue model refused b2: no such model.")

    async with product(tmp_path, take):
        with pytest.raises(swap.NotSwapped, match="refused b2"):
            await put_in_use(tmp_path)


async def test_with_nothing_running_the_next_start_takes_it(tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "supervisor.lock").write_text("1")  # left by a product that was stopped
    assert "make run" in (await put_in_use(tmp_path))[0]


async def test_a_product_that_does_not_answer_is_not_waited_for_without_end(tmp_path: Path):
    with supervisor.owned(tmp_path), pytest.raises(swap.NotSwapped, match="did not take the model"):
        await swap.ask(tmp_path, "b2", within_s=0.1)


async def test_a_dialogue_model_that_cannot_be_reached_is_named(tmp_path: Path):
    with pytest.raises(swap.NotSwapped, match="http://127.0.0.1:1 cannot be reached"):
        await swap.load("http://127.0.0.1:1", "token", "b2", within_s=0)
