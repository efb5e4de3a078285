"""WebSockets: judged first, then raw bytes both ways; nothing is smuggled through a handshake that was declined."""

import asyncio
import base64
import hashlib
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.proxy.client import ClientConnection
from cors_proxy.proxy.tunnel import FrameLengths
from tests.wire import Link, Seen, echo_target

from .conftest import Start, request

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = (
    "Connection: keep-alive, Upgrade",
    "Upgrade: WebSocket",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
)
ACCEPT = base64.b64encode(
    hashlib.sha1(KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
).decode()
SWITCH = f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\n".encode()
APP = "Origin: https://app.example"


async def echo(link: Link, seen: Seen) -> None:
    await link.send(SWITCH + b"Access-Control-Allow-Origin: *\r\n\r\n")
    while data := await link.reader.read(65536):
        await link.send(data)
    link.writer.close()


async def test_bytes_pass_both_ways_and_are_recorded(start: Start) -> None:
    proxy = await start()
    proxy.upstream.script = echo
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE) + b"early")
    answer = await client.answer()
    assert (
        answer.status == 101
        and answer.all("sec-websocket-accept") == [ACCEPT]
        and answer.all("upgrade") == ["websocket"]
    )
    assert not answer.all("access-control-allow-origin")
    assert await client.reader.readexactly(5) == b"early"
    big = b"0123456789abcdef" * (1 << 16)
    sending = asyncio.create_task(client.send(big))
    assert await client.reader.readexactly(len(big)) == big
    await sending
    client.writer.write_eof()
    assert await client.end() == "FIN"
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1)
    done = proxy.notes.ended[0]
    assert (done.status, done.received, done.sent) == (101, len(big) + 5, len(big) + 5)
    seen = proxy.upstream.requests[0]
    assert seen.all("upgrade") == ["websocket"] and seen.all("connection") == ["Upgrade"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_a_foreign_socket_never_reaches_the_upstream(start: Start, origin: str) -> None:
    proxy = await start()
    proxy.upstream.script = echo
    client = await proxy.dial()
    await client.send(request("GET /ws", f"Origin: {origin}", *HANDSHAKE) + request("GET /smuggled"))
    assert (await client.answer()).status == 403
    assert await client.end() in ("FIN", "RST")
    assert not proxy.upstream.links


@pytest.mark.parametrize("lines", [("Content-Length: 5",), ("Transfer-Encoding: chunked",)])
async def test_a_handshake_with_a_body_is_400(start: Start, lines: tuple[str, ...]) -> None:
    proxy = await start()
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE, *lines) + b"0\r\n\r\n" + request("GET /smuggled"))
    assert (await client.answer()).status == 400
    assert await client.end() in ("FIN", "RST")
    assert not proxy.upstream.links


async def test_a_declined_handshake_smuggles_nothing(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE) + request("GET /smuggled"))
    answer = await client.answer()
    assert answer.status == 200 and answer.all("connection") == ["close"]
    assert await client.end() in ("FIN", "RST")
    assert [seen.target for seen in proxy.upstream.requests] == ["/ws"]


@pytest.mark.parametrize(
    "lines",
    [
        ("Connection: keep-alive", *HANDSHAKE[1:]),
        ("Connection: Upgrade", "Upgrade: websocket, h2c", *HANDSHAKE[2:]),
        HANDSHAKE[:2],
    ],
)
async def test_what_is_no_plain_handshake_goes_on_without_its_upgrade(
    start: Start, lines: tuple[str, ...]
) -> None:
    proxy = await start()
    assert (await proxy.ask(request("GET /ws", APP, *lines))).status == 200
    assert not proxy.upstream.requests[0].all("upgrade")


@pytest.mark.parametrize(
    "raw",
    [
        SWITCH.replace(ACCEPT.encode(), b"AAAA") + b"\r\n",
        SWITCH.replace(b"Upgrade: websocket", b"Upgrade: h2c") + b"\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        SWITCH + b"Content-Length: 5\r\n\r\nhello",
    ],
)
async def test_a_101_that_answers_something_else_is_502(start: Start, raw: bytes) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(raw)
        await link.ended()

    proxy.upstream.script = script
    assert (await proxy.ask(request("GET /ws", APP, *HANDSHAKE))).status == 502


async def test_idle_tunnels_end_and_busy_ones_do_not(start: Start) -> None:
    proxy = await start("server: {timeouts: {tunnel_idle: 1s}}\n")
    proxy.upstream.script = echo
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE))
    assert (await client.answer()).status == 101
    for _ in range(4):
        await asyncio.sleep(0.5)
        await client.send(b"x")
        assert await client.reader.readexactly(1) == b"x"
    assert await client.end() in ("FIN", "RST")


async def test_tunnels_take_no_place_in_the_pool(start: Start) -> None:
    proxy = await start("server: {limits: {upstream_connections: 1}}\n")
    proxy.upstream.script = echo
    sockets = [await proxy.dial() for _ in range(3)]
    for client in sockets:
        await client.send(request("GET /ws", APP, *HANDSHAKE))
        assert (await client.answer()).status == 101
    proxy.upstream.script = echo_target
    assert (await proxy.ask(request("GET /beside"))).body == b"/beside"


@pytest.mark.parametrize(("sent", "closing"), [(b"\x81\x02hi", b"\x88\x02\x03\xe9"), (b"\x81\x05hi", b"")])
async def test_a_drain_closes_between_frames(start: Start, sent: bytes, closing: bytes) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(SWITCH + b"\r\n" + sent)
        await link.ended()

    proxy.upstream.script = script
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE))
    assert (await client.answer()).status == 101
    assert await client.reader.readexactly(len(sent)) == sent
    await proxy.edge.drain()
    assert await client.reader.read() == closing


@given(st.lists(st.tuples(st.integers(0, 70_000), st.booleans()), max_size=6), st.integers(1, 5000))
def test_frame_lengths_are_followed_however_they_are_cut(frames: list[tuple[int, bool]], step: int) -> None:
    stream = b""
    for size, masked in frames:
        short = size if size < 126 else 126 if size < 65536 else 127
        extra = b"" if short < 126 else size.to_bytes(2 if short == 126 else 8, "big")
        stream += (
            bytes([0x82, short | (0x80 if masked else 0)])
            + extra
            + (b"mask" if masked else b"")
            + b"x" * size
        )
    lengths = FrameLengths()
    for at in range(0, len(stream), step):
        lengths.feed(stream[at : at + step])
    assert lengths.between
    lengths.feed(b"\x82")
    assert not lengths.between


async def test_a_drain_tells_every_socket(start: Start) -> None:
    proxy = await start()
    proxy.upstream.script = echo
    clients = [await proxy.dial() for _ in range(60)]
    for client in clients:
        await client.send(request("GET /ws", APP, *HANDSHAKE))
        assert (await client.answer()).status == 101
    for client in clients:
        client.writer.write(b"more than one frame each")
    await proxy.edge.drain()
    for client in clients:
        assert (await client.reader.read()).endswith(b"\x88\x02\x03\xe9")


async def test_a_handshake_under_way_at_a_drain_is_told_too(start: Start) -> None:
    proxy = await start()
    go = asyncio.Event()

    async def late(link: Link, seen: Seen) -> None:
        await go.wait()
        await link.send(SWITCH + b"\r\n")
        await link.ended()

    proxy.upstream.script = late
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE))
    await proxy.upstream.request()
    draining = asyncio.create_task(proxy.edge.drain())
    await asyncio.sleep(0)
    go.set()
    assert (await client.answer()).status == 101
    assert await client.reader.read() == b"\x88\x02\x03\xe9"
    client.close()
    await draining


async def test_a_client_that_goes_on_sending_can_read_its_last_frame(start: Start) -> None:
    """A close with unread bytes would be a reset."""
    proxy = await start()
    proxy.upstream.script = echo
    client = await proxy.dial()
    await client.send(request("GET /ws", APP, *HANDSHAKE))
    assert (await client.answer()).status == 101
    draining = asyncio.create_task(proxy.edge.drain())
    await asyncio.sleep(0)
    for _ in range(20):
        await client.send(b"x" * 1000)
        await asyncio.sleep(0)
    assert await client.reader.read() == b"\x88\x02\x03\xe9"
    client.close()
    await draining


@pytest.mark.parametrize(
    ("leave", "timeouts"), [("reset", ""), ("close", "write_idle: 1s"), ("stay", "tunnel_idle: 1s")]
)
async def test_an_upstream_that_does_not_read_is_let_go_when_the_tunnel_is_over(
    start: Start, leave: str, timeouts: str
) -> None:
    """At once where the kernel tells that the client left, else when the upstream has taken nothing for as
    long as a client may, or nothing came for as long as a tunnel may be idle."""
    proxy = await start(f"server: {{timeouts: {{{timeouts}}}}}\n" if timeouts else "")

    async def deaf(link: Link, seen: Seen) -> None:
        await link.send(SWITCH + b"\r\n")
        link.transport.pause_reading()
        await asyncio.Event().wait()

    proxy.upstream.script = deaf
    clients = [await proxy.dial() for _ in range(5)]
    for client in clients:
        await client.send(request("GET /ws", APP, *HANDSHAKE))
        assert (await client.answer()).status == 101
    connections = [cast(ClientConnection, each) for each in proxy.edge._server.connections]
    for client in clients:
        client.writer.write(b"x" * (16 << 20))
    async with asyncio.timeout(20):
        while not all(connection.transport.paused for connection in connections):
            await asyncio.sleep(0)
    pool = proxy.edge.context.pools[0]
    assert len(pool._tunnels) == 5
    for client in clients:
        if leave == "reset":
            client.reset()
        elif leave == "close":
            client.writer.transport.abort()
    async with asyncio.timeout(5):
        while pool._tunnels:
            await asyncio.sleep(0.01)
    await proxy.notes.until(lambda: proxy.notes.in_flight == 0 and proxy.notes.open == 0)
