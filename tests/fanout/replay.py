"""Independent servers on loopback, and the captured bytes sent to each as the proxy sent them."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from tests.fanout.capture import Stream
from tests.fanout.corpus import Read
from tests.wire import Client

HERE = Path(__file__).parent
SECONDS = 5.0

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error crit;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port}; client_max_body_size 16m; merge_slashes off;
    location / {{ proxy_pass http://127.0.0.1:{sink}; }}
  }}
}}
"""


class Server(NamedTuple):
    """`command` makes the argument list, of a port and of a folder that is its own; None where its program is not on this machine."""

    name: str
    parser: str
    version: str
    command: Callable[[int, Path], list[str]] | None


def _python(name: str) -> Callable[[int, Path], list[str]]:
    return lambda port, _: [sys.executable, "-m", "tests.fanout.servers", name, str(port)]


def _nginx(port: int, folder: Path) -> list[str]:
    """A server that keeps bodies for itself: what it read shows in what it sends on."""
    behind = _free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(port=port, sink=behind, folder=folder))
    return ["sh", "-c", '"$1" -m tests.fanout.servers sink "$2" & exec nginx -e stderr -c "$3"', "sh", sys.executable, str(behind), str(config)]


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (done.stdout + done.stderr).splitlines()[0]


def servers() -> list[Server]:
    """All that are compared; a PyPI package that is missing raises PackageNotFoundError."""
    python = [
        ("gunicorn", "gunicorn", "its own"),
        ("waitress", "waitress", "its own"),
        ("cheroot", "cheroot", "its own"),
        ("tornado", "tornado", "its own"),
        ("uvicorn", "h11", "h11"),
        ("aiohttp", "aiohttp", "its own, in Python"),
        ("werkzeug", "werkzeug", "Python's http.server"),
    ]
    found = [Server(name, parser, version(package), _python(name)) for name, package, parser in python]
    nginx, node, java = (shutil.which(name) for name in ("nginx", "node", "java"))
    found.append(Server("nginx", "its own", _said("nginx", "-v").rpartition("/")[2] if nginx else "-", _nginx if nginx else None))
    script, source = str(HERE / "server.mjs"), str(HERE / "Server.java")
    found.append(Server("node", "llhttp", _said("node", "-v")[1:] if node else "-", (lambda port, _: ["node", script, str(port)]) if node else None))
    found.append(
        Server("JDK", "its own", _said("java", "-version").split('"')[1] if java else "-", (lambda port, _: ["java", source, str(port)]) if java else None)
    )
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def running(server: Server) -> AsyncIterator[int]:
    """The port where it listens; the process, and what it started, ends behind it."""
    assert server.command is not None
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        process = subprocess.Popen(
            server.command(port, Path(folder)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "AIOHTTP_NO_EXTENSIONS": "1"},
        )  # fmt: skip
        try:
            async with asyncio.timeout(30):
                await _listens(port)
                if server.name == "nginx":
                    assert (await _replay(port, [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"], 1))[0]
            yield port
        finally:
            os.killpg(process.pid, 15)
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
    """What the server says that it read, and what else it answered."""
    return await _replay(port, stream.parts, len(stream.reads))


async def _replay(port: int, parts: list[bytes], whole: int) -> tuple[list[str], list[str]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    client, reads, others = Client(reader, writer), [], []

    async def answer() -> bool:
        try:
            got = await client.answer("HEAD", SECONDS)
        except TimeoutError:
            others.append("no answer")
            return False
        if got.all("x-read"):
            reads.append(got.all("x-read")[0])
            return True
        if got.first:
            others.append(got.first)
        return False

    with contextlib.suppress(ConnectionError):
        for number, part in enumerate(parts):
            await client.send(part)
            if number < whole and not await answer():
                break
        else:
            # No more is sent: whatever it answers now, it read more than there was.
            if writer.can_write_eof():
                writer.write_eof()
            while await answer():
                pass
    writer.transport.abort()
    return reads, others
