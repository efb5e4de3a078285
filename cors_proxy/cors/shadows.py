"""Routes of a policy that hide each other: those that never decide, and those that an API may take
for the same."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from .hosts import covers, overlap
from .path import PATH_VARIANTS, RoutePath, parse_route_path
from .spec import RouteSpec

_Path = tuple[bytes | None, ...]


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
    earlier: dict[tuple[_Path, bool], list[tuple[RouteSpec, RoutePath]]] = {}
    found = []
    for route in routes:
        path = parse_route_path(route.path)
        same = earlier.setdefault((path.folded, path.rest), [])
        for other, its in same:
            if (
                its.decoded != path.decoded
                and PATH_VARIANTS not in other.path_words
                and _overlap(other, route)
            ):
                found.append(Shadow(route, other))
                break
        same.append((route, path))
    return found


def _behind(routes: Sequence[RouteSpec], reading: Callable[[RoutePath], _Path]) -> list[Shadow]:
    earlier: dict[tuple[_Path, bool], list[RouteSpec]] = {}
    found = []
    for route in routes:
        path = parse_route_path(route.path)
        segments = reading(path)
        before = (other for key in _covering(segments, path.rest) for other in earlier.get(key, ()))
        by = next((other for other in before if _covers(other, route)), None)
        if by is not None:
            found.append(Shadow(route, by))
        earlier.setdefault((segments, path.rest), []).append(route)
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


def _covers(other: RouteSpec, route: RouteSpec) -> bool:
    methods = other.methods is None or (
        route.methods is not None and set(route.methods) <= set(other.methods)
    )
    if other.hosts is None or not methods:
        return methods
    listed = [host.lower() for host in other.hosts]
    return route.hosts is not None and all(
        any(covers(each, host.lower()) for each in listed) for host in route.hosts
    )


def _overlap(one: RouteSpec, other: RouteSpec) -> bool:
    """Whether there is a method and a Host that both routes match."""
    if one.methods is not None and other.methods is not None and not set(one.methods) & set(other.methods):
        return False
    if one.hosts is None or other.hosts is None:
        return True
    return any(overlap(a.lower(), b.lower()) for a in one.hosts for b in other.hosts)
