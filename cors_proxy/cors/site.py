"""A compiled policy: what requests are judged by.  Frozen, and replaced as a whole on reload."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from . import feeds, path, variants
from .decision import Forward, Grant, Lines
from .decision_cache import DecisionCache
from .feeds import FeedList, FeedSlot, Listed
from .hosts import HostList
from .literals import PathWord, RouteMode
from .origins import OriginSet
from .place import Place
from .reason import Reason
from .request import Request
from .router import Router
from .spec import CorsSpec, OriginFeed, OriginRule

NOTHING = Grant()
_HASH: Final = 0x23


@dataclass(frozen=True, slots=True, eq=False)
class Preflights:
    """What a route answers to preflights, but for Allow-Origin and Allow-Credentials, which a grant
    has (`Grant.preflight_lines`).  Names of headers are in lower case; lines are whole."""

    headers: frozenset[bytes]
    any_header: bool  # `headers: "*"`, which covers all that is not in `names.UNCOVERED`
    full: bool  # `list: full`; what it names is in the next two
    all_methods: Lines  # Access-Control-Allow-Methods; () where a star would not mean all methods
    all_headers: bytes
    max_age: Lines  # Access-Control-Max-Age
    no_grant: Grant  # no line but Vary: for the refused, and for the own origin
    # What a readable refusal says besides what passed; empty under `refusal: bare`
    refusal_lines: Mapping[Reason, Lines]


@dataclass(frozen=True, slots=True, eq=False)
class Amp:
    """An AMP route of a website."""

    publishers: Mapping[bytes, Forward]  # their origins, and those of their pages in the caches
    names: frozenset[bytes]  # the publishers themselves
    same_origin: Forward  # for a request without Origin
    check_source_origin: bool


@dataclass(frozen=True, slots=True, eq=False)
class Email:
    """An AMP for Email route.  Domains are in lower case."""

    addresses: Mapping[tuple[bytes, bytes], Place]  # local part, domain
    domains: Mapping[bytes, Place]


@dataclass(frozen=True, slots=True, eq=False)
class Retry:
    """What listed origins get that shall ask again with cookies, as in `Route`."""

    allowed: Mapping[bytes, Forward]
    grant: Callable[[bytes], Grant]

    def instead_of(self, allowed: Forward, origin: bytes) -> Forward:
        """The decision that tells an origin to ask again; `allowed` is what `Route.allow` found."""
        forward = self.allowed.get(origin)
        return replace(allowed, grant=self.grant(origin)) if forward is None else forward


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One route with everything prepared.  Under `cors: off` only the fields up to `off` are
    set."""

    index: int
    name: str
    mode: RouteMode
    hands_off: bool
    place: Place
    path_words: frozenset[PathWord]
    off: Forward
    cors: CorsSpec = field(default_factory=CorsSpec)
    methods: frozenset[bytes] = frozenset()
    origins: OriginSet = field(default_factory=lambda: OriginSet(()))
    origin_feeds: tuple[Listed, ...] = ()
    accept_from: OriginSet = field(default_factory=lambda: OriginSet(()))
    accept_feeds: tuple[Listed, ...] = ()
    any_origin: Forward | None = None  # `origins: "*"`
    allowed: Mapping[bytes, Forward] = field(default_factory=dict)  # exact origins
    grant: Callable[[bytes], Grant] = lambda origin: NOTHING  # for an origin that a pattern allows
    retry: Retry | None = None  # `storage_access: retry`
    # What every response may carry, whoever asks: Vary alone, or the constant lines under
    # `origins: "*"`
    grant_for_anyone: Grant = NOTHING
    grant_by_metadata: Grant = NOTHING  # the same, for refusals by fetch metadata, which vary by it
    no_grant: Grant = NOTHING  # Vary alone, also under `origins: "*"`
    no_origin: Forward = Forward(Reason.NO_ORIGIN, "request")
    cross_site_reported: Forward = Forward(Reason.CROSS_SITE_REPORTED, "request")
    embeds: frozenset[bytes] = frozenset()  # of `isolate`: values of Sec-Fetch-Dest
    preflights: Preflights | None = None
    amp: Amp | None = None
    amp_place: Place | None = None
    email: Email | None = None
    strips_source_origin: bool = False

    def where(self, key: str) -> Place:
        """Where a `cors` key was set, or the route itself."""
        return self.cors.places.get(key, self.place)

    def allow(self, origin: bytes) -> Forward | None:
        """The decision for an origin that `origins` allows (publishers are asked before), or
        None."""
        if self.any_origin is not None:
            return self.any_origin
        forward = self.allowed.get(origin)
        if forward is None:
            rule = self.origins.find_wildcard(origin)
            if rule is not None:
                return Forward(Reason.ORIGIN_ALLOWED, "request", rule.place, self.grant(origin))
            listed = feeds.find(self.origin_feeds, origin)
            if listed is not None:
                return Forward(Reason.ORIGIN_ALLOWED, "request", listed, self.grant(origin))
        return forward

    def accept(self, origin: bytes) -> Place | None:
        """The line of the policy by which an origin may send requests and not read, or None."""
        rule = self.accept_from.find(origin)
        return feeds.find(self.accept_feeds, origin) if rule is None else rule.place


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """`routes` are in the order of the file, without `default`."""

    routes: tuple[Route, ...]
    default: Route
    router: Router[Route]
    hosts: HostList | None
    hosts_place: Place | None
    self_origins: Mapping[bytes, OriginRule] | None
    debug: bool
    report_only: bool
    feeds: Mapping[OriginFeed, FeedSlot] = field(default_factory=dict)
    cache: DecisionCache = field(default_factory=DecisionCache)

    def put(self, feed: OriginFeed, origins: FeedList) -> None:
        """Another list of a feed, in force from the next request on.

        Decisions that were made by the list before are forgotten."""
        slot = self.feeds.get(feed)
        if slot is not None:
            slot.current = origins
            slot.known = True
            self.cache.clear()

    def match(self, request: Request) -> tuple[Route, Reason | None]:
        """The first route that matches, or the default one; with AMBIGUOUS_PATH where the spelling
        of the path cannot be trusted (row 1).

        A preflight is matched by the method that it asks for, so that it finds the same route as
        the request behind it."""
        if _HASH in request.target:
            return self.default, Reason.AMBIGUOUS_PATH
        router = self.router
        method, hosts = request.method, router.hosts(request.host)
        if method == b"OPTIONS" and request.origin is not None and request.acrm is not None:
            method = request.acrm
        raw = request.path
        # Most paths have one reading, which a look at their bytes tells
        quiet = variants.quiet(raw)
        if quiet and router.one_reading:
            return router.find(raw[1:].split(b"/"), method, hosts) or self.default, None
        lower = raw if quiet else raw.lower()
        if not router.escapes and (quiet or variants.quiet(lower)):
            # Folding changes its case and a final slash, no more
            route = router.find(raw[1:].split(b"/"), method, hosts) or self.default
            folded = router.find_folded(lower[1:].removesuffix(b"/").split(b"/"), method, hosts)
            return self._unless_around(route, folded or self.default)
        spelling = path.spell(raw)
        if spelling is not None:
            route = router.find(spelling.spelled, method, hosts) or self.default
            decoded = route
            if router.escapes or spelling.decoded is not spelling.spelled:
                decoded = router.find_decoded(spelling.decoded, method, hosts) or self.default
            if route is decoded and spelling.needs <= route.path_words:
                folded = router.find_folded(spelling.folded, method, hosts)
                return self._unless_around(route, folded or self.default)
        return self.default, Reason.AMBIGUOUS_PATH

    def _unless_around(self, route: Route, folded: Route) -> tuple[Route, Reason | None]:
        """The route as spelled, unless the folded reading finds another one, which an API could
        take instead, and that one does not open `path-variants`."""
        if route is folded or path.PATH_VARIANTS in folded.path_words:
            return route, None
        return self.default, Reason.AMBIGUOUS_PATH
