"""Methods that stand for all: those that a policy names, those that the standards treat apart, one
more that the proxy can carry, and for preflights one that it cannot."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from ..cors.names import CARRIED, SAFE_METHODS, SAFELISTED_METHODS

# A preflight may ask for any method; the proxy carries no request with these
UNKNOWN: Final = b"UNKNOWN"
MALFORMED: Final = b"NO TOKEN"
_APART: Final = (b"GET", b"HEAD", b"POST", b"OPTIONS")


def method_candidates(named: Iterable[str]) -> list[bytes]:
    """`named` are the methods that the policies name.  One that none names is behind them, and last
    come those that no request can have."""
    found = dict.fromkeys((*_APART, *(method.encode("ascii") for method in named)))
    others = (method for method in (b"PUT", b"DELETE", b"PATCH", *sorted(CARRIED)) if method not in found)
    return [*found, *islice(others, 1), UNKNOWN, MALFORMED]


def unnamed(candidates: Sequence[bytes]) -> bytes:
    """The candidate that stands for all methods that no policy names."""
    return candidates[-3]


def treated_alike(method: bytes) -> tuple[bool, ...]:
    """Methods with equal values differ for a policy only by what it names."""
    return (
        method in SAFE_METHODS,
        method in SAFELISTED_METHODS,
        method in (b"GET", b"HEAD"),
        method == b"GET",  # opens a WebSocket
        method == b"OPTIONS",
        method in CARRIED,
        method == MALFORMED,
    )
