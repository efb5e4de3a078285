"""Exchanges beside the corpus, about which an engine could differ: bodies, framing, connections, and
what the API may send.  `test_exchanges.py` holds them against the proxy itself."""

import asyncio
import contextlib
from dataclasses import dataclass

from cors_proxy.engines.exchange_losses import (
    CONNECTION,
    CONNECTION_PASSES,
    EARLY_HINTS,
    HANDSHAKES,
    JOINED,
    STAR,
    TWO_UPGRADES,
    UNKNOWN,
    UPLOADS,
    VARY,
)
from cors_proxy.engines.losses import BODIES
from tests.wire import Client, Head, Link, Upstream

OK = "HTTP/1.1 200 OK\r\nX-Total: 7\r\nContent-Length: 0\r\n\r\n"
APP = "Origin: https://app.example"
EVIL = "Origin: https://evil.example"
CORS = "cors: {origins: [https://app.example], methods: [GET, POST], credentials: true}\n"
SMALL = f"{CORS}server: {{limits: {{body_bytes: 100}}}}\n"
REPORT = f"mode: report\n{CORS}"
GRANT = "Access-Control-Allow-Origin: https://app.example", "Vary: Origin"
_HANDSHAKE = (
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Upgrade: websocket",
)


@dataclass(frozen=True)
class Exchange:
    """`status`: 4 stands for any 4xx or 501, where the engine's own refusal is as good.  `hits`: how
    many requests reach the API; None where it may see the beginning of one."""

    name: str
    request: str
    status: int
    lines: tuple[str, ...] = ()  # of the response; Vary has no other member
    absent: tuple[str, ...] = ()  # names that the response has not
    hits: int | None = 1
    hidden: tuple[str, ...] = ()  # names that the API does not see
    interim: tuple[int, ...] = ()
    upstream: str = OK
    policy: str = CORS
    shows: tuple[str, ...] = ()  # by which losses it may fail
    streams: bool = False  # the rest of the response never comes

    @property
    def id(self) -> str:
        return f"exchanges/{self.name}"


def _request(first: str, *lines: str, body: str = "") -> str:
    return "\r\n".join((first, "Host: api.example", *lines, "", body))


def _chunks(size: int) -> str:
    return f"{size:x}\r\n{'x' * size}\r\n0\r\n\r\n"


EXCHANGES = (
    Exchange(
        "a body over the limit is refused, and the page can read why",
        _request("POST /r HTTP/1.1", APP, "Content-Length: 200", body="x" * 200),
        413,
        GRANT,
        hits=0,
        policy=SMALL,
    ),
    Exchange(
        "a body over the limit from a refused origin grants nothing",
        _request("POST /r HTTP/1.1", EVIL, "Content-Length: 200", body="x" * 200),
        403,
        absent=("Access-Control-Allow-Origin",),
        hits=0,
        policy=SMALL,
    ),
    Exchange(
        "a body in chunks under the limit passes",
        _request("POST /r HTTP/1.1", APP, "Transfer-Encoding: chunked", body=_chunks(20)),
        200,
        GRANT,
        policy=SMALL,
    ),
    # Last of its policy: where the engine counts the bytes, the API sees its head late.
    Exchange(
        "a body in chunks over the limit is refused, and the page can read why",
        _request("POST /r HTTP/1.1", APP, "Transfer-Encoding: chunked", body=_chunks(200)),
        413,
        GRANT,
        hits=None,
        policy=SMALL,
        shows=(BODIES,),
    ),
    Exchange(
        "a handshake with a body is refused",
        _request("GET /s HTTP/1.1", APP, *_HANDSHAKE, "Content-Length: 3", body="abc"),
        400,
        hits=0,
    ),
    Exchange(
        "a handshake with a body in chunks is refused",
        _request("GET /s HTTP/1.1", APP, *_HANDSHAKE, "Transfer-Encoding: chunked", body=_chunks(3)),
        400,
        hits=0,
        shows=(HANDSHAKES,),
    ),
    Exchange(
        "a handshake with two Upgrade lines is refused",
        _request("GET /s HTTP/1.1", APP, *_HANDSHAKE, "Upgrade: websocket"),
        4,
        hits=0,
        shows=(TWO_UPGRADES,),
    ),
    Exchange(
        "Connection hides no Origin from the policy",
        _request("GET /r HTTP/1.1", EVIL, "Connection: Origin"),
        403,
        hits=0,
        shows=(CONNECTION,),
    ),
    Exchange(
        "what Connection names does not reach the API",
        _request("GET /r HTTP/1.1", APP, "X-Hop: 1", "Connection: X-Hop"),
        200,
        GRANT,
        hidden=("X-Hop",),
        shows=(CONNECTION_PASSES,),
    ),
    Exchange(
        "an upload is refused before it is asked for",
        _request("POST /r HTTP/1.1", EVIL, "Content-Length: 200", "Expect: 100-continue"),
        403,
        hits=0,
        shows=(UPLOADS,),
    ),
    Exchange(
        "an early hint passes, and the final response has the grant",
        _request("GET /r HTTP/1.1", APP),
        200,
        GRANT,
        interim=(103,),
        upstream=f"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n{OK}",
        shows=(EARLY_HINTS,),
    ),
    Exchange(
        "a CORS header that nobody knows is removed",
        _request("GET /r HTTP/1.1", APP),
        200,
        GRANT,
        absent=("Access-Control-Allow-Everything",),
        upstream=OK.replace("X-Total: 7", "Access-Control-Allow-Everything: yes"),
        shows=(UNKNOWN,),
    ),
    Exchange(
        "the coding of a body stays",
        _request("GET /r HTTP/1.1", APP),
        200,
        (*GRANT, "Content-Encoding: gzip", "Content-Length: 3"),
        upstream="HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ),
    Exchange(
        "a head does not wait for its body",
        _request("GET /r HTTP/1.1", APP),
        200,
        (*GRANT, "Transfer-Encoding: chunked"),
        upstream="HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        streams=True,
    ),
    Exchange(
        "Vary names Origin once, in whatever case",
        _request("GET /r HTTP/1.1", APP),
        200,
        ("Vary: origin",),
        upstream=OK.replace("X-Total: 7", "Vary: origin"),
        shows=(VARY,),
    ),
    Exchange(
        "mode report returns all lines of a name",
        _request("GET /r HTTP/1.1", APP),
        200,
        ("Access-Control-Expose-Headers: X-A", "Access-Control-Expose-Headers: X-B"),
        upstream=OK.replace(
            "X-Total: 7", "Access-Control-Expose-Headers: X-A\r\nAccess-Control-Expose-Headers: X-B"
        ),
        policy=REPORT,
        shows=(JOINED,),
    ),
    Exchange(
        "the API does not see what a client claims of its connection",
        _request("GET /r HTTP/1.1", APP, "X-Forwarded-Prefix: /evil", "Forwarded: for=1.2.3.4"),
        200,
        GRANT,
        hidden=("X-Forwarded-Prefix", "Forwarded"),
    ),
    Exchange(
        "a preflight over HTTP/1.0 is answered",
        _request("OPTIONS /r HTTP/1.0", APP, "Access-Control-Request-Method: POST"),
        204,
        ("Access-Control-Allow-Origin: https://app.example",),
        hits=0,
    ),
    Exchange(
        "an OPTIONS for the whole server passes on nothing",
        _request("OPTIONS * HTTP/1.1", EVIL, "Access-Control-Request-Method: POST"),
        4,
        absent=("Access-Control-Allow-Origin",),
        hits=0,
        shows=(STAR,),
    ),
    Exchange(
        "CONNECT opens no tunnel",
        _request("CONNECT evil.example:443 HTTP/1.1", EVIL),
        4,
        hits=0,
    ),
)


async def faults(exchange: Exchange, port: int, upstream: Upstream) -> list[str]:
    """All differences between an exchange and what is expected of it."""
    upstream.requests.clear()
    upstream.script = lambda link, seen: _answer(exchange, link)
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    await client.send(exchange.request.encode("latin-1"))
    response = Head()
    with contextlib.suppress(TimeoutError):
        method = "HEAD" if exchange.streams else exchange.request.partition(" ")[0]
        response = await client.answer(method, seconds=2)
    client.close()
    found = _of_response(exchange, response)
    if exchange.hits is not None and len(upstream.requests) != exchange.hits:
        found.append(f"{len(upstream.requests)} requests at the upstream, not {exchange.hits}")
    for seen in upstream.requests:
        found += [f"the upstream saw {name}" for name in exchange.hidden if seen.all(name)]
    return found


def _of_response(exchange: Exchange, response: Head) -> list[str]:
    found = []
    interim = tuple(int(first.split(" ")[1]) for first in response.interim)
    refused = 400 <= response.status < 500 or response.status == 501
    status = 4 if exchange.status == 4 and refused else response.status
    if (interim, status) != (exchange.interim, exchange.status):
        found.append(f"status {(*interim, response.status)}, not {(*exchange.interim, exchange.status)}")
    wanted: dict[str, list[str]] = {}
    for name, value in (line.split(": ") for line in exchange.lines):
        wanted.setdefault(name, []).append(value)
    found += [
        f"{name}: {response.all(name)}, not {values}"
        for name, values in wanted.items()
        if response.all(name) != values
    ]
    return found + [f"there is {name}" for name in exchange.absent if response.all(name)]


async def _answer(exchange: Exchange, link: Link) -> None:
    await link.send(exchange.upstream.encode("latin-1"))
    if exchange.streams:
        await link.ended()
