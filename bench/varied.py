"""Requests of which no two are alike, as an ingress sends those of many users on few connections.

Each user has an origin, a browser, a cookie and a token of their own. Each request has its own
path, query, referer and trace. Every run makes the same requests."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

HOST = "api.example.com"
COUNT = 1_021  # different requests; a prime, so that no period of a field divides it
ORIGINS = 97  # of the same wildcard

CHROME, FIREFOX, SAFARI = "chrome", "firefox", "safari"


class Browser(NamedTuple):
    """`hints` are the lines of the client hints, which only Chromium sends."""

    agent: str
    hints: tuple[str, ...]
    family: str


def _chromium(system: str, platform: str, version: int, brand: str, suffix: str = "") -> Browser:
    mobile = "Mobile " if platform == "Android" else ""
    agent = (
        f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version}.0.0.0 {mobile}Safari/537.36{suffix}"
    )
    hints = (
        f'sec-ch-ua: "Chromium";v="{version}", "Not=A?Brand";v="24", "{brand}";v="{version}"',
        f"sec-ch-ua-mobile: ?{int(bool(mobile))}",
        f'sec-ch-ua-platform: "{platform}"',
    )
    return Browser(agent, hints, CHROME)


def _firefox(system: str, version: int) -> Browser:
    return Browser(f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0", (), FIREFOX)


def _safari(system: str, version: str, mobile: str = "") -> Browser:
    agent = f"Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version} {mobile}"
    return Browser(f"{agent}Safari/605.1.15", (), SAFARI)


WINDOWS, MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
EDGE = " Edg/139.0.0.0"
BROWSERS = (
    _chromium(WINDOWS, "Windows", 140, "Google Chrome"),
    _chromium(WINDOWS, "Windows", 139, "Google Chrome"),
    _chromium(MAC, "macOS", 140, "Google Chrome"),
    _chromium("X11; Linux x86_64", "Linux", 140, "Google Chrome"),
    _chromium("Linux; Android 10; K", "Android", 140, "Google Chrome"),
    _chromium("Linux; Android 10; K", "Android", 139, "Google Chrome"),
    _chromium(WINDOWS, "Windows", 139, "Microsoft Edge", EDGE),
    _firefox(WINDOWS, 142),
    _firefox("X11; Linux x86_64", 142),
    _firefox("Macintosh; Intel Mac OS X 10.15", 141),
    _safari(MAC, "18.6"),
    _safari("iPhone; CPU iPhone OS 18_6 like Mac OS X", "18.6", "Mobile/15E148 "),
)
LANGUAGES = (
    "en-GB,en-US;q=0.9,en;q=0.8",
    "en-US,en;q=0.9",
    "de-DE,de;q=0.9,en;q=0.8",
    "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7",
    "es-ES,es;q=0.9",
    "pl,en-US;q=0.9,en;q=0.8",
    "ja",
)
ENCODINGS = {
    CHROME: "gzip, deflate, br, zstd",
    FIREFOX: "gzip, deflate, br, zstd",
    SAFARI: "gzip, deflate, br",
}
PAGES = ("items", "items/list", "orders", "settings/profile", "search", "dashboard")
# What pages ask for: method and headers.
ASKED = (
    ("PUT", "authorization,content-type"),
    ("DELETE", "authorization"),
    ("POST", "authorization,content-type"),
    ("GET", "authorization"),
)


def _digits(number: int, purpose: str) -> str:
    """64 hexadecimal digits that are the same in every run."""
    return hashlib.sha256(f"{purpose} {number}".encode()).hexdigest()


def allowed(number: int) -> str:
    return f"https://pr-{number % ORIGINS}.preview.example.com"


def foreign(number: int) -> str:
    return f"https://shop-{number % ORIGINS}.evil.example"


def _head(number: int, method: str, target: str, origin: str, sent: tuple[str, ...]) -> bytes:
    """The lines of request `number`, in its browser's usual order; `sent` stand behind Host."""
    browser, trace = BROWSERS[number % len(BROWSERS)], _digits(number, "trace")
    page = f"{PAGES[number % len(PAGES)]}/{number * 7919 % 100_000}?tab={number % 5}"
    site = "same-site" if origin.endswith(".example.com") else "cross-site"
    lines = (
        f"{method} {target} HTTP/1.1",
        f"Host: {HOST}",
        "Connection: keep-alive",
        *sent,
        f"User-Agent: {browser.agent}",
        f"Accept-Encoding: {ENCODINGS[browser.family]}",
        f"Accept-Language: {LANGUAGES[number % len(LANGUAGES)]}",
        f"Origin: {origin}",
        f"Referer: {origin}/{page}",
        f"Sec-Fetch-Site: {site}",
        "Sec-Fetch-Mode: cors",
        "Sec-Fetch-Dest: empty",
        "Accept: */*" if method == "OPTIONS" else "Accept: application/json, text/plain, */*",
        f"traceparent: 00-{trace[:32]}-{trace[32:48]}-{number % 2:02x}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


def _user(number: int) -> tuple[str, ...]:
    """The hints, the token and the cookie of a user."""
    session = _digits(number, "session")
    token = f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{_digits(number, 'claims')}.{session[:43]}"
    theme = ("dark", "light")[number % 2]
    cookie = f"session={session[:32]}; theme={theme}; csrftoken={session[32:]}"
    return (
        *BROWSERS[number % len(BROWSERS)].hints,
        f"Authorization: Bearer {token}",
        f"Cookie: {cookie}; consent=analytics%3D{number % 2}%26ads%3D0",
    )


def _target(number: int, name: str) -> str:
    return f"/v1/items/{name}/{number * 6007 % 1_000_003}?page={number % 31}&q=term-{number}"


def _requests(make: Callable[[int], bytes]) -> tuple[bytes, ...]:
    return tuple(map(make, range(COUNT)))


def gets(origin: Callable[[int], str] = allowed, *sent: str) -> tuple[bytes, ...]:
    """`sent` are more lines of each request."""
    return _requests(
        lambda number: _head(number, "GET", _target(number, "small"), origin(number), (*_user(number), *sent))
    )


def preflights() -> tuple[bytes, ...]:
    def one(number: int) -> bytes:
        method, names = ASKED[number % len(ASKED)]
        asked = (f"Access-Control-Request-Method: {method}", f"Access-Control-Request-Headers: {names}")
        return _head(number, "OPTIONS", _target(number, "small"), allowed(number), asked)

    return _requests(one)


def posts(size: int) -> tuple[bytes, ...]:
    body = b"x" * size

    def one(number: int) -> bytes:
        lines = ("Content-Type: application/json", f"Content-Length: {size}")
        target = _target(number, "sink")
        return _head(number, "POST", target, allowed(number), (*_user(number), *lines)) + body

    return _requests(one)
