"""Whoever ends a connection writes first, and nobody ends one past `Transport`."""

import ast
import asyncio
from pathlib import Path
from typing import Any

import pytest

from cors_proxy.proxy import transport as module
from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.transport import Transport
from tests.wire import Link

from .conftest import Start, request

PROXY = Path(module.__file__).parent
# What may be done to a socket's transport in one place alone.
RAW = {"write", "writelines", "write_eof", "pause_reading", "resume_reading", "is_closing", "set_protocol"}


def raises(error: BaseException) -> None:
    raise error


class Log:
    """A socket's transport that only notes."""

    def __init__(self) -> None:
        self.journal: list[Any] = []
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        assert not self.closing
        self.journal.append(data)

    def write_eof(self) -> None:
        self.journal.append("eof")

    def pause_reading(self) -> None:
        assert not self.closing, "uvloop raises here"
        self.journal.append("pause")

    def resume_reading(self) -> None:
        assert not self.closing, "uvloop raises here"
        self.journal.append("resume")

    def close(self) -> None:
        self.closing = True
        self.journal.append("close")

    def abort(self) -> None:
        self.closing = True
        self.journal.append("abort")

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, name: str) -> None:
        return None


@pytest.fixture
async def pair() -> tuple[Transport, Log, Outbox]:
    log, outbox = Log(), Outbox(asyncio.get_running_loop(), raises)
    return Transport(outbox, log), log, outbox


@pytest.mark.parametrize(("how", "expected"), [("close", "close"), ("half_close", "eof"), ("reset", "abort")])
async def test_an_end_comes_behind_what_was_written(
    pair: tuple[Transport, Log, Outbox], how: str, expected: str
) -> None:
    transport, log, _ = pair
    transport.write(b"1")
    transport.write(b"2")
    getattr(transport, how)()
    assert log.journal == [b"12", expected]
    transport.write(b"3")
    transport.write_now(b"4")
    await asyncio.sleep(0)
    assert log.journal == [b"12", expected], "and nothing comes behind it"


async def test_an_end_in_the_middle_of_a_flush_comes_behind_too(pair: tuple[Transport, Log, Outbox]) -> None:
    """An upstream that turns out to be gone is found while the outbox writes: the client's 502 is written and closed there."""
    transport, log, outbox = pair

    class Nested(Log):
        def write(self, data: bytes) -> None:
            transport.write(b"answer")
            transport.close()

    Transport(outbox, Nested()).write(b"request")
    await asyncio.sleep(0)
    assert log.journal == [b"answer", "close"]


async def test_an_abort_drops_what_waits(pair: tuple[Transport, Log, Outbox]) -> None:
    transport, log, _ = pair
    transport.write(b"1")
    transport.abort()
    await asyncio.sleep(0)
    assert log.journal == ["abort"]


async def test_a_transport_that_is_closing_is_left_alone(pair: tuple[Transport, Log, Outbox]) -> None:
    transport, log, _ = pair
    log.closing = True
    transport.pause()
    transport.resume()
    transport.write(b"1")
    transport.half_close()
    await asyncio.sleep(0)
    assert log.journal == []


def test_nobody_writes_or_ends_past_it() -> None:
    """By construction: a rule that is kept by hand is forgotten at the next place."""
    found = []
    for file in sorted(PROXY.glob("*.py")):
        if file.name == "transport.py":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "_raw":
                found.append(f"{file.name}:{node.lineno} ._raw")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RAW:
                owner = ast.unparse(node.func.value)
                if "transport" in owner and node.func.attr not in ("write",):
                    found.append(f"{file.name}:{node.lineno} {owner}.{node.func.attr}")
    # The kernel's view of a socket's transport is asked by `Transport` alone.
    assert found == []


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_an_upstream_that_accepts_and_closes_costs_nobody_the_answer(
    start: Start, version: str
) -> None:
    proxy = await start()

    async def leave(link: Link) -> None:
        link.writer.transport.abort()

    proxy.upstream.greeting = leave
    for round_ in range(4):
        clients = [await proxy.dial() for _ in range(25)]
        for number, client in enumerate(clients):
            raw = request("GET /r" if number % 2 else "POST /r", "Connection: close").replace(
                b"HTTP/1.1", f"HTTP/{version}".encode()
            )
            client.writer.write(raw)
        for client in clients:
            answer = await client.answer()
            assert answer.status == 502 and answer.complete, round_
            assert await client.end() == "FIN"
            client.close()


async def test_bytes_behind_a_last_answer_do_not_cost_it(start: Start) -> None:
    """A close with unread bytes is a reset, and that overtakes what the client has not read yet (RFC 9112 9.6)."""
    proxy = await start()
    client = await proxy.dial()
    await client.send(request("GET /r", "Connection: close"))
    async with asyncio.timeout(10):
        while not proxy.notes.ended:
            await asyncio.sleep(0)
    await client.send(b"x" * 100_000)
    assert (await client.answer()).status == 200
    assert await client.end() == "FIN"
