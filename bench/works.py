"""The kinds of work: each request in Chrome's bytes, and the expected answer."""

import resource
from collections.abc import Iterator
from typing import NamedTuple

from bench import policy, varied
from bench.varied import HOST

SMALL, POSTED, LARGE = 1 << 10, 16 << 10, 1 << 20  # bytes of the bodies

# Idle connections: 10,000, or fewer where a process may not open as many files. The proxy keeps one
# more free for each of them, toward the API.
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
IDLE = 10_000 if FILES == resource.RLIM_INFINITY else min(10_000, FILES * 19 // 40)

BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Safari/537.36",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-GB,en-US;q=0.9,en;q=0.8",
)
PAGE = (
    'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
    "sec-ch-ua-mobile: ?0",
    'sec-ch-ua-platform: "Linux"',
    "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJzdWIiOiI0MiIsImV4cCI6MTkwMDAwMDAwMH0.c2lnbmF0dXJlLW9mLWZvcnR5LXRocmVl",
    "Cookie: session=6f1d0c52b8a94e7f9a3d; theme=dark; consent=analytics%3D0%26ads%3D0; "
    "csrftoken=Qm9yZWFzIGFuZCBOb3R1cw",
)


ALL, MAIN, OURS, TLS, SOCKETS = "all", "main", "ours", "tls", "sockets"  # which subjects do a work


class Work(NamedTuple):
    """`requests` are sent in turn, over `connections` kept connections.

    `size` is the response's body in bytes; -1: not checked. `upstream`: the API makes it. `idle`
    connections are open besides. `bulk`: WebSocket frames go as fast as they come back."""

    name: str
    title: str
    requests: tuple[bytes, ...]
    status: int = 200
    size: int = SMALL
    upstream: bool = True
    connections: int = 16
    who: str = ALL
    idle: int = 0
    bulk: bool = False

    @property
    def refused(self) -> bool:
        return self.status == 403

    @property
    def preflight(self) -> bool:
        return self.status == 204 and not self.upstream

    @property
    def frames(self) -> bool:
        """The request opens a WebSocket; what counts are its frames."""
        return self.status == 101

    @property
    def closes(self) -> bool:
        """Each request is on a new connection."""
        return b"\r\nConnection: close\r\n" in self.requests[0]


def origin(request: bytes) -> str:
    """The value of a request's Origin."""
    return request.split(b"\r\nOrigin: ", 1)[1].split(b"\r\n", 1)[0].decode()


def head(method: str, path: str, page: str, *lines: str) -> bytes:
    """A request's head; `lines` stand behind Host."""
    site = "same-site" if page.endswith(".example.com") else "cross-site"
    fetch = (
        f"Origin: {page}",
        f"Referer: {page}/",
        f"Sec-Fetch-Site: {site}",
        "Sec-Fetch-Mode: cors",
        "Sec-Fetch-Dest: empty",
    )
    every = (
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        "Connection: keep-alive",
        *lines,
        *BROWSER,
        *fetch,
        "Accept: */*",
    )
    return "\r\n".join([*every, "", ""]).encode()


def get(path: str, page: str = policy.ORIGIN) -> tuple[bytes, ...]:
    return (head("GET", path, page, *PAGE),)


def send(size: int) -> tuple[bytes, ...]:
    lines = (*PAGE, "Content-Type: application/json", f"Content-Length: {size}")
    return (head("POST", "/v1/items/sink", policy.ORIGIN, *lines) + b"x" * size,)


def preflight(page: str) -> tuple[bytes, ...]:
    asked = (
        "Access-Control-Request-Method: PUT",
        "Access-Control-Request-Headers: authorization,content-type",
    )
    return (head("OPTIONS", "/v1/items/small", page, *asked),)


def handshake() -> tuple[bytes, ...]:
    lines = (
        "GET /v1/items/socket HTTP/1.1",
        f"Host: {HOST}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        f"Origin: {policy.ORIGIN}",
        "Sec-WebSocket-Version: 13",
        *BROWSER,
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    return ("\r\n".join([*lines, "", ""]).encode(),)


def _on(work: Work, connections: int) -> Work:
    """The same on another number of connections."""
    count = "one connection" if connections == 1 else f"{connections} connections"
    return work._replace(
        name=f"{work.name}-{connections}",
        title=f"{work.title}, on {count}",
        connections=connections,
        who=MAIN,
    )


def _all() -> Iterator[Work]:
    """The varied ones first: they are what a proxy behind an ingress gets."""
    varied_get = Work("varied-get", "Varied GETs of 1 KiB", varied.gets())
    varied_preflight = Work("varied-preflight", "Varied preflights", varied.preflights(), 204, 0, False)
    varied_post = Work("varied-post", "Varied POSTs of 16 KiB", varied.posts(POSTED), 204, 0)
    for work in (varied_get, varied_preflight, varied_post):
        yield from (work, _on(work, 1), _on(work, 64))
    foreign = varied.gets(varied.foreign)
    yield Work("varied-refused", "Varied GETs of refused origins", foreign, 403, -1, False)
    yield varied_get._replace(name="varied-tls", title=f"{varied_get.title}, TLS", who=TLS)
    idle = "varied-get-idle"
    title = f"{varied_get.title}, beside {IDLE:,} idle connections"
    yield varied_get._replace(name=idle, title=title, who=MAIN, idle=IDLE)
    closing = tuple(each.replace(b"keep-alive", b"close", 1) for each in varied_get.requests)
    title = f"{varied_get.title}, each on a new TLS connection"
    yield Work("tls-new", title, closing, who=TLS)
    title = "WebSocket frames of 1 KiB, one a second on each of 500 connections"
    paced = Work("frames", title, handshake(), 101, connections=500, who=SOCKETS)
    yield paced
    title = "WebSocket frames of 1 KiB, in bulk"
    yield paced._replace(name="frames-bulk", title=title, connections=8, bulk=True)
    small, large = "/v1/items/small", "/v1/items/large"
    wild = policy.UNDER_WILDCARD
    repeated = Work("get", "The same GET of 1 KiB", get(small))
    yield repeated
    title = "The same GET of 1 KiB, origin by a wildcard"
    yield Work("get-wildcard", title, get(small, wild), who=OURS)
    yield Work("preflight", "The same preflight", preflight(policy.ORIGIN), 204, 0, False)
    title = "The same preflight, origin by a wildcard"
    yield Work("preflight-wildcard", title, preflight(wild), 204, 0, False, who=OURS)
    yield Work("refused", "The same GET of a refused origin", get(small, policy.FOREIGN), 403, -1, False)
    yield Work("post", "The same POST of 16 KiB", send(POSTED), 204, 0)
    yield Work("download", "Download of 1 MiB", get(large), size=LARGE, connections=8)
    yield Work("upload", "Upload of 1 MiB", send(LARGE), 204, 0, connections=8)
    yield repeated._replace(name="latency", title=f"{repeated.title}, on one connection", connections=1)


WORKS = {work.name: work for work in _all()}
