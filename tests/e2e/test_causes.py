"""Why a request failed: the real process says it in the access log and on stderr, never in a body."""

import asyncio
import datetime
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from tests.wire import Client, Link, Seen, Upstream, plain_port

from .conftest import Running, Start

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
OK = b"HTTP/1.1 200 OK\r\n"


@asynccontextmanager
async def answering(sent: bytes) -> AsyncIterator[int]:
    server = Upstream()
    await server.start()

    async def answer(link: Link, seen: Seen) -> None:
        await link.send(sent)

    server.script = answer
    yield server.port
    await server.stop()


@asynccontextmanager
async def secured(folder: Path, kind: str) -> AsyncIterator[int]:
    """A TLS server with a certificate of this kind for 127.0.0.1; `ca.crt` is of its authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    if kind == "self-signed":
        stranger = trustme.CA()
        both = folder / "own.pem"
        both.write_bytes(stranger.private_key_pem.bytes() + stranger.cert_pem.bytes())
        context.load_cert_chain(both)
    else:
        name = "192.0.2.1" if kind == "wrong name" else "127.0.0.1"
        authority.issue_cert(name, not_after=PAST if kind == "expired" else None).configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def cause(proxy: Running) -> str:
    """The detail of one failed request: the same in both logs, and nothing of it in the response."""
    status, body = await proxy.ask("/pots")
    assert status == 502
    await proxy.until(lambda: proxy.access)
    line = json.loads(proxy.access[-1])
    event = await proxy.event("upstream-failed")
    detail: str = line["error.detail"]
    assert event["error.detail"] == detail and event["error.type"] == line["error.type"]
    assert event["severity"] == "WARN" and event["upstream"]
    told = json.loads(body)
    assert set(told) == {"title", "status", "reason", "type"} and told["reason"] == line["error.type"]
    return detail


@pytest.mark.parametrize(
    ("upstream", "words"),
    [
        ("http://127.0.0.1:1", "127.0.0.1:1: Connection refused"),
        ("unix:/nowhere/api.sock", "unix:/nowhere/api.sock: No such file or directory"),
    ],
)
async def test_nobody_is_there(start: Start, upstream: str, words: str) -> None:
    assert await cause(await start(to=upstream)) == words


async def test_an_unknown_name(start: Start) -> None:
    assert (await cause(await start(to="http://api.invalid"))).startswith("cannot resolve api.invalid: ")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("self-signed", "TLS: self-signed certificate"),
        ("wrong name", "TLS: IP address mismatch, certificate is not valid for '127.0.0.1'."),
        ("expired", "TLS: certificate has expired"),
    ],
)
async def test_a_certificate(start: Start, tmp_path: Path, kind: str, words: str) -> None:
    async with secured(tmp_path, kind) as port:
        trust = f"server: {{upstream_tls: {{ca: {tmp_path}/ca.crt}}}}\n"
        proxy = await start(trust, to=f"https://127.0.0.1:{port}")
        assert await cause(proxy) == f"127.0.0.1:{port}: {words}"


async def test_tls_to_a_plain_port(start: Start) -> None:
    async with plain_port() as port:
        detail = await cause(await start(to=f"https://127.0.0.1:{port}"))
        assert detail.startswith(f"127.0.0.1:{port}: TLS: ")
        assert detail.endswith("the upstream does not speak TLS on this port")


async def test_plain_http_to_a_tls_port(start: Start, tmp_path: Path) -> None:
    async with secured(tmp_path, "good") as port:
        detail = await cause(await start(to=f"http://127.0.0.1:{port}"))
        assert detail.startswith(f"127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na", "Content-Length"),
        (OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Content-Length"),
        (OK + b"X: a\nContent-Length: 0\r\n\r\n", "a bare LF ends a line"),
    ],
)
async def test_a_response(start: Start, sent: bytes, words: str) -> None:
    async with answering(sent) as port:
        detail = await cause(await start(to=f"http://127.0.0.1:{port}"))
        assert detail.startswith(f"127.0.0.1:{port}: ") and words in detail


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length"),
        (b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Content-Length"),
        (b"X: a\nY: b\r\n\r\n", "LF"),
    ],
)
async def test_a_request(start: Start, lines: bytes, words: str) -> None:
    proxy = await start()
    port = int(proxy.url.rpartition(":")[2])
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    await client.send(b"POST /pots HTTP/1.1\r\nHost: a\r\n" + lines)
    answer = await client.answer("POST")
    client.close()
    assert answer.status == 400 and b"LF" not in answer.body and b"Length" not in answer.body
    event = await proxy.event("malformed-request")
    assert words in event["error.detail"]
    assert event["client.address"] == "127.0.0.1" and event["url.path"] == "/pots"


async def test_many_failures_write_few_events(start: Start) -> None:
    proxy = await start(to="http://127.0.0.1:1")
    for _ in range(200):
        assert (await proxy.ask())[0] == 502
    await proxy.until(lambda: len(proxy.access) == 200)
    written = [event for event in proxy.events if event.get("event.name") == "upstream-failed"]
    assert 0 < len(written) < 60
