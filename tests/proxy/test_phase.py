"""Phases: what may follow what, and what becomes of a change that is not in the table."""

import asyncio
from typing import Any

import pytest

from cors_proxy.proxy import client_phase, exchange_phase, upstream_phase
from cors_proxy.proxy.phase import PhaseError, may_follow, one_of
from cors_proxy.proxy.upstream import UpstreamConnection
from tests.wire import Link, Seen

from .conftest import Proxy, Start, request

TABLES = {
    "client": (client_phase.NAMES, client_phase.NEXT, client_phase.CLOSED),
    "upstream": (upstream_phase.NAMES, upstream_phase.NEXT, upstream_phase.ENDED),
    "exchange": (exchange_phase.NAMES, exchange_phase.NEXT, exchange_phase.CLOSED),
}


def test_a_table_says_what_may_follow() -> None:
    table = (one_of(1, 2), one_of(2), one_of())
    found = {(before, after) for before in range(3) for after in range(3) if may_follow(table, before, after)}
    assert found == {(0, 1), (0, 2), (1, 2), (0, 0), (1, 1), (2, 2)}


@pytest.mark.parametrize("table", TABLES)
def test_every_phase_can_end_and_nothing_follows_the_end(table: str) -> None:
    names, following, end = TABLES[table]
    assert len(names) == len(following) and end == len(names) - 1
    assert all(may_follow(following, phase, end) for phase in range(len(names)))
    assert following[end] == 0


def served(proxy: Proxy) -> Any:
    """The one connection of a client."""
    (connection,) = proxy.edge._server.connections
    return connection


async def test_a_change_that_cannot_be_meant_names_both_and_ends_the_connection(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    await client.send(request())
    assert (await client.answer()).status == 200
    with pytest.raises(PhaseError, match="^tunnel cannot follow idle$"):
        served(proxy)._enter(client_phase.TUNNEL)
    assert await client.end() in ("FIN", "RST")


async def test_a_bug_on_an_upstreams_connection_ends_that_one(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    await client.send(request("GET /a"))
    assert (await client.answer()).status == 200
    only = proxy.edge.context.pools[0].addresses.only
    assert only is not None
    idle = only.idle[0]
    assert isinstance(idle, UpstreamConnection)
    idle.phase = upstream_phase.DONE
    await client.send(request("GET /b"))
    assert (await client.answer()).status == 502
    assert [str(error) for error in proxy.notes.failures] == ["sent cannot follow done"]
    await client.send(request("GET /c"))
    assert (await client.answer()).body == b"/c"
    proxy.notes.failures.clear()


async def test_a_bug_while_a_request_is_sent_ends_its_exchange(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    await proxy.notes.until(lambda: proxy.notes.open == 1)
    await client.send(request())
    assert (await client.answer()).status == 200  # its connection is idle now
    proxy.edge.context.outbox._direct = 0
    ours = served(proxy)
    ours.data_received(request("POST /r", "Content-Length: 5"))
    ours.data_received(b"hello")
    ours._exchange.request_phase = exchange_phase.CLOSED
    assert (await client.answer("POST")).status == 502
    assert [str(error) for error in proxy.notes.failures] == ["sent cannot follow closed"]
    proxy.notes.failures.clear()


async def test_a_bug_in_a_response_is_told_and_ends_its_exchange(start: Start) -> None:
    proxy = await start()
    go = asyncio.Event()

    async def wait(link: Link, seen: Seen) -> None:
        await go.wait()
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    proxy.upstream.script = wait
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, what: told.append(str(what["exception"])))
    client = await proxy.dial()
    await client.send(request())
    await proxy.upstream.request()
    served(proxy)._exchange.response_phase = exchange_phase.DONE
    go.set()
    assert await client.end() in ("FIN", "RST")
    assert told == ["body cannot follow done"]


async def test_a_bug_under_the_clock_ends_the_connection(start: Start) -> None:
    proxy = await start("server: {timeouts: {response: 1s}}\n")

    async def silent(link: Link, seen: Seen) -> None:
        await link.ended()

    proxy.upstream.script = silent
    client = await proxy.dial()
    await client.send(request())
    await proxy.upstream.request()
    served(proxy).phase = client_phase.LINGERING
    assert (await client.end()) in ("FIN", "RST")
    assert [str(error) for error in proxy.notes.failures] == ["idle cannot follow lingering"]
    proxy.notes.failures.clear()
