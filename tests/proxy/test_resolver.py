"""Look-ups: one at a time for a name, a pause after each, one answer for all who wait."""

import asyncio
from time import monotonic

import pytest

from cors_proxy.proxy.resolver import Resolver, look_up


async def test_all_who_ask_meanwhile_get_one_answer() -> None:
    asked: list[str] = []
    gate = asyncio.Event()

    async def ask(name: str) -> list[str]:
        asked.append(name)
        await gate.wait()
        return ["127.0.0.3", "127.0.0.2", "127.0.0.3"]

    resolver = Resolver(ask, pause=0.0)
    waiting = [asyncio.create_task(resolver.resolve("api")) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    gate.set()
    assert await asyncio.gather(*waiting[1:]) == [["127.0.0.2", "127.0.0.3"]] * 4
    assert asked == ["api"]


async def test_a_name_is_asked_once_in_a_pause_and_others_at_once() -> None:
    times: dict[str, list[float]] = {}

    async def ask(name: str) -> list[str]:
        times.setdefault(name, []).append(monotonic())
        return []

    resolver = Resolver(ask, pause=0.2)
    for _ in range(3):
        await resolver.resolve("api")
    await resolver.resolve("other")
    first, second, third = times["api"]
    assert second - first > 0.19 and third - second > 0.19  # a timer of the loop has milliseconds
    assert times["other"][0] - third < 0.2


@pytest.mark.parametrize("error", [OSError(1, "no"), UnicodeError("label too long")])
async def test_a_failure_is_an_oserror_for_all(error: Exception) -> None:
    async def ask(name: str) -> list[str]:
        raise error

    resolver = Resolver(ask, pause=0.0)
    found = await asyncio.gather(resolver.resolve("a"), resolver.resolve("a"), return_exceptions=True)
    assert all(isinstance(each, OSError) for each in found)
    with pytest.raises(OSError):
        await resolver.resolve("a")


async def test_the_system_knows_localhost() -> None:
    assert "127.0.0.1" in await look_up("localhost")
