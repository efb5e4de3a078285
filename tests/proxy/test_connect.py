"""Names of upstreams: asked again after a while, every address tried, the one that answered first the next time."""

import asyncio

import pytest

from cors_proxy.policy.model import Upstream as Target
from cors_proxy.proxy.connect import Addresses, open_connection
from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.pool import Pool
from cors_proxy.proxy.upstream import UpstreamConnection
from tests.wire import Upstream


def target(port: int) -> Target:
    return Target("localhost", port, False, "", b"", b"localhost")


def made() -> UpstreamConnection:
    def failure(error: BaseException) -> None:
        raise error

    outbox = Outbox(asyncio.get_running_loop(), failure)
    return UpstreamConnection(outbox, Pool(target(1), None, outbox))


async def test_an_address_that_does_not_answer_is_passed_over_and_remembered() -> None:
    upstream = Upstream()
    await upstream.start()
    addresses = Addresses(target(upstream.port))
    assert "127.0.0.1" in await addresses.get()
    addresses._known = ["127.0.0.2", "::1", "127.0.0.1"]
    connection = await open_connection(addresses, None, 5.0, made)
    assert (await addresses.get())[0] == "127.0.0.1"
    connection.abort()
    await upstream.stop()


async def test_a_name_is_asked_again_when_none_of_its_addresses_answers() -> None:
    closed = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    addresses = Addresses(target(port))
    addresses._known, addresses._until = ["127.0.0.2"], float("inf")
    with pytest.raises(OSError):
        await open_connection(addresses, None, 5.0, made)
    assert "127.0.0.1" in await addresses.get()
