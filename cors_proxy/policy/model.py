"""A whole policy, read and frozen: what the server listens on, how it decides (`site`), where it forwards to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from ..cors.compile import compile_site
from ..cors.place import Place
from ..cors.site import Site
from ..cors.spec import SiteSpec


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: a TCP host and port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Admin:
    """The admin listener."""

    listen: Address
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upstream:
    """One API: equal values share a pool.  `base` is the base path without a final slash, `authority` its own Host."""

    host: str  # for the socket, without brackets; "" for unix
    port: int
    tls: bool
    path: str  # Unix socket, else ""
    base: bytes
    authority: bytes

    def __str__(self) -> str:
        return (
            f"unix:{self.path}"
            if self.path
            else f"{'https' if self.tls else 'http'}://{self.authority.decode('ascii')}"
        )


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate chain and key (PEM) of the edge, read with the policy."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    server_name: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, bytes a second, and counts; body_bytes 0 and minimum_rate 0 are no limit."""

    header_bytes: int = 16 << 10
    header_count: int = 100
    body_bytes: int = 0
    minimum_rate: int = 100
    connections: int = 10_000
    upstream_connections: int = 256


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; 0 is never, where `policy-keys` allows it."""

    connect: float = 5.0
    request_header: float = 10.0
    body_idle: float = 30.0
    response: float = 60.0
    response_idle: float = 300.0
    write_idle: float = 30.0
    keep_alive: float = 75.0
    upstream_keep_alive: float = 15.0
    tunnel_idle: float = 3600.0


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How a route's requests are carried; `Policy.forwarding[route.index]`."""

    upstream: Upstream
    preserve_host: bool = True
    strip_prefix: bytes = b""  # as spelled in the policy, without a final slash
    limits: Limits = (
        Limits()
    )  # the server's with what the route sets of them: the same object where it sets nothing
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True, slots=True)
class Server:
    workers: int = 1
    tls: Tls | None = None
    upstream_tls: UpstreamTls = UpstreamTls()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    limits: Limits = Limits()
    timeouts: Timeouts = Timeouts()
    drain_delay: float = 0.0
    drain_timeout: float = 30.0
    access_log: str = "json"  # json | text | off
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The result of `read.read_policy`; swapped as a whole on reload."""

    listen: Address
    admin: Admin | None
    site: Site  # compiled: what judges requests
    spec: SiteSpec  # the same as data, for `check --show`, `/config`, `explain`
    forwarding: tuple[Forwarding, ...]  # by route.index; the default's is the last
    server: Server
    files: tuple[str, ...] = field(
        default=()
    )  # every file that was read (policy, origin lists, TLS): a change of content is a reload
    places: Mapping[str, Place] = field(
        default_factory=dict
    )  # of the keys that were set at the top, and of `server.…`

    def __reduce__(self) -> tuple[object, ...]:
        """A site does not travel: the process at the other end compiles its own."""
        return _received, (
            self.listen,
            self.admin,
            self.spec,
            self.forwarding,
            self.server,
            self.files,
            self.places,
        )


def _received(listen: Address, admin: Admin | None, spec: SiteSpec, *rest: Any) -> Policy:
    return Policy(listen, admin, compile_site(spec), spec, *rest)
