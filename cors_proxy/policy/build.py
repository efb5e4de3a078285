"""From decoded sections to the values that the core and the data path take: inheritance, defaults, and the checks on what comes of them."""

from collections.abc import Iterable
from typing import Any

from ..cors.names import UNCOVERED
from ..cors.place import Place
from ..cors.spec import AmpSpec, CorsSpec, OriginRule, RouteSpec, SiteSpec
from .checks import check_route, duplicates
from .model import Forwarding, Server
from .problems import quote
from .routes import check_names, check_shadows, route_path, strip_prefix
from .server import route_limits, route_timeouts
from .types import Item, Reader, Section
from .values import PATH_WORDS

CHROMIUM_CAP = 7200  # seconds, Access-Control-Max-Age
COVERED_BY_NO_STAR = tuple(name.decode("ascii") for name in UNCOVERED)
DEFAULT_ROUTE = "(default)"  # the label of paths that no route names


class Inherited:
    """The `cors` keys of a route: its own over those of the top, lists replaced, never merged."""

    def __init__(self, top: Section | None, own: Section | None, amp: bool = False) -> None:
        self.values: dict[str, Any] = {}
        self.places: dict[str, Place] = {}
        self.spots: dict[str, Place] = {}
        for section in (top, own):
            if section is None:
                continue
            for key, place in section.places.items():
                if section is top and amp and key == "origins":
                    continue
                self.places[key] = place
                self.spots[key] = section.spots[key]
                self.values.pop(
                    key, None
                )  # a key that is wrong falls back to its default, not to what it replaces
                if key in section.values:
                    self.values[key] = section.values[key]

    def spec(self, reader: Reader) -> CorsSpec:
        get = self.values.get
        origins: tuple[OriginRule, ...] = get("origins", ())
        star = reader.once("star", origins, lambda rules: any(str(rule.pattern) == "*" for rule in rules))
        methods = texts(get("methods", ())) or (("GET", "HEAD") if star else ("GET", "HEAD", "POST"))
        headers, expose = texts(get("headers", ())), texts(get("expose", ()))
        for key, needed in (("methods", ()), ("headers", COVERED_BY_NO_STAR), ("expose", ())):
            self._star_beside(key, needed, reader)
        timing = reader.once(
            "timing",
            get("timing", ()),
            lambda rules: tuple(dict.fromkeys(str(rule.pattern) for rule in rules)),
        )
        if get("max_age", 0) > CHROMIUM_CAP:
            message = (
                f"max_age: {get('max_age')} seconds, and Chromium keeps an answer for {CHROMIUM_CAP} at most"
            )
            reader.found.add(self.spots["max_age"], "W405", message, "write 2h")
        if "*" in timing and len(timing) > 1:
            reader.found.add(
                self.spots["timing"],
                "W302",
                'timing: "*" allows all, the others beside it are idle',
                "keep one or the other",
            )
        preflight: Section | None = get("preflight")
        return CorsSpec(
            origins=origins,
            accept_from=get("accept_from", ()),
            methods=None if "*" in methods else methods,
            headers=tuple(name for name in headers if name != "*"),
            any_header="*" in headers,
            expose=tuple(name for name in expose if name != "*"),
            expose_any="*" in expose,
            credentials=get("credentials", False),
            max_age=get("max_age", 600),
            preflight_status=preflight.value("status", 204) if preflight else 204,
            preflight_full=preflight is not None and preflight.value("list", "asked") == "full",
            preflight_readable=preflight is None or preflight.value("refusal", "readable") == "readable",
            private_network=get("private_network", False),
            timing=(("*",) if "*" in timing else timing) or None,
            resource_policy=get("resource_policy"),
            without_origin=get("without_origin", "fetch-metadata"),
            websocket=get("websocket", "allow") == "allow",
            places=self.places,
        )

    def _star_beside(self, key: str, needed: tuple[str, ...], reader: Reader) -> None:
        items: tuple[Item, ...] = self.values.get(key, ())
        stars = [item for item in items if item.value == "*"]
        idle = [item.value for item in items if item.value != "*" and item.value.lower() not in needed]
        if stars and idle:
            reader.found.add(
                stars[0].place,
                "W302",
                f'{key}: "*" allows all, {quote(idle[0])} beside it is idle',
                "keep one or the other",
            )


def texts(items: Iterable[Item]) -> tuple[str, ...]:
    """The values of a list, each once."""
    return tuple(dict.fromkeys(item.value for item in items))


def build_site(policy: Section, reader: Reader) -> SiteSpec:
    """Everything a decision depends on; what is wrong with it goes to the findings."""
    top: Section | None = policy.item("cors")
    dangers = frozenset(texts(policy.items("dangerously_allow")))
    for item in policy.items("dangerously_allow"):
        warn_paths(item, reader)
    mode = policy.value("mode", "enforce")
    sections: list[Section] = policy.value("routes", [])
    routes = tuple(build_route(i, section, top, mode, dangers, reader) for i, section in enumerate(sections))
    default = RouteSpec(
        len(routes),
        DEFAULT_ROUTE,
        "/**",
        policy.places.get("cors", policy.place),
        mode=mode,
        cors=Inherited(top, None).spec(reader),
        path_words=dangers & set(PATH_WORDS),
    )
    check_names(sections, DEFAULT_ROUTE, reader)
    for route in (*routes, default):
        check_route(route, dangers, reader)
    self_origins = policy.item("self_origins")
    duplicates(self_origins or (), "self_origins", reader.found)
    hosts = policy.item("hosts")
    spec = SiteSpec(
        routes,
        default,
        hosts=texts(hosts) if hosts else None,
        hosts_place=policy.places.get("hosts"),
        self_origins=self_origins,
        debug=server.value("debug", False) if (server := policy.item("server")) else False,
        report_only=mode == "report"
        and all(route.mode == "report" for route in routes if route.cors is not None),
    )
    check_shadows(
        [route for route, section in zip(routes, sections, strict=True) if is_sound(route, section)], reader
    )
    return spec


def build_route(
    index: int, section: Section, top: Section | None, mode: str, dangers: frozenset[str], reader: Reader
) -> RouteSpec:
    at = f"routes[{index}]"
    own = section.item("cors")
    off = own == "off"
    amp: Section | None = section.item("amp")
    words = dangers
    if "dangerously_allow" in section.places:
        items = section.items("dangerously_allow")
        for item in items:
            if item.value not in PATH_WORDS:
                reader.found.add(
                    item.place,
                    "E508",
                    f"{at}.dangerously_allow: {item.value} stands at the top of the policy, not on a route",
                    f"here: {', '.join(PATH_WORDS)}",
                )
            else:
                warn_paths(item, reader)
        words = frozenset(texts(items))
    words = words & set(PATH_WORDS)
    if off and section.item("mode") == "report":
        reader.found.add(
            section.spots["mode"],
            "E503",
            f"{at}.mode: report is a dry run of decisions, and with cors: off there are none",
            "remove mode, or cors: off",
        )
    if off and "amp" in section.places:
        reader.found.add(
            section.places["amp"],
            "E504",
            f"{at}.amp: with cors: off nothing is judged, amp neither",
            "remove amp, or cors: off",
        )
    path = route_path(section, at, reader)
    hosts, methods = section.item("host"), section.item("method")
    return RouteSpec(
        index,
        section.value("name", path),
        path,
        section.places.get("path", section.place),
        methods=texts(methods) if methods else None,
        hosts=texts(hosts) if hosts else None,
        mode=section.value("mode", mode),
        cors=None if off else Inherited(top, own, "amp" in section.places).spec(reader),
        amp=build_amp(amp, section.places["amp"], f"{at}.amp", reader) if amp and not off else None,
        path_words=words,
    )


def is_sound(route: RouteSpec, section: Section) -> bool:
    """Whether nothing of a route is a stand-in for a value that was wrong."""
    return route.path == section.item("path") and section.places.keys() == section.values.keys()


def build_amp(section: Section, place: Place, at: str, reader: Reader) -> AmpSpec:
    both = "publisher" in section.places, "email" in section.places
    if both == (True, True):
        reader.found.add(
            section.places["email"],
            "E505",
            f"{at}.email: publisher and email both use __amp_source_origin, with different meanings",
            "give each a route of its own",
        )
    elif both == (False, False):
        reader.found.add(
            section.place,
            "E505",
            f"{at}: amp needs a publisher, or email",
            "add publisher: https://example.com",
        )
    email: Section | None = section.item("email")
    senders = tuple((item.value, item.place) for item in email.items("senders")) if email else ()
    caches = section.item("caches")
    return AmpSpec(
        publishers=section.value("publisher", ()),
        caches=None if caches is None else texts(caches),
        source_origin=section.value("source_origin", "strip"),
        senders=senders,
        place=place,
    )


def warn_paths(item: Item, reader: Reader) -> None:
    if item.value in PATH_WORDS:
        reader.found.add(
            item.place,
            "W508",
            f"dangerously_allow: {item.value} lets paths through that an upstream may read as another path",
        )


def build_forwarding(policy: Section, server: Server, reader: Reader) -> tuple[Forwarding, ...]:
    """How each route's requests are carried, in the order of `RouteSpec.index`, the default's last."""
    upstream, host = policy.item("upstream"), policy.value("upstream_host", "preserve")
    sections: list[Section] = policy.value("routes", [])
    routes = [
        Forwarding(
            upstream=section.value("upstream", upstream),
            preserve_host=section.value("upstream_host", host) == "preserve",
            strip_prefix=strip_prefix(section, f"routes[{i}]", reader),
            limits=route_limits(section, server),
            timeouts=route_timeouts(section, server),
        )
        for i, section in enumerate(sections)
    ]
    return (*routes, Forwarding(upstream, host == "preserve", limits=server.limits, timeouts=server.timeouts))
