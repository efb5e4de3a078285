"""Nothing is begun for a client that does not take what was written: a level that is asked for, not an event that can be missed."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest

from cors_proxy.proxy.client import ClientConnection
from cors_proxy.proxy.tcp import left
from tests.wire import Link, Seen

from .conftest import Proxy, Start, request
from .test_tunnel import APP, HANDSHAKE, SWITCH

MOST = 1 << 20  # bytes that a connection may cost beyond the sockets' own buffers
ACRM = "Access-Control-Request-Method: GET"
Flood = Callable[[Proxy, bytes], "asyncio.Task[None]"]


@pytest.fixture
async def flood() -> AsyncIterator[Flood]:
    """Sends bytes over and over, and never reads."""
    running: list[tuple[asyncio.Task[None], socket.socket]] = []

    def begin(proxy: Proxy, data: bytes) -> "asyncio.Task[None]":
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)

        async def send() -> None:
            loop = asyncio.get_running_loop()
            await loop.sock_connect(sock, proxy.address)
            with contextlib.suppress(ConnectionError):
                for _ in range(64):  # 16 MiB at most: a proxy that takes all of it fails
                    await loop.sock_sendall(sock, data * (1 + (256 << 10) // len(data)))
                raise AssertionError("all was taken")

        task = asyncio.create_task(send())
        running.append((task, sock))
        return task

    yield begin
    for task, sock in running:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        sock.close()


def connection(proxy: Proxy) -> ClientConnection:
    return cast(ClientConnection, next(iter(proxy.edge._server.connections)))


def held(client: ClientConnection) -> int:
    """Bytes that wait here for this client, and what it sent ahead."""
    buffered: int = client.transport._raw.get_write_buffer_size()
    return client.transport._buffered + buffered + len(client._reader._unread)


async def blocked(proxy: Proxy) -> ClientConnection:
    """When the one client takes no more; the loop has many turns to begin something for it nevertheless."""
    await proxy.notes.until(lambda: proxy.notes.open > 0)
    client = connection(proxy)
    async with asyncio.timeout(20):
        while not client.transport.blocked:
            await asyncio.sleep(0)
        for _ in range(500):
            await asyncio.sleep(0)
    return client


SENT_AHEAD = {
    "refused": request("GET /r", "Origin: https://evil.example"),
    "preflights": request("OPTIONS /r", APP, ACRM),
    "forwarded": request("GET /r", APP),
    "uploads": request("POST /r", APP, "Expect: 100-continue", body=b"x" * 100),
}


@pytest.mark.parametrize("what", SENT_AHEAD)
async def test_requests_sent_ahead_by_a_client_that_does_not_read(
    start: Start, flood: Flood, what: str
) -> None:
    proxy = await start("server: {timeouts: {write_idle: 60s}}\n")

    async def large(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)

    proxy.upstream.script = large
    task = flood(proxy, SENT_AHEAD[what])
    client = await blocked(proxy)
    assert held(client) < MOST and not task.done()
    assert len(client._reader.queue) <= 1
    if what == "forwarded":
        assert len(proxy.upstream.requests) < 200


async def test_an_answer_that_begins_while_the_client_is_blocked_is_not_read(
    start: Start, flood: Flood
) -> None:
    proxy = await start("server: {timeouts: {write_idle: 60s}}\n")
    sent = 0

    async def endless(link: Link, seen: Seen) -> None:
        nonlocal sent
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n")
        while not link.writer.is_closing():
            await link.send(b"x" * 65536)
            sent += 65536

    proxy.upstream.script = endless
    flood(proxy, request("GET /r", APP))
    client = await blocked(proxy)
    assert held(client) < MOST
    assert sent < 64 << 20, "what the kernels' buffers hold"


async def test_one_that_reads_again_gets_all_answers_in_order(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    client.transport.pause_reading()
    count = 20_000
    raw = b"".join(request(f"GET /{n}", "Origin: https://evil.example") for n in range(count))
    sending = asyncio.create_task(client.send(raw))
    await blocked(proxy)
    client.transport.resume_reading()
    for _ in range(count):
        assert (await client.answer()).status == 403
    await sending


@pytest.mark.parametrize("what", ["refused", "forwarded"])
async def test_what_was_read_before_it_blocked_waits_too(start: Start, what: str) -> None:
    """A segment holds thousands of small requests, whose responses are many times as large."""
    proxy = await start()
    client = await proxy.dial()
    await client.send(SENT_AHEAD["refused"])
    assert (await client.answer()).status == 403
    ours = connection(proxy)
    ours.pause_writing()
    assert ours.transport.paused, "and nothing more is read"
    ours.data_received(SENT_AHEAD[what] * 3)
    assert (len(proxy.notes.ended), proxy.notes.in_flight) == (1, 0)
    ours.resume_writing()
    for _ in range(3):
        assert (await client.answer()).status == (403 if what == "refused" else 200)
    assert not ours.transport.paused


@pytest.mark.parametrize("what", ["refused", "forwarded"])
async def test_it_is_cut_whatever_it_waits_for(start: Start, flood: Flood, what: str) -> None:
    proxy = await start("server: {timeouts: {write_idle: 1s, keep_alive: 60s}}\n")
    flood(proxy, SENT_AHEAD[what] * 1000)
    await proxy.notes.until(lambda: proxy.notes.open > 0)
    await proxy.notes.until(lambda: proxy.notes.open == 0, 20)


async def test_one_that_is_cut_is_told_and_costs_the_kernel_nothing_more(start: Start) -> None:
    """Without a reset the end would wait behind what the client does not take, in megabytes of the kernel's."""
    proxy = await start("server: {timeouts: {write_idle: 1s}}\n")

    async def endless(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n")
        while not link.writer.is_closing():
            await link.send(b"x" * 65536)

    proxy.upstream.script = endless
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, proxy.address)
        sock.send(request("GET /endless", APP))
        await proxy.notes.until(lambda: len(proxy.notes.ended) == 1, 20)
        async with asyncio.timeout(5):
            while not left(sock.fileno()):
                await asyncio.sleep(0)


async def test_one_whose_answers_all_wait_in_the_kernel_is_cut_too(start: Start) -> None:
    """Nothing waits here, and the connection is idle: it is not kept for `keep_alive`."""
    proxy = await start("server: {timeouts: {write_idle: 1s, keep_alive: 60s}}\n")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, proxy.address)
        await asyncio.get_running_loop().sock_sendall(sock, SENT_AHEAD["refused"] * 200)
        await proxy.notes.until(lambda: len(proxy.notes.ended) == 200)
        assert not connection(proxy).transport.blocked
        await proxy.notes.until(lambda: proxy.notes.open == 0, 10)


async def test_an_idle_connection_whose_client_took_all_is_kept(start: Start) -> None:
    proxy = await start("server: {timeouts: {write_idle: 1s, keep_alive: 60s}}\n")
    client = await proxy.dial()
    await client.send(request("GET /a", APP))
    assert (await client.answer()).status == 200
    ours = connection(proxy)
    async with asyncio.timeout(10):
        while ours.clock.deadline != ours.clock._until:  # the clock has looked
            await asyncio.sleep(0.01)
    await client.send(request("GET /b", APP))
    assert (await client.answer()).body == b"/b"


async def test_a_tunnel_pauses_the_side_that_is_ahead(start: Start) -> None:
    proxy = await start()
    go = asyncio.Event()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(SWITCH + b"\r\n")
        link.transport.pause_reading()
        await go.wait()
        link.transport.resume_reading()
        while data := await link.reader.read(1 << 20):
            await link.send(data)

    proxy.upstream.script = script
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE))
    assert (await client.answer()).status == 101
    data = b"0123456789abcdef" * (1 << 20)
    sending = asyncio.create_task(client.send(data))
    ours = connection(proxy)
    async with asyncio.timeout(20):
        while not ours.transport.paused:
            await asyncio.sleep(0)
    assert ours.tunnel is not None
    assert ours.tunnel._upstream.transport._raw.get_write_buffer_size() < MOST
    go.set()
    assert await client.reader.readexactly(len(data)) == data
    await sending


async def test_a_client_that_left_is_seen_while_nothing_is_read_from_it(start: Start) -> None:
    """Its upload is held back, because the upstream takes nothing: its end is behind what is not read."""
    proxy = await start()
    proxy.upstream.read_body = False
    ended = asyncio.Event()

    async def script(link: Link, seen: Seen) -> None:
        link.transport.pause_reading()
        await hold.wait()
        link.transport.resume_reading()
        await link.ended()
        ended.set()

    hold = asyncio.Event()
    proxy.upstream.script = script
    client = await proxy.dial()
    await client.send(request("PUT /r", APP, f"Content-Length: {1 << 30}"))
    sending = asyncio.create_task(client.send(b"x" * (64 << 20)))
    await proxy.upstream.request()
    ours = connection(proxy)
    async with asyncio.timeout(20):
        while not ours.transport.paused:
            await asyncio.sleep(0)
    sending.cancel()
    client.reset()
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1, 5)
    assert str(proxy.notes.ended[0].fault) == "Reason.CLIENT_GONE"
    hold.set()
    await asyncio.wait_for(ended.wait(), 5)
