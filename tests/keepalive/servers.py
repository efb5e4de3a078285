"""Servers as they are started by default, and how long each keeps an idle connection."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from tests.ports import unused_port

PATIENCE: Final = 20.0  # seconds until a server has to accept connections


class Server(NamedTuple):
    name: str
    keeps: float  # seconds
    command: tuple[str, ...]  # PORT stands for its port


_NODE: Final = (
    "require('http').createServer((q, a) => q.resume().on('end', () => a.end())).listen(PORT, '127.0.0.1')"
)
_PYTHON: Final = (sys.executable, "-m")
SERVERS: Final = [
    Server(
        "uvicorn",
        5.0,
        (
            *_PYTHON,
            "uvicorn",
            "--lifespan=off",
            "--log-level=critical",
            "--port=PORT",
            "tests.keepalive.apps:asgi",
        ),
    ),
    Server(
        "gunicorn",
        2.0,
        (
            *_PYTHON,
            "gunicorn",
            "--worker-class=gthread",
            "--threads=8",
            "--log-level=critical",
            "--no-control-socket",
            "--bind=127.0.0.1:PORT",
            "tests.keepalive.apps:wsgi",
        ),
    ),
    Server("node", 5.0, ("node", "-e", _NODE)),
]


@contextlib.asynccontextmanager
async def running(server: Server) -> AsyncIterator[int]:
    """Its port."""
    port = unused_port()
    command = [part.replace("PORT", str(port)) for part in server.command]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                assert process.returncode is None, f"{server.name} has ended"
                with contextlib.suppress(ConnectionError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
