"""The cost of one connection is bounded, whatever it sends."""

import asyncio

import pytest
import uvloop

from tests.fuzz.harness import Fuzz
from tests.fuzz.stopping import FLOODS, stop_reading


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_one_connection_costs_a_mebibyte(name: str, tls: bool) -> None:
    async def once() -> None:
        async with Fuzz(1, tls) as running:
            await stop_reading(running, name, goes_on=not tls)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(once())
