"""The facts behind ADR 0001, repeated: what aiohttp's own connections do.

Where one of these fails, aiohttp has mended it; read the ADR anew."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession, web

from tests.wire import Client

Serve = Callable[[Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]], Awaitable[Client]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    runners, clients = [], []

    async def begin(handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> Client:
        runner = web.ServerRunner(web.Server(handler, auto_decompress=False))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        client = Client(*await asyncio.open_connection(*runner.addresses[0]))
        runners.append(runner)
        clients.append(client)
        return client

    yield begin
    for client in clients:
        client.close()
    for runner in runners:
        await runner.cleanup()


async def test_the_last_trailer_is_the_next_requests_first_header(serve: Serve) -> None:
    heads: list[list[tuple[bytes, bytes]]] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        heads.append(list(request.raw_headers))
        return web.Response(text="ok")

    client = await serve(handler)
    first = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nOrigin: https://evil.example\r\n\r\n"
    await client.send(first)
    await client.answer("POST")
    await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    await client.answer()
    assert heads[1][0] == (b"Origin", b"https://evil.example")


async def test_an_unknown_upgrade_swallows_what_follows(serve: Serve) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=request.path)

    client = await serve(handler)
    await client.send(
        b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    assert (await client.answer()).status == 200
    with pytest.raises(TimeoutError):
        await client.answer(seconds=0.5)


async def test_a_broken_chunk_in_a_later_segment_is_never_noticed(serve: Serve) -> None:
    reading = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        reading.set()
        await request.read()
        return web.Response(text="ok")

    client = await serve(handler)
    await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
    await reading.wait()
    await client.send(b"zz\r\n")
    with pytest.raises(TimeoutError):
        await client.answer("POST", seconds=0.5)


async def test_a_client_session_hands_unasked_bytes_to_the_next_user() -> None:
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    ]
    sent, written = asyncio.Event(), asyncio.Event()

    async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers[0])
        await sent.wait()
        writer.write(answers[1])  # on loopback it is at the other end when this returns
        written.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(upstream, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with ClientSession() as session:
        async with session.get(url) as answer:
            assert await answer.read() == b"mine"
        sent.set()
        await written.wait()
        for _ in range(3):  # the session reads it while the connection is idle
            await asyncio.sleep(0)
        async with session.get(url) as answer:
            assert await answer.read() == b"poison"
    server.close()
