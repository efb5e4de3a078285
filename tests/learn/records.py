"""Records for the tests of the rules."""

from typing import Any

from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.seen import Asked, Granted, Seen
from cors_proxy.learn.tally import Endpoint

APP = "https://app.example.com"
EVIL = "https://evil.example"
OTHER = "https://other.example"


def request(
    origin: str | None, allowed: str | None, method: str = "GET", path: str = "/items", **more: Any
) -> Seen:
    """A response with this Allow-Origin; "" is none, None is not known."""
    granted = None if allowed is None else Granted(allowed, more.pop("credentials", False))
    return Seen(method, path, origin, **({"status": 200, "granted": granted, "cookie": False} | more))


def preflight(
    origin: str,
    allowed: str,
    method: str = "PUT",
    headers: tuple[str, ...] = (),
    path: str = "/items",
    status: int = 204,
) -> Seen:
    """An API that allows every method and header of an origin that it grants."""
    granted = Granted(allowed, False, (method,), headers) if allowed else Granted()
    return Seen("OPTIONS", path, origin, status=status, asked=Asked(method, headers), granted=granted)


def evidence(*records: Seen, **options: Any) -> Evidence:
    found = Evidence(**options)
    for each in records:
        found.add(each)
    return found


def endpoint(*records: Seen) -> Endpoint:
    (found,) = evidence(*records).endpoints.values()
    return found
