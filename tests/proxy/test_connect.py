"""Names of upstreams: asked again after a while, every address tried, the one that answered first the next time."""

import asyncio

from cors_proxy.policy.model import Upstream as Target
from cors_proxy.proxy.connect import Addresses, open_connection
from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.pool import Pool
from tests.wire import Upstream


def pooled(port: int) -> Pool:
    def failure(error: BaseException) -> None:
        raise error

    return Pool(
        Target("localhost", port, False, "", b"", b"localhost"),
        None,
        None,
        Outbox(asyncio.get_running_loop(), failure),
    )


async def test_an_address_that_does_not_answer_is_passed_over_and_remembered() -> None:
    upstream = Upstream()
    await upstream.start()
    pool = pooled(upstream.port)
    addresses = Addresses(pool.upstream)
    assert "127.0.0.1" in await addresses.get()
    addresses._known = ["127.0.0.2", "::1", "127.0.0.1"]
    connection = await open_connection(pool, addresses, 5.0)
    assert (await addresses.get())[0] == "127.0.0.1"
    connection.abort()
    await upstream.stop()


async def test_a_name_is_asked_again_when_none_of_its_addresses_answers() -> None:
    closed = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    pool = pooled(port)
    addresses = Addresses(pool.upstream)
    addresses._known, addresses._until = ["127.0.0.2"], float("inf")
    try:
        await open_connection(pool, addresses, 5.0)
    except OSError:
        assert "127.0.0.1" in await addresses.get()
    else:
        raise AssertionError("nobody listens there")
