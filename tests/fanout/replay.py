"""Sends the captured bytes to other servers on loopback, as the proxy sent them."""

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from tests.fanout.capture import Stream
from tests.fanout.corpus import Read
from tests.ports import unused_port
from tests.wire import Client

HERE = Path(__file__).parent
SECONDS = 3.0

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error crit;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port}; client_max_body_size 16m; merge_slashes off;
    proxy_buffer_size 32k; proxy_buffers 8 32k;
    location / {{ proxy_pass http://127.0.0.1:{sink}; }}
  }}
}}
"""


class Server(NamedTuple):
    """`command` makes the arguments from its port, the sink's port and a folder.

    None: the program is not installed."""

    name: str
    parser: str
    version: str
    command: Callable[[int, int, Path], list[str]] | None


def _python(name: str) -> Callable[[int, int, Path], list[str]]:
    return lambda port, sink, folder: [sys.executable, "-m", "tests.fanout.servers", name, str(port)]


def _nginx(port: int, sink: int, folder: Path) -> list[str]:
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(port=port, sink=sink, folder=folder))
    return ["nginx", "-e", "stderr", "-c", str(config)]


def _file(program: str, name: str) -> Callable[[int, int, Path], list[str]]:
    return lambda port, sink, folder: [program, str(HERE / name), str(port)]


async def _sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The server behind nginx, which is not judged itself.

    What nginx read is seen in what it forwards: one HTTP/1.0 request."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
    method, target, _ = first.split(b" ")
    size = [int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")]
    read = said((method, target, await reader.readexactly(size[0] if size else 0)))
    writer.write(f"HTTP/1.0 200 OK\r\nX-Read: {read}\r\nContent-Length: 0\r\n\r\n".encode())
    writer.close()


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    numbers = re.search(r"[0-9]+(\.[0-9]+)+", done.stdout + done.stderr)
    return numbers[0] if numbers else ""


def servers() -> list[Server]:
    """All servers; a missing PyPI package raises PackageNotFoundError."""
    python = [
        ("gunicorn", "its own"), ("waitress", "its own"), ("cheroot", "its own"), ("tornado", "its own"),
        ("h11", "its own"), ("aiohttp", "its own, in Python"),
    ]  # fmt: skip
    found = [Server(name, parser, version(name), _python(name)) for name, parser in python]
    for name, parser, option, command in (
        ("nginx", "its own", "-v", _nginx), ("node", "llhttp", "-v", _file("node", "server.mjs")),
        ("java", "jdk.httpserver", "-version", _file("java", "Server.java")),
    ):  # fmt: skip
        here = shutil.which(name) is not None
        found.append(Server(name, parser, _said(name, option) if here else "", command if here else None))
    return found


@contextlib.asynccontextmanager
async def running(server: Server) -> AsyncIterator[int]:
    """Yields the port; ends the process and its children afterwards."""
    assert server.command is not None
    with tempfile.TemporaryDirectory() as folder:
        async with await asyncio.start_server(_sink, "127.0.0.1", 0, limit=1 << 20) as sink:
            port = unused_port()
            process = subprocess.Popen(
                server.command(port, sink.sockets[0].getsockname()[1], Path(folder)),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "AIOHTTP_NO_EXTENSIONS": "1"},
            )  # fmt: skip
            try:
                async with asyncio.timeout(30):
                    await _listens(port)
                yield port
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(30)


async def _listens(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def said(read: Read) -> str:
    method, target, body = read
    return f"{method.decode()} {target.hex()} {len(body)} {hashlib.sha256(body).hexdigest()}"


async def replay(port: int, stream: Stream) -> tuple[list[str], list[str]]:
    """What the server read, and its other answers: their first lines, or that there is none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    client = Client(reader, writer)
    reads: list[str] = []
    others: list[str] = []

    async def answer() -> bool:
        try:
            got = await client.answer("HEAD", SECONDS)
        except TimeoutError:
            others.append("no answer")
            return False
        if got.all("x-read"):
            reads.append(got.all("x-read")[0])
        elif got.first:
            others.append(got.first)
        return bool(got.first) and got.status == 200

    with contextlib.suppress(ConnectionError):
        for number, part in enumerate(stream.parts):
            await client.send(part)
            if number < len(stream.reads) and not await answer():
                break
        else:
            # No more was sent: an answer now means that it read more than there was.
            if stream.reset:
                client.reset()
            else:
                writer.write_eof()
            while await answer():
                pass
    writer.transport.abort()
    return reads, others
