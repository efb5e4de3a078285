"""A policy as the reader hands it over: plain frozen values, each with the place of its key.

`compile.compile_site` turns a `SiteSpec` into the `Site` that judges requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .escape import redacted
from .literals import (
    Embed,
    Mode,
    PathWord,
    PreflightList,
    PreflightRefusal,
    ResourcePolicy,
    SourceOrigin,
    StorageAccess,
    WithoutOrigin,
)
from .pattern import Pattern
from .place import Place


@dataclass(frozen=True, slots=True)
class OriginRule:
    """One entry of a list of origins (`*` and `null` are patterns too), and where it stands."""

    pattern: Pattern
    place: Place


@dataclass(frozen=True, slots=True)
class OriginFeed:
    """A list of origins behind a URL, and what it may hold.

    Feeds that are equal share one list.  The three dangers are those that `check` refuses in a list
    of the policy: they depend on the route's `credentials` and on `dangerously_allow`."""

    url: str
    patterns: bool = False
    insecure_origins: bool = True  # http origins beyond loopback
    every_extension: bool = True  # such as `moz-extension://*`
    public_suffix_wildcards: bool = False

    def __str__(self) -> str:
        """The URL without name, password and query, which may hold secrets."""
        address, mark, _ = redacted(self.url).partition("?")
        return f"{address}?…" if mark else address


@dataclass(frozen=True, slots=True)
class FeedRule:
    """`{url: …}` in a list of origins.  Durations are seconds."""

    feed: OriginFeed
    place: Place
    every: float = 30.0
    required: bool = False
    stale: float = 86400.0  # 0: a list is kept for ever


@dataclass(frozen=True, slots=True)
class Isolation:
    """`without_origin: isolate`: what it lets pass of another site's requests."""

    navigate: bool = True
    same_site: bool = False
    embed: tuple[Embed, ...] = ()
    report: bool = False  # only count and log what it would refuse


@dataclass(frozen=True, slots=True)
class CorsSpec:
    """The `cors` keys of a route after inheritance and defaults.

    `places` maps a key (`methods`, `origins` …) to where it was set."""

    origins: tuple[OriginRule, ...] = ()
    origin_feeds: tuple[FeedRule, ...] = ()  # those of `origins`
    accept_from: tuple[OriginRule, ...] = ()
    accept_feeds: tuple[FeedRule, ...] = ()
    methods: tuple[str, ...] | None = ("GET", "HEAD", "POST")  # None: any
    headers: tuple[str, ...] = ()  # as spelled, beyond the safelisted
    any_header: bool = False  # `"*"`; names that it does not cover (Authorization) stand in `headers`
    expose: tuple[str, ...] = ()
    expose_any: bool = False
    credentials: bool = False
    max_age: int = 600  # seconds
    preflight_status: int = 204
    preflight_list: PreflightList = "asked"
    preflight_refusal: PreflightRefusal = "readable"
    private_network: bool = False
    timing: tuple[str, ...] | None = None  # ("*",) or serialised origins
    resource_policy: ResourcePolicy | None = None
    without_origin: WithoutOrigin = "fetch-metadata"
    isolation: Isolation = Isolation()  # under `isolate`
    storage_access: StorageAccess = "none"
    websocket: bool = True
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AmpSpec:
    """`amp`: publishers are exact https origins; senders are `local@domain` or `*@domain`, with the
    domain in lower case."""

    publishers: tuple[OriginRule, ...] = ()
    caches: tuple[str, ...] | None = None  # cache domains; None: the shipped snapshot
    source_origin: SourceOrigin = "strip"
    senders: tuple[tuple[str, Place], ...] = ()  # AMP for Email where not empty
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One route.  `index` counts in the order of the file; `default`, for the paths that no route
    names, is the last one."""

    index: int
    name: str
    path: str  # pattern; "/**" for the default
    place: Place
    methods: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None  # as in the site's hosts
    mode: Mode = "enforce"
    cors: CorsSpec | None = field(default_factory=CorsSpec)  # None: `cors: off`
    amp: AmpSpec | None = None
    path_words: frozenset[PathWord] = frozenset()  # those of `dangerously_allow`


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """Everything a decision depends on."""

    routes: tuple[RouteSpec, ...]
    default: RouteSpec
    hosts: tuple[str, ...] | None = None  # lower case, `name` or `name:port`; None: any one valid Host
    hosts_place: Place | None = None
    # Exact origins; None: derived from Host (`own_origin`)
    self_origins: tuple[OriginRule, ...] | None = None
    debug: bool = False
    # `mode: report` at the top, and no route with another mode: row 1 is only counted
    report_only: bool = False
