"""What the kernel says of a peer that takes nothing, and the end by a reset."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.tcp import Progress, left, unsent
from cors_proxy.proxy.transport import Transport
from tests.wire import duplex

Pair = tuple[asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    """A writer, and the reader and writer at its other end."""
    came: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
        asyncio.get_running_loop().create_future()
    )
    server = await asyncio.start_server(
        lambda reader, writer: came.set_result((reader, writer)), "127.0.0.1", 0
    )
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    reader, other = await came
    yield writer, reader, other
    for one in (writer, other):
        one.transport.abort()
        with contextlib.suppress(ConnectionError):
            await one.wait_closed()
    server.close()
    await server.wait_closed()


def raises(error: BaseException) -> None:
    raise error


def own(writer: asyncio.StreamWriter) -> Transport:
    return Transport(Outbox(asyncio.get_running_loop(), raises), writer.transport)


def stalled(progress: Progress, transport: Transport, now: float) -> float:
    return progress.stalled(transport.unsent, transport.written, now)


async def test_a_peer_that_takes_nothing_is_seen_to_stall_and_to_go_on(pair: Pair) -> None:
    writer, reader, other = pair
    duplex(other).pause_reading()
    transport = own(writer)
    transport.write_now(b"x" * (64 << 20))
    progress = Progress()
    assert stalled(progress, transport, 100.0) == 0
    while stalled(progress, transport, 101.0) == 0:  # until both kernels' buffers are full
        await asyncio.sleep(0)
    assert unsent(writer.transport) > 0 and stalled(progress, transport, 107.0) >= 6
    before = unsent(writer.transport)
    duplex(other).resume_reading()
    while unsent(writer.transport) == before:
        await reader.read(1 << 20)
    assert stalled(progress, transport, 108.0) == 0


async def test_nothing_to_take_is_no_stall(pair: Pair) -> None:
    transport, progress = own(pair[0]), Progress()
    assert [stalled(progress, transport, now) for now in (1.0, 50.0, 1000.0)] == [0, 0, 0]


@pytest.mark.parametrize("how", ["FIN", "RST"])
async def test_a_peer_that_leaves_is_seen_without_reading(pair: Pair, how: str) -> None:
    writer, _, other = pair
    duplex(writer).pause_reading()
    descriptor = writer.get_extra_info("socket").fileno()
    assert not left(descriptor)
    if how == "FIN":
        other.write_eof()
    else:
        own(other).reset()
    async with asyncio.timeout(10):
        while not left(descriptor):
            await asyncio.sleep(0)
