"""Processes that drain while WebSockets are open: each gets a Close with 1001 (RFC 6455 7.4.1), and
so does a handshake that is not yet answered."""

import asyncio
import contextlib

from tests.proxy.conftest import request
from tests.proxy.test_tunnel import HANDSHAKE
from tests.soak.process import Process
from tests.soak.told import Told, Unexpected
from tests.soak.traffic import OWN, Hand
from tests.soak.upstream import PIECE, Api
from tests.wire import Client

FRAME = b"\x82\x7e\x04\x00" + PIECE[:1024]
GOING_AWAY = b"\x88\x02\x03\xe9"
SOCKETS = 24


async def drain(api: Api, told: Told, workers: int, tls: bool) -> None:
    """One process from start to drain; its faults are counted in `told` too."""
    async with Process(api, workers, tls) as process:
        sockets = [await _open(process, number) for number in range(SOCKETS)]
        late = await asyncio.gather(*(_begin(process, api) for _ in range(SOCKETS // 4)))
        process.terminate()
        for client in sockets:
            await told.attempt("drained_socket", _told_to_go(client))
        for client in late:
            await told.attempt("drained_handshake", _told_or_refused(client))
        for client in (*sockets, *late):
            client.close()
    for error, count in process.errors.items():
        raise Unexpected(f"{count} x {error}")


async def _open(process: Process, number: int) -> Client:
    client = await Hand(process.address, process.context).dial()
    await client.send(request(f"GET {'/secure' if number % 2 else ''}/socket", OWN, *HANDSHAKE))
    if (answer := await client.answer()).status != 101:
        raise Unexpected(answer.first)
    for _ in range(number % 3):
        await client.send(FRAME)
        async with asyncio.timeout(10):
            await client.reader.readexactly(len(FRAME))
    return client


async def _begin(process: Process, api: Api) -> Client:
    """A handshake that the upstream answers only after the signal."""
    client = await Hand(process.address, process.context).dial()
    await client.send(request("GET /slow-socket", OWN, *HANDSHAKE))
    async with asyncio.timeout(10):
        await api.handshakes.acquire()
    return client


async def _told_to_go(client: Client) -> None:
    async with asyncio.timeout(15):
        try:
            got = await client.reader.read(-1)
        except ConnectionError as error:
            raise Unexpected(f"{error!r} instead of 1001") from None
    if got != GOING_AWAY:
        raise Unexpected(f"{got[-20:]!r} instead of 1001")


async def _told_or_refused(client: Client) -> None:
    """Either 101 and then 1001, or another status; never only an end."""
    answer = await client.answer(seconds=15)
    if answer.status == 101:
        await _told_to_go(client)
    elif not answer.complete or answer.status < 400:
        raise Unexpected(f"a handshake under way ended with {answer.first!r}")


async def drains(api: Api, told: Told, workers: int, ending: asyncio.Event, every: float) -> None:
    """Runs processes one after the other until `ending`, with and without TLS in turn."""
    tls = False
    while not ending.is_set():
        await told.attempt("drain", drain(api, told, workers, tls))
        tls = not tls
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every):
                await ending.wait()
