"""What all connections of a process share: the policy in force, and what was made of it for each
request.

The edge makes it and updates it when a policy is committed.  Connections read it at each request,
so what is under way keeps what it began with."""

import ssl
from ipaddress import IPv4Network, IPv6Network
from time import monotonic
from typing import Final

from ..policy.model import Policy
from .bounds import Bounds
from .forwarding import forwarded_for, original_client, trusted
from .outbox import Outbox
from .pool import Pool
from .recorder import Exchange, Recorder
from .request_head import RequestHead
from .request_reader import HeadLimits
from .trace_context import Sampler

_PEERS: Final = 4096  # addresses of which it is remembered whether they are trusted
_CHAIN: Final = 128  # bytes of an X-Forwarded-For that may be remembered


class Context:
    """Passed down to each connection, and to `journey.handle`."""

    def __init__(self, policy: Policy, recorder: Recorder, outbox: Outbox) -> None:
        self.recorder, self.outbox = recorder, outbox
        self.date_line = (
            b""  # the Date of the proxy's own responses, set by the coarse clock (RFC 9110 6.6.1)
        )
        self.draining = False
        self.head_limits = HeadLimits(0, 0)
        self.trusted_networks: tuple[IPv4Network | IPv6Network, ...] = ()
        # Where members of X-Forwarded-For are not the client.
        self.between_networks: tuple[IPv4Network | IPv6Network, ...] = ()
        self._trusted: dict[str, bool] = {}
        self._clients: dict[tuple[str, bytes], str] = {}
        self.proxy_protocol: tuple[IPv4Network | IPv6Network, ...] = ()
        self.proxy_protocol_unix = False
        self.policy: Policy
        self.pools: list[Pool]  # by a route's index
        self.bounds: list[Bounds]  # the same
        self.tls: ssl.SSLContext | None  # of the listener: a connection takes it when it comes
        self.keep_alive = self.request_header = 0.0
        self.debug = False
        self.sampler: Sampler | None = None  # of `server.tracing`
        self.patterns: list[str] = []  # by a route's index
        self.update(policy, [], [], None)

    def update(
        self, policy: Policy, pools: list[Pool], bounds: list[Bounds], tls: ssl.SSLContext | None
    ) -> None:
        """Puts another policy in force."""
        self.policy, self.pools, self.bounds, self.tls = policy, pools, bounds, tls
        limits, timeouts = policy.server.limits, policy.server.timeouts
        self.head_limits.header_bytes, self.head_limits.header_count = (
            limits.header_bytes,
            limits.header_count,
        )
        self.keep_alive, self.request_header = timeouts.keep_alive, timeouts.request_header
        self.debug = policy.server.debug
        tracing = policy.server.tracing
        if tracing is not None and self.sampler is None:  # a reload cannot change it
            recorder = self.recorder
            self.sampler = Sampler(
                tracing.sample, tracing.parent_rate, lambda: recorder.span_dropped("parent-rate")
            )
        self.patterns = [spec.path for spec in (*policy.spec.routes, policy.spec.default)]
        self.proxy_protocol = policy.server.proxy_protocol
        self.proxy_protocol_unix = policy.server.proxy_protocol_unix
        self.trusted_networks = self.between_networks = policy.server.trusted_proxies
        self._trusted.clear()
        self._clients.clear()

    def trusts(self, peer: str) -> bool:
        """Whether a peer is one of `trusted_networks`; remembered for a bounded number of
        addresses."""
        known = self._trusted.get(peer)
        if known is None:
            if len(self._trusted) >= _PEERS:
                self._trusted.clear()
            known = self._trusted[peer] = trusted(peer, self.trusted_networks)
        return known

    def client(self, peer: str, head: RequestHead) -> str:
        """The client's address, by what a trusted peer says; remembered for a bounded number of
        them, as to read an address costs as much as half a request."""
        key = peer, forwarded_for(head)
        known = self._clients.get(key)
        if known is None:
            known = original_client(peer, key[1], self.between_networks)
            if len(key[1]) <= _CHAIN:
                if len(self._clients) >= _PEERS:
                    self._clients.clear()
                self._clients[key] = known
        return known

    def expects_proxy_header(self, peer: str) -> bool:
        """Whether a connection from this address ("" for a Unix socket) begins with a PROXY header."""
        if not peer:
            return self.proxy_protocol_unix
        return bool(self.proxy_protocol) and trusted(peer, self.proxy_protocol)

    def own_lines(self, record: Exchange) -> bytes:
        """What every response of the proxy's own carries beside its grant."""
        return b"".join((self.date_line, b"x-request-id: ", record.request_id, b"\r\n"))

    def end(self, record: Exchange) -> None:
        """The exchange is over."""
        record.ended = monotonic()
        self.recorder.end(record)
