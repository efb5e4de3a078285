"""A connection that waits for a place is counted, and holds next to nothing."""

import asyncio

from .conftest import Start, request


async def test_a_connection_that_waits_for_a_place_holds_next_to_nothing(start: Start) -> None:
    proxy = await start("server: {limits: {connections: 1}, timeouts: {connect: 60s}}\n")
    first = await proxy.dial()
    await first.send(request("GET /in"))
    assert (await first.answer()).status == 200
    third = await proxy.dial()
    upload = request("POST /late", body=b"x" * 300_000)
    sending = asyncio.create_task(third.send(upload))
    await proxy.notes.until(lambda: proxy.notes.open == 2)
    waiting = proxy.edge._waiting[0]
    async with asyncio.timeout(10):
        while not waiting.transport.paused:
            await asyncio.sleep(0)
    assert waiting._waiting is not None and len(waiting._waiting._early) <= 16
    first.close()
    assert (await third.answer()).status == 200
    await sending
    assert proxy.upstream.requests[1].body == b"x" * 300_000
