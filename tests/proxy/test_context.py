"""What connections share: it follows the policy in force, and what it remembers is bounded."""

import asyncio

from cors_proxy.proxy.context import Context
from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.recorder import Exchange
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


async def test_the_proxys_own_lines_and_the_end_of_an_exchange() -> None:
    context, notes = await made("")
    context.date_line = b"Date: now\r\n"
    record = Exchange(b"GET", b"/", "", "http", "1.1", 0.0, request_id=b"abc")
    context.recorder.begin(record)
    assert context.own_lines(record) == b"Date: now\r\nx-request-id: abc\r\n"
    context.end(record)
    assert notes.ended == [record] and record.ended > 0 and not notes.in_flight
