"""A policy that was read: frozen values, and the only place that has the defaults of `server` keys.

Those of `cors` and of routes are in `cors.spec`.  Durations are seconds, sizes are bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from ..cors.compile import compile_site
from ..cors.place import Place
from ..cors.site import Site
from ..cors.spec import SiteSpec
from ..partition.assertion import Assertion


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: a TCP host and port, or the path of a Unix socket."""

    host: str = ""  # without brackets
    port: int = 0  # 0: any free one
    path: str = ""
    mode: int | None = None  # of the socket file; None: what the umask leaves

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}" + ("" if self.mode is None else f"?mode={self.mode:04o}")
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


DEFAULT_LISTEN = Address("127.0.0.1", 8080)
DEFAULT_ADMIN = Address("127.0.0.1", 9901)
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Admin:
    """The admin listener; `hosts` are accepted in Host beside localhost and IP literals."""

    listen: Address
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decide:
    """The decision listener: other engines ask it about their requests."""

    listen: Address
    # mirror: an ask is the request itself, without its body.  forwarded: it describes the request.
    # grpc: Envoy's protocols.
    dialect: str = "mirror"
    headers: str = "x-forwarded"  # x-forwarded | x-original: those that describe it, in `forwarded`
    trust: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK  # who may ask


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One entry of `upstream`: a host and port, or the path of a Unix socket.

    A host that is a name stands for all addresses that it resolves to.
    """

    host: str = ""  # for the socket, without brackets; "" with a Unix socket
    port: int = 0
    path: str = ""  # of a Unix socket, else ""
    authority: bytes = b"localhost"  # its own Host


@dataclass(frozen=True, slots=True)
class Upstream:
    """One API, at one or more endpoints.  Routes with equal upstreams share its connections."""

    endpoints: tuple[Endpoint, ...]
    tls: bool = False
    base: bytes = b""  # the base path, without a trailing slash

    @property
    def urls(self) -> tuple[str, ...]:
        """The endpoints as a policy has them, without the base path."""
        scheme = "https" if self.tls else "http"
        return tuple(
            f"unix:{each.path}" if each.path else f"{scheme}://{each.authority.decode('ascii')}"
            for each in self.endpoints
        )

    def __str__(self) -> str:
        return ", ".join(self.urls)


# Of a policy that only answers asks: it has no API to forward to.
NO_UPSTREAM = Upstream(())


@dataclass(frozen=True, slots=True)
class Tls:
    """The listener's certificate chain and private key: paths of PEM files."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    """TLS toward https upstreams; `ca`, `certificate` and `key` are paths of PEM files."""

    ca: str | None = None  # None: the system's authorities
    certificate: str | None = None
    key: str | None = None
    server_name: str | None = None  # None: the upstream's host
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, bytes per second, counts and seconds.

    0 is no limit for `body_bytes`, `minimum_rate` and `upstream_connection_age`.
    """

    header_bytes: int = 16 << 10
    header_count: int = 100
    body_bytes: int = 0
    minimum_rate: int = 100
    connections: int = 10_000
    upstream_connections: int = 256
    upstream_connection_age: float = 0.0  # seconds


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds.  0 is no limit for `response_idle`; no other timeout may be 0."""

    connect: float = 5.0
    request_header: float = 10.0
    body_idle: float = 30.0
    response: float = 60.0
    response_idle: float = 300.0
    write_idle: float = 30.0
    keep_alive: float = 75.0
    upstream_keep_alive: float = 1.5
    tunnel_idle: float = 3600.0


@dataclass(frozen=True, slots=True)
class Tracing:
    """Spans over OTLP.  The variables `OTEL_*` say what is None here."""

    otlp: str | None = None  # the base URL of a collector
    sample: float = 1.0  # the share of requests without a parent, 0 to 1
    service_name: str | None = None
    parent_rate: int = 100  # spans a second that clients can ask for, in each worker

    def __str__(self) -> str:
        return f"{self.sample * 100:g}% to {self.otlp or 'the default collector'}"


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How a route's requests are forwarded: `Policy.forwarding[route.index]`.

    `limits` and `timeouts` are the server's with those that the route sets.  A route that sets
    none has the server's own object.
    """

    upstream: Upstream
    preserve_host: bool = True
    origin: str = "keep"  # keep | remove | own: the Origin that the upstream gets
    strip_prefix: bytes = b""  # as spelled in the policy, without a trailing slash
    rewrite_location: bool = False
    limits: Limits = Limits()
    timeouts: Timeouts = Timeouts()

    @property
    def own_host(self) -> bytes:
        """The API's own Host; that of the first endpoint, where there are several."""
        endpoints = self.upstream.endpoints
        return endpoints[0].authority if endpoints else b""


@dataclass(frozen=True, slots=True)
class Server:
    """The keys of `server`."""

    workers: int = 1
    tls: Tls | None = None
    upstream_tls: UpstreamTls = UpstreamTls()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    # Whose connections begin with a PROXY header; the word `unix` is for those of a Unix socket.
    proxy_protocol: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy_protocol_unix: bool = False
    limits: Limits = Limits()
    timeouts: Timeouts = Timeouts()
    drain_delay: float = 0.0
    drain_timeout: float = 30.0
    access_log: str = "json"  # json | text | off
    debug: bool = False
    tracing: Tracing | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The result of `read.read_policy`; a reload replaces it as a whole."""

    listen: Address
    admin: Admin | None
    site: Site  # compiled: decides about requests
    spec: SiteSpec  # the same as data, for `check --show`, `/config` and `explain`
    forwarding: tuple[Forwarding, ...]  # by route.index; the last is that of paths without a route
    server: Server
    # Every file that was read (policy, lists of origins, TLS): a watcher reloads when one changes.
    files: tuple[str, ...] = field(default=())
    # Of the keys that are set at the top level, and of those below `server` (`server.workers`).
    places: Mapping[str, Place] = field(default_factory=dict)
    # The words of `dangerously_allow` at the top level: what `check` only warns about.
    dangers: frozenset[str] = frozenset()
    assertions: tuple[Assertion, ...] = ()  # they hold
    decide: Decide | None = None

    @property
    def forwards(self) -> bool:
        """Whether there is an API to forward to.  Else only asks are answered, and `listen` is not
        used."""
        return bool(self.forwarding[-1].upstream.endpoints)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickles the spec without the site: each process compiles its own."""
        arguments = (
            self.listen,
            self.admin,
            self.spec,
            self.forwarding,
            self.server,
            self.files,
            self.places,
            self.dangers,
            self.assertions,
            self.decide,
        )
        return _unpickle, arguments


def _unpickle(listen: Address, admin: Admin | None, spec: SiteSpec, *rest: Any) -> Policy:
    return Policy(listen, admin, compile_site(spec), spec, *rest)
