"""What both ends of a path have in common."""

import asyncio
import ssl
from typing import Any

from cors_proxy.proxy.edge import Edge
from tests.wire import Client

from .conftest import Notes, Proxy, Start, request
from .test_tls import authority as authority  # the fixtures of an edge with TLS
from .test_tls import edge as edge


def served(proxy: Proxy) -> Any:
    (connection,) = proxy.edge._server.connections
    return connection


async def test_an_end_that_left_is_seen_while_nothing_is_read(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    await client.send(request())
    assert (await client.answer()).status == 200
    ours = served(proxy)
    ours.transport.pause()
    assert not ours.peer_has_left()
    client.writer.write_eof()
    async with asyncio.timeout(10):
        while not ours.peer_has_left():
            await asyncio.sleep(0)
    ours.transport.resume()
    await proxy.notes.until(lambda: not proxy.notes.open)


async def test_a_peer_that_speaks_tls_badly_gets_the_alert_and_the_end(
    edge: tuple[Edge, Notes, ssl.SSLContext],
) -> None:
    served, notes, _ = edge
    client = Client(*await asyncio.open_connection(*served._runner.addresses[0]))
    await client.send(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")  # a ClientHello that ends in its version
    async with asyncio.timeout(10):
        assert (await client.reader.read())[:2] == b"\x15\x03", "a record of type alert (RFC 8446 5.1)"
    client.close()
    await notes.until(lambda: not notes.open)
