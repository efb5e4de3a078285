"""What the edge owns: the swap, the drain."""

import asyncio

from tests.wire import Link, Seen

from .conftest import CORS, Start, request


async def test_a_swap_counts_from_the_next_request(start: Start) -> None:
    proxy, other = await start(), await start(cors=CORS.replace("app.example", "desk.example"))
    client = await proxy.dial()
    await client.send(request("GET /a", "Origin: https://app.example"))
    assert (await client.answer()).status == 200
    proxy.edge.swap(other.edge.policy)
    await client.send(request("GET /b", "Origin: https://app.example"))
    assert (await client.answer()).status == 403
    await client.send(request("GET /c", "Origin: https://desk.example"))
    assert (await client.answer()).status == 200
    assert other.upstream.requests[0].target == "/c"


async def test_a_connection_that_becomes_idle_after_a_swap_is_closed(start: Start) -> None:
    """Its pool was replaced: nobody would ever use it, or close it."""
    proxy, other = await start(), await start()
    go, ended = asyncio.Event(), asyncio.Event()

    async def late(link: Link, seen: Seen) -> None:
        await go.wait()
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await link.ended()
        ended.set()

    proxy.upstream.script = late
    client = await proxy.dial()
    await client.send(request("GET /a", "Origin: https://app.example"))
    await proxy.upstream.request()
    proxy.edge.swap(other.edge.policy)
    go.set()
    assert (await client.answer()).body == b"ok"
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_drain_finishes_what_is_under_way(start: Start) -> None:
    proxy = await start()
    gate = asyncio.Event()

    async def wait(link: Link, seen: Seen) -> None:
        await gate.wait()
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    proxy.upstream.script = wait
    busy, idle = await proxy.dial(), await proxy.dial()
    await busy.send(request())
    await proxy.upstream.request()
    await proxy.notes.until(lambda: proxy.notes.open == 2)
    draining = asyncio.create_task(proxy.edge.drain())
    assert await idle.end() == "FIN"
    gate.set()
    answer = await busy.answer()
    assert answer.status == 200 and answer.all("connection") == ["close"]
    assert await busy.end() == "FIN"
    await draining


async def test_a_drain_ends_in_time(start: Start) -> None:
    proxy = await start("server: {drain: {timeout: 1s}}\n")

    async def never(link: Link, seen: Seen) -> None:
        await link.ended()

    proxy.upstream.script = never
    client = await proxy.dial()
    await client.send(request())
    await proxy.upstream.request()
    await proxy.edge.drain()
    await proxy.edge.close()
    assert await client.end() in ("FIN", "RST")
