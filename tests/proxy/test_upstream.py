"""One connection to an upstream: what it makes of answers that come in any cut, and of heads without an end."""

import asyncio

import pytest

from tests.wire import Link, Seen

from .conftest import Start, request

ANSWER = (
    b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
    b"HTTP/1.1 200 Fine\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n"
)


@pytest.mark.parametrize("at", [*range(1, len(ANSWER), 9), len(ANSWER) - 1])
async def test_the_cut_does_not_matter(start: Start, at: int) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(ANSWER[:at])
        await asyncio.sleep(0)
        await link.send(ANSWER[at:])

    proxy.upstream.script = script
    client = await proxy.dial()
    for _ in range(2):
        await client.send(request())
        answer = await client.answer()
        assert (answer.status, answer.body, answer.all("x-a"), answer.all("x-t")) == (200, b"hello", ["1"], [])
        assert answer.interim == ["HTTP/1.1 103 Early"]


async def test_a_head_without_an_end_is_502(start: Start) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\n")
        while not link.writer.is_closing():
            await link.send(b"X-E: " + b"e" * 4096 + b"\r\n")

    proxy.upstream.script = script
    assert (await proxy.ask(request())).status == 502


async def test_interim_answers_without_an_end_are_502(start: Start) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
        await link.ended()

    proxy.upstream.script = script
    assert (await proxy.ask(request())).status == 502
