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
        assert (answer.status, answer.body, answer.all("x-a"), answer.all("x-t")) == (
            200,
            b"hello",
            ["1"],
            [],
        )
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


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 103 Early\r\nContent-Length: 5\r\n\r\nEVIL!",
        b"HTTP/1.1 103 Early\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 104 New\r\nContent-Length: 5\r\n\r\nEVIL!",
        b"HTTP/1.1 199 Odd\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nEVIL!\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nEVIL!\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nEVIL!",
    ],
)
async def test_an_interim_answer_with_a_body_is_502(start: Start, interim: bytes) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(interim + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await link.ended()

    proxy.upstream.script = script
    answer = await proxy.ask(request())
    assert answer.status == 502 and b"EVIL" not in answer.body and not answer.interim


async def test_an_unknown_interim_answer_is_one(start: Start) -> None:
    """llhttp takes 104 and above for answers with a body."""
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 104 New\r\nX: 1\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        )

    proxy.upstream.script = script
    client = await proxy.dial()
    for _ in range(2):
        await client.send(request())
        answer = await client.answer()
        assert (answer.status, answer.body, answer.interim) == (200, b"ok", ["HTTP/1.1 104 New"])


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\nEVIL!",
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nEVIL!\r\n0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nEVIL!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 103 EVIL\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nEVIL!",
    ],
)
async def test_nothing_behind_the_end_of_an_answer_reaches_anybody(start: Start, answer: bytes) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(answer)

    proxy.upstream.script = script
    client = await proxy.dial()
    for number in (1, 2):
        await client.send(request())
        got = await client.answer()
        assert got.status < 400 and got.body == b"" and not got.interim
        assert len(proxy.upstream.links) == number, "the connection carries nothing more"


@pytest.mark.parametrize("trailer", [b"Content-Length: 5", b"Transfer-Encoding: chunked", b"X: 1"])
async def test_trailers_of_an_answer_are_dropped_whatever_their_names(start: Start, trailer: bytes) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
            + trailer
            + b"\r\n\r\n"
        )

    proxy.upstream.script = script
    client = await proxy.dial()
    for _ in range(2):
        await client.send(request())
        assert (await client.answer()).body == b"hello"
    assert len(proxy.upstream.links) == 1


@pytest.mark.parametrize("phrase", [b"No Cont\0nt", b"Fi\x1bne", b"Fine\x7f"])
async def test_a_reason_phrase_is_text(start: Start, phrase: bytes) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 %b\r\nContent-Length: 0\r\n\r\n" % phrase)

    proxy.upstream.script = script
    assert (await proxy.ask(request())).status == 502
