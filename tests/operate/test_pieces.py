"""Long work lets the loop serve in between."""

import asyncio
from collections.abc import Generator

from cors_proxy.operate.pieces import in_pieces


async def test_other_work_goes_on() -> None:
    turns = 0

    def long() -> Generator[None, None, str]:
        while turns < 5:  # ends only if the other task has its turns
            yield
        return "done"

    async def other() -> None:
        nonlocal turns
        while turns < 5:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async with asyncio.timeout(10):
        assert await in_pieces(long()) == "done"
        await task


async def test_short_work() -> None:
    def short() -> Generator[None, None, int]:
        yield
        return 7

    assert await in_pieces(short()) == 7
