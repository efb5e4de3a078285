"""Traffic of an API, and the lines that the proxy logs of it in report mode."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cors_proxy.cors.decision import Answer, Forward, Line
from cors_proxy.cors.fetch import cors_check, needs_preflight, preflight_check
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.cors.site import Site
from cors_proxy.operate.access_log import json_line
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.recorder import Exchange

from .apis import Api, policy

HOSTILE = (
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://evilexample.com",
    "https://appxexample.com",
    "https://news.example",
    "http://phish.example:8080",
    "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
    "moz-extension://6f0e0b4c-9d1c-4c8a-8d7c-0a5a3a1b2c3d",
    "null",
)
SCANNED = (
    "/wp-login.php",
    "/.env",
    "/phpmyadmin/",
    "/actuator/env",
    "/cgi-bin/../etc",
    "/a%2fb",
    "/vendor//x",
)
WORDS = tuple(
    a + b for a in ("red", "old", "big", "shy", "sly") for b in ("fox", "owl", "cat", "elk", "ant", "bee")
)


@dataclass(frozen=True)
class Call:
    """One request of a page."""

    origin: str
    host: str
    method: str
    path: str
    headers: tuple[str, ...] = ()
    credentials: bool = False


@cache
def site(text: str) -> Site:
    return parse_policy(text, "policy.yaml", "")[0].site


REPORT = policy("mode: report\n")


def lines_of(call: Call, preflight: bool) -> list[Line]:
    lines = [(b"Host", call.host.encode()), (b"Origin", call.origin.encode())]
    if preflight:
        lines.append((b"Access-Control-Request-Method", call.method.encode()))
        if call.headers:
            lines.append((b"Access-Control-Request-Headers", ",".join(call.headers).lower().encode()))
    elif call.credentials:
        lines.append((b"Cookie", b"session=secret"))
    return lines


def asks_first(call: Call) -> bool:
    return needs_preflight(call.method.encode(), [name.lower().encode() for name in call.headers])


def passes(of: Site, call: Call) -> bool:
    """Whether a browser sends the request and lets its page read the response."""
    origin, path = call.origin.encode(), call.path.encode()
    if asks_first(call):
        names = [name.lower().encode() for name in call.headers]
        decision = judge(of, read(b"OPTIONS", path, lines_of(call, True))).decision
        if not isinstance(decision, Answer):
            return False
        lines = decision.grant.lines
        if preflight_check(origin, call.credentials, call.method.encode(), names, 204, lines) is not None:
            return False
    decision = judge(of, read(call.method.encode(), path, lines_of(call, False))).decision
    return (
        isinstance(decision, Forward) and cors_check(origin, call.credentials, decision.grant.lines) is None
    )


class Traffic:
    """Of one API: `good` are the calls of its pages, `log` has their lines and 12 % noise."""

    def __init__(self, api: Api, count: int, seed: int) -> None:
        self.api = api
        self._random = random.Random(seed)
        self._true = site(api.policy)
        self.good: dict[Call, None] = {}
        self.log: list[str] = []
        for _ in range(count):
            if self._random.random() < 0.12:
                self.log += self._noise()
            else:
                call = self._good()
                self.log += self._lines(call)
                self.good[call] = None

    def _good(self) -> Call:
        while True:
            call = self.call(self._random.choice(self.api.origins))
            if passes(self._true, call):
                return call

    def call(self, origin: str) -> Call:
        """As a page would make it, whether or not the policy allows it."""
        choose = self._random
        path, methods = choose.choice(self.api.calls)
        host, method = choose.choice(self.api.hosts), choose.choice(methods.split())
        filled = self.fill(path)
        seen = Call(origin, host, method, filled)
        cors = judge(self._true, read(method.encode(), filled.encode(), lines_of(seen, False))).route.cors
        headers = tuple(name for name in cors.headers if choose.random() < 0.6)
        return Call(origin, host, method, filled, headers, cors.credentials)

    def fill(self, path: str) -> str:
        choose = self._random
        values: dict[str, Callable[[], str]] = {
            "{id}": lambda: str(choose.randint(1, 99_999)),
            "{uuid}": lambda: str(uuid.UUID(int=choose.getrandbits(128), version=4)),
            "{word}": lambda: choose.choice(WORDS),
            "{date}": lambda: f"2026-{choose.randint(1, 12):02}-{choose.randint(1, 28):02}",
        }
        for name, value in values.items():
            while name in path:
                path = path.replace(name, value(), 1)
        return path

    def _noise(self) -> list[str]:
        choose = self._random
        kind = choose.random()
        if kind < 0.7:  # pages of others, extensions
            return self._lines(self.call(choose.choice(HOSTILE)))
        call = Call(
            choose.choice((*HOSTILE, *self.api.origins)), self.api.hosts[0], "GET", choose.choice(SCANNED)
        )
        if kind < 0.9:  # scanners, some with the origin of a page
            return [self._line(call, False, 404, self._grant(call, False)[1])]
        return ["\x1b[31mWARN\x1b[0m not of an access log", '{"level": "info", "msg": "started"}']

    def _lines(self, call: Call) -> list[str]:
        lines = []
        if asks_first(call) and not (call in self.good and self._random.random() < 0.3):  # else: cached
            status, granted = self._grant(call, True)
            lines.append(self._line(call, True, status, granted))
            if not passes_at(self.api, call, status, granted):
                return lines
        return [*lines, self._line(call, False, *self._grant(call, False))]

    def _grant(self, call: Call, preflight: bool) -> tuple[int, list[Line]]:
        """The API's own answer."""
        method = b"OPTIONS" if preflight else call.method.encode()
        status = 204 if preflight else 200
        if self.api.style == "reflects":
            lines = [
                (b"Access-Control-Allow-Origin", call.origin.encode()),
                (b"Access-Control-Allow-Credentials", b"true"),
            ]
            if preflight:
                lines.append((b"Access-Control-Allow-Methods", call.method.encode()))
                lines.append((b"Access-Control-Allow-Headers", ",".join(call.headers).encode()))
            return status, lines
        request = read(method, call.path.encode(), lines_of(call, preflight))
        decision = judge(self._true, request).decision
        if isinstance(decision, Answer if preflight else Forward):
            return status, list(decision.grant.lines)
        if self.api.style == "403":
            return 403, []
        named = [(b"Access-Control-Allow-Origin", self.api.origins[0].encode())]
        return status, named if self.api.style == "named" else []

    def _line(self, call: Call, preflight: bool, status: int, granted: list[Line]) -> str:
        method = b"OPTIONS" if preflight else call.method.encode()
        request = read(method, call.path.encode(), lines_of(call, preflight))
        decision = judge(site(REPORT), request).decision
        exchange = Exchange(
            method, call.path.encode(), "192.0.2.1", "https", "1.1", 0.0, call.host.encode(), call.origin.encode(),
            mode="report", decision=decision, enforced=False, judged=request.judged,
        )  # fmt: skip
        exchange.status, exchange.upstream_lines = status, granted
        return json_line(exchange).decode("ascii").rstrip("\n")


def passes_at(api: Api, call: Call, status: int, granted: list[Line]) -> bool:
    names = [name.lower().encode() for name in call.headers]
    return (
        preflight_check(call.origin.encode(), call.credentials, call.method.encode(), names, status, granted)
        is None
    )
