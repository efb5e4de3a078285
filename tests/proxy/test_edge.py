"""What we use of `aiohttp.web.Server`, and what the edge owns: places for connections, the swap, the drain."""

import asyncio
import inspect

from aiohttp import web

from tests.wire import Link, Seen

from .conftest import CORS, Start, request


def test_what_we_rely_on_in_web_server() -> None:
    """ADR 0001; where this fails on a new aiohttp, read `edge.Server` anew."""
    source = inspect.getsource(web.Server)
    assert (
        "self._connections: dict" in source
        and "conn.shutdown(timeout)" in source
        and "conn.close()" in source
    )
    assert list(inspect.signature(web.Server.connection_made).parameters) == ["self", "handler", "transport"]
    assert list(inspect.signature(web.Server.shutdown).parameters) == ["self", "timeout"]
    assert inspect.iscoroutinefunction(web.Server.shutdown) and not inspect.iscoroutinefunction(
        web.Server.pre_shutdown
    )
    assert {"sites", "addresses", "cleanup", "setup"} <= set(dir(web.ServerRunner))


async def test_connections_beyond_the_limit_wait_for_a_place(start: Start) -> None:
    proxy = await start("server: {limits: {connections: 2}, timeouts: {connect: 5s}}\n")
    first, second = await proxy.dial(), await proxy.dial()
    for client in (first, second):
        await client.send(request("GET /in"))
        assert (await client.answer()).status == 200
    third = await proxy.dial()
    await third.send(request("GET /third"))
    await proxy.notes.until(lambda: proxy.notes.open == 3)
    assert [seen.target for seen in proxy.upstream.requests] == ["/in", "/in"]
    first.close()
    assert (await third.answer()).status == 200


async def test_who_waits_too_long_for_a_place_is_closed(start: Start) -> None:
    proxy = await start(
        "server: {limits: {connections: 1}, timeouts: {connect: 200ms}}\n".replace("200ms", "1s")
    )
    first = await proxy.dial()
    await first.send(request())
    assert (await first.answer()).status == 200
    waiting = await proxy.dial()
    await waiting.send(request("GET /late"))
    assert await waiting.end(5) in ("FIN", "RST")
    assert len(proxy.upstream.requests) == 1


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
