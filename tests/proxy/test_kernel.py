"""What the kernel says of a peer that takes nothing, and the end by a reset."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from cors_proxy.proxy.kernel import Progress, reset, unsent

Pair = tuple[asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    """A writer, and the reader and writer at its other end."""
    came: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda reader, writer: came.set_result((reader, writer)), "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    reader, other = await came
    yield writer, reader, other
    for one in (writer, other):
        one.transport.abort()
        with contextlib.suppress(ConnectionError):
            await one.wait_closed()
    server.close()
    await server.wait_closed()


async def test_a_peer_that_takes_nothing_is_seen_to_stall_and_to_go_on(pair: Pair) -> None:
    writer, reader, other = pair
    other.transport.pause_reading()
    size = 64 << 20
    writer.write(b"x" * size)
    progress = Progress()
    assert progress.stalled(writer.transport, size, 100.0) == 0
    while progress.stalled(writer.transport, size, 101.0) == 0:  # until both kernels' buffers are full
        await asyncio.sleep(0)
    assert unsent(writer.transport) > 0 and progress.stalled(writer.transport, size, 107.0) >= 6
    before = unsent(writer.transport)
    other.transport.resume_reading()
    while unsent(writer.transport) == before:
        await reader.read(1 << 20)
    assert progress.stalled(writer.transport, size, 108.0) == 0


async def test_nothing_to_take_is_no_stall(pair: Pair) -> None:
    writer, _, _ = pair
    progress = Progress()
    assert [progress.stalled(writer.transport, 0, now) for now in (1.0, 50.0, 1000.0)] == [0, 0, 0]


async def test_a_reset_is_no_end(pair: Pair) -> None:
    writer, reader, _ = pair
    reset(writer.transport)
    with pytest.raises(ConnectionResetError):
        await reader.read()
