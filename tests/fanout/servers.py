"""`python -m tests.fanout.servers NAME PORT`: a server that tells in `X-Read` what it read.

The servers are from PyPI (extra `fanout`); only the one that runs is imported."""

import asyncio
import hashlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

HOST = "127.0.0.1"
LIMIT = 16 << 20


def read(method: str, target: bytes, body: bytes) -> str:
    """The value of X-Read: method, target in hex, length and SHA-256 of the body."""
    return f"{method} {target.hex()} {len(body)} {hashlib.sha256(body).hexdigest()}"


def app(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """A WSGI application. PEP 3333 has no raw target, but each of these servers passes it."""
    target = environ.get("RAW_URI") or environ["REQUEST_URI"]
    source = environ["wsgi.input"]
    body = (
        source.read()
        if environ.get("wsgi.input_terminated")
        else source.read(int(environ.get("CONTENT_LENGTH") or 0))
    )
    start(
        "200 OK",
        [
            ("X-Read", read(environ["REQUEST_METHOD"], target.encode("latin-1"), body)),
            ("Content-Length", "0"),
        ],
    )
    return [b""]


def gunicorn(port: int) -> None:
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

    class Application(BaseApplication):  # type: ignore[misc, unused-ignore]
        def load_config(self) -> None:
            for key, value in {
                "bind": f"{HOST}:{port}",
                "worker_class": "gthread",
                "threads": 4,
                "loglevel": "critical",
            }.items():
                self.cfg.set(key, value)

        def load(self) -> Any:
            return app

    Application().run()


def waitress(port: int) -> None:
    import waitress as package  # type: ignore[import-untyped]

    package.serve(app, host=HOST, port=port, _quiet=True)


def cheroot(port: int) -> None:
    from cheroot.wsgi import Server

    Server((HOST, port), app).start()


def h11(port: int) -> None:
    """h11 is a parser without a server; this is a minimal server."""
    import h11 as package

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = package.Connection(package.SERVER)
        request, body = package.Request(method="GET", target="/", headers=[("Host", "a")]), b""
        try:
            while True:
                event = connection.next_event()
                if event is package.NEED_DATA:
                    connection.receive_data(await reader.read(65536))
                elif isinstance(event, package.Request):
                    request, body = event, b""
                elif isinstance(event, package.Data):
                    body += event.data
                elif isinstance(event, package.EndOfMessage):
                    lines = [
                        ("X-Read", read(request.method.decode(), request.target, body)),
                        ("Content-Length", "0"),
                    ]
                    writer.write(connection.send(package.Response(status_code=200, headers=lines)) or b"")
                    connection.send(package.EndOfMessage())
                    connection.start_next_cycle()
                else:
                    break
        except package.RemoteProtocolError:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def serve() -> None:
        async with await asyncio.start_server(answer, HOST, port) as server:
            await server.serve_forever()

    asyncio.run(serve())


def tornado(port: int) -> None:
    from tornado.httpserver import HTTPServer
    from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine

    def answer(request: HTTPServerRequest) -> None:
        said = read(request.method or "", (request.uri or "").encode("latin-1"), request.body)
        connection = request.connection
        assert connection is not None
        connection.write_headers(
            ResponseStartLine("HTTP/1.1", 200, "OK"), HTTPHeaders({"X-Read": said, "Content-Length": "0"})
        )
        connection.finish()

    async def serve() -> None:
        HTTPServer(answer, max_body_size=LIMIT).listen(port, HOST)
        await asyncio.Event().wait()

    asyncio.run(serve())


def aiohttp(port: int) -> None:
    """With AIOHTTP_NO_EXTENSIONS it uses its parser in Python, not llhttp."""
    from aiohttp import http_parser, web

    assert http_parser.HttpRequestParser is http_parser.HttpRequestParserPy

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        said = read(request.method, request.raw_path.encode("utf-8", "surrogateescape"), await request.read())
        return web.Response(headers={"X-Read": said})

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(answer, auto_decompress=False))
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    {each.__name__: each for each in (gunicorn, waitress, cheroot, h11, tornado, aiohttp)}[sys.argv[1]](
        int(sys.argv[2])
    )
