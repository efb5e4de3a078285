"""Origins, methods and header names of a meeting, grouped by how its routes see them.

A view is what the routes of all sides know of a value: an origin is listed, a method is allowed.
Two values with one view are judged alike, so one of them stands for all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ..cors.hosts import HostList, host_key, names_above, overlap, split_port
from ..cors.names import UNCOVERED
from ..cors.origin import parse_origin
from ..cors.origins import OriginSet
from ..cors.preflight import allows_header
from ..cors.request import JudgedHeaders, Request
from ..cors.site import Route
from ..cors.spec import OriginRule, RouteSpec
from .hosts import origin_patterns
from .meetings import HostView, Meeting, host_view
from .methods import treated_alike
from .origins import origin_candidates
from .side import Side, match, origin_rules

View = tuple[object, ...]
_HostClass = tuple[HostView, frozenset[bytes]]
_UNNAMED: Final = b"x-unnamed"
# No preflight allows these: a header of browsers, one of CORS itself, and the one of AMP pages
_NEVER: Final = (b"sec-fetch-site", b"access-control-request-method", b"amp-same-origin")
_AUTHORITIES: Final = (b"http", b"https")


@dataclass(slots=True)
class Groups:
    """The values of each view, the first of which stands for the others.

    `own` has origins that equal the Host with which they are sent."""

    origins: dict[View, list[bytes]] = field(default_factory=dict)
    own: dict[View, bytes] = field(default_factory=dict)
    methods: dict[View, list[bytes]] = field(default_factory=dict)
    headers: dict[View, list[bytes]] = field(default_factory=dict)

    def key(self) -> tuple[object, ...]:
        """Equal where all questions about two meetings are the same but for the values."""
        return tuple(frozenset(each) for each in (self.origins, self.own, self.methods, self.headers))


class _Origins(NamedTuple):
    """Those that the lists of some routes tell apart.  `by_host` has, for each class of Hosts, the
    origins that equal one."""

    grouped: dict[View, list[bytes]]
    by_host: dict[_HostClass, dict[View, bytes]]


@dataclass(frozen=True, slots=True)
class Extra:
    """What is told apart although no policy names it.  `hosts` are those of the extra routes."""

    origins: tuple[OriginSet, ...] = ()
    rules: tuple[OriginRule, ...] = ()
    methods: tuple[frozenset[bytes], ...] = ()
    headers: tuple[frozenset[bytes], ...] = ()
    hosts: tuple[tuple[str, ...] | None, ...] = ()


class Grouping:
    """Groups values for the meetings of the same sides.  Routes that inherit a list share the
    work."""

    def __init__(self, sides: Sequence[Side], extra: Extra) -> None:
        self._sides, self._extra = sides, extra
        self._hosts = [None if hosts is None else HostList(hosts) for hosts in extra.hosts]
        listed = [side.spec.hosts for side in sides]
        by_routes = [route.hosts for side in sides for route in side.spec.routes]
        self._entries = list(
            dict.fromkeys(entry for hosts in (*listed, *by_routes, *extra.hosts) for entry in hosts or ())
        )
        self._keys = frozenset(map(host_key, self._entries))
        self._routes_of = [_hosts_by_lists(side) for side in sides]
        self._origins: dict[tuple[object, ...], _Origins] = {}

    def groups(self, meeting: Meeting) -> Groups:
        origins = self._of_origins(meeting)
        return Groups(
            origins=origins.grouped,
            own=self._equal_to_host(meeting, origins),
            methods=self._of_methods(meeting),
            headers=self._of_headers(meeting),
        )

    def origin_view(self, meeting: Meeting, origin: bytes) -> View:
        """How the routes see an origin, in the order: form, then each side."""
        form = "null" if origin == b"null" else "valid" if parse_origin(origin) is not None else "malformed"
        sides = (
            _seen_by(found.route, side, origin)
            for found, side in zip(meeting.matches, self._sides, strict=True)
        )
        return (form, *sides, *(rules.find(origin) is not None for rules in self._extra.origins))

    def method_view(self, meeting: Meeting, method: bytes) -> View:
        allowed = (method in found.route.methods for found in meeting.matches)
        return (*allowed, *treated_alike(method), *(method in named for named in self._extra.methods))

    def header_view(self, meeting: Meeting, name: bytes) -> View:
        allowed = (
            found.route.preflights is not None and allows_header(found.route.preflights, name)
            for found in meeting.matches
        )
        return (*allowed, *(name in named for named in self._extra.headers))

    def _of_origins(self, meeting: Meeting) -> _Origins:
        specs = [
            side.route_spec(found.route) for found, side in zip(meeting.matches, self._sides, strict=True)
        ]
        lists = [rules for spec in specs for rules in origin_rules(spec)]
        caches = (_publishers(spec) for spec in specs)
        ids = [_ids(spec) for spec in specs]
        key = (*ids, *caches)
        if key not in self._origins:
            rules = [rule for each in lists for rule in each]
            rules += [rule for side in self._sides for rule in side.spec.self_origins or ()]
            rules += self._extra.rules
            patterns = [rule.pattern for rule in rules]
            limits = [hosts[of] for of, hosts in zip(ids, self._routes_of, strict=True)]
            entries = _reachable(self._entries, [hosts for hosts in limits if None not in hosts])
            candidates = origin_candidates((*patterns, *origin_patterns(entries)))
            for found in meeting.matches:
                if found.route.amp is not None:
                    candidates += found.route.amp.publishers
            grouped: dict[View, list[bytes]] = {}
            for origin in dict.fromkeys(candidates):
                grouped.setdefault(self.origin_view(meeting, origin), []).append(origin)
            self._origins[key] = _Origins(grouped, self._by_host(grouped))
        return self._origins[key]

    def _of_methods(self, meeting: Meeting) -> dict[View, list[bytes]]:
        grouped: dict[View, list[bytes]] = {}
        for method in meeting.methods:
            grouped.setdefault(self.method_view(meeting, method), []).append(method)
        return grouped

    def _of_headers(self, meeting: Meeting) -> dict[View, list[bytes]]:
        named = [name for found in meeting.matches for name in sorted(_headers(found.route))]
        named += sorted(name for names in self._extra.headers for name in names)
        grouped: dict[View, list[bytes]] = {}
        for name in dict.fromkeys((*named, *sorted(UNCOVERED), _UNNAMED, *_NEVER)):
            grouped.setdefault(self.header_view(meeting, name), []).append(name)
        return grouped

    def _by_host(self, grouped: dict[View, list[bytes]]) -> dict[_HostClass, dict[View, bytes]]:
        """For each class of Hosts that the policies tell apart."""
        found: dict[_HostClass, dict[View, bytes]] = {}
        for view, origins in grouped.items():
            for origin in origins if view[0] == "valid" else ():
                host = host_of(origin)
                if host:
                    found.setdefault((host_view(self._sides, host), _names(host, self._keys)), {}).setdefault(
                        view, origin
                    )
        return found

    def _equal_to_host(self, meeting: Meeting, origins: _Origins) -> dict[View, bytes]:
        """For each view an origin that equals a Host of this meeting."""
        found: dict[View, bytes] = {}
        for scheme in _AUTHORITIES:
            origin = scheme + b"://" + meeting.host
            if parse_origin(origin) is not None:
                found.setdefault(self.origin_view(meeting, origin), origin)
        specs = (side.route_spec(each.route) for side, each in zip(self._sides, meeting.matches, strict=True))
        listed = [frozenset(map(host_key, spec.hosts)) for spec in specs if spec.hosts is not None]
        for (seen, names), by_view in origins.by_host.items():
            # The look at the names is quick, where a thousand routes have a Host each
            if seen == meeting.view and all(names & hosts for hosts in listed):
                host = host_of(next(iter(by_view.values())))
                if not by_view.keys() <= found.keys() and self._leads_here(meeting, host):
                    found = by_view | found
        return found

    def _leads_here(self, meeting: Meeting, host: bytes) -> bool:
        for number, _, meant in meeting.extra:
            hosts = self._hosts[number]
            if hosts is not None and hosts.matches(host) is not meant:
                return False
        asked = Request(
            b"OPTIONS", meeting.path, JudgedHeaders(host=host, origin=b"null", acrm=meeting.methods[0])
        )
        return all(
            match(side, asked) == found for side, found in zip(self._sides, meeting.matches, strict=True)
        )


def _ids(spec: RouteSpec) -> tuple[int, ...]:
    """Equal for routes that inherit their lists of origins."""
    return tuple(map(id, origin_rules(spec)))


def _hosts_by_lists(side: Side) -> dict[tuple[int, ...], set[str | None]]:
    """For each of the lists of origins, the Hosts of the routes that have it; None for any Host."""
    found: dict[tuple[int, ...], set[str | None]] = {}
    for spec in side.route_specs:
        found.setdefault(_ids(spec), set()).update((None,) if spec.hosts is None else spec.hosts)
    return found


def _reachable(entries: Iterable[str], limits: Sequence[set[str | None]]) -> Iterator[str]:
    """The entries that match some Host of each of these."""
    for entry in entries:
        if all(any(overlap(entry.lower(), (host or "").lower()) for host in hosts) for hosts in limits):
            yield entry


def _names(host: bytes, keys: frozenset[bytes]) -> frozenset[bytes]:
    """Those of the keys that match a Host."""
    if not keys:
        return keys
    lower = host.lower()
    return keys.intersection((lower, split_port(lower)[0], *names_above(lower, keys)))


def host_of(origin: bytes) -> bytes:
    """The Host that an http or https origin equals, or b""."""
    scheme, _, host = origin.partition(b"://")
    return host if scheme in _AUTHORITIES and split_port(host)[0] else b""


def _seen_by(route: Route, side: Side, origin: bytes) -> View:
    own = side.site.self_origins is not None and origin in side.site.self_origins
    if route.hands_off:
        return (own,)
    return (
        own,
        route.amp is not None and origin in route.amp.publishers,
        route.allow(origin) is not None,
        origin in route.allowed or route.origins.find_wildcard(origin) is not None,
        route.accept_from.find(origin) is not None,
    )


def _publishers(spec: RouteSpec) -> object:
    return None if spec.amp is None else spec.amp.caches


def _headers(route: Route) -> frozenset[bytes]:
    return frozenset() if route.preflights is None else route.preflights.headers
