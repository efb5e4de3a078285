"""Whatever is done to the admin listener has its bound and its end."""

import asyncio
import contextlib
import json
import socket
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from cors_proxy.operate import admin_listener
from cors_proxy.operate.admin import application
from cors_proxy.operate.admin_listener import MAX_CONNECTIONS, AdminListener
from cors_proxy.operate.page import body
from cors_proxy.operate.page.headers import SECURITY_HEADERS
from cors_proxy.policy.read import parse_policy
from tests.wire import duplex

from .test_admin import POLICY, FakeService

GET = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = 6 << 20  # more than the buffers of two sockets hold
ASKED = json.dumps(
    {
        "origin": "https://a.example",
        "method": "GET",
        "where": "/",
        "headers": [],
        "credentials": False,
        "upload_listener": False,
    }
)


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> bytes:
        async with asyncio.timeout(20):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def end(self) -> bytes:
        """What comes before its end, however it ends."""
        found = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(20):
                while data := await self.reader.read(1 << 16):
                    found += data
        return found


class Listening:
    def __init__(self) -> None:
        app = application(FakeService(parse_policy(POLICY, "policy.yaml", "")[0]))
        app.router.add_get("/large", self.large)
        app.router.add_get("/bug", self.bug)
        app.router.add_get("/wait", self.wait)
        self.entered = asyncio.Event()
        self.left = asyncio.Event()
        self.listener = AdminListener(app)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.socket.setblocking(False)
        self.address = self.socket.getsockname()
        self.clients: list[Client] = []

    async def large(self, request: web.Request) -> web.Response:
        return web.Response(body=bytes(LARGE))

    async def bug(self, request: web.Request) -> web.Response:
        raise RuntimeError("odd")

    async def wait(self, request: web.Request) -> web.Response:
        self.entered.set()
        try:
            return await asyncio.Event().wait() or web.Response()  # type: ignore[return-value]
        finally:
            self.left.set()

    async def dial(self) -> Client:
        client = Client(*await asyncio.open_connection(*self.address))
        self.clients.append(client)
        return client

    async def healthy(self) -> bool:
        client = await self.dial()
        client.send(GET % b"/healthz")
        return (await client.head()).startswith(b"HTTP/1.1 200")

    @property
    def open(self) -> set[admin_listener.Connection]:
        return self.listener._connections

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)


@pytest.fixture
async def admin(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listening]:
    monkeypatch.setattr(admin_listener, "CHECK_INTERVAL", 0.02)
    found = Listening()
    await found.listener.start([found.socket])
    yield found
    for client in found.clients:
        client.writer.transport.abort()
    await found.listener.close()


async def test_the_longest_silent_makes_room(admin: Listening) -> None:
    first = await admin.dial()
    await admin.until(lambda: len(admin.open) == 1)
    for count in range(2, 3 * MAX_CONNECTIONS):
        (await admin.dial()).send(b"GET /he")
        await admin.until(lambda count=count: len(admin.open) == min(count, MAX_CONNECTIONS))  # type: ignore[misc]
    assert await first.end() == b""
    assert await admin.healthy() and len(admin.open) == MAX_CONNECTIONS


async def test_never_more_than_so_many(admin: Listening) -> None:
    """Also where they come all at once."""
    most = 0
    dialled = [asyncio.create_task(admin.dial()) for _ in range(200)]
    while not all(task.done() for task in dialled):
        most = max(most, len(admin.open))
        await asyncio.sleep(0)
    assert await admin.healthy()
    assert most <= MAX_CONNECTIONS and len(admin.open) == MAX_CONNECTIONS


async def test_who_asked_something_stays(admin: Listening) -> None:
    looks = await admin.dial()
    looks.send(GET % b"/decisions")
    await looks.head()
    for _ in range(2 * MAX_CONNECTIONS):
        await admin.dial()
    assert await admin.healthy()
    assert any(each.busy for each in admin.open)


async def test_not_even_they_keep_others_out(admin: Listening) -> None:
    for _ in range(MAX_CONNECTIONS):
        (await admin.dial()).send(b"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
    await admin.until(lambda: sum(each.busy for each in admin.open) == MAX_CONNECTIONS)
    assert await admin.healthy()


async def test_a_request_does_not_come(admin: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_listener, "HEAD_TIMEOUT", 0.3)
    silent, slow, idle = [await admin.dial() for _ in range(3)]
    idle.send(GET % b"/healthz")
    slow.send(b"GET / HTTP/1.1\r\nX: ")
    ends = asyncio.gather(*(client.end() for client in (silent, slow, idle)))
    while not ends.done():
        slow.send(b"x")
        await asyncio.sleep(0.01)
    found = await ends
    assert found[:2] == [b"", b""] and found[2].endswith(b"ok\n") and not admin.open


async def test_a_body_does_not_come(admin: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_TIMEOUT", 0.2)
    monkeypatch.setattr(admin_listener, "LINGER", 0.1)
    client = await admin.dial()
    client.send(b"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
    assert (await client.end()).startswith(b"HTTP/1.1 408")


async def test_an_answer_is_not_taken(admin: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_listener, "STALL_TIMEOUT", 0.3)
    client = await admin.dial()
    duplex(client.writer).pause_reading()
    client.send(GET % b"/large")
    await admin.until(lambda: any(each.unsent_bytes for each in admin.open))
    await admin.until(lambda: not admin.open)


async def test_a_slow_reader_gets_all_of_it(admin: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_listener, "STALL_TIMEOUT", 0.3)
    client = await admin.dial()
    client.send(GET % b"/large")
    await client.head()
    left = LARGE
    async with asyncio.timeout(30):
        while left:
            left -= len(await client.reader.read(1 << 16))
            await asyncio.sleep(0.005)


async def test_answers_that_wait_have_a_bound_in_all(admin: Listening) -> None:
    for _ in range(6):
        client = await admin.dial()
        duplex(client.writer).pause_reading()
        client.send(GET % b"/large")
        await admin.until(lambda: all(each.unsent_bytes or not each.busy for each in admin.open))
        assert sum(each.unsent_bytes for each in admin.open) <= admin_listener.MAX_UNSENT
    assert await admin.healthy()


async def test_who_left_costs_nothing_more(admin: Listening) -> None:
    client = await admin.dial()
    client.send(GET % b"/wait")
    await admin.entered.wait()
    client.writer.transport.abort()
    async with asyncio.timeout(20):
        await admin.left.wait()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (GET % b"/nowhere", 404),
        (GET % b"/explain", 405),
        (b"DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /" + b"x" * 100_000, 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 400),
        (
            b"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            400,
        ),
        (b"POST /explain HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70_000, 413),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\n\r\n", 417),
        (GET.replace(b"localhost", b"evil.example") % b"/", 421),
        (GET.replace(b"localhost", b"localhost\r\nOrigin: null") % b"/", 403),
        (GET % b"/bug", 500),
        (GET % b"/decisions", 200),
        (GET % b"/", 200),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
async def test_every_answer_carries_the_same_protection(admin: Listening, sent: bytes, status: int) -> None:
    client = await admin.dial()
    client.send(sent)
    lines = (await client.head()).decode().split("\r\n")
    assert lines[0].split()[1] == str(status)
    assert {
        name: [line.partition(": ")[2] for line in lines if line.startswith(f"{name}:")]
        for name in SECURITY_HEADERS
    } == {name: [value] for name, value in SECURITY_HEADERS.items()}


def coded(window: int, text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(text) + packer.flush()


GZIP, DEFLATE = 31, 15


@pytest.mark.parametrize(
    ("coding", "sent", "status"),
    [
        (b"gzip", coded(GZIP, ASKED.encode()), 200),
        (b"GZIP", coded(GZIP, ASKED.encode()), 200),
        (b"deflate", coded(DEFLATE, ASKED.encode()), 200),
        (b"identity", ASKED.encode(), 200),
        (b"gzip", b"nonsense", 400),
        (b"deflate", b"nonsense", 400),
        (b"gzip", ASKED.encode(), 400),
        (b"gzip", b"", 400),
        (b"gzip", coded(GZIP, ASKED.encode())[:-9], 400),
        (b"gzip", coded(GZIP, ASKED.encode()) + b"more", 400),
        (b"gzip", coded(GZIP, b"not json"), 400),
        (b"gzip", coded(GZIP, b" " * 10_000_000), 413),
        (b"br", ASKED.encode(), 415),
        (b"zstd", ASKED.encode(), 415),
        (b"gzip, gzip", ASKED.encode(), 415),
        (b"miracle", ASKED.encode(), 415),
    ],
)
async def test_a_body_is_what_its_coding_says(
    admin: Listening, coding: bytes, sent: bytes, status: int
) -> None:
    client = await admin.dial()
    client.send(
        b"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b"
        % (coding, len(sent), sent)
    )
    assert (await client.head()).split()[1] == str(status).encode()
