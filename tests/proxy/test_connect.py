"""What the log says where an upstream fails: the address, and the words of the system, of TLS or of the parser."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme

from cors_proxy.policy.model import Endpoint, Upstream
from cors_proxy.proxy.address import Address
from cors_proxy.proxy.connect import words
from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.pool import Pool
from cors_proxy.proxy.resolver import Resolver
from cors_proxy.proxy.tls_state import TlsState
from cors_proxy.proxy.upstream import UpstreamConnection
from tests.wire import Link, Seen, plain_port

from .conftest import Notes, Proxy, Start, request

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


async def said(proxy: Proxy, status: int = 502) -> str:
    """The detail of one failed request; its response tells nothing of it."""
    answer = await proxy.ask(request())
    detail = proxy.notes.ended[-1].detail
    assert answer.status == status and detail
    assert b"127." not in answer.body and b"refused" not in answer.body
    return detail


async def test_nobody_listens(start: Start) -> None:
    assert await said(await start(upstream="http://127.0.0.1:1")) == "127.0.0.1:1: Connection refused"


async def test_no_socket_file(start: Start) -> None:
    detail = await said(await start(upstream="unix:/nowhere.sock"))
    assert detail == "unix:/nowhere.sock: No such file or directory"


async def test_no_such_name(start: Start) -> None:
    detail = await said(await start("server: {timeouts: {connect: 60s}}\n", upstream="http://api.invalid"))
    assert detail.startswith("cannot resolve api.invalid: ")


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


async def secured(context: ssl.SSLContext) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize(
    ("name", "expired", "trusted", "words"),
    [
        ("localhost", False, False, "unable to get local issuer certificate"),
        ("other.example", False, True, "Hostname mismatch, certificate is not valid for 'localhost'."),
        ("localhost", True, True, "certificate has expired"),
    ],
)
async def test_a_certificate_that_does_not_pass(
    start: Start,
    authority: trustme.CA,
    name: str,
    expired: bool,
    trusted: bool,
    words: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, not_after=PAST if expired else None).configure_cert(context)
    file = tmp_path_factory.mktemp("ca") / "ca.crt"
    authority.cert_pem.write_to_path(file)
    settings = f"server: {{upstream_tls: {{ca: {file}}}}}\n" if trusted else ""
    async for port in secured(context):
        proxy = await start(settings, upstream=f"https://localhost:{port}")
        assert f"127.0.0.1:{port}: TLS: {words}" in (await said(proxy)).split("; ")


async def test_tls_to_a_plain_port(start: Start) -> None:
    async with plain_port() as port:
        detail = await said(await start(upstream=f"https://127.0.0.1:{port}"))
        assert detail.startswith(f"127.0.0.1:{port}: TLS: ")
        assert detail.endswith("the upstream does not speak TLS on this port")


async def test_an_upstream_that_speaks_before_the_handshake() -> None:
    """Its bytes may be read before the coroutine that connects goes on."""
    loop = asyncio.get_running_loop()
    failures: list[BaseException] = []
    async with plain_port() as port:
        endpoint, outbox = Endpoint("127.0.0.1", port), Outbox(loop, failures.append)
        pool = Pool(Upstream((endpoint,)), None, outbox, Resolver(), Notes())
        connection = UpstreamConnection(outbox, pool, Address(endpoint, "127.0.0.1"))
        connection.expected_tls = TlsState(ssl.create_default_context(), "127.0.0.1")
        await loop.create_connection(lambda: connection, "127.0.0.1", port)
        async with asyncio.timeout(10):
            while not connection.ended:
                await asyncio.sleep(0.01)
        with pytest.raises(ssl.SSLError) as raised:
            await connection.secure()
        assert words(raised.value).endswith("the upstream does not speak TLS on this port")
    assert not failures


async def test_http_to_a_tls_port(start: Start, authority: trustme.CA) -> None:
    proxy = await start()

    async def alert(link: Link, seen: Seen) -> None:
        await link.send(b"\x15\x03\x01\x00\x02\x02\x46")

    proxy.upstream.script = alert
    assert (await said(proxy)).endswith(
        "a TLS record: the upstream speaks TLS on this port, so write https://"
    )


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length"),
        (OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Content-Length"),
        (OK + b"X: a\nY: b\r\n\r\n", "a bare LF ends a line"),
        (b"hello", "no HTTP response"),
        (b"HTTP/1.1 101 X\r\n\r\n", "a 101 that names no protocol"),
        (
            b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "a 101 that accepts no handshake of this request",
        ),
        (b"HTTP/1.1 103 X\r\n\r\n" * 40, "more than 32 interim responses (1xx)"),
        (OK + b"X: " + b"a" * (256 << 10), "a response head of more than 256 KiB"),
        (b"", "closed the connection before the response"),
        (b"HTTP/1.1 2", "closed the connection in the middle of the response"),
    ],
)
async def test_what_is_no_response(start: Start, sent: bytes, words: str) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(sent)
        link.writer.close()

    proxy.upstream.script = script
    detail = await said(proxy)
    assert detail.startswith(f"127.0.0.1:{proxy.upstream.port}: ") and words in detail


async def test_silence(start: Start) -> None:
    proxy = await start("server: {timeouts: {response: 1s}}\n")

    async def silent(link: Link, seen: Seen) -> None:
        await link.ended()

    proxy.upstream.script = silent
    assert (await said(proxy, 504)) == f"127.0.0.1:{proxy.upstream.port}: no response within 1 s"


async def test_all_places_are_taken(start: Start) -> None:
    proxy = await start("server: {limits: {upstream_connections: 1}, timeouts: {connect: 1s}}\n")

    async def silent(link: Link, seen: Seen) -> None:
        await link.ended()

    proxy.upstream.script = silent
    client = await proxy.dial()
    await client.send(request())
    await proxy.upstream.request()
    assert await said(proxy, 503) == "all 1 connections were in use for 1 s"
    client.close()
