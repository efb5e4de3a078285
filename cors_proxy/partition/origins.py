"""Origins that stand for all: every exact one, members of every pattern and of the overlaps of
patterns, and some that nothing names.

`OriginSet` says which rule matches them.  What matters here is only that each combination of rules
has an origin that exactly these match."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final

from ..cors.origin import DEFAULT_PORTS, parse_origin
from ..cors.pattern import ANY_PORT, Pattern
from . import limits

_FOREIGN: Final = (b"evil.example", b"evil.test", b"evil.invalid")  # RFC 2606
MALFORMED: Final = (b"", b"https://foreign.invalid/", b"https://*.foreign.invalid")
_LABEL: Final = b"zz"
_STAR: Final = b"zyxwvutsrqponmlkjihgfedcba9876543210-"  # what a star inside a label stands for
_Domain = tuple[bytes, bytes]  # scheme, domain


def origin_candidates(patterns: Iterable[Pattern]) -> list[bytes]:
    """Raises TooManyError."""
    kept = list(dict.fromkeys(pattern for pattern in patterns if pattern.kind not in ("any", "null")))
    found: dict[bytes, None] = dict.fromkeys((b"null", _foreign(kept), *MALFORMED))
    exact = [pattern for pattern in kept if pattern.kind == "exact"]
    wild = [pattern for pattern in kept if pattern.kind != "exact"]
    for pattern in exact:
        found[pattern.text.encode("ascii")] = None
    if wild:
        for origin in _members(kept, wild):
            found[origin] = None
    return list(found)


def _foreign(patterns: list[Pattern]) -> bytes:
    """An origin that no pattern matches."""
    named = {pattern.host for pattern in patterns}
    hosts = (*_FOREIGN, *(b"evil%d.unlisted%d" % (number, number) for number in range(len(named) + 1)))
    return next(
        b"https://" + host for host in hosts if host not in named and host.partition(b".")[2] not in named
    )


def _members(patterns: list[Pattern], wild: list[Pattern]) -> Iterator[bytes]:
    """Origins of every domain that a pattern names, with every port that matters there."""
    fresh = _unused(label for pattern in patterns for label in pattern.host.split(b"."))
    ports = {port for pattern in wild if (port := pattern.port) not in (None, ANY_PORT)}
    taken = {pattern.port for pattern in patterns}
    other = next(number for number in range(8081, 65535) if number not in taken)
    for scheme in {pattern.scheme for pattern in wild if pattern.kind == "scheme"}:
        yield scheme + b"://" + fresh
        yield scheme + b"://" + fresh + b":%d" % other
    domains: dict[_Domain, list[Pattern]] = {}
    for pattern in wild:
        if pattern.kind != "scheme":
            domains.setdefault((pattern.scheme, pattern.host), []).append(pattern)
    for (scheme, domain), rules in domains.items():
        hosts = [domain]
        if any(pattern.kind in ("subdomains", "part") for pattern in rules):
            hosts += [fresh + b"." + domain, fresh + b"." + fresh + b"." + domain]
            labels = _labels([pattern for pattern in rules if pattern.kind == "part"])
            hosts += [label + b"." + domain for label in labels]
        for host, port in product(hosts, (None, *sorted(ports), other)):
            if port != DEFAULT_PORTS.get(scheme):
                origin = scheme + b"://" + host + (b"" if port is None else b":%d" % port)
                if parse_origin(origin) is not None:
                    yield origin


def _labels(parts: list[Pattern]) -> Iterator[bytes]:
    """Labels for every combination of `prefix*suffix` that one label can match.

    A label is the longest prefix of the patterns that it has, something, and the longest suffix.
    Or these two overlap, and then a pattern with less room between them does not match."""
    if not parts:
        return
    prefixes = sorted({pattern.prefix for pattern in parts} | {b""})
    suffixes = sorted({pattern.suffix for pattern in parts} | {b""})
    if len(prefixes) * len(suffixes) > limits.LABELS:
        raise limits.TooManyError(f"more than {limits.LABELS} combinations of patterns such as pr-*")
    behind = {prefix: _bytes_that_end(prefix, prefixes) for prefix in prefixes}
    before = {
        suffix: _bytes_that_end(suffix[::-1], [other[::-1] for other in suffixes]) for suffix in suffixes
    }
    for prefix, suffix in product(prefixes, suffixes):
        for one, other in zip(behind[prefix], before[suffix], strict=False):
            yield prefix + one + other + suffix
        for length in range(len(suffix) + 1):
            if prefix.endswith(suffix[:length]) and prefix + suffix[length:]:
                yield prefix + suffix[length:]


def _bytes_that_end(prefix: bytes, prefixes: list[bytes]) -> list[bytes]:
    """A letter, and an underscore (a star stands for none), with which a prefix is the longest."""
    longer = {
        other[len(prefix)] for other in prefixes if len(other) > len(prefix) and other.startswith(prefix)
    }
    letters = [bytes((byte,)) for byte in _STAR if byte not in longer][:1]
    return letters + [b"_"] * (0x5F not in longer)


def _unused(labels: Iterable[bytes]) -> bytes:
    """A label that is none of these, and no part of one."""
    used = b" ".join(labels)
    label = _LABEL
    while label in used:
        label += b"z"
    return label
