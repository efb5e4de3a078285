"""What is read from a client: one reading of every byte, however it is cut, or nothing."""

import asyncio

import pytest

from cors_proxy.proxy.field_lines import TWO_ENDS
from cors_proxy.proxy.request_head import HeadError
from cors_proxy.proxy.request_reader import HeadLimits, Message, RequestReader
from tests.wire import Seen

from .conftest import Proxy, Start, request

POST = "POST /up HTTP/1.1\r\nHost: api.example\r\n"
CHUNKED = (POST + "Transfer-Encoding: chunked\r\n\r\n").encode()

LIMITS = HeadLimits(32 << 10, 100)

BROKEN_HEADS = [
    b"GET /x HTTP/1.1\nHost: a\n\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
    b"GET /x HTTP/1.1\r\n Host: a\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
    b"GET /x HTTP/1.2\r\nHost: a\r\n\r\n",
    b"get /x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
]


@pytest.fixture
async def proxy(start: Start) -> Proxy:
    return await start("server: {limits: {header_bytes: 2KiB, header_count: 20}}\n")


@pytest.mark.parametrize("raw", BROKEN_HEADS)
async def test_a_broken_head_is_400_and_the_end(proxy: Proxy, raw: bytes) -> None:
    client = await proxy.dial()
    await client.send(raw + request("GET /behind"))
    answer = await client.answer()
    assert answer.status in (400, 505) and b"/x" not in answer.body
    assert answer.all("cache-control") == ["no-store"] and answer.all("x-content-type-options") == ["nosniff"]
    assert not any(name.lower().startswith("access-control-") for name, _ in answer.lines)
    assert await client.end() in ("FIN", "RST")
    assert not proxy.upstream.received and not proxy.upstream.requests and len(proxy.notes.bad) == 1


@pytest.mark.parametrize("at", [0, 5, 25, 30])
def test_a_tunnel_that_a_bare_lf_asks_for_has_two_ends(at: int) -> None:
    """llhttp reads HTTP/0.9 up to the bare LF, and stops: the status must not depend on the cut."""
    raw = b"CONNECT api.example:4\n\r\n3 HTTP/1.1\r\nHost: a\r\n\r\n"
    reader = RequestReader(LIMITS)
    for piece in filter(None, (raw[:at], raw[at:])):
        reader.read(piece)
    bad = reader.queue.popleft()
    assert isinstance(bad, HeadError) and (bad.status, bad.detail) == (400, TWO_ENDS)
    assert reader.stopped and not reader.queue


async def test_what_was_whole_is_answered_before_the_error(proxy: Proxy) -> None:
    client = await proxy.dial()
    await client.send(request("GET /good") + BROKEN_HEADS[1] + request("GET /behind"))
    assert (await client.answer()).body == b"/good"
    assert (await client.answer()).status == 400
    assert [seen.target for seen in proxy.upstream.requests] == ["/good"]


@pytest.mark.parametrize("at", range(1, 160, 7))
async def test_the_cut_does_not_matter(proxy: Proxy, at: int) -> None:
    raw = request("POST /cut", "Origin: https://app.example", body=b"hello") + request(
        "GET /foreign", "Origin: https://evil.example"
    )
    client = await proxy.dial()
    for piece in (raw[:at], raw[at:]):
        await client.send(piece)
        await asyncio.sleep(0)
    assert (await client.answer("POST")).body == b"/cut"
    assert (await client.answer()).status == 403
    assert [(seen.target, seen.body) for seen in proxy.upstream.requests] == [("/cut", b"hello")]


@pytest.mark.parametrize(
    "trailer",
    [
        b"Origin: https://evil.example",
        b"AMP-Same-Origin: true",
        b"Set-Cookie: a=1",
        b"X-Forwarded-For: 1",
        b"Content-Length: 5",
        b"Transfer-Encoding: x",
    ],
)
async def test_a_trailer_is_no_header_of_anything(proxy: Proxy, trailer: bytes) -> None:
    client = await proxy.dial()
    await client.send(CHUNKED + b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n\r\n" + request("GET /next"))
    assert (await client.answer("POST")).status == 200
    assert (await client.answer()).status == 200
    name = trailer.split(b":")[0].decode()
    assert [seen.body for seen in proxy.upstream.requests] == [b"hello", b""]
    assert not any(trailer.split(b": ")[1].decode() in seen.all(name) for seen in proxy.upstream.requests)


@pytest.mark.parametrize(
    "chunk",
    [b"0x5\r\nhello\r\n", b"-1\r\n", b"zz\r\n", b"5;a\nb\r\nhello\r\n", b"1\r\nAB\r\n", b"\r\nhello\r\n"],
)
async def test_a_broken_chunk_aborts_the_upstreams_request(proxy: Proxy, chunk: bytes) -> None:
    proxy.upstream.read_body = False
    ended = asyncio.Event()

    async def wait(link, seen: Seen) -> None:  # type: ignore[no-untyped-def]
        await link.ended()
        ended.set()

    proxy.upstream.script = wait
    client = await proxy.dial()
    await client.send(CHUNKED + b"3\r\nabc\r\n")
    await proxy.upstream.request()
    await client.send(chunk + b"0\r\n\r\n" + request("GET /behind"))
    answer = await client.answer("POST")
    assert answer.status == 400 and answer.all("connection") == ["close"]
    await asyncio.wait_for(ended.wait(), 5)
    assert len(proxy.upstream.requests) == 1


async def test_limits_of_a_head(proxy: Proxy) -> None:
    assert (await proxy.ask(request("GET /" + "a" * 1900))).status == 200
    assert (await proxy.ask(request("GET /" + "a" * 2100))).status == 431
    assert (await proxy.ask(request("GET /", *[f"X-{n}: 1" for n in range(19)]))).status == 200
    assert (await proxy.ask(request("GET /", *[f"X-{n}: 1" for n in range(20)]))).status == 431
    cut = await proxy.dial()
    raw = request("GET /" + "a" * 2100)
    for piece in (raw[:1900], raw[1900:]):  # neither is too large by itself
        await cut.send(piece)
        await asyncio.sleep(0)
    assert (await cut.answer()).status == 431
    client = await proxy.dial()
    await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
    for _ in range(8):
        await client.send(b"y" * 1024)
        await asyncio.sleep(0)
    assert (await client.answer()).status == 431


async def test_framing_without_a_body_is_bounded(proxy: Proxy) -> None:
    client = await proxy.dial()
    await client.send(CHUNKED + b"5")
    await proxy.upstream.request() if proxy.upstream.requests else None
    for _ in range(20):
        await client.send(b";" + b"x" * 1024)
        await asyncio.sleep(0)
    assert (await client.answer("POST")).status == 400


@pytest.mark.parametrize(
    "framing",
    ["Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "\r\n"],
)
async def test_an_unknown_upgrade_is_an_ordinary_request(proxy: Proxy, framing: str) -> None:
    client = await proxy.dial()
    raw = f"{POST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n{framing}".encode()
    await client.send(raw + request("GET /behind"))
    assert (await client.answer("POST")).body == b"/up"
    assert (await client.answer()).body == b"/behind"
    first = proxy.upstream.requests[0]
    assert first.body == (b"abc" if "abc" in framing else b"")
    assert not first.all("upgrade") and not first.all("http2-settings") and not first.all("connection")


async def test_nothing_behind_connection_close_is_read(proxy: Proxy) -> None:
    client = await proxy.dial()
    await client.send(request("GET /1", "Connection: close") + request("GET /2"))
    assert (await client.answer()).all("connection") == ["close"]
    assert await client.end() in ("FIN", "RST")
    assert [seen.target for seen in proxy.upstream.requests] == ["/1"]


async def test_a_connect_is_no_tunnel(proxy: Proxy) -> None:
    client = await proxy.dial()
    await client.send(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + request("GET /through"))
    assert (await client.answer()).status == 405
    assert await client.end() in ("FIN", "RST")
    assert not proxy.upstream.requests


async def test_lines_of_the_same_length_are_not_the_same_lines(start: Start) -> None:
    """A connection knows the lines of its last request again: by their bytes."""
    proxy = await start()
    client = await proxy.dial()
    for origin, status in (
        ("https://app.example", 200),
        ("https://evl.example", 403),
        ("https://app.example", 200),
        ("http://app.example/", 403),
    ):
        for _ in range(2):
            await client.send(request("GET /r", f"Origin: {origin}"))
            assert (await client.answer()).status == status
    assert {exchange.origin for exchange in proxy.notes.ended[:4]} == {
        b"https://app.example",
        b"https://evl.example",
    }


async def test_known_lines_under_another_request_line(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    for first, status in (
        ("GET /a", 200),
        ("GET /b?c", 200),
        ("OPTIONS /d", 403),
        ("DELETE /e", 200),
        ("PATCH /f", 403),
        ("GET /g", 200),
    ):
        await client.send(request(first, "Origin: https://app.example"))
        assert (await client.answer()).status == status, first
    assert [seen.target for seen in proxy.upstream.requests] == ["/a", "/b?c", "/e", "/g"]
    await client.send(request("GET /h", "Origin: https://app.example").replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert (await client.answer()).all("connection") == ["close"]


@pytest.mark.parametrize("at", range(1, 5))
def test_the_end_of_a_chunked_body_in_two_segments(at: int) -> None:
    """What is behind it is another request, wherever the segments part."""
    reader = RequestReader(LIMITS)
    first = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    body, second = b"1\r\nx\r\n0\r\n\r\n", request("GET /b")
    reader.read(first + body[:-at])
    reader.read(body[-at:] + second)
    found = []
    while reader.more():
        message = reader.queue.popleft()
        assert isinstance(message, Message) and message.complete
        found.append(message.target)
    assert found == [b"/a", b"/b"] and reader.incoming is None


def test_what_is_sent_ahead_stays_bytes() -> None:
    """A head is an object of a kilobyte: a segment of them would be megabytes."""
    reader = RequestReader(LIMITS)
    reader.read(request("GET /a") * 1000)
    assert len(reader.queue) == 1 and reader.backlog
    for left in range(999, -1, -1):
        assert len(reader.queue) == 1
        reader.queue.popleft()
        assert reader.more() is (left > 0)
    assert not reader.backlog


@pytest.mark.parametrize(
    ("raw", "method", "path", "detail"),
    [
        (
            b"BREW /pots/1?token=secret HTTP/1.1\r\nHost: a\r\n\r\n",
            b"BREW",
            b"/pots/1",
            "Invalid method encountered",
        ),
        (b"GET /x?y HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", b"GET", b"/x", "Invalid header value char"),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", b"GET", b"/x", "two Host lines"),
        (b"GET /x HTTP/1.1\r\n\r\n", b"GET", b"/x", "no Host line"),
        (
            b"GET http://u:secret@a/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET",
            b"/x",
            "a target that is not a path",
        ),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", b"OPTIONS", b"*", "a target that is not a path"),
        (b"GET /" + b"a" * 3000, b"GET", b"/" + b"a" * 1019, "more bytes than limits.header_bytes"),
        (request("GET /x", *["X: 1"] * 20), b"GET", b"/x", "more lines than limits.header_count"),
        (
            b"GET /x HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
            b"GET",
            b"/x",
            "Missing expected CR after header value: a bare LF ends a line",
        ),
        (
            b"GET /x HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            b"GET",
            b"/x",
            "Missing expected LF after header value: a bare CR",
        ),
        (b"\x16\x03\x01\x02\x00 x\r\n\r\n", b"", b"", "Invalid method encountered"),
    ],
)
async def test_a_refused_head_says_what_could_be_read_of_it(
    proxy: Proxy, raw: bytes, method: bytes, path: bytes, detail: str
) -> None:
    assert (await proxy.ask(raw)).status >= 400
    (bad,) = proxy.notes.bad
    assert (bad.method, bad.path, bad.detail) == (method, path, detail)


async def test_a_late_head_says_it_too(start: Start) -> None:
    proxy = await start("server: {timeouts: {request_header: 1s}}\n")
    assert (await proxy.ask(b"GET /late?secret HTTP/1.1\r\nHost: a\r\nX")).status == 408
    assert [(bad.method, bad.path) for bad in proxy.notes.bad] == [(b"GET", b"/late")]
