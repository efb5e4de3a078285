"""What a message costs is linear in its bytes, whatever part of it grows, and in both directions.

What costs is hidden in C (joins, searches, copies), so that no count of calls shows it.  Two sizes are compared by the CPU that they
take in this thread: eight times the bytes may cost at most twenty-four times as much.  What is quadratic costs sixty-four times."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from time import thread_time

import pytest
import uvloop

from cors_proxy.cors.decision import Grant
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import Request
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from cors_proxy.proxy.forwarding import forwarded_for, original_client, request_head, response_head
from cors_proxy.proxy.request_reader import Message, RequestReader
from cors_proxy.proxy.response_head import read_response
from tests.wire import Link, Seen

from .conftest import Notes, Proxy, Start, request

SIZE, BY_BYTE, TIMES, LIMIT = 16 << 10, 8 << 10, 8, 24  # the larger is about what comes in one read
GET = b"GET /r HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"POST /r HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
NAME = b"X-%065d: 1\r\n"  # too long to be remembered: else the first few of them would be cheaper
POLICY = (
    "version: 1\nlisten: 127.0.0.1:0\nadmin: off\nupstream: http://127.0.0.1:9\n"
    "cors: {origins: ['https://app.example'], methods: [GET, POST], headers: [X-A], credentials: true}\n"
    "server: {trusted_proxies: [private], limits: {header_bytes: 16MiB, header_count: 10000}}\n"
)


def cheapest(run: Callable[[], object], repeats: int) -> float:
    """Of three: the others were disturbed."""
    best = float("inf")
    for _ in range(3):
        begun = thread_time()
        for _ in range(repeats):
            run()
        best = min(best, thread_time() - begun)
    return best


def hold_to_linear(small: Callable[[], object], large: Callable[[], object]) -> None:
    """Both are repeated until what is measured is more than the clock's own noise."""
    repeats = 1
    gc.disable()
    try:
        while (least := cheapest(small, repeats)) < 0.002:
            repeats *= 2
        assert cheapest(large, repeats) / least < LIMIT
    finally:
        gc.enable()


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    async def make() -> Edge:
        return Edge(parse_policy(POLICY, "policy.yaml", ".")[0], Notes())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner.run(make())


def numbered(line: bytes, size: int) -> bytes:
    return b"".join(line % number for number in range(size // len(line % 0)))


def split(raw: bytes) -> list[bytes]:
    return [raw[at : at + 1] for at in range(len(raw))]


REQUESTS: dict[str, Callable[[int], bytes]] = {
    "target": lambda size: b"GET /" + b"a" * size + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "segments of a path": lambda size: b"GET " + b"/a" * (size // 2) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "query": lambda size: b"GET /?" + b"a&" * (size // 2) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "spaces in the request line": lambda size: b"GET" + b" " * size + b"/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "empty lines before": lambda size: b"\r\n" * (size // 2) + GET + b"\r\n",
    "lines of many names": lambda size: GET + numbered(NAME, size) + b"\r\n",
    "lines of one name": lambda size: GET + b"X: 1\r\n" * (size // 6) + b"\r\n",
    "names with underscores": lambda size: GET + numbered(NAME.replace(b"-", b"_"), size) + b"\r\n",
    "a long line": lambda size: GET + b"X: " + b"a" * size + b"\r\n\r\n",
    "a long name": lambda size: GET + b"X" * size + b": 1\r\n\r\n",
    "a long Host": lambda size: b"GET / HTTP/1.1\r\nHost: " + b"a." * (size // 2) + b"\r\n\r\n",
    "Connection lines": lambda size: GET + numbered(b"Connection: x%05d\r\n", size) + b"\r\n",
    "Connection tokens": lambda size: GET + b"Connection: " + numbered(b"x%05d,", size) + b"y\r\n\r\n",
    "Upgrade tokens": lambda size: GET + b"Upgrade: " + numbered(b"x%05d,", size) + b"y\r\n\r\n",
    "asked headers": lambda size: (
        GET.replace(b"GET", b"OPTIONS")
        + b"Origin: https://app.example\r\nAccess-Control-Request-Method: GET\r\n"
        b"Access-Control-Request-Headers: " + numbered(b"x%05d,", size) + b"\r\n\r\n"
    ),
    "lines of asked headers": lambda size: (
        GET.replace(b"GET", b"OPTIONS") + b"Origin: https://app.example\r\n"
        b"Access-Control-Request-Method: GET\r\n"
        + b"Access-Control-Request-Headers: x\r\n" * (size // 35)
        + b"\r\n"
    ),
    "Origin": lambda size: GET + b"Origin: https://" + b"a." * (size // 2) + b"\r\n\r\n",
    "X-Forwarded-For lines": lambda size: GET + b"X-Forwarded-For: 10.0.0.1\r\n" * (size // 27) + b"\r\n",
    "X-Forwarded-For members": lambda size: (
        GET + b"X-Forwarded-For: " + b"10.0.0.1, " * (size // 10) + b"10.0.0.1\r\n\r\n"
    ),
    "X-Forwarded-Proto members": lambda size: (
        GET + b"X-Forwarded-Proto: " + b"http, " * (size // 6) + b"http\r\n\r\n"
    ),
    "many requests": lambda size: (GET + b"\r\n") * (size // 28),
    "many requests with bodies": lambda size: (GET + b"Content-Length: 1\r\n\r\nx") * (size // 48),
    "a body of CRLFCRLF": lambda size: (
        GET + b"Content-Length: %d\r\n\r\n" % (size // 4 * 4) + b"\r\n\r\n" * (size // 4)
    ),
    "a chunk of CRLFCRLF": lambda size: (
        CHUNKED + b"%x\r\n" % (size // 4 * 4) + b"\r\n\r\n" * (size // 4) + b"\r\n" + END
    ),
    "tiny chunks": lambda size: CHUNKED + b"1\r\nx\r\n" * (size // 6) + END,
    "tiny chunks of CRLF": lambda size: CHUNKED + b"2\r\n\r\n\r\n" * (size // 7) + END,
    "a chunk extension": lambda size: CHUNKED + b"1;" + b"a" * size + b"\r\nx\r\n" + END,
    "chunk extensions": lambda size: CHUNKED + b"1;a=b\r\nx\r\n" * (size // 10) + END,
    "trailers": lambda size: CHUNKED + b"0\r\n" + numbered(NAME, size) + b"\r\n",
    "a trailer": lambda size: CHUNKED + b"0\r\nX: " + b"a" * size + b"\r\n\r\n",
}


def carry(edge: Edge, pieces: list[bytes]) -> None:
    """Reads, judges and writes requests as `journey.handle` does."""
    reader, site = RequestReader(edge.context.head_limits), edge.policy.site
    for piece in pieces:
        if not reader.stopped:
            reader.read(piece)
        while reader.more():
            message = reader.queue.popleft()
            if not isinstance(message, Message):
                continue
            head = message.head
            route = judge(site, Request(message.method, message.target, head.judged)).route
            original_client("127.0.0.1", forwarded_for(head), edge.policy.server.trusted_proxies)
            to = edge.policy.forwarding[route.index]
            request_head(
                message.method, message.target, head, to, "127.0.0.1", "http", True, b"id", False, False
            )


@pytest.mark.parametrize("part", REQUESTS)
def test_a_request_in_one_segment(edge: Edge, part: str) -> None:
    small, large = ([REQUESTS[part](size)] for size in (SIZE, TIMES * SIZE))
    hold_to_linear(lambda: carry(edge, small), lambda: carry(edge, large))


@pytest.mark.parametrize("part", REQUESTS)
def test_a_request_byte_by_byte(edge: Edge, part: str) -> None:
    small, large = (split(REQUESTS[part](size)) for size in (BY_BYTE, TIMES * BY_BYTE))
    hold_to_linear(lambda: carry(edge, small), lambda: carry(edge, large))


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ANSWERS: dict[str, Callable[[int], bytes]] = {
    "lines of many names": lambda size: OK + numbered(NAME, size) + b"Content-Length: 0\r\n\r\n",
    "lines of one name": lambda size: OK + b"Set-Cookie: a\r\n" * (size // 15) + b"Content-Length: 0\r\n\r\n",
    "a long line": lambda size: OK + b"X: " + b"a" * size + b"\r\nContent-Length: 0\r\n\r\n",
    "Vary lines": lambda size: OK + numbered(b"Vary: x%05d\r\n", size) + b"Content-Length: 0\r\n\r\n",
    "Vary members": lambda size: (
        OK + b"Vary: " + numbered(b"x%05d, ", size) + b"y\r\nContent-Length: 0\r\n\r\n"
    ),
    "Vary lines beside a nominated one": lambda size: (
        OK + b"Connection: x\r\n" + numbered(b"Vary: x%05d\r\n", size) + b"Content-Length: 0\r\n\r\n"
    ),
    "lines of CORS": lambda size: (
        OK + numbered(b"Access-Control-" + NAME, size) + b"Content-Length: 0\r\n\r\n"
    ),
    "Connection lines": lambda size: (
        OK + numbered(b"Connection: x%05d\r\n", size) + b"Content-Length: 0\r\n\r\n"
    ),
    "Connection tokens": lambda size: (
        OK + b"Connection: " + numbered(b"x%05d,", size) + b"y\r\nContent-Length: 0\r\n\r\n"
    ),
    "a phrase": lambda size: b"HTTP/1.1 200 " + b"a" * size + b"\r\nContent-Length: 0\r\n\r\n",
}
BODIES: dict[str, Callable[[int], bytes]] = {
    "a body": lambda size: OK + b"Content-Length: %d\r\n\r\n" % size + b"\r" * size,
    "a body to the end": lambda size: OK + b"\r\n" + b"\r\n" * (size // 2),
    "a chunk of CRLFCRLF": lambda size: (
        CHUNKS + b"%x\r\n" % (size // 4 * 4) + b"\r\n\r\n" * (size // 4) + b"\r\n" + END
    ),
    "tiny chunks": lambda size: CHUNKS + b"1\r\nx\r\n" * (size // 6) + END,
    "a chunk extension": lambda size: CHUNKS + b"1;" + b"a" * size + b"\r\nx\r\n" + END,
    "trailers": lambda size: CHUNKS + b"0\r\n" + numbered(NAME, size) + b"\r\n",
}
GRANTS = {
    "a grant": Grant(
        lines=((b"Access-Control-Allow-Origin", b"*"),),
        vary=(b"Origin",),
        timing=b"*",
        resource_policy=b"same-site",
    ),
    "exposing all": Grant(vary=(b"Origin",), expose_all=True),
    "hands off": Grant(hands_off=True),
}


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("part", ANSWERS)
def test_the_head_of_an_answer(part: str, grant: str) -> None:
    def read(raw: bytes) -> None:
        response_head(read_response(raw, False), GRANTS[grant], b"\r\n")

    small, large = (ANSWERS[part](size) for size in (SIZE, TIMES * SIZE))
    hold_to_linear(lambda: read(small), lambda: read(large))


@pytest.fixture
async def silent(start: Start) -> Proxy:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.ended()

    proxy.upstream.script = script
    return proxy


async def passed_on(proxy: Proxy, pieces: list[bytes]) -> float:
    """The CPU of reading an answer in these pieces, up to the client's socket."""
    number = len(proxy.upstream.requests)
    client = await proxy.dial()
    await client.send(request("GET /r", "Origin: https://app.example", "Connection: close"))
    await proxy.upstream.request(number + 1)
    (serving,) = (
        one for one in proxy.edge._server.connections if getattr(one, "_exchange", None) is not None
    )
    connection = serving._exchange._connection  # type: ignore[attr-defined]
    begun = thread_time()
    for piece in pieces:
        connection.data_received(piece)
    used = thread_time() - begun
    assert not connection.ended or serving._exchange is None  # type: ignore[attr-defined]
    proxy.upstream.links[-1].writer.close()
    client.reset()
    await proxy.notes.until(lambda: not proxy.notes.open)
    return used


@pytest.mark.parametrize("part", [*ANSWERS, *BODIES])
@pytest.mark.parametrize(("size", "step", "exchanges"), [(BY_BYTE, 1, 1), (SIZE, 1 << 18, 10)])
async def test_an_answer_on_its_connection(
    silent: Proxy, part: str, size: int, step: int, exchanges: int
) -> None:
    async def cost(size: int) -> float:
        raw = (ANSWERS | BODIES)[part](size)
        pieces = [raw[at : at + step] for at in range(0, len(raw), step)]
        return min([sum([await passed_on(silent, pieces) for _ in range(exchanges)]) for _ in range(3)])

    small = await cost(size)
    assert await cost(TIMES * size) / small < LIMIT


def test_tiny_pieces_of_a_body_are_joined(edge: Edge) -> None:
    """The memory that waits for the upstream is bounded in pieces, too."""
    reader = RequestReader(edge.context.head_limits)
    body = b"2\r\nxy\r\n" * 30_000
    reader.read(CHUNKED)
    for at in range(0, len(body), 7):
        reader.read(body[at : at + 7])
    message = reader.incoming
    assert message is not None and message.received == message.buffered == 60_000
    assert len(message.chunks) < 40 and b"".join(message.chunks) == b"xy" * 30_000
