"""From decoded sections to the values that the core and the data path take.

Inheritance and defaults happen here, and then the checks of each route's effective keys.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..cors.literals import Mode, WithoutOrigin
from ..cors.names import UNCOVERED
from ..cors.path import PATH_WORDS
from ..cors.place import Place
from ..cors.spec import AmpSpec, CorsSpec, FeedRule, Isolation, OriginRule, RouteSpec, SiteSpec
from .checks import check_duplicates, check_own_origin, check_route
from .cors_fields import STAR_METHODS
from .isolation import warn_about_plain_http
from .mappings import Section
from .model import NO_UPSTREAM, Forwarding, Server
from .problems import quote
from .routes import check_names, check_shadows, route_path, strip_prefix
from .server import route_limits, route_timeouts
from .types import Context, Item
from .values import DEFAULT_MODE, DEFAULT_UPSTREAM_HOST, DEFAULT_UPSTREAM_ORIGIN

CHROMIUM_MAX_AGE = 7200  # seconds (MDN, Access-Control-Max-Age)
NOT_COVERED_BY_STAR = tuple(name.decode("ascii") for name in UNCOVERED)
DEFAULT_ROUTE = "(default)"  # the name of paths without a route


class EffectiveCors:
    """The `cors` keys of a route: its own, and those of the top level that it does not set.

    A list replaces the inherited one; lists are never merged.  An AMP route does not inherit
    `origins`, because its publishers are the ones who read.
    """

    def __init__(self, top: Section | None, own: Section | None, amp: bool = False) -> None:
        self.values: dict[str, Any] = {}
        self.key_places: dict[str, Place] = {}
        self.value_places: dict[str, Place] = {}
        for section in (top, own):
            if section is None:
                continue
            for key, place in section.key_places.items():
                if section is top and amp and key == "origins":
                    continue
                self.key_places[key] = place
                self.value_places[key] = section.value_places[key]
                # An invalid value becomes the default, not the inherited value: the route meant to
                # replace that one, and checking it would report problems that do not exist.
                self.values.pop(key, None)
                if key in section.values:
                    self.values[key] = section.values[key]

    def spec(self, allowed: frozenset[str], context: Context) -> CorsSpec:
        """The keys as the core takes them; a key that is not set has the default of `CorsSpec`.

        `allowed` are the words of `dangerously_allow` at the top level.
        """
        get = self.values.get
        origins, origin_feeds = self._entries("origins", context)
        accept_from, accept_feeds = self._entries("accept_from", context)
        self._warn(context)
        star = context.once("star", origins, lambda rules: any(rule.pattern.kind == "any" for rule in rules))
        values: dict[str, Any] = {
            key: self.values[key]
            for key in (
                "credentials",
                "max_age",
                "private_network",
                "resource_policy",
                "storage_access",
            )
            if key in self.values
        }
        methods = unique_values(get("methods", ())) or (STAR_METHODS if star else ())
        if methods:
            values["methods"] = None if "*" in methods else methods
        headers, expose = unique_values(get("headers", ())), unique_values(get("expose", ()))
        if "websocket" in self.values:
            values["websocket"] = get("websocket") == "allow"
        timing = self._timing(context)
        return CorsSpec(
            origins=origins,
            accept_from=accept_from,
            origin_feeds=_permit(origin_feeds, get("credentials", False), allowed),
            accept_feeds=_permit(accept_feeds, False, allowed),
            headers=tuple(name for name in headers if name != "*"),
            any_header="*" in headers,
            expose=tuple(name for name in expose if name != "*"),
            expose_any="*" in expose,
            timing=(("*",) if "*" in timing else timing) or None,
            places=self.key_places,
            **values,
            **_preflight_values(get("preflight")),
            **_without_origin_values(get("without_origin")),
        )

    def _entries(self, key: str, context: Context) -> tuple[tuple[OriginRule, ...], tuple[FeedRule, ...]]:
        entries: tuple[OriginRule | FeedRule, ...] = self.values.get(key, ())
        return context.once("entries", entries, _split)

    def _timing(self, context: Context) -> tuple[str, ...]:
        return context.once(
            "timing",
            self.values.get("timing", ()),
            lambda rules: tuple(dict.fromkeys(str(rule.pattern) for rule in rules)),
        )

    def _warn(self, context: Context) -> None:
        for key, needed in (("methods", ()), ("headers", NOT_COVERED_BY_STAR), ("expose", ())):
            self._warn_beside_star(key, needed, context)
        max_age = self.values.get("max_age", 0)
        if max_age > CHROMIUM_MAX_AGE:
            message = (
                f"max_age: Chromium caches a preflight for at most {CHROMIUM_MAX_AGE} seconds, not {max_age}"
            )
            context.findings.add(self.value_places["max_age"], "W405", message, "write 2h")
        timing = self._timing(context)
        if "*" in timing and len(timing) > 1:
            message = 'timing: "*" allows every origin, so the other entries have no effect'
            context.findings.add(self.value_places["timing"], "W302", message, "keep one or the other")

    def _warn_beside_star(self, key: str, needed: tuple[str, ...], context: Context) -> None:
        """Warn about entries beside `*`, except the `needed` ones, which `*` does not cover."""
        items: tuple[Item, ...] = self.values.get(key, ())
        stars = [item for item in items if item.value == "*"]
        idle = [item.value for item in items if item.value != "*" and item.value.lower() not in needed]
        if stars and idle:
            message = f'{key}: "*" allows all, so {quote(idle[0])} has no effect'
            context.findings.add(stars[0].place, "W302", message, "keep one or the other")


def _split(
    entries: Iterable[OriginRule | FeedRule],
) -> tuple[tuple[OriginRule, ...], tuple[FeedRule, ...]]:
    entries = tuple(entries)
    return (
        tuple(entry for entry in entries if isinstance(entry, OriginRule)),
        tuple(entry for entry in entries if isinstance(entry, FeedRule)),
    )


def _permit(rules: tuple[FeedRule, ...], credentials: bool, allowed: frozenset[str]) -> tuple[FeedRule, ...]:
    """What their lists may hold, by the same rules as a list in the policy (`checks`)."""
    return tuple(
        replace(
            rule,
            feed=replace(
                rule.feed,
                insecure_origins=not credentials or "insecure-origins" in allowed,
                every_extension=not credentials,
                public_suffix_wildcards="public-suffix-wildcards" in allowed,
            ),
        )
        for rule in rules
    )


def _preflight_values(section: Section | None) -> dict[str, Any]:
    values: dict[str, Any] = section.values if section else {}
    result: dict[str, Any] = {}
    if "status" in values:
        result["preflight_status"] = values["status"]
    if "list" in values:
        result["preflight_list"] = values["list"]
    if "refusal" in values:
        result["preflight_refusal"] = values["refusal"]
    return result


def _without_origin_values(value: WithoutOrigin | Section | None) -> dict[str, Any]:
    """A word, or `{isolate: {…}}`."""
    if value is None:
        return {}
    if not isinstance(value, Section):
        return {"without_origin": value}
    isolate: Section | None = value.get("isolate")
    found: dict[str, Any] = {}
    if isolate is not None:
        for key in ("navigate", "same_site"):
            if key in isolate.values:
                found[key] = isolate.values[key] == "allow"
        found["embed"] = unique_values(isolate.items("embed"))
        found["report"] = isolate.value("report", False)
    return {"without_origin": "isolate", "isolation": Isolation(**found)}


def unique_values(items: Iterable[Item]) -> tuple[str, ...]:
    """The values of a list in its order, without repetitions."""
    return tuple(dict.fromkeys(item.value for item in items))


def build_site(policy: Section, context: Context) -> SiteSpec:
    """Everything that decisions depend on; problems go to the findings."""
    top: Section | None = policy.get("cors")
    allowed = frozenset(unique_values(policy.items("dangerously_allow")))
    for item in policy.items("dangerously_allow"):
        warn_about_path_word(item, context)
    mode: Mode = policy.value("mode", DEFAULT_MODE)
    sections: list[Section] = policy.value("routes", [])
    routes = tuple(build_route(i, section, top, mode, allowed, context) for i, section in enumerate(sections))
    default = RouteSpec(
        len(routes),
        DEFAULT_ROUTE,
        "/**",
        policy.key_places.get("cors", policy.place),
        mode=mode,
        cors=EffectiveCors(top, None).spec(allowed, context),
        path_words=frozenset(word for word in PATH_WORDS if word in allowed),
    )
    check_names(sections, DEFAULT_ROUTE, context)
    for route in (*routes, default):
        check_route(route, allowed, context)
    self_origins = policy.get("self_origins")
    check_duplicates(self_origins or (), "self_origins", context.findings)
    hosts, server = policy.get("hosts"), policy.get("server")
    spec = SiteSpec(
        routes,
        default,
        hosts=unique_values(hosts) if hosts else None,
        hosts_place=policy.key_places.get("hosts"),
        self_origins=self_origins,
        debug=server.value("debug", Server().debug) if server else Server().debug,
        report_only=mode == "report"
        and all(route.mode == "report" for route in routes if route.cors is not None),
    )
    check_own_origin(policy, spec, server is not None and server.get("tls") is not None, context)
    warn_about_plain_http(spec, context.findings)
    check_shadows(
        [route for route, section in zip(routes, sections, strict=True) if is_valid(route, section)], context
    )
    return spec


def build_route(
    index: int, section: Section, top: Section | None, mode: Mode, allowed: frozenset[str], context: Context
) -> RouteSpec:
    """One route, with the keys that it inherits from the top level."""
    at = f"routes[{index}]"
    own = section.get("cors")
    off = own == "off"
    amp: Section | None = section.get("amp")
    words = allowed
    if "dangerously_allow" in section.key_places:
        items = section.items("dangerously_allow")
        for item in items:
            if item.value not in PATH_WORDS:
                context.findings.add(
                    item.place,
                    "E508",
                    f"{at}.dangerously_allow: {item.value} works at the top level only, not on a route",
                    f"a route accepts {', '.join(PATH_WORDS)}",
                )
            else:
                warn_about_path_word(item, context)
        words = frozenset(unique_values(items))
    if off and section.get("mode") == "report":
        context.findings.add(
            section.value_places["mode"],
            "E503",
            f"{at}.mode: report only logs decisions, and with cors: off there are none",
            "remove mode, or cors: off",
        )
    if off and "amp" in section.key_places:
        context.findings.add(
            section.key_places["amp"],
            "E504",
            f"{at}.amp: with cors: off the route checks nothing, so amp has no effect",
            "remove amp, or cors: off",
        )
    path = route_path(section, at, context)
    hosts, methods = section.get("host"), section.get("method")
    return RouteSpec(
        index,
        section.value("name", path),
        path,
        section.key_places.get("path", section.place),
        methods=unique_values(methods) if methods else None,
        hosts=unique_values(hosts) if hosts else None,
        mode=section.value("mode", mode),
        cors=None if off else EffectiveCors(top, own, "amp" in section.key_places).spec(allowed, context),
        amp=build_amp(amp, section.key_places["amp"], f"{at}.amp", context) if amp and not off else None,
        path_words=frozenset(word for word in PATH_WORDS if word in words),
    )


def is_valid(route: RouteSpec, section: Section) -> bool:
    """Whether all values of a route are its own, with no default in place of an invalid one."""
    return route.path == section.get("path") and section.key_places.keys() == section.values.keys()


def build_amp(section: Section, place: Place, at: str, context: Context) -> AmpSpec:
    """The `amp` keys of a route."""
    both = "publisher" in section.key_places, "email" in section.key_places
    if both == (True, True):
        context.findings.add(
            section.key_places["email"],
            "E505",
            f"{at}.email: not beside publisher, because each uses __amp_source_origin in its own way",
            "write a route of its own for each",
        )
    elif both == (False, False):
        context.findings.add(
            section.place,
            "E505",
            f"{at}: amp needs publisher or email",
            "add publisher: https://example.com",
        )
    email: Section | None = section.get("email")
    senders = tuple((item.value, item.place) for item in email.items("senders")) if email else ()
    caches = section.get("caches")
    return AmpSpec(
        publishers=section.value("publisher", ()),
        caches=None if caches is None else unique_values(caches),
        source_origin=section.value("source_origin", AmpSpec().source_origin),
        senders=senders,
        place=place,
    )


def warn_about_path_word(item: Item, context: Context) -> None:
    """Warn about a word of `dangerously_allow` that lets ambiguous paths through."""
    if item.value in PATH_WORDS:
        context.findings.add(
            item.place,
            "W508",
            f"dangerously_allow: {item.value} forwards paths that the upstream may read as other paths",
        )


def build_forwarding(policy: Section, server: Server, context: Context) -> tuple[Forwarding, ...]:
    """How each route's requests are forwarded, by `RouteSpec.index`; the default route is last."""
    upstream, host = (
        policy.value("upstream", NO_UPSTREAM),
        policy.value("upstream_host", DEFAULT_UPSTREAM_HOST),
    )
    origin = policy.value("upstream_origin", DEFAULT_UPSTREAM_ORIGIN)
    locations: bool = policy.value("rewrite_location", False)
    sections: list[Section] = policy.value("routes", [])
    routes = [
        Forwarding(
            upstream=section.value("upstream", upstream),
            preserve_host=section.value("upstream_host", host) == "preserve",
            origin=section.value("upstream_origin", origin),
            strip_prefix=strip_prefix(section, f"routes[{i}]", context),
            rewrite_location=section.value("rewrite_location", locations),
            limits=route_limits(section, server),
            timeouts=route_timeouts(section, server),
        )
        for i, section in enumerate(sections)
    ]
    default = Forwarding(
        upstream,
        host == "preserve",
        origin,
        rewrite_location=locations,
        limits=server.limits,
        timeouts=server.timeouts,
    )
    return (*routes, default)
