"""What connections share: it follows the policy in force, and what it remembers is bounded."""

import asyncio

from cors_proxy.proxy.context import Context
from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.recorder import Exchange
from cors_proxy.proxy.request_head import read_request
from tests.policy.reading import read

from .conftest import Notes


async def made(text: str) -> tuple[Context, Notes]:
    notes = Notes()
    return Context(read(text), notes, Outbox(asyncio.get_running_loop(), notes.failure)), notes


async def test_an_update_reaches_who_holds_a_part_of_it() -> None:
    context, _ = await made("server: {trusted_proxies: ['10.0.0.1'], limits: {header_bytes: 2KiB}}\n")
    limits = context.head_limits
    assert context.trusts("10.0.0.1") and not context.trusts("10.0.0.2")
    policy = read(
        "server: {trusted_proxies: ['10.0.0.2'], debug: true,"
        " limits: {header_bytes: 4KiB, header_count: 7}, timeouts: {keep_alive: 3s, request_header: 4s}}\n"
    )
    context.update(policy, [], [], None)
    assert (limits.header_bytes, limits.header_count) == (4096, 7), "readers hold it"
    assert (context.keep_alive, context.request_header, context.debug) == (3.0, 4.0, True)
    assert context.trusts("10.0.0.2") and not context.trusts("10.0.0.1"), "nothing of the policy before"


async def test_the_peers_that_are_remembered_are_bounded() -> None:
    context, _ = await made("server: {trusted_proxies: [private]}\n")
    for number in range(5000):
        assert context.trusts(f"10.0.{number >> 8}.{number & 255}")
    assert len(context._trusted) <= 4096


async def test_the_clients_that_are_remembered_are_bounded_and_of_this_policy() -> None:
    context, _ = await made("server: {trusted_proxies: [private]}\n")

    def client(chain: str) -> str:
        head = read_request(f"Host: a\r\nX-Forwarded-For: {chain}\r\n\r\n".encode(), False)
        return context.client("10.0.0.9", head)

    for _ in range(2):
        assert client("203.0.113.9, 10.0.0.1") == "203.0.113.9"
        assert client("203.0.113.9, 192.0.2.1") == "192.0.2.1"
    for number in range(5000):
        client(f"203.0.{number >> 8}.{number & 255}")
    assert client(f"{'x' * 1000}, 203.0.113.1") == "203.0.113.1"
    assert len(context._clients) <= 4096 and all(len(chain) <= 128 for _, chain in context._clients)
    context.update(read("server: {trusted_proxies: [10.0.0.9, 192.0.2.1]}\n"), [], [], None)
    assert client("203.0.113.9, 192.0.2.1") == "203.0.113.9"


async def test_the_proxys_own_lines_and_the_end_of_an_exchange() -> None:
    context, notes = await made("")
    context.date_line = b"Date: now\r\n"
    record = Exchange(b"GET", b"/", "", "http", "1.1", 0.0, request_id=b"abc")
    context.recorder.begin(record)
    assert context.own_lines(record) == b"Date: now\r\nx-request-id: abc\r\n"
    context.end(record)
    assert notes.ended == [record] and record.ended > 0 and not notes.in_flight
