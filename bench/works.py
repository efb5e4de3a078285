"""The kinds of work: each request in Chrome's bytes, and the expected answer."""

from typing import NamedTuple

from bench import policy

HOST = "api.example.com"
SMALL, POSTED, LARGE = 1 << 10, 16 << 10, 1 << 20  # bytes of the bodies

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


class Work(NamedTuple):
    """`request` is sent again and again on each of `connections` kept connections.

    `size` is the answer's body in bytes. `upstream`: the API makes it. `origin` sends the
    request."""

    name: str
    title: str
    request: bytes
    connections: int
    status: int
    size: int
    upstream: bool
    origin: str


def head(method: str, path: str, origin: str, *lines: str) -> bytes:
    """A request's head; `lines` stand behind Host."""
    site = "same-site" if origin.endswith(".example.com") else "cross-site"
    fetch = (
        f"Origin: {origin}",
        f"Referer: {origin}/",
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


def get(path: str, origin: str = policy.ORIGIN) -> bytes:
    return head("GET", path, origin, *PAGE)


def send(size: int) -> bytes:
    lines = (*PAGE, "Content-Type: application/json", f"Content-Length: {size}")
    return head("POST", "/v1/items/sink", policy.ORIGIN, *lines) + b"x" * size


def preflight(origin: str) -> bytes:
    asked = (
        "Access-Control-Request-Method: PUT",
        "Access-Control-Request-Headers: authorization,content-type",
    )
    return head("OPTIONS", "/v1/items/small", origin, *asked)


S, L = "/v1/items/small", "/v1/items/large"
ONE, WILD, EVIL = policy.ORIGIN, policy.UNDER_WILDCARD, policy.FOREIGN
WORKS = {
    work.name: work
    for work in (
        Work("get", "Proxied GET of 1 KiB", get(S), 16, 200, SMALL, True, ONE),
        Work(
            "get-wildcard",
            "Proxied GET of 1 KiB, origin by a wildcard",
            get(S, WILD),
            16,
            200,
            SMALL,
            True,
            WILD,
        ),
        Work("preflight", "Preflight", preflight(ONE), 16, 204, 0, False, ONE),
        Work(
            "preflight-wildcard", "Preflight, origin by a wildcard", preflight(WILD), 16, 204, 0, False, WILD
        ),
        Work("refused", "GET of a refused origin", get(S, EVIL), 16, 403, -1, False, EVIL),
        Work("post", "POST of 16 KiB", send(POSTED), 16, 204, 0, True, ONE),
        Work("download", "Download of 1 MiB", get(L), 8, 200, LARGE, True, ONE),
        Work("upload", "Upload of 1 MiB", send(LARGE), 8, 204, 0, True, ONE),
        Work("latency", "One connection, GET of 1 KiB", get(S), 1, 200, SMALL, True, ONE),
    )
}
# Only `ours` and `ours-many` do these.
ONLY_OURS = frozenset({"get-wildcard", "preflight-wildcard"})
