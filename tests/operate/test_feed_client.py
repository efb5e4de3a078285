"""One GET of a feed, from a real server."""

import asyncio
import contextlib
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from cors_proxy.cors.spec import OriginFeed
from cors_proxy.operate import feed_client
from cors_proxy.operate.feed_client import FeedClient
from cors_proxy.policy.feed_list import FeedError

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[..., Awaitable[str]]
BODY = b"https://one.example\n"


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server that answers as it is told, and tells its URL."""
    servers: list[TestServer] = []

    async def begin(answer: Answer, **options: object) -> str:
        app = web.Application()
        app.router.add_get("/o", answer)
        servers.append(TestServer(app, host="127.0.0.1", scheme="https" if options else "http"))
        await servers[-1].start_server(**options)  # type: ignore[arg-type]
        return str(servers[-1].make_url("/o"))

    yield begin
    for server in servers:
        await server.close()


async def fetched(url: str, client: FeedClient | None = None, etag: str = "") -> object:
    return await (client or FeedClient()).fetch(OriginFeed(url), etag)


async def why(url: str, client: FeedClient | None = None, etag: str = "") -> str:
    with pytest.raises(FeedError) as caught:
        await fetched(url, client, etag)
    return str(caught.value)


@contextlib.asynccontextmanager
async def raw(answer: bytes) -> AsyncIterator[str]:
    """The URL of a server that sends these bytes and closes."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(send, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/o"
    server.close()
    await server.wait_closed()


async def test_a_list_and_its_etag(serve: Serve) -> None:
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        if request.headers.get("If-None-Match") == 'W/"1"':
            return web.Response(status=304)
        return web.Response(body=BODY, headers={"ETag": 'W/"1"', "Set-Cookie": "a=b"})

    url = await serve(answer)
    client = FeedClient()
    assert await fetched(url, client) == (BODY, 'W/"1"')
    assert await fetched(url, client, 'W/"1"') is None
    assert await fetched(url, client, '"0"') == (BODY, 'W/"1"')
    for request in asked:
        assert request.headers["Accept-Encoding"] == "identity"
        assert "Cookie" not in request.headers and "Authorization" not in request.headers


async def test_name_and_password_are_sent(serve: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["Authorization"])

    url = await serve(answer)
    assert await fetched(url.replace("://", "://user:p%40ss@")) == (b"Basic dXNlcjpwQHNz", "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(serve: Serve, status: int) -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": "/o?again"})

    assert "a redirect, which is not followed" in await why(await serve(answer))
    assert asked == ["/o"]


@pytest.mark.parametrize("status", [201, 204, 304, 401, 404, 500])
async def test_only_200_has_a_list(serve: Serve, status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, body=BODY if status not in (204, 304) else None)

    assert str(status) in await why(await serve(answer))


async def test_a_compressed_answer_is_refused(serve: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(bytes(1 << 20)), headers={"Content-Encoding": "gzip"})

    assert "compressed" in await why(await serve(answer))


@pytest.mark.parametrize("length", [True, False])
async def test_the_size_is_bounded(serve: Serve, length: bool) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(3 << 20)} if length else {})
        await response.prepare(request)
        for _ in range(3):
            await response.write(bytes(1 << 20))
        return response

    client = FeedClient(max_bytes=2 << 20)
    assert await why(await serve(answer), client) == "the list is larger than 2 MiB"
    assert await fetched(await serve(answer), FeedClient(max_bytes=3 << 20)) == (bytes(3 << 20), "")


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhttps"])
async def test_the_time_is_bounded_from_the_first_to_the_last_byte(sent: bytes) -> None:
    held = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await held.wait()
        writer.close()

    server = await asyncio.start_server(slow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert (
        await why(f"http://127.0.0.1:{port}/o", FeedClient(timeout=0.2)) == "no complete answer within 0.2 s"
    )
    held.set()
    server.close()
    await server.wait_closed()


async def test_an_answer_that_ends_early() -> None:
    async with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhttps://one.example\n") as url:
        assert await why(url)


async def test_nobody_answers() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        text = await why(f"http://user:secret@127.0.0.1:{closed.getsockname()[1]}/o")
    assert text and "secret" not in text


async def test_plain_http_goes_to_no_public_address(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    """The name has one label, so the policy accepts it; what it resolves to is public."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=BODY)

    def resolve(address: str) -> None:
        def look_up(host: str, *rest: object, **more: object) -> list[object]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(str(rest[0]))))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    url = (await serve(answer)).replace("127.0.0.1", "api")
    resolve("127.0.0.1")
    assert await fetched(url) == (BODY, "")
    resolve("203.0.113.7")
    assert "api has the public address 203.0.113.7: use https" in await why(url)


async def test_certificates_are_verified(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=BODY)

    authority = trustme.CA()
    contexts = {}
    for name in ("127.0.0.1", "other.example"):
        contexts[name] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(contexts[name])
    right = await serve(answer, ssl=contexts["127.0.0.1"])
    wrong = await serve(answer, ssl=contexts["other.example"])
    assert "certificate verify failed" in await why(right)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert await fetched(right) == (BODY, "")
    assert "certificate" in (await why(wrong)).lower()


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (b"https://one.example\nhttps://shop.example.co", False),
        (b"https://one.example\n", True),
        (b"https://[::1]", False),
        (b'["https://one.example"\n]\n', True),
        (b"[ ]", True),
        (b'["https://one.example"', False),
        (b"", False),
    ],
)
async def test_an_answer_without_a_length_must_have_an_end(body: bytes, whole: bool) -> None:
    async with raw(b"HTTP/1.0 200 OK\r\n\r\n" + body) as url:
        if whole:
            assert await fetched(url) == (body, "")
        else:
            assert "it may be cut off" in await why(url)


async def test_failures_are_one_line_and_have_no_secret() -> None:
    async with raw(b"SSH-2.0-" + b"x" * 4000 + b"\r\n\r\n") as url:
        text = await why(url.replace("://", "://user:password@") + "?token=secret")
    assert text.isprintable() and len(text) <= 256
    assert "password" not in text and "secret" not in text
    with_port = "http://127.0.0.1:1/o?token=secret"
    error = aiohttp.InvalidURL(with_port)
    assert feed_client._reason(error, OriginFeed(with_port)) == "http://127.0.0.1:1/o?…"
