"""Routes of a policy that hide each other: those that never decide, and those that an API may take
for the same."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from .hosts import WILDCARD, covers, overlap, split_port_text
from .path import PATH_VARIANTS, RoutePath, parse_route_path
from .spec import RouteSpec

_Path = tuple[bytes | None, ...]


class _Hosts:
    """The Hosts of a route, in lower case.  `entries` is None for any Host.

    There may be thousands of routes, each for a host of its own, and each is compared with all
    before it: their names tell most of them apart."""

    __slots__ = ("entries", "_names")

    def __init__(self, hosts: Sequence[str] | None) -> None:
        self.entries = None if hosts is None else [host.lower() for host in hosts]
        names = {split_port_text(entry)[0] for entry in self.entries or ()}
        self._names = None if any(name.startswith(WILDCARD) for name in names) else frozenset(names)

    def _apart(self, other: "_Hosts") -> bool:
        return self._names is not None and other._names is not None and self._names.isdisjoint(other._names)

    def cover(self, other: "_Hosts") -> bool:
        """Whether every Host of the other one is one of these."""
        if self.entries is None or other.entries is None:
            return self.entries is None
        return not self._apart(other) and all(
            any(covers(own, its) for own in self.entries) for its in other.entries
        )

    def overlap(self, other: "_Hosts") -> bool:
        """Whether there is a Host of both."""
        if self.entries is None or other.entries is None:
            return True
        return not self._apart(other) and any(
            overlap(own, its) for own in self.entries for its in other.entries
        )


class Shadow(NamedTuple):
    """A route that never decides, and the earlier one that hides it."""

    route: RouteSpec
    by: RouteSpec


def shadowed(routes: Sequence[RouteSpec]) -> list[Shadow]:
    """The earlier one takes all that the route could.  In the order of the file."""
    return _behind(routes, lambda path: path.spelled)


def outread(routes: Sequence[RouteSpec]) -> list[Shadow]:
    """The folded reading finds the earlier one for every path of the route, so that it is refused.

    Those of `shadowed` are among them.  Routes behind one that opens `path-variants` are not looked
    at."""
    lifted = next((at for at, route in enumerate(routes) if PATH_VARIANTS in route.path_words), len(routes))
    return _behind(routes[:lifted], lambda path: path.folded)


def twins(routes: Sequence[RouteSpec]) -> list[Shadow]:
    """Two routes that match a common method and Host, and whose paths are the same once they are
    folded, but not once they are decoded.

    Not where the earlier one, which the folded reading finds, opens `path-variants`."""
    earlier: dict[tuple[_Path, bool], list[tuple[RouteSpec, RoutePath, _Hosts]]] = {}
    found = []
    for route in routes:
        path, hosts = parse_route_path(route.path), _Hosts(route.hosts)
        same = earlier.setdefault((path.folded, path.rest), [])
        for other, its, their_hosts in same:
            if (
                its.decoded != path.decoded
                and PATH_VARIANTS not in other.path_words
                and _share_a_method(other, route)
                and their_hosts.overlap(hosts)
            ):
                found.append(Shadow(route, other))
                break
        same.append((route, path, hosts))
    return found


def _behind(routes: Sequence[RouteSpec], reading: Callable[[RoutePath], _Path]) -> list[Shadow]:
    earlier: dict[tuple[_Path, bool], list[tuple[RouteSpec, _Hosts]]] = {}
    found = []
    for route in routes:
        path, hosts = parse_route_path(route.path), _Hosts(route.hosts)
        segments = reading(path)
        before = (each for key in _covering(segments, path.rest) for each in earlier.get(key, ()))
        by = next(
            (other for other, theirs in before if theirs.cover(hosts) and _has_methods_of(other, route)), None
        )
        if by is not None:
            found.append(Shadow(route, by))
        earlier.setdefault((segments, path.rest), []).append((route, hosts))
    return found


def _covering(segments: _Path, rest: bool) -> Iterable[tuple[_Path, bool]]:
    """Every path that matches wherever this one does: with stars for segments, cut off by `**`, or
    without a final slash.

    A route's path is short; beyond eight segments only the likely ones are tried."""
    for length in range(len(segments) + 1):
        head = segments[:length]
        for mask in range(1 << length if length <= 8 else 1):
            covered = tuple(
                None if mask >> at & 1 and segment != b"" else segment for at, segment in enumerate(head)
            )
            yield covered, True
            if not rest and (length == len(segments) or segments[length:] == (b"",)):
                yield covered, False


def _has_methods_of(other: RouteSpec, route: RouteSpec) -> bool:
    """Whether the other one has every method of the route."""
    return other.methods is None or (route.methods is not None and set(route.methods) <= set(other.methods))


def _share_a_method(one: RouteSpec, other: RouteSpec) -> bool:
    return one.methods is None or other.methods is None or not set(one.methods).isdisjoint(other.methods)
