"""Policies and requests for tests, in few words."""

from cors_proxy.cors.decision import Line
from cors_proxy.cors.request import Request, read
from cors_proxy.cors.site import Site
from cors_proxy.policy.read import parse_policy

APP = "https://app.example"


def site(policy: str) -> Site:
    return parse_policy(f"version: 1\nupstream: http://127.0.0.1:1\n{policy}", "policy.yaml", "")[0].site


def request(method: str = "GET", target: str = "/r", host: str = "api.example", **headers: str) -> Request:
    """Keyword names are header names with underscores for hyphens."""
    lines = [(b"Host", host.encode())] + [
        (name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()
    ]
    return read(method.encode(), target.encode("latin-1"), lines)


def written(raw: bytes) -> list[Line]:
    """Header lines that stand in a head."""
    return [(name, value) for name, _, value in (line.partition(b": ") for line in raw.split(b"\r\n")[:-1])]
