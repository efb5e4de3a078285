"""What a browser would send, and what it gets."""

import http.client
import json
from contextlib import closing
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    allowed: str | None  # the origin
    seen: dict[str, str]  # by the API


def call(port: int, method: str, path: str, headers: dict[str, str]) -> Answer:
    with closing(http.client.HTTPConnection("localhost", port, timeout=20)) as client:
        client.request(method, path, headers=headers)
        got = client.getresponse()
        body = got.read()
        seen = json.loads(body) if body.startswith(b"{") else {}
        return Answer(got.status, got.getheader("Access-Control-Allow-Origin"), seen)


def answer(port: int, origin: str, **headers: str) -> Answer:
    return call(port, "GET", "/items", {"Origin": origin, **headers})


def status(port: int, origin: str) -> int:
    return answer(port, origin).status


def preflight(port: int, origin: str, method: str = "PUT") -> Answer:
    return call(port, "OPTIONS", "/items", {"Origin": origin, "Access-Control-Request-Method": method})
