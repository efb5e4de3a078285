"""Finds the route of a request: the first that matches, in a trie of path segments.

1,000 routes cost as much as one."""

from collections.abc import Iterable, Sequence
from typing import Final, Generic, TypeVar

from .hosts import WILDCARD, host_key, names_above, split_port
from .path import parse_route_path
from .spec import RouteSpec

T = TypeVar("T")
Found = tuple[int, T]
_Path = tuple[bytes | None, ...]
_ANY: Final = (None, None)


class _Leaf(Generic[T]):
    """The routes that end at one node, by host and method.

    Of each combination only the first can be found, so only that one is kept."""

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

    def add(
        self,
        path: _Path,
        rest: bool,
        found: Found[T],
        hosts: Sequence[bytes | None],
        methods: Sequence[bytes | None],
    ) -> None:
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

    `escapes`: the decoded reading of some route differs.  `one_reading`: all readings of all routes
    are the same."""

    __slots__ = ("_above", "_by_host", "_decoded", "_folded", "_spelled", "escapes", "one_reading")

    def __init__(self, routes: Iterable[tuple[RouteSpec, T]]) -> None:
        self._spelled: _Trie[T] = _Trie()
        self._decoded: _Trie[T] = _Trie()
        self._folded: _Trie[T] = _Trie()
        self._above: set[bytes] = set()  # the keys of wildcards
        self._by_host = False
        self.escapes = False
        self.one_reading = True
        for spec, value in routes:
            path = parse_route_path(spec.path)
            hosts: Sequence[bytes | None] = (
                (None,) if spec.hosts is None else [host_key(host) for host in spec.hosts]
            )
            self._above |= {host_key(host) for host in spec.hosts or () if host.startswith(WILDCARD)}
            methods: Sequence[bytes | None] = (
                (None,) if spec.methods is None else [method.encode("ascii") for method in spec.methods]
            )
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
        """By the path as spelled.

        `method` is the one that a preflight asks for, or the request's; `hosts` is what `hosts`
        made."""
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
        """The names by which a route may list the Host of a request."""
        if not self._by_host:
            return (None,)
        lower = host.lower()
        names = (None, lower, split_port(lower)[0])
        return (*names, *names_above(lower, self._above)) if self._above else names
