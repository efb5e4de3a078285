"""Which routes of the policies a request can lead to at once, and by which paths, Hosts and methods.

Two policies with a hundred routes each have not 10,000 pairs of routes, but those that one request
can reach: a meeting.  Everything else about requests is looked at once for each meeting."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..cors.hosts import HostList
from ..cors.request import JudgedHeaders, Request
from ..cors.site import Site
from ..cors.spec import RouteSpec
from .hosts import host_candidates
from .methods import method_candidates, unnamed
from .path_pattern import PathPattern
from .paths import path_classes
from .side import Match, Side, match

Meant = tuple[int, bool, bool]  # number of an extra route, whether path and Host are meant
HostView = tuple[tuple[bool, bool], ...]  # of each side: allows the Host, names it


@dataclass(frozen=True, slots=True)
class Meeting:
    """The matches of one path and Host, one of each side.

    `methods` all lead here.  `path` and `host` stand for others that lead here as well, and `view`
    is how every side sees such a Host.  `unnamed` is the method that stands for all that no policy
    names."""

    matches: tuple[Match, ...]
    path: bytes
    host: bytes
    methods: tuple[bytes, ...]
    view: HostView
    unnamed: bytes = b""
    extra: tuple[Meant, ...] = ()  # what of the extra routes is meant here


def all_meetings(sides: Sequence[Side], extra: Iterable[RouteSpec] = ()) -> Iterator[Meeting]:
    """`extra` are routes of no policy, whose paths, Hosts and methods are told apart as well.

    Raises TooManyError."""
    return _Search(sides, list(extra)).run()


class _Search:
    def __init__(self, sides: Sequence[Side], extra: list[RouteSpec]) -> None:
        self.sides = sides
        self.opened = frozenset(
            word for side in sides for route in side.route_specs for word in route.path_words
        )
        self.routes = [route for side in sides for route in side.spec.routes] + extra
        named = (
            method
            for route in (*self.routes, *(side.spec.default for side in sides))
            for method in (*(route.methods or ()), *((route.cors.methods if route.cors else None) or ()))
        )
        self.methods = tuple(method_candidates(named))
        self.unnamed = unnamed(self.methods)
        self.listed = [host for side in sides for host in side.spec.hosts or ()]
        self.extra = {id(route): number for number, route in enumerate(extra)}
        self.patterns = [PathPattern(route.path) for route in extra]
        self.views: dict[HostView, list[bytes]] = {}
        for host in host_candidates(self.listed):
            self.views.setdefault(self.view(host), []).append(host)

    def view(self, host: bytes) -> HostView:
        return host_view(self.sides, host)

    def run(self) -> Iterator[Meeting]:
        # A Host that a route of the path names may be the only one that leads to a meeting, and one
        # that none names stands for all others.  So one of each is looked at, unless the second came
        # first.
        seen: set[tuple[tuple[object, ...], bool]] = set()
        for found in path_classes(self.routes, self.opened):
            named = HostList(tuple(host for route in found.routes for host in route.hosts or ()))
            extra = tuple(route for route in found.routes if id(route) in self.extra)
            for host in self._hosts(found.routes):
                view = self.view(host)
                free = not named.matches(host)
                meant = tuple(self._meant(route, found.path, host) for route in extra)
                for methods, matches in self._by_methods(found.path, host, found.routes):
                    key = (*((each.route.index, each.fault) for each in matches), methods, view, meant)
                    if (key, True) not in seen and (free or (key, False) not in seen):
                        seen.add((key, free))
                        yield Meeting(matches, found.path, host, methods, view, self.unnamed, meant)

    def _meant(self, route: RouteSpec, path: bytes, host: bytes) -> Meant:
        number = self.extra[id(route)]
        hosts = route.hosts is None or HostList(route.hosts).matches(host)
        return number, self.patterns[number].matches(path), hosts

    def _hosts(self, routes: tuple[RouteSpec, ...]) -> Iterable[bytes]:
        entries = [host for route in routes for host in route.hosts or ()]
        if not entries:
            return [hosts[0] for hosts in self.views.values()]
        return host_candidates([*entries, *self.listed])

    def _by_methods(
        self, path: bytes, host: bytes, routes: tuple[RouteSpec, ...]
    ) -> Iterable[tuple[tuple[bytes, ...], tuple[Match, ...]]]:
        """The methods in groups that lead to the same routes."""
        if all(route.methods is None for route in routes):
            return [(self.methods, self._match(path, host, b"GET"))]
        groups: dict[tuple[object, ...], list[bytes]] = {}
        found = {}
        for method in self.methods:
            matches = self._match(path, host, method)
            key = (
                *((each.route.index, each.fault) for each in matches),
                *(
                    method in map(str.encode, route.methods or ())
                    for route in routes
                    if id(route) in self.extra
                ),
            )
            groups.setdefault(key, []).append(method)
            found[key] = matches
        return [(tuple(methods), found[key]) for key, methods in groups.items()]

    def _match(self, path: bytes, host: bytes, method: bytes) -> tuple[Match, ...]:
        # By the method that a preflight asks for, which may be none that a request can have
        asked = Request(b"OPTIONS", path, JudgedHeaders(host=host, origin=b"null", acrm=method))
        return tuple(match(side, asked) for side in self.sides)


def host_view(sides: Sequence[Side], host: bytes) -> HostView:
    """How each side sees a Host."""
    return tuple(_seen_by(side.site, host) for side in sides)


def _seen_by(site: Site, host: bytes) -> tuple[bool, bool]:
    if site.hosts is None:
        return True, False
    # A named Host makes an own origin, unless `self_origins` does
    return site.hosts.allows(host), site.self_origins is None and site.hosts.names(host)
