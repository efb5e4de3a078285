"""The pace of uploads: `limits.minimum_rate`, measured only while the client is waited for, so that
places at the upstream come back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.proxy.rate import Pace
from tests.wire import Client, Link, Seen, echo_target

from .conftest import Proxy, Start, request


def ticks(
    pace: Pace, received: Callable[[float], int], until: float, waiting: bool = True, since: float = 0.0
) -> float:
    """The time at which it is too slow, asked ten times a second; 0: never."""
    for step in range(1, round((until - since) * 10) + 1):
        now = since + step / 10
        if pace.slow(received(now), now, waiting):
            return now
    return 0.0


@pytest.mark.parametrize(
    ("rate", "window", "bytes_a_second", "ends"),
    [
        (100, 30, 99, 30.0),
        (100, 30, 100.5, 0.0),
        (100, 30, 0.05, 30.0),
        (1, 1, 0, 1.0),
        (1 << 20, 2, (1 << 20) - 1000, 2.0),
        (1 << 20, 2, 1 << 21, 0.0),
    ],
)
def test_the_average_over_a_window_counts(
    rate: int, window: float, bytes_a_second: float, ends: float
) -> None:
    found = ticks(Pace(rate, window, -1, 0.0), lambda now: int(now * bytes_a_second), 300)
    assert found == pytest.approx(ends, abs=0.21)


def test_what_came_first_does_not_pay_for_later_windows() -> None:
    assert ticks(Pace(100, 10, -1, 0.0), lambda now: 1 << 30, 100) == pytest.approx(20.0, abs=0.21)


def test_bytes_that_came_before_the_place_count() -> None:
    assert ticks(Pace(100, 10, -1, 0.0), lambda now: 1000 + int(now), 10.5) == 0.0


def test_only_the_time_that_the_client_was_waited_for_counts() -> None:
    pace = Pace(100, 10, -1, 0.0)
    assert ticks(pace, lambda now: 0, 5) == 0.0
    assert ticks(pace, lambda now: 0, 500, waiting=False, since=5) == 0.0
    assert ticks(pace, lambda now: 0, 600, since=500) == pytest.approx(505.0, abs=0.21)


@pytest.mark.parametrize(("length", "ends"), [(-1, 10.0), (1000, 10.0), (999, 40.0), (1, 40.0)])
def test_a_body_shorter_than_a_window_has_four(length: int, ends: float) -> None:
    assert ticks(Pace(100, 10, length, 0.0), lambda now: 0, 100) == pytest.approx(ends, abs=0.21)


# on real sockets


def policy(rate: str = "100", window: str = "1s", places: int = 256) -> str:
    limits = f"{{minimum_rate: {rate}, upstream_connections: {places}}}"
    return f"server: {{limits: {limits}, timeouts: {{body_idle: {window}, connect: 20s}}}}\n"


@asynccontextmanager
async def dripping(client: Client, piece: bytes, every: float) -> AsyncIterator[None]:
    """Sends a piece now and then, until the proxy ends the connection or the block is left."""

    async def drip() -> None:
        while not client.writer.is_closing():
            await client.send(piece)
            await asyncio.sleep(every)

    task = asyncio.create_task(drip())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def stream_body(proxy: Proxy) -> None:
    """The upstream takes bodies as they come, and notes nothing of those that break off."""
    proxy.upstream.read_body = False

    async def read(link: Link, seen: Seen) -> None:
        await link.body(seen, until_close=False)
        await echo_target(link, seen)

    proxy.upstream.script = read


@pytest.mark.parametrize(
    ("framing", "piece"),
    [
        ("Content-Length: 100000", b"x"),
        ("Transfer-Encoding: chunked", b"1\r\nx\r\n"),
        ("Transfer-Encoding: chunked", b"1;" + b"e" * 60 + b"\r\nx\r\n"),  # framing is no body
    ],
)
async def test_a_drip_is_408_and_the_upstreams_request_breaks_off(
    start: Start, framing: str, piece: bytes
) -> None:
    proxy = await start(policy())
    proxy.upstream.read_body = False
    ended = asyncio.Event()

    async def wait(link: Link, seen: Seen) -> None:
        await link.ended()
        ended.set()

    proxy.upstream.script = wait
    client = await proxy.dial()
    began = asyncio.get_running_loop().time()
    await client.send(request("POST /r", "Origin: https://app.example", framing))
    async with dripping(client, piece, 0.3):
        answer = await client.answer("POST")
        assert (
            answer.status == 408 and b"body-too-slow" in answer.body and answer.all("connection") == ["close"]
        )
        assert answer.all("access-control-allow-origin") == ["https://app.example"]
        assert 0.9 < asyncio.get_running_loop().time() - began < 5
        await asyncio.wait_for(ended.wait(), 5)
    assert proxy.notes.ended[0].fault is Reason.BODY_TOO_SLOW


async def test_drips_free_their_places_for_others(start: Start) -> None:
    proxy = await start(policy(places=3))
    stream_body(proxy)
    drips = [await proxy.dial() for _ in range(3)]
    for client in drips:
        await client.send(request("POST /drip", "Content-Length: 100000"))
    await proxy.upstream.request(3)
    async with dripping(drips[0], b"x", 0.3), dripping(drips[1], b"x", 0.3), dripping(drips[2], b"x", 0.3):
        assert (await proxy.ask(request("GET /next"))).body == b"/next"
    assert {exchange.fault for exchange in proxy.notes.ended} == {Reason.BODY_TOO_SLOW, None}


@pytest.mark.parametrize(
    ("framing", "piece"),
    [("Content-Length: 1200", b"x" * 60), ("Transfer-Encoding: chunked", b"3c\r\n" + b"x" * 60 + b"\r\n")],
)
async def test_a_slow_but_sufficient_upload_passes(start: Start, framing: str, piece: bytes) -> None:
    proxy = await start(policy())
    stream_body(proxy)
    client = await proxy.dial()
    await client.send(request("POST /r", framing))
    for _ in range(20):
        await asyncio.sleep(0.15)  # 400 bytes a second, three windows
        await client.send(piece)
    if "chunked" in framing:
        await client.send(b"0\r\n\r\n")
    assert (await client.answer("POST")).status == 200
    assert len(proxy.upstream.requests[0].body) == 1200


async def test_a_short_body_with_pauses_passes_and_one_that_never_ends_does_not(start: Start) -> None:
    proxy = await start(policy())
    stream_body(proxy)
    short, endless = await proxy.dial(), await proxy.dial()
    await short.send(request("POST /short", "Content-Length: 5"))
    for _ in range(5):
        await asyncio.sleep(0.4)
        await short.send(b"x")
    assert (await short.answer("POST")).body == b"/short"
    await endless.send(request("POST /endless", "Content-Length: 99"))
    async with dripping(endless, b"x", 0.3):
        assert (await endless.answer("POST")).status == 408


async def test_zero_measures_nothing_and_a_route_has_its_own(start: Start) -> None:
    proxy = await start(policy("0") + "routes: [{path: /strict, limits: {minimum_rate: 1KiB}}]\n")
    stream_body(proxy)
    free, strict = await proxy.dial(), await proxy.dial()
    await free.send(request("POST /free", "Content-Length: 10000"))
    await strict.send(request("POST /strict", "Content-Length: 10000"))
    async with dripping(free, b"x", 0.3), dripping(strict, b"x" * 100, 0.3):
        assert (await strict.answer("POST")).status == 408
        await asyncio.sleep(1.5)
    await free.send(b"x" * 10000)
    assert (await free.answer("POST")).body == b"/free"


async def test_time_in_which_the_upstream_takes_nothing_does_not_count(start: Start) -> None:
    proxy = await start(policy("64MiB"))
    proxy.upstream.read_body = False

    async def slow(link: Link, seen: Seen) -> None:
        await asyncio.sleep(2.5)  # kernel buffers and ours are full, the client is held back
        await link.body(seen, until_close=False)
        await echo_target(link, seen)

    proxy.upstream.script = slow
    client = await proxy.dial()
    await client.send(
        request("PUT /r", "Transfer-Encoding: chunked")
        + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 256
        + b"0\r\n\r\n"
    )
    assert (await client.answer("PUT", 20)).body == b"/r"
    assert len(proxy.upstream.requests[0].body) == 16 << 20


async def test_the_wait_for_a_place_does_not_count(start: Start) -> None:
    proxy = await start(policy(places=1))
    gate = asyncio.Event()

    async def hold(link: Link, seen: Seen) -> None:
        if seen.target == "/hold":
            await gate.wait()
        await echo_target(link, seen)

    proxy.upstream.script = hold
    holder, waiting = await proxy.dial(), await proxy.dial()
    await holder.send(request("GET /hold"))
    await proxy.upstream.request()
    await waiting.send(request("POST /late", "Content-Length: 200") + b"x" * 100)
    await asyncio.sleep(2.5)
    gate.set()
    assert (await holder.answer()).status == 200
    await asyncio.sleep(0.5)
    await waiting.send(b"y" * 100)
    assert (await waiting.answer("POST")).body == b"/late"


async def test_an_upload_during_its_answer_is_measured_too(start: Start) -> None:
    proxy = await start(policy())
    proxy.upstream.read_body = False

    async def early(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        await link.ended()

    proxy.upstream.script = early
    client = await proxy.dial()
    await client.send(request("POST /r", "Content-Length: 100000"))
    async with dripping(client, b"x", 0.3):
        answer = await client.answer("POST")
    assert answer.status == 200 and not answer.complete
    await proxy.notes.until(lambda: bool(proxy.notes.ended))
    assert proxy.notes.ended[0].fault is Reason.BODY_TOO_SLOW


async def test_a_tunnel_is_no_upload(start: Start) -> None:
    proxy = await start(policy("1MiB"))

    async def switch(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        while data := await link.reader.read(100):
            await link.send(data)

    proxy.upstream.script = switch
    client = await proxy.dial()
    lines = (
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    await client.send(request("GET /ws", "Origin: https://app.example", *lines))
    assert (await client.answer()).status == 101
    for _ in range(4):
        await asyncio.sleep(0.5)
        await client.send(b"x")
        assert await client.reader.readexactly(1) == b"x"
