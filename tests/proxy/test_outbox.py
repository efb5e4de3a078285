"""Writes of a busy turn go out together at its end, in their order; those of a quiet one at once."""

import asyncio
import os

from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.recorder import Exchange
from cors_proxy.proxy.transport import Transport
from tests.wire import Link, Seen, echo_target

from .conftest import Start, request


class Log:
    """A socket's transport that only notes."""

    def __init__(self, journal: list[tuple[str, bytes]], name: str) -> None:
        self._journal, self._name, self.closed = journal, name, False

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes) -> None:
        self._journal.append((self._name, data))


def writer(outbox: Outbox, journal: list[tuple[str, bytes]], name: str) -> Transport:
    return Transport(outbox, Log(journal, name))


def raises(error: BaseException) -> None:
    raise error


async def turn() -> None:
    await asyncio.sleep(0)


async def test_a_busy_turn_is_written_at_its_end_in_order() -> None:
    journal: list[tuple[str, bytes]] = []
    outbox = Outbox(asyncio.get_running_loop(), raises)
    one, other = writer(outbox, journal, "one"), writer(outbox, journal, "other")
    for one_of_both, data in ((one, b"1"), (other, b"2"), (one, b"3")):
        one_of_both.write(data)
    assert not journal
    await turn()
    assert journal == [("one", b"13"), ("other", b"2")], "each in its order, in one write"


async def test_a_quiet_turn_sends_the_next_ones_out_at_once() -> None:
    journal: list[tuple[str, bytes]] = []
    outbox = Outbox(asyncio.get_running_loop(), raises)
    one = writer(outbox, journal, "one")
    one.write(b"1")
    await turn()
    one.write(b"2")
    assert journal == [("one", b"1"), ("one", b"2")]


async def test_what_is_large_takes_along_what_waits() -> None:
    journal: list[tuple[str, bytes]] = []
    outbox = Outbox(asyncio.get_running_loop(), raises)
    one = writer(outbox, journal, "one")
    large = b"x" * 40_000
    one.write(b"1")
    one.write(large)
    assert journal == [("one", b"1" + large)]


async def test_what_is_closed_gets_nothing() -> None:
    journal: list[tuple[str, bytes]] = []
    outbox = Outbox(asyncio.get_running_loop(), raises)
    closed, other = Log(journal, "closed"), writer(outbox, journal, "other")
    Transport(outbox, closed).write(b"2")
    other.write(b"3")
    closed.closed = True
    await turn()
    assert journal == [("other", b"3")]


class Broken(Log):
    def write(self, data: bytes) -> None:
        raise AssertionError(data)


async def test_a_bug_is_told_and_the_next_turn_is_served() -> None:
    told: list[BaseException] = []
    journal: list[tuple[str, bytes]] = []
    outbox = Outbox(asyncio.get_running_loop(), told.append)
    one = writer(outbox, journal, "one")
    Transport(outbox, Broken(journal, "broken")).write(b"1")
    one.write(b"2")
    await turn()
    assert len(told) == 1 and journal == [("one", b"2")], "what stood behind it is written"
    one.write(b"3")
    outbox.flush()
    assert journal[1:] == [("one", b"3")]


async def test_many_at_once_get_each_their_own(start: Start) -> None:
    proxy = await start()
    clients = [await proxy.dial() for _ in range(40)]
    for round_ in range(5):
        for number, client in enumerate(clients):
            client.writer.write(
                request(f"POST /{round_}/{number}", body=b"x" * (number * 100))
                if number % 3
                else request(f"GET /{round_}/{number}")
            )
        for number, client in enumerate(clients):
            assert (await client.answer()).body == f"/{round_}/{number}".encode()


async def test_a_connection_that_ends_in_a_busy_turn_costs_no_answer(start: Start) -> None:
    """Whatever the method: nothing of the request was sent on it."""
    proxy = await start()
    clients = [await proxy.dial() for _ in range(12)]
    gate = asyncio.Event()

    async def hold(link: Link, seen: Seen) -> None:
        await gate.wait()
        await echo_target(link, seen)

    proxy.upstream.script = hold
    for number, client in enumerate(clients):
        client.writer.write(request(f"GET /{number}"))
    await proxy.upstream.request(len(clients))
    gate.set()
    for client in clients:
        assert (await client.answer()).status == 200
    for number, client in enumerate(clients):
        client.writer.write(request(f"POST /again/{number}", body=b"x"))
    for link in proxy.upstream.links[:6]:
        link.writer.transport.abort()
    for client in clients:
        assert (await client.answer()).status in (200, 502), "502 where the request was out before"


async def test_bytes_that_come_in_a_busy_turn_reach_nobody(start: Start) -> None:
    """They are read before the requests are sent, on connections that were idle: whose answer they would be is chance."""
    proxy = await start()
    clients = [await proxy.dial() for _ in range(12)]
    for turn_ in range(6):
        proxy.edge.context.outbox._direct = 0  # nothing goes out before the turn's end
        for number, client in enumerate(clients):
            client.writer.write(request(f"GET /{turn_}/{number}"))
        for link in proxy.upstream.links:
            if not link.writer.is_closing():
                os.write(
                    link.writer.get_extra_info("socket").fileno(),
                    b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
                )
        for number, client in enumerate(clients):
            assert (await client.answer()).body == f"/{turn_}/{number}".encode()


async def test_a_last_word_in_the_same_segment_is_answered_first(start: Start) -> None:
    """TLS hands on both at once, and the transport closes itself then."""
    proxy = await start()
    client = await proxy.dial()
    await proxy.notes.until(lambda: proxy.notes.open == 1)
    connection = next(iter(proxy.edge._server.connections))
    proxy.edge.context.outbox._direct = 0
    connection.data_received(request("GET /r", "Origin: https://evil.example"))
    assert proxy.edge.context.outbox._transports
    connection.eof_received()
    assert (await client.answer()).status == 403


async def test_a_drain_in_a_busy_turn_loses_no_answer(start: Start) -> None:
    proxy = await start()
    clients = [await proxy.dial() for _ in range(8)]
    over = asyncio.Event()
    ended = proxy.notes.end

    def end(exchange: Exchange) -> None:
        ended(exchange)
        if len(proxy.notes.ended) == len(clients):
            for connection in proxy.edge._server.connections:
                connection.close()
            over.set()

    proxy.notes.end = end  # type: ignore[method-assign]
    proxy.edge.context.outbox._direct = 0
    for client in clients:
        client.writer.write(request("GET /r", "Origin: https://evil.example"))
    await over.wait()
    for client in clients:
        assert (await client.answer()).status == 403
