"""Under load, what parents write goes before the answers of others; an answer is late then, and never lost."""

import asyncio
from contextlib import ExitStack

import pytest

from chat_server.precedence import MOST_ANSWERS, MOST_TAKEN, Precedence


class Answers:
    """Answers that note when they were let in, and stay until they are told to go."""

    def __init__(self, precedence: Precedence) -> None:
        self.precedence = precedence
        self.inside: list[int] = []
        self.go = asyncio.Event()

    async def answer(self, n: int) -> None:
        async with self.precedence.answering():
            self.inside.append(n)
            await self.go.wait()

    def begin(self, count: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.answer(n)) for n in range(count)]


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_answers_wait_while_much_is_being_stored_and_come_in_their_order():
    precedence = Precedence()
    answers = Answers(precedence)
    with ExitStack() as taken:
        for _ in range(MOST_TAKEN + 1):
            taken.enter_context(precedence.taking())
        tasks = answers.begin(MOST_ANSWERS + 2)
        await settle()
        assert answers.inside == []
    await settle()
    assert answers.inside == list(range(MOST_ANSWERS))
    answers.go.set()
    await asyncio.gather(*tasks)
    assert answers.inside == list(range(MOST_ANSWERS + 2))


async def test_an_answer_that_waited_long_enough_goes_ahead():
    precedence = Precedence(longest_wait_s=0.01)
    answers = Answers(precedence)
    answers.go.set()
    with ExitStack() as taken:
        for _ in range(MOST_TAKEN + 1):
            taken.enter_context(precedence.taking())
        await asyncio.gather(*answers.begin(3))
    assert answers.inside == [0, 1, 2]


async def test_one_that_leaves_while_it_waits_takes_no_place_with_it():
    precedence = Precedence()
    answers = Answers(precedence)
    tasks = answers.begin(MOST_ANSWERS + 1)
    await settle()
    tasks[-1].cancel()
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[-1]
    later = asyncio.create_task(answers.answer(99))
    await settle()
    assert answers.inside == [*range(MOST_ANSWERS), 99]
    answers.go.set()
    await asyncio.gather(*tasks[1:-1], later)
