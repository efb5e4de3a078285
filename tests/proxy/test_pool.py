"""Connections to the upstream: reused when they are clean, never poisoned, bounded, and retried by one rule."""

import asyncio
import os
from time import monotonic

import pytest

from cors_proxy.proxy.recorder import Exchange
from cors_proxy.proxy.upstream import UpstreamConnection
from tests.wire import Link, Seen, echo_target

from .conftest import Proxy, Start, request


async def test_a_clean_connection_is_reused(start: Start) -> None:
    proxy = await start()
    for n in range(5):
        assert (await proxy.ask(request(f"GET /{n}"))).body == f"/{n}".encode()
    assert len(proxy.upstream.links) == 1


@pytest.mark.parametrize(
    "behind",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", b"HTTP/1.1 200 OK\r\nX-Poison: ", b"x", b"\r\n"],
)
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_bytes_that_nobody_asked_for_reach_nobody(
    start: Start, behind: bytes, together: bool, method: str
) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        body = b"" if method == "HEAD" else b"mine"
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body
        if together:
            await link.send(answer + behind)
        else:
            await link.send(answer)
            await link.send(behind)
        proxy.upstream.script = echo_target

    proxy.upstream.script = script
    client = await proxy.dial()
    await client.send(request(f"{method} /first"))
    assert (await client.answer(method)).complete
    await client.send(request("GET /second"))
    answer = await client.answer()
    assert answer.body == b"/second" and not answer.all("x-poison")
    if together and behind[:1] == b"H":
        assert len(proxy.upstream.links) == 2, "a connection that said too much carries nothing more"


@pytest.mark.parametrize("body", [b"", b"x"])
async def test_bytes_still_in_the_kernel_reach_nobody(start: Start, body: bytes) -> None:
    """Between a turn's look at all sockets and its writing nothing may have come either."""
    proxy = await start()
    assert (await proxy.ask(request())).status == 200
    transport_socket = proxy.upstream.links[0].writer.get_extra_info("socket")
    begin = proxy.notes.begin

    def poison(exchange: Exchange) -> None:
        begin(exchange)
        os.write(transport_socket.fileno(), b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")

    proxy.notes.begin = poison  # type: ignore[method-assign]
    assert (await proxy.ask(request("POST /second", body=body))).body == b"/second"
    assert len(proxy.upstream.links) == 2 and [seen.target for seen in proxy.upstream.requests] == [
        "/r",
        "/second",
    ]


async def test_nobody_gets_a_second_100(start: Start) -> None:
    """The connection that was taken turns out to be dead after the client was told to go on."""
    proxy = await start()
    assert (await proxy.ask(request())).status == 200
    transport_socket = proxy.upstream.links[0].writer.get_extra_info("socket")
    begin = proxy.notes.begin

    def poison(exchange: Exchange) -> None:
        begin(exchange)
        os.write(transport_socket.fileno(), b"x")

    async def go_on(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    proxy.notes.begin = poison  # type: ignore[method-assign]
    proxy.upstream.script = go_on
    client = await proxy.dial()
    await client.send(request("POST /second", "Expect: 100-continue", "Content-Length: 5"))
    assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await proxy.upstream.request(2)  # its head, on another connection
    await client.send(b"hello")
    answer = await client.answer("POST")
    assert (answer.status, answer.interim, answer.body) == (200, [], b"ok")
    assert len(proxy.upstream.links) == 2 and proxy.upstream.requests[1].body == b"hello"


async def test_bytes_in_the_same_turn_reach_nobody(start: Start) -> None:
    proxy = await start()
    assert (await proxy.ask(request())).status == 200
    for turn in range(20):
        client = await proxy.dial()
        transport_socket = proxy.upstream.links[-1].writer.get_extra_info("socket")
        client.writer.write(request(f"GET /{turn}"))  # at once
        os.write(transport_socket.fileno(), b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        assert (await client.answer()).body == f"/{turn}".encode()


async def test_an_answer_before_the_request_reaches_nobody(start: Start) -> None:
    proxy = await start()

    async def greet(link: Link) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        proxy.upstream.greeting = None

    assert (await proxy.ask(request("GET /0"))).body == b"/0"
    proxy.upstream.links[0].reset()
    proxy.upstream.greeting = greet
    answer = await proxy.ask(request("GET /1"))
    assert (await proxy.ask(request("GET /2"))).body == b"/2"
    assert answer.status in (200, 502)


@pytest.mark.parametrize(
    ("method", "body", "tries"), [("GET", b"", 2), ("DELETE", b"", 1), ("POST", b"x", 1), ("GET", b"x", 1)]
)
async def test_one_retry_for_a_safe_request_on_a_reused_connection(
    start: Start, method: str, body: bytes, tries: int
) -> None:
    proxy = await start()
    assert (await proxy.ask(request())).status == 200
    seen_now: list[str] = []

    async def drop_once(link: Link, seen: Seen) -> None:
        seen_now.append(seen.target)
        proxy.upstream.script = again
        link.writer.close()

    async def again(link: Link, seen: Seen) -> None:
        seen_now.append(seen.target)
        await echo_target(link, seen)

    proxy.upstream.script = drop_once
    answer = await proxy.ask(request(f"{method} /again", body=body), method)
    assert len(seen_now) == tries and answer.status == (200 if tries == 2 else 502)


async def test_no_retry_on_a_fresh_connection(start: Start) -> None:
    proxy = await start()

    async def drop(link: Link, seen: Seen) -> None:
        link.writer.close()

    proxy.upstream.script = drop
    assert (await proxy.ask(request())).status == 502
    assert len(proxy.upstream.requests) == 1


async def test_a_full_pool_is_503_after_connect_and_free_again(start: Start) -> None:
    proxy = await start("server: {limits: {upstream_connections: 2}, timeouts: {connect: 1s}}\n")
    gate = asyncio.Event()

    async def hold(link: Link, seen: Seen) -> None:
        await gate.wait()
        await echo_target(link, seen)

    proxy.upstream.script = hold
    clients = [await proxy.dial() for _ in range(3)]
    for client in clients[:2]:
        await client.send(request("GET /hold"))
    await proxy.upstream.request(2)
    await clients[2].send(request("GET /third"))
    assert (await clients[2].answer()).status == 503
    gate.set()
    for client in clients[:2]:
        assert (await client.answer()).status == 200
    await clients[2].send(request("GET /fourth"))
    assert (await clients[2].answer()).body == b"/fourth"
    assert len(proxy.upstream.links) == 2


async def test_who_waits_gets_the_place_that_becomes_free(start: Start) -> None:
    proxy = await start("server: {limits: {upstream_connections: 1}}\n")
    answers = await asyncio.gather(*(proxy.ask(request(f"GET /{n}")) for n in range(20)))
    assert sorted(answer.body for answer in answers) == sorted(f"/{n}".encode() for n in range(20))
    assert len(proxy.upstream.links) == 1


async def test_places_of_clients_that_left_come_back(start: Start) -> None:
    proxy = await start("server: {limits: {upstream_connections: 2}, timeouts: {connect: 2s}}\n")

    async def silent(link: Link, seen: Seen) -> None:
        await link.ended()

    proxy.upstream.script = silent
    clients = [await proxy.dial() for _ in range(2)]
    for n, client in enumerate(clients):
        await client.send(request(f"GET /{n}"))
    await proxy.upstream.request(2)
    for client in clients:
        client.reset()
    await proxy.notes.until(lambda: proxy.notes.in_flight == 0)
    proxy.upstream.script = echo_target
    assert (await proxy.ask(request("GET /next"))).status == 200


async def test_idle_connections_expire(start: Start) -> None:
    proxy = await start("server: {timeouts: {upstream_keep_alive: 1s}}\n")
    assert (await proxy.ask(request())).status == 200
    await asyncio.wait_for(proxy.upstream.links[0].writer.wait_closed(), 5)


@pytest.mark.parametrize(
    ("hint", "connections"), [(b"timeout=0", 3), (b"timeout=1", 3), (b"timeout=60", 1), (b"max=5", 1)]
)
async def test_the_upstream_says_how_long_it_keeps_a_connection(
    start: Start, hint: bytes, connections: int
) -> None:
    proxy = await start()

    async def answer(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: %b\r\n\r\n" % hint)

    proxy.upstream.script = answer
    for _ in range(3):
        response = await proxy.ask(request())
        assert response.status == 200 and not response.all("keep-alive")
    assert len(proxy.upstream.links) == connections


async def test_the_shorter_of_the_two_times_counts(start: Start) -> None:
    proxy = await start("server: {timeouts: {upstream_keep_alive: 100s}}\n")
    hints = iter((b"", b"Keep-Alive: timeout=11\r\n", b"Keep-Alive: timeout=500\r\n"))

    async def answer(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n%b\r\n" % next(hints))

    proxy.upstream.script = answer
    left = []
    for _ in range(3):
        assert (await proxy.ask(request())).status == 200
        left.append(idle_connection(proxy).idle_until - monotonic())
    assert 99 < left[0] <= 100 and 9 < left[1] <= 10 and 99 < left[2] <= 100


async def test_the_way_to_the_upstream_counts(start: Start) -> None:
    """The upstream began to count when its response was sent, and counts until a request arrives."""
    proxy = await start("server: {timeouts: {upstream_keep_alive: 100s}}\n")
    # The loop's own clock counts milliseconds: a pause of 0.3 may be shorter by one.
    pauses = iter((0.302, 1.2, 0.0, 0.302))

    async def answer(link: Link, seen: Seen) -> None:
        await asyncio.sleep(next(pauses))
        await echo_target(link, seen)

    proxy.upstream.script = answer
    left = []
    for _ in range(4):
        assert (await proxy.ask(request())).status == 200
        left.append(idle_connection(proxy).idle_until - monotonic())
    assert 99 < left[0] <= 99.7 and 99 < left[1] <= 99.7, "a slow response does not make the way longer"
    assert 99.8 < left[2] <= 100 and 99.8 < left[3] <= 100, "the fastest counts"
    assert len(proxy.upstream.links) == 1


async def test_slow_responses_leave_time_for_another_request(start: Start) -> None:
    proxy = await start()

    async def slow(link: Link, seen: Seen) -> None:
        await asyncio.sleep(1.6)
        await echo_target(link, seen)

    proxy.upstream.script = slow
    for _ in range(2):
        assert (await proxy.ask(request())).status == 200
    assert len(proxy.upstream.links) == 1


async def test_no_request_goes_over_a_connection_whose_time_is_over(start: Start) -> None:
    """The coarse clock may be late to close it."""
    proxy = await start()
    assert (await proxy.ask(request())).status == 200
    idle_connection(proxy).idle_until = monotonic()
    assert (await proxy.ask(request("POST /b"))).status == 200
    assert len(proxy.upstream.links) == 2


async def test_an_old_connection_ends_after_its_request(start: Start) -> None:
    proxy = await start("server: {limits: {upstream_connection_age: 60s}}\n")
    for _ in range(2):
        assert (await proxy.ask(request())).status == 200
    assert len(proxy.upstream.links) == 1
    connection = idle_connection(proxy)
    assert connection.idle_until <= connection.since + 60
    connection.since -= 60
    assert (await proxy.ask(request())).status == 200
    await asyncio.wait_for(proxy.upstream.links[0].ended(), 10)
    assert (await proxy.ask(request())).status == 200
    assert len(proxy.upstream.links) == 2


def idle_connection(proxy: Proxy) -> UpstreamConnection:
    only = proxy.edge.context.pools[0].addresses.only
    assert only is not None
    (connection,) = only.idle
    assert isinstance(connection, UpstreamConnection)
    return connection


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "unix:/nowhere.sock", "http://localhost:1"])
async def test_an_upstream_that_is_not_there_is_502_with_the_grant(start: Start, address: str) -> None:
    proxy = await start(upstream=address)
    answer = await proxy.ask(request("GET /r", "Origin: https://app.example"))
    assert answer.status == 502 and answer.all("access-control-allow-origin") == ["https://app.example"]


async def test_every_address_of_a_name_is_tried(start: Start) -> None:
    proxy = await start(upstream="http://localhost:9")
    behind = proxy.upstream
    other = await start(upstream=f"http://localhost:{behind.port}")
    assert (await other.ask(request("GET /by-name"))).body == b"/by-name"
