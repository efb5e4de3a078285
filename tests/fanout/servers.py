"""`python -m tests.fanout.servers NAME PORT`: one server from PyPI that says in `X-Read` what it read of each request.

Each is imported where it is run: they are the extra `fanout`, and none of the proxy's."""

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

HOST = "127.0.0.1"
LIMIT = 16 << 20


def read(method: str, target: bytes, body: bytes) -> str:
    """What X-Read holds: method, target in hex, the body's length and SHA-256."""
    return f"{method} {target.hex()} {len(body)} {hashlib.sha256(body).hexdigest()}"


def app(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """WSGI; the target as it stood is no part of PEP 3333, but each of these servers has it."""
    target = environ.get("RAW_URI") or environ["REQUEST_URI"]
    source = environ["wsgi.input"]
    body = source.read() if environ.get("wsgi.input_terminated") else source.read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("X-Read", read(environ["REQUEST_METHOD"], target.encode("latin-1"), body)), ("Content-Length", "0")])
    return [b""]


async def asgi(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    target, body, more = scope["raw_path"], b"", True
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return  # the client left
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"x-read", read(scope["method"], target, body).encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body"})


def gunicorn(port: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):  # type: ignore[misc, unused-ignore]
        def load_config(self) -> None:
            for key, value in {"bind": f"{HOST}:{port}", "worker_class": "gthread", "threads": 4, "loglevel": "critical"}.items():
                self.cfg.set(key, value)

        def load(self) -> Any:
            return app

    Application().run()


def waitress(port: int) -> None:
    import waitress as package

    package.serve(app, host=HOST, port=port, _quiet=True)


def cheroot(port: int) -> None:
    from cheroot.wsgi import Server

    Server((HOST, port), app).start()


def werkzeug(port: int) -> None:
    """Python's own http.server, with chunks."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: object) -> None: ...

    make_server(HOST, port, app, threaded=True, request_handler=Handler).serve_forever()


def uvicorn(port: int) -> None:
    import uvicorn as package

    package.run(asgi, host=HOST, port=port, http="h11", ws="none", log_level="critical")


def tornado(port: int) -> None:
    from tornado.httpserver import HTTPServer
    from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine

    def answer(request: HTTPServerRequest) -> None:
        said = read(request.method or "", (request.uri or "").encode("latin-1"), request.body)
        connection = request.connection
        assert connection is not None
        connection.write_headers(ResponseStartLine("HTTP/1.1", 200, "OK"), HTTPHeaders({"X-Read": said, "Content-Length": "0"}))
        connection.finish()

    async def serve() -> None:
        HTTPServer(answer, max_body_size=LIMIT).listen(port, HOST)
        await asyncio.Event().wait()

    asyncio.run(serve())


def aiohttp(port: int) -> None:
    """With AIOHTTP_NO_EXTENSIONS its parser is the one in Python, not llhttp."""
    from aiohttp import http_parser, web

    assert http_parser.HttpRequestParser is http_parser.HttpRequestParserPy

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        said = read(request.method, request.raw_path.encode("utf-8", "surrogateescape"), await request.read())
        return web.Response(headers={"X-Read": said})

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        await asyncio.Event().wait()

    asyncio.run(serve())


def sink(port: int) -> None:
    """Not judged: what stands behind nginx.  It says what nginx made of a request, which is one per connection, by HTTP/1.0."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        method, target, _ = first.split(b" ")
        size = [int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")]
        said = read(method.decode(), target, await reader.readexactly(size[0] if size else 0))
        writer.write(f"HTTP/1.0 200 OK\r\nX-Read: {said}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    async def serve() -> None:
        async with await asyncio.start_server(answer, HOST, port) as server:
            await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    {each.__name__: each for each in (gunicorn, waitress, cheroot, werkzeug, uvicorn, tornado, aiohttp, sink)}[sys.argv[1]](int(sys.argv[2]))
