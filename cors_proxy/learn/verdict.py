"""Whether a response shows that the API granted its origin, or that it refused it.

Who can reach the API can write into its log.  So a response counts as a refusal only where its
origin is the one explanation.  An error page without CORS headers has other ones: a firewall sends
it too, and a visitor can provoke it.
"""

from collections.abc import Collection
from enum import Enum
from typing import Final

from ..cors.fetch import preflight_check
from ..cors.origin import parse_origin
from .seen import Seen

# As answers to the probe, which asked alike with an origin that was granted
PROBED_STATUSES: Final = frozenset((400, 401, 403, 404, 405, 500))


class Verdict(Enum):
    GRANTED = "granted"
    REFUSED = "refused"  # it named another origin, or answered with success and without a grant
    MAYBE_REFUSED = "maybe-refused"  # an error that may have another cause
    ANYONE = "anyone"  # Allow-Origin: *
    ABSENT = "absent"  # there is nothing at this path, or the API failed
    UNKNOWN = "unknown"  # the record does not tell


def verdict(seen: Seen, refusal_statuses: Collection[int] = ()) -> Verdict:
    """`refusal_statuses`: a person says that the API refuses foreign origins with these."""
    granted, status = seen.granted, seen.status
    if granted is None or seen.origin is None or seen.websocket or not status:
        return Verdict.UNKNOWN
    if status in (404, 405, 410, 501) or status >= 500:
        # Many APIs send their CORS headers with every error page.  It does not make a route.
        refused = status in refusal_statuses and not granted.origin
        return Verdict.REFUSED if refused else Verdict.ABSENT
    if granted.origin == seen.origin:
        return Verdict.ABSENT if seen.asked is not None and not 200 <= status <= 299 else Verdict.GRANTED
    if granted.origin == "*":
        return Verdict.ANYONE
    if granted.origin:
        # Two values, or none that an origin is: no browser accepts it from any page.
        other = parse_origin(granted.origin.encode("utf-8", "replace"))
        return Verdict.UNKNOWN if other is None else Verdict.REFUSED
    if 200 <= status <= 399 or status in refusal_statuses:
        return Verdict.REFUSED
    return Verdict.MAYBE_REFUSED if status in (400, 401, 403) else Verdict.UNKNOWN


def passes_preflight(seen: Seen) -> bool:
    """Whether a browser goes on after this answer: method and headers are granted too."""
    granted = seen.granted
    if seen.asked is None or seen.origin is None or granted is None:
        return False
    origin, method = seen.origin.encode("utf-8", "replace"), seen.asked.method.encode("utf-8", "replace")
    names = [name.encode("utf-8", "replace") for name in seen.asked.headers]
    lines = [
        (b"access-control-allow-origin", granted.origin.encode("utf-8", "replace")),
        (b"access-control-allow-methods", ",".join(granted.methods).encode("utf-8", "replace")),
        (b"access-control-allow-headers", ",".join(granted.headers).encode("utf-8", "replace")),
    ]
    return preflight_check(origin, False, method, names, seen.status, lines) is None
