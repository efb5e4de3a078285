"""A forwarded request: bytes unchanged both ways, faults visible, and the grant on what the proxy has to say itself."""

import asyncio
import gzip

import pytest

from tests.wire import Link, Script, Seen

from .conftest import Start, request

APP = "Origin: https://app.example"


def says(raw: bytes, then: str = "") -> Script:
    async def script(link: Link, seen: Seen) -> None:
        await link.send(raw)
        if then == "reset":
            link.reset()
        elif then == "close":
            link.writer.close()
        elif then == "wait":
            await link.ended()

    return script


async def test_an_answer_passes_unchanged(start: Start) -> None:
    proxy = await start()
    body = gzip.compress(b"hello" * 100)
    lines = (
        b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: \xe9/1\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n"
        b"X-MULTI: 1\r\nX-Multi: 2\r\nContent-Encoding: gzip\r\n"
    )
    proxy.upstream.script = says(
        b"HTTP/1.1 299 Odd \xfcber\r\n" + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    answer = await proxy.ask(request())
    assert answer.first == "HTTP/1.1 299 Odd \xfcber" and answer.body == body
    kept = [(name, value) for name, value in answer.lines if name not in ("x-request-id", "Vary")]
    sent = [tuple(line.split(": ", 1)) for line in lines.decode("latin-1").split("\r\n")[:-1]]
    assert kept == [*sent, ("Content-Length", str(len(body)))]


@pytest.mark.parametrize(
    ("raw", "method", "then"),
    [
        (b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n", "GET", ""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nX: 1\r\n\r\n", "GET", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX: 1\r\n\r\n", "HEAD", ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\n", "HEAD", ""),
        (b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\nto the end", "GET", "close"),
        (b"HTTP/1.0 200 OK\r\nX: 1\r\n\r\nto the end", "GET", "close"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\n3\r\nabc\r\n0\r\nOrigin: x\r\n\r\n",
            "GET",
            "",
        ),
    ],
)
async def test_every_framing_of_an_answer(start: Start, raw: bytes, method: str, then: str) -> None:
    proxy = await start()
    proxy.upstream.script = says(raw, then)
    client = await proxy.dial()
    for _ in range(2):
        await client.send(request(f"{method} /r"))
        answer = await client.answer(method)
        assert answer.complete and answer.all("x") == ["1"] and not answer.all("origin")
    assert len(proxy.upstream.requests) == 2


async def test_interim_answers_pass_without_cors_lines(start: Start) -> None:
    proxy = await start()
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
    proxy.upstream.script = says(
        b"HTTP/1.1 100 Continue\r\n\r\n" + hints + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    )
    client = await proxy.dial()
    await client.send(request())
    first = await client.reader.readuntil(b"\r\n\r\n")
    assert first == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    assert (await client.answer()).status == 200


BAD = [
    (b"nonsense\r\n\r\n", ""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", ""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", ""),
    (b"HTTP/1.1 200 OK\r\nX: a\x01b\r\n\r\n", ""),
    (b"HTTP/1.1 200 OK\nX: a\n\n", ""),
    (b"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n", ""),
    (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "wait"),
    (b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n", ""),
    (b"ICY 200 OK\r\n\r\n", ""),
    (b"RTSP/1.0 200 OK\r\n\r\n", ""),
    (b"", "close"),
    (b"", "reset"),
    (b"HTTP/1.1 200", "close"),
]


@pytest.mark.parametrize(("raw", "then"), BAD)
async def test_no_answer_is_502_with_the_grant(start: Start, raw: bytes, then: str) -> None:
    proxy = await start()
    proxy.upstream.script = says(raw, then or "wait")
    answer = await proxy.ask(request("POST /r", APP, body=b"x"), "POST")
    assert answer.status == 502 and answer.all("access-control-allow-origin") == ["https://app.example"]
    assert answer.all("vary") == ["Origin"] and answer.all("content-type") == ["application/problem+json"]
    assert len(proxy.upstream.requests) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nzz\r\n",
    ],
)
@pytest.mark.parametrize("then", ["close", "reset"])
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
async def test_a_truncation_is_passed_on_as_one(start: Start, raw: bytes, then: str, version: str) -> None:
    proxy = await start()
    proxy.upstream.script = says(raw, then)
    client = await proxy.dial()
    await client.send(request().replace(b"HTTP/1.1", version.encode()))
    answer = await client.answer()
    assert not answer.complete, answer
    assert await client.end() == "RST"


async def test_a_reset_of_an_answer_without_length_is_no_end(start: Start) -> None:
    proxy = await start()
    proxy.upstream.script = says(b"HTTP/1.1 200 OK\r\n\r\npart", "reset")
    answer = await proxy.ask(request())
    assert not answer.complete


async def test_response_times_out(start: Start) -> None:
    proxy = await start("server: {timeouts: {response: 1s}}\n")
    proxy.upstream.script = says(b"", "wait")
    answer = await proxy.ask(request("GET /r", APP))
    assert answer.status == 504 and answer.all("access-control-allow-origin") == ["https://app.example"]


async def test_response_idle_cuts_a_silent_answer_and_no_slow_one(start: Start) -> None:
    proxy = await start("server: {timeouts: {response_idle: 1s}}\n")

    async def script(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        for byte in b"slow" if seen.target == "/slow" else b"s":
            await asyncio.sleep(0.5)
            await link.send(bytes([byte]))
        if seen.target != "/slow":
            await link.ended()

    proxy.upstream.script = script
    assert (await proxy.ask(request("GET /slow"))).body == b"slow"
    assert not (await proxy.ask(request("GET /silent"))).complete


async def test_the_body_limit_counts_chunks_too(start: Start) -> None:
    proxy = await start("server: {limits: {body_bytes: 1KiB}}\n")
    exact = request("POST /r", APP, body=b"x" * 1024)
    assert (await proxy.ask(exact, "POST")).status == 200
    over = await proxy.ask(request("POST /r", APP, body=b"x" * 1025), "POST")
    assert len(proxy.upstream.requests) == 1
    assert over.status == 413 and over.all("access-control-allow-origin") == ["https://app.example"]
    chunked = request("POST /r", APP, "Transfer-Encoding: chunked") + b"200\r\n" + b"x" * 512 + b"\r\n"
    client = await proxy.dial()
    await client.send(chunked)
    await proxy.upstream.request(2)
    await client.send(b"300\r\n" + b"x" * 768 + b"\r\n0\r\n\r\n")
    assert (await client.answer("POST")).status == 413
    assert not proxy.upstream.requests[1].complete


async def test_an_upload_streams(start: Start) -> None:
    proxy = await start()
    proxy.upstream.read_body = False
    half, rest = asyncio.Event(), asyncio.Event()

    async def script(link: Link, seen: Seen) -> None:
        assert await link.reader.readexactly(5) == b"01234"
        half.set()
        assert await link.reader.readexactly(5) == b"56789"
        rest.set()
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    proxy.upstream.script = script
    client = await proxy.dial()
    await client.send(request("POST /r", "Content-Length: 10") + b"01234")
    await asyncio.wait_for(half.wait(), 5)
    await client.send(b"56789")
    assert (await client.answer("POST")).status == 200 and rest.is_set()


async def test_an_early_answer_ends_the_connection(start: Start) -> None:
    proxy = await start()
    proxy.upstream.read_body = False
    proxy.upstream.script = says(b"HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno", "wait")
    client = await proxy.dial()
    await client.send(request("POST /r", "Content-Length: 1000") + b"part")
    answer = await client.answer("POST")
    assert answer.status == 413 and answer.all("connection") == ["close"]
    await client.send(request("GET /smuggled"))
    assert await client.end() in ("FIN", "RST")
    assert len(proxy.upstream.requests) == 1


async def test_events_arrive_at_once(start: Start) -> None:
    proxy = await start()
    gate = asyncio.Event()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n"
        )
        await gate.wait()
        await link.send(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")

    proxy.upstream.script = script
    client = await proxy.dial()
    await client.send(request())
    await client.reader.readuntil(b"data: 1\n\n\r\n")
    gate.set()
    await client.reader.readuntil(b"0\r\n\r\n")
