"""What the policy reader hands to the decision core: plain frozen values, each with the place of its key.

`compile.compile_site` turns a `SiteSpec` into the `Site` that judges requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .pattern import Pattern
from .place import Place


@dataclass(frozen=True, slots=True)
class OriginRule:
    """One entry of an origin list: a pattern (which also stands for `*` and `null`), and where it stands."""

    pattern: Pattern
    place: Place


@dataclass(frozen=True, slots=True)
class CorsSpec:
    """The `cors` keys of a route after inheritance and defaults.  `places` maps a key (`methods`, `origins` …) to where it was set."""

    origins: tuple[OriginRule, ...] = ()
    accept_from: tuple[OriginRule, ...] = ()
    methods: tuple[str, ...] | None = ("GET", "HEAD", "POST")  # None: any
    headers: tuple[
        str, ...
    ] = ()  # as spelled, beyond the safelisted; may stand beside any_header (Authorization)
    any_header: bool = False
    expose: tuple[str, ...] = ()
    expose_any: bool = False
    credentials: bool = False
    max_age: int = 600  # seconds
    preflight_status: int = 204
    preflight_full: bool = False
    preflight_readable: bool = True  # `refusal: readable`
    private_network: bool = False
    timing: tuple[str, ...] | None = None  # ("*",) or serialised origins
    resource_policy: str | None = None
    without_origin: str = "fetch-metadata"  # allow | fetch-metadata | deny
    websocket: bool = True
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AmpSpec:
    """`amp`: publishers are exact https origins, senders `local@domain` or `*@domain` (domain in lower case)."""

    publishers: tuple[OriginRule, ...] = ()
    caches: tuple[str, ...] | None = None  # cache domains; None: the shipped snapshot
    source_origin: str = "strip"  # strip | keep | check
    senders: tuple[tuple[str, Place], ...] = ()  # AMP for Email where not empty
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One route; `index` counts in the order of the file, and the paths that no route names are the last one (`default`)."""

    index: int
    name: str
    path: str  # pattern; "/**" for the default
    place: Place
    methods: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None  # as in the site's hosts
    mode: str = "enforce"  # enforce | headers | report
    cors: CorsSpec | None = field(default_factory=CorsSpec)  # None: `cors: off`
    amp: AmpSpec | None = None
    path_words: frozenset[str] = frozenset()  # encoded-slashes, empty-segments, path-variants: allowed ones


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """Everything a decision depends on."""

    routes: tuple[RouteSpec, ...]
    default: RouteSpec
    hosts: tuple[str, ...] | None = None  # lower case, `name` or `name:port`; None: any one valid Host
    hosts_place: Place | None = None
    self_origins: tuple[OriginRule, ...] | None = (
        None  # exact origins; None: derived from Host (DESIGN 4, the own origin)
    )
    debug: bool = False
    report_only: bool = False  # top level `mode: report` and no route with another mode: row 1 only counts
