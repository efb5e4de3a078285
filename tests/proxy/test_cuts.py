"""The same bytes have the same outcome, however they are cut: of every request and answer of the fuzz corpus, whole and mutated."""

import asyncio
import random
from collections.abc import Iterator

import pytest
import uvloop

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from cors_proxy.proxy.request_head import HeadError
from cors_proxy.proxy.request_reader import Message, RequestReader
from tests.fuzz.seeds import ANSWERS, BITS, CHUNKED, HOST, REQUESTS
from tests.wire import Link, Seen

from .conftest import BASE, CORS, Notes, Proxy, Start, request

POST = b"POST @ HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n"
MORE_REQUESTS = [
    POST + b"3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n" + REQUESTS[0],
    POST + b"0\r\nTransfer-Encoding: chunked\r\n\r\n" + REQUESTS[0],
    POST + b"4\r\n\r\n\r\n\r\n2;a=b\r\n\r\n\r\n0\r\n\r\n" + REQUESTS[1],
    POST + b"1\r\na\r\n0\r\nX : 1\r\n\r\n",
    POST + b"1\r\na\r\n0\r\nX: 1\n\r\n",
    POST + b"1;" + b"x" * 400 + b"\r\na\r\n0\r\n\r\n",
    POST + b"1;" + b"x" * 250 + b"\r\na\r\n1;" + b"x" * 250 + b"\r\na\r\n0\r\nX: 1\r\n\r\n",
    b"GET /" + b"a" * 400 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"BREW /" + b"a" * 400 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 250 + b"\x00" + b"a" * 200 + b"\r\n\r\n",
    b"\r\n\n\r" + REQUESTS[0] * 40,
]
MORE_ANSWERS = [
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\nX : 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 104 New\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 104 New\r\nContent-Length: 2\r\n\r\nraHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 103 Early\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nra\r\n0\r\n\r\nHTTP/1.1 204 None\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nra\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 103 Early\r\nX-Late: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\n\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"a" * 3000 + b"\r\nContent-Length: 1\r\n\r\na",
]


def mutated(seeds: list[bytes], count: int) -> Iterator[bytes]:
    dice = random.Random(7)
    for _ in range(count):
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.choice((1, 1, 2, 3))):
            at = dice.randrange(len(data) + 1)
            data[at : at + dice.choice((0, 0, 1, 3))] = dice.choice(BITS)
        yield bytes(data)


def cuts(raw: bytes, count: int) -> Iterator[list[bytes]]:
    """Byte by byte, in two at some places, and in more."""
    yield [raw[at : at + 1] for at in range(len(raw))]
    dice = random.Random(len(raw))
    for number in range(count):
        places = sorted(dice.randrange(len(raw) + 1) for _ in range(1 if number % 2 else 5))
        yield [raw[start:stop] for start, stop in zip([0, *places], [*places, len(raw)], strict=True)]


# requests


def read(edge: Edge, pieces: list[bytes]) -> list[object]:
    reader = RequestReader(edge.context.head_limits)
    found: list[Message | HeadError] = []
    for piece in pieces:
        if not reader.stopped:
            reader.read(piece)
        while reader.more():
            found.append(reader.queue.popleft())
    return [
        (one.status, one.reason) if isinstance(one, HeadError)
        else (one.method, one.target, one.head.host, one.head.kept, one.head.judged, b"".join(one.chunks), one.complete, one.body_error)
        for one in found
    ]  # fmt: skip


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    text = f"{BASE}upstream: http://127.0.0.1:9\n{CORS}server: {{limits: {{header_bytes: 350}}}}\n"

    async def make() -> Edge:
        return Edge(parse_policy(text, "policy.yaml", ".")[0], Notes())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner.run(make())


@pytest.mark.parametrize("raw", [*REQUESTS, *MORE_REQUESTS])
def test_a_request_is_the_same_in_every_cut(edge: Edge, raw: bytes) -> None:
    raw = raw.replace(b"@", b"/x")
    behind = b"GET /behind HTTP/1.1\r\nHost: a\r\n\r\n"
    whole = read(edge, [raw + behind])
    for pieces in cuts(raw + behind, 60):
        assert read(edge, pieces) == whole, pieces


def test_a_mutated_request_is_the_same_in_every_cut(edge: Edge) -> None:
    for raw in mutated([seed.replace(b"@", b"/x") for seed in [*REQUESTS, *MORE_REQUESTS]], 2000):
        whole = read(edge, [raw])
        for pieces in cuts(raw, 8):
            assert read(edge, pieces) == whole, pieces


# answers


async def answered(proxy: Proxy, pieces: list[bytes]) -> tuple[object, ...]:
    """What a client gets when its upstream's bytes come in these pieces: handed to the connection, for a socket would join them."""
    number = len(proxy.upstream.requests)
    client = await proxy.dial()
    await client.send(request("GET /r", "Connection: close"))
    await proxy.upstream.request(number + 1)
    (serving,) = (
        one for one in proxy.edge._server.connections if getattr(one, "_exchange", None) is not None
    )
    connection = serving._exchange._connection  # type: ignore[attr-defined]
    for piece in pieces:
        if not connection.ended:
            connection.data_received(piece)
    proxy.upstream.links[-1].writer.close()
    try:
        got = unchunked(await client.reader.read())
    except ConnectionResetError:
        got = b"broken off"
    client.close()
    await proxy.notes.until(lambda: not proxy.notes.open)
    lines = [line for line in got.split(b"\r\n") if not line.lower().startswith((b"x-request-id:", b"date:"))]
    (exchange,) = proxy.notes.ended
    proxy.notes.ended.clear()
    return lines, exchange.status, exchange.fault, exchange.sent


def unchunked(raw: bytes) -> bytes:
    """Chunks are the proxy's own: as many as there are segments."""
    heads = b""
    while raw.startswith(b"HTTP/1.1 "):
        head, blank, raw = raw.partition(b"\r\n\r\n")
        heads += head + blank
        if head[9:10] != b"1":
            break
    if b"\r\nTransfer-Encoding: chunked\r\n" not in heads:
        return heads + raw
    data = b""
    while (at := raw.find(b"\r\n")) > 0 and (size := int(raw[:at], 16)):
        data, raw = data + raw[at + 2 : at + 2 + size], raw[at + 4 + size :]
    return b"".join((heads, data, b"|", raw))


async def compare(proxy: Proxy, raw: bytes, count: int) -> None:
    whole = await answered(proxy, [raw])
    for pieces in cuts(raw, count):
        assert await answered(proxy, pieces) == whole, (raw, pieces)


@pytest.fixture
async def silent(start: Start) -> Proxy:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.ended()

    proxy.upstream.script = script
    return proxy


@pytest.mark.parametrize("raw", [*ANSWERS, *MORE_ANSWERS])
async def test_an_answer_is_the_same_in_every_cut(silent: Proxy, raw: bytes) -> None:
    await compare(silent, raw, 12)


async def test_a_mutated_answer_is_the_same_in_every_cut(silent: Proxy) -> None:
    for raw in mutated([*ANSWERS, *MORE_ANSWERS[:-1]], 300):
        await compare(silent, raw, 3)
