"""Frames that come back, from the echo of the bench itself."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bench import frames
from bench.echo import ANSWER, SENT, SIZE, Echo, accept
from bench.process import BenchError
from bench.works import WORKS


@pytest.fixture
def echo() -> Iterator[int]:
    """Its port."""
    loop, ready, ports = asyncio.new_event_loop(), threading.Event(), []

    async def serve() -> asyncio.Server:
        return await loop.create_server(Echo, "127.0.0.1", 0)

    def run() -> None:
        server = loop.run_until_complete(serve())
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        loop.run_forever()
        server.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(10)
    yield ports[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def test_the_example_of_the_specification() -> None:
    assert accept(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert (len(SENT), len(ANSWER)) == (SIZE + 8, SIZE + 4)


@pytest.mark.parametrize("name", ["frames", "frames-bulk"])
def test_all_frames_come_back(echo: int, name: str) -> None:
    with frames.opened(echo, WORKS[name]._replace(connections=20)) as drive:
        for _ in range(2):
            counted = drive(0.1)
            assert counted.errors == 0 and counted.requests >= (20 * frames.WINDOW if "bulk" in name else 1)
            assert (counted.p50 > 0) == ("bulk" not in name)


def test_a_refused_handshake(echo: int) -> None:
    work = WORKS["frames"]._replace(requests=(b"GET / HTTP/1.1\r\n\r\n",), connections=1)
    with pytest.raises(BenchError, match="no response"), frames.opened(echo, work):
        pass
