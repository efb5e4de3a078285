"""Which route a request takes: the first that fits, found by walking a trie of path segments, so that 1,000 routes cost what one does."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from .hosts import split
from .path import PATH_VARIANTS, RoutePath, parse_route_path
from .spec import RouteSpec

T = TypeVar("T")
Found = tuple[int, T]
_Path = tuple[bytes | None, ...]
_ANY: Final = (None, None)


class _Leaf(Generic[T]):
    """The routes that end at one place, by host and method: of each combination only the first can ever be found."""

    __slots__ = ("_by", "_only")

    def __init__(self) -> None:
        self._by: dict[tuple[bytes | None, bytes | None], Found[T]] = {}
        self._only: Found[T] | None = None

    def add(self, found: Found[T], hosts: Iterable[bytes | None], methods: Iterable[bytes | None]) -> None:
        for host in hosts:
            for method in methods:
                self._by.setdefault((host, method), found)
        self._only = self._by[_ANY] if len(self._by) == 1 and _ANY in self._by else None

    def find(self, best: Found[T] | None, method: bytes, hosts: tuple[bytes | None, ...]) -> Found[T] | None:
        """The earlier one of `best` and what is found here."""
        if self._only is not None:
            return self._only if best is None or self._only[0] < best[0] else best
        for host in hosts:
            for key in ((host, None), (host, method)):
                found = self._by.get(key)
                if found is not None and (best is None or found[0] < best[0]):
                    best = found
        return best


class _Node(Generic[T]):
    __slots__ = ("end", "literals", "rest", "star")

    def __init__(self) -> None:
        self.literals: dict[bytes, _Node[T]] = {}
        self.star: _Node[T] | None = None
        self.end: _Leaf[T] | None = None
        self.rest: _Leaf[T] | None = None


class _Trie(Generic[T]):
    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, path: _Path, rest: bool, found: Found[T], hosts: Sequence[bytes | None], methods: Sequence[bytes | None]) -> None:
        node = self._root
        for segment in path:
            if segment is None:
                node.star = node.star or _Node()
                node = node.star
            else:
                node = node.literals.setdefault(segment, _Node())
        if rest:
            node.rest = node.rest or _Leaf()
            node.rest.add(found, hosts, methods)
        else:
            node.end = node.end or _Leaf()
            node.end.add(found, hosts, methods)

    def find(self, segments: list[bytes], method: bytes, hosts: tuple[bytes | None, ...]) -> Found[T] | None:
        best: Found[T] | None = None
        nodes = [self._root]
        for segment in segments:
            below: list[_Node[T]] = []
            for node in nodes:
                if node.rest is not None:
                    best = node.rest.find(best, method, hosts)
                child = node.literals.get(segment)
                if child is not None:
                    below.append(child)
                if node.star is not None and segment:  # `*` is not an empty segment
                    below.append(node.star)
            if not below:
                return best
            nodes = below
        for node in nodes:
            if node.rest is not None:
                best = node.rest.find(best, method, hosts)
            if node.end is not None:
                best = node.end.find(best, method, hosts)
        return best


class Router(Generic[T]):
    """A trie for each reading of a path.

    `escapes`: some route reads otherwise when it is decoded; `one_reading`: none does, nor when it is folded."""

    __slots__ = ("_by_host", "_decoded", "_folded", "_spelled", "escapes", "one_reading")

    def __init__(self, routes: Iterable[tuple[RouteSpec, T]]) -> None:
        self._spelled: _Trie[T] = _Trie()
        self._decoded: _Trie[T] = _Trie()
        self._folded: _Trie[T] = _Trie()
        self._by_host = False
        self.escapes = False
        self.one_reading = True
        for spec, value in routes:
            path = parse_route_path(spec.path)
            hosts: Sequence[bytes | None] = (None,) if spec.hosts is None else [host.lower().encode("ascii") for host in spec.hosts]
            methods: Sequence[bytes | None] = (None,) if spec.methods is None else [method.encode("ascii") for method in spec.methods]
            self._by_host |= spec.hosts is not None
            self.escapes |= path.spelled != path.decoded
            self.one_reading &= path.spelled == path.decoded == path.folded
            found = spec.index, value
            self._folded.add(path.folded, path.rest, found, hosts, methods)
            for trie, segments in ((self._spelled, path.spelled), (self._decoded, path.decoded)):
                trie.add(segments, path.rest, found, hosts, methods)
                if not path.rest and segments[-1] != b"":
                    trie.add((*segments, b""), False, found, hosts, methods)  # one final slash
        if not self.escapes:
            self._decoded = self._spelled

    def find(self, segments: list[bytes], method: bytes, hosts: tuple[bytes | None, ...]) -> T | None:
        """By the path as spelled; `method` is what a preflight asks for, or the request's own; `hosts` comes from `hosts`."""
        found = self._spelled.find(segments, method, hosts)
        return None if found is None else found[1]

    def find_decoded(self, segments: list[bytes], method: bytes, hosts: tuple[bytes | None, ...]) -> T | None:
        """By the path decoded once as a whole."""
        found = self._decoded.find(segments, method, hosts)
        return None if found is None else found[1]

    def find_folded(self, segments: list[bytes], method: bytes, hosts: tuple[bytes | None, ...]) -> T | None:
        """By the path as `variants.fold` reads it."""
        found = self._folded.find(segments, method, hosts)
        return None if found is None else found[1]

    def hosts(self, host: bytes) -> tuple[bytes | None, ...]:
        """What routes may call the Host header of a request."""
        if not self._by_host:
            return (None,)
        lower = host.lower()
        return (None, lower, split(lower)[0])


class Shadow(NamedTuple):
    """A route that never decides, and the earlier one that is in its way."""

    route: RouteSpec
    by: RouteSpec


def shadowed(routes: Sequence[RouteSpec]) -> list[Shadow]:
    """The earlier one takes all that the route could.  In the order of the file."""
    return _behind(routes, lambda path: path.spelled)


def outread(routes: Sequence[RouteSpec]) -> list[Shadow]:
    """For all that the route could take, the folded reading finds the earlier one, so that it is refused.

    Those of `shadowed` are among them. Nothing is said of what stands behind a route that opens `path-variants`."""
    lifted = next((at for at, route in enumerate(routes) if PATH_VARIANTS in route.path_words), len(routes))
    return _behind(routes[:lifted], lambda path: path.folded)


def twins(routes: Sequence[RouteSpec]) -> list[Shadow]:
    """Routes that both fit some method and Host, with one path when it is folded, and not when it is only decoded.

    Not where the earlier one, which the folded reading finds, opens `path-variants`."""
    earlier: dict[tuple[_Path, bool], list[tuple[RouteSpec, RoutePath]]] = {}
    found = []
    for route in routes:
        path = parse_route_path(route.path)
        same = earlier.setdefault((path.folded, path.rest), [])
        for other, its in same:
            if its.decoded != path.decoded and PATH_VARIANTS not in other.path_words and _overlap(other, route):
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
    """Every path that fits wherever this one does: with stars for segments, cut off by `**`, or without a final slash.

    A route's path is short; beyond eight segments only the likely ones are tried."""
    for length in range(len(segments) + 1):
        head = segments[:length]
        for mask in range(1 << length if length <= 8 else 1):
            covered = tuple(None if mask >> at & 1 and segment != b"" else segment for at, segment in enumerate(head))
            yield covered, True
            if not rest and (length == len(segments) or segments[length:] == (b"",)):
                yield covered, False


def _covers(other: RouteSpec, route: RouteSpec) -> bool:
    methods = other.methods is None or (route.methods is not None and set(route.methods) <= set(other.methods))
    if other.hosts is None or not methods:
        return methods
    listed = {host.lower() for host in other.hosts}
    return route.hosts is not None and all(host.lower() in listed or _bare(host) in listed for host in route.hosts)


def _overlap(one: RouteSpec, other: RouteSpec) -> bool:
    """Whether there is a method, and a Host, that both routes fit."""
    if one.methods is not None and other.methods is not None and not set(one.methods) & set(other.methods):
        return False
    if one.hosts is None or other.hosts is None:
        return True
    ours, theirs = ({host.lower(): _bare(host) for host in route.hosts or ()} for route in (one, other))
    return any(a in (b, theirs[b]) or b == ours[a] for a in ours for b in theirs)


def _bare(host: str) -> str:
    """A name without its port."""
    return split(host.lower().encode("ascii"))[0].decode("ascii")
