"""From what the policy says (`spec`) to what requests are judged by (`site`).

Everything that can be known before a request comes is computed here, once."""

from collections.abc import Mapping

from .amp import publisher_origins
from .decision import Forward, Grant, Lines
from .feeds import FeedSlot, Listed
from .hosts import HostList
from .isolation import VARY as ISOLATION_VARY
from .names import CARRIED, grantable_header
from .origins import OriginSet
from .place import Place
from .reason import Reason
from .router import Router
from .site import Amp, Email, Preflights, Retry, Route, Site
from .spec import AmpSpec, CorsSpec, FeedRule, OriginFeed, OriginRule, RouteSpec, SiteSpec
from .storage_access import VARY as STORAGE_VARY
from .storage_access import retry_line

_OFF = Grant(hands_off=True)
_PREFLIGHT_VARY = (b"Origin", b"Access-Control-Request-Method", b"Access-Control-Request-Headers")


def compile_site(spec: SiteSpec) -> Site:
    """`spec` is valid: the policy reader has refused what cannot be compiled.  (A route's path that
    `parse_route_path` refuses raises.)"""
    memory = _Memory()
    routes = tuple(_route(route, memory, spec.debug) for route in spec.routes)
    return Site(
        routes=routes,
        default=_route(spec.default, memory, spec.debug),
        router=Router(zip(spec.routes, routes, strict=True)),
        hosts=None if spec.hosts is None else HostList(spec.hosts),
        hosts_place=spec.hosts_place,
        self_origins=None
        if spec.self_origins is None
        else {str(rule.pattern).encode("ascii"): rule for rule in spec.self_origins},
        debug=spec.debug,
        report_only=spec.report_only,
        feeds=memory.slots,
    )


class Granting:
    """Makes the grants of a route.  They differ in the origin alone."""

    __slots__ = ("_amp", "_base", "_credentials", "_expose", "_expose_all", "_retry")

    def __init__(self, cors: CorsSpec, base: Grant, amp: AmpSpec | None, retry: bool = False) -> None:
        """`base` is the grant without lines; `retry`: the browser shall ask again with cookies."""
        expose = list(cors.expose)
        if amp is not None and amp.publishers and "amp-redirect-to" not in map(str.lower, expose):
            expose.append("AMP-Redirect-To")
        self._credentials: Lines = (
            ((b"Access-Control-Allow-Credentials", b"true"),) if cors.credentials else ()
        )
        # With credentials a star would be the name of a header
        # (https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)
        self._expose_all = cors.expose_any and cors.credentials
        self._expose: Lines = ()
        if cors.expose_any and not cors.credentials:
            self._expose = ((b"Access-Control-Expose-Headers", b"*"),)
        elif expose and not self._expose_all:
            self._expose = ((b"Access-Control-Expose-Headers", ", ".join(expose).encode("ascii")),)
        self._base = base
        self._amp = amp is not None
        self._retry = retry

    def __call__(self, origin: bytes) -> Grant:
        base = self._base
        preflight_lines = ((b"Access-Control-Allow-Origin", origin), *self._credentials)
        again = (retry_line(origin),) if self._retry else ()
        return Grant(
            (*preflight_lines, *self._expose, *again),
            base.vary,
            self._expose_all,
            base.timing,
            base.resource_policy,
            self._amp,
            base.storage_access,
            preflight_lines=preflight_lines,
        )

    def key(self) -> tuple[object, ...]:
        """Equal where the grants are."""
        return (self._credentials, self._expose, self._expose_all, self._base, self._amp, self._retry)


class _Memory:
    """Routes that inherit one list of origins share what is made of it, so that 1,000 routes with
    10,000 origins do not make 10,000,000 grants."""

    def __init__(self) -> None:
        self._sets: dict[int, tuple[tuple[OriginRule, ...], OriginSet]] = {}
        self._allowed: dict[tuple[object, ...], Mapping[bytes, Forward]] = {}
        self.slots: dict[OriginFeed, FeedSlot] = {}

    def feeds(self, rules: tuple[FeedRule, ...]) -> tuple[Listed, ...]:
        return tuple((self.slots.setdefault(rule.feed, FeedSlot()), rule.place) for rule in rules)

    def origins(self, rules: tuple[OriginRule, ...]) -> OriginSet:
        if id(rules) not in self._sets:
            # The rules are kept as well: while they live, no other object has their id
            self._sets[id(rules)] = (rules, OriginSet(rules))
        return self._sets[id(rules)][1]

    def allowed(self, rules: tuple[OriginRule, ...], grant: Granting) -> Mapping[bytes, Forward]:
        origins = self.origins(rules)
        key = (id(origins), grant.key())
        if key not in self._allowed:
            self._allowed[key] = {
                origin: Forward(Reason.ORIGIN_ALLOWED, "request", rule.place, grant(origin))
                for origin, rule in origins.exact.items()
            }
        return self._allowed[key]


def _route(spec: RouteSpec, memory: _Memory, debug: bool) -> Route:
    off = Forward(Reason.CORS_OFF, "request", spec.place, _OFF)
    cors = spec.cors
    if cors is None:
        return Route(spec.index, spec.name, "", True, spec.place, spec.path_words, off)
    origins = memory.origins(cors.origins)
    no_grant = _grant((), _vary(cors, spec.amp, origins), cors, spec.amp)
    grant = Granting(cors, no_grant, spec.amp)
    any_origin = (
        None
        if origins.any is None
        else Forward(Reason.ORIGIN_ALLOWED, "request", origins.any.place, grant(b"*"))
    )
    for_anyone = no_grant if any_origin is None else any_origin.grant
    where = cors.places.get("without_origin", spec.place)
    return Route(
        index=spec.index,
        name=spec.name,
        mode=spec.mode,
        hands_off=False,
        place=spec.place,
        path_words=spec.path_words,
        off=off,
        cors=cors,
        methods=CARRIED
        if cors.methods is None
        else frozenset(method.encode("ascii") for method in cors.methods),
        origins=origins,
        origin_feeds=memory.feeds(cors.origin_feeds),
        accept_from=memory.origins(cors.accept_from),
        accept_feeds=memory.feeds(cors.accept_feeds),
        any_origin=any_origin,
        allowed=memory.allowed(cors.origins, grant),
        grant=grant,
        retry=_retry(spec, cors, no_grant, memory),
        grant_for_anyone=for_anyone,
        grant_by_metadata=_grant(
            for_anyone.lines, tuple(dict.fromkeys((*for_anyone.vary, b"Sec-Fetch-Site"))), cors, spec.amp
        ),
        no_grant=no_grant,
        no_origin=Forward(Reason.NO_ORIGIN, "request", where, for_anyone),
        cross_site_reported=Forward(Reason.CROSS_SITE_REPORTED, "request", where, for_anyone),
        embeds=frozenset(word.encode("ascii") for word in cors.isolation.embed),
        preflights=_preflights(cors, spec.place, no_grant.vary, debug),
        amp=_amp(spec.amp, grant),
        amp_place=None if spec.amp is None else spec.amp.place or spec.place,
        email=_email(spec.amp),
        strips_source_origin=spec.amp is not None and spec.amp.source_origin == "strip",
    )


def _retries(cors: CorsSpec, amp: AmpSpec | None) -> bool:
    """AMP's own headers come from no embed."""
    return cors.storage_access == "retry" and amp is None


def _retry(spec: RouteSpec, cors: CorsSpec, base: Grant, memory: _Memory) -> Retry | None:
    if not base.storage_access:
        return None
    grant = Granting(cors, base, spec.amp, retry=True)
    return Retry(memory.allowed(cors.origins, grant), grant)


def _vary(cors: CorsSpec, amp: AmpSpec | None, origins: OriginSet) -> tuple[bytes, ...]:
    """A constant `*` does not depend on Origin, so it needs no Vary
    (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)."""
    isolation = ISOLATION_VARY if amp is None and cors.without_origin == "isolate" else ()
    if origins.any is not None:
        return isolation
    if amp is None:
        storage = (STORAGE_VARY,) if _retries(cors, amp) else ()
        return (b"Origin", *storage, *isolation)
    return (b"Origin", b"AMP-Email-Sender" if amp.senders else b"AMP-Same-Origin")


def _grant(lines: Lines, vary: tuple[bytes, ...], cors: CorsSpec, amp: AmpSpec | None) -> Grant:
    timing = None if cors.timing is None else ", ".join(cors.timing).encode("ascii")
    policy = None if cors.resource_policy is None else cors.resource_policy.encode("ascii")
    return Grant(
        lines,
        vary,
        timing=timing,
        resource_policy=policy,
        amp=amp is not None,
        storage_access=_retries(cors, amp),
    )


def _preflights(cors: CorsSpec, place: Place, route_vary: tuple[bytes, ...], debug: bool) -> Preflights:
    vary = tuple(dict.fromkeys(_PREFLIGHT_VARY + route_vary))
    if cors.private_network:
        vary += (b"Access-Control-Request-Private-Network",)
    headers = [name.lower().encode("ascii") for name in cors.headers]
    headers = [name for name in dict.fromkeys(headers) if grantable_header(name)]
    if cors.methods is not None:
        all_methods: bytes | None = ", ".join(cors.methods).encode("ascii")
    else:
        all_methods = None if cors.credentials else b"*"
    return Preflights(
        headers=frozenset(headers),
        all_methods=() if all_methods is None else ((b"Access-Control-Allow-Methods", all_methods),),
        all_headers=b", ".join(headers),
        full=cors.preflight_list == "full",
        any_header=cors.any_header,
        max_age=((b"Access-Control-Max-Age", b"%d" % cors.max_age),),
        no_grant=Grant((), vary),
        refusal_lines=_refusal_lines(cors, place, debug) if cors.preflight_refusal == "readable" else {},
    )


def _refusal_lines(cors: CorsSpec, place: Place, debug: bool) -> dict[Reason, Lines]:
    """Row 2b: the reason of the refusal, and under `debug` the policy's line."""
    found: dict[Reason, Lines] = {}
    for reason, key in ((Reason.METHOD_NOT_ALLOWED, "methods"), (Reason.HEADER_NOT_ALLOWED, "headers")):
        found[reason] = ((b"CORS-Proxy-Reason", reason.value.encode("ascii")),)
        if debug:
            found[reason] += ((b"CORS-Proxy-Rule", cors.places.get(key, place).header()),)
    return found


def _amp(spec: AmpSpec | None, grant: Granting) -> Amp | None:
    if spec is None or not spec.publishers:
        return None
    publishers: dict[bytes, Forward] = {}
    for rule in spec.publishers:
        for origin in publisher_origins(rule.pattern, spec.caches):
            raw = origin.encode("ascii")
            publishers.setdefault(raw, Forward(Reason.ORIGIN_ALLOWED, "request", rule.place, grant(raw)))
    first = spec.publishers[0]
    return Amp(
        publishers=publishers,
        names=frozenset(str(rule.pattern).encode("ascii") for rule in spec.publishers),
        same_origin=Forward(
            Reason.AMP_SAME_ORIGIN, "request", first.place, grant(str(first.pattern).encode("ascii"))
        ),
        check_source_origin=spec.source_origin == "check",
    )


def _email(spec: AmpSpec | None) -> Email | None:
    if spec is None or not spec.senders:
        return None
    addresses: dict[tuple[bytes, bytes], Place] = {}
    domains: dict[bytes, Place] = {}
    for sender, place in spec.senders:
        local, _, domain = sender.encode("utf-8").rpartition(b"@")
        if local == b"*":
            domains.setdefault(domain.lower(), place)
        else:
            addresses.setdefault((local, domain.lower()), place)
    return Email(addresses, domains)
