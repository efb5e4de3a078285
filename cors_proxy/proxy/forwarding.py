"""The heads that are sent on: to the upstream, and to the client with the grant.

A request gets the upstream's target and Host, and the fields that a proxy must add (RFC 9110 7.6).
X-Forwarded-* depend on `trusted_proxies`."""

import os
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from ..cors.decision import Decision, Grant, Line, wire
from ..cors.hosts import split_port
from ..cors.percent import HEX, UNRESERVED
from ..cors.reason import Reason
from ..cors.response import rewrite, strip
from ..policy.model import Forwarding
from .request_head import RequestHead
from .response_head import ResponseHead

_ID_BYTES: Final = frozenset(UNRESERVED + b"+/=:@")
# Rows 3, 4, 5 and 7 of docs/decision-table.md.
_KNOWN_ORIGIN: Final = frozenset((Reason.ORIGIN_ALLOWED, Reason.OWN_ORIGIN, Reason.ACCEPT_FROM))
_TRACE_CONTEXT: Final = (b"traceparent", b"tracestate")
_VIA_10: Final = b"Via: 1.0 cors-proxy\r\nX-Request-ID: "
_VIA_11: Final = b"Via: 1.1 cors-proxy\r\nX-Request-ID: "
_MAX_CHAIN: Final = 32  # members of X-Forwarded-For that are looked at to find the client


def trusted(peer: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether an address is one of `trusted_proxies`.

    The peer of a Unix socket ("") is on this machine, and as trusted as loopback."""
    if not networks:
        return False
    try:
        address = ip_address(peer or "127.0.0.1")
    except ValueError:
        return False
    if address.version == 6:
        # How a listener on `[::]` sees an IPv4 peer.
        address = address.ipv4_mapped or address
    return any(address.version == network.version and address in network for network in networks)


def forwarded_for(head: RequestHead) -> bytes:
    """All members of X-Forwarded-For."""
    return b",".join([value for name, value in head.forwarded or () if name.lower() == b"x-forwarded-for"])


def original_client(peer: str, chain: bytes, networks: tuple[IPv4Network | IPv6Network, ...]) -> str:
    """The client's address: the last one in X-Forwarded-For that is not a trusted proxy's.

    Each proxy appends the address of its peer, so what stands further left is only a claim."""
    client = peer
    for member in reversed(chain.split(b",")[-_MAX_CHAIN:]):
        try:
            client = _address(member)
        except ValueError:
            return client
        if not trusted(client, networks):
            return client
    return client


def _address(member: bytes) -> str:
    """`address`, `address:port` or `[address]:port`; raises ValueError.

    Some proxies, Azure's among them, write the port too."""
    name, port = member.strip(b" \t"), None
    if name[:1] == b"[" or name.count(b":") == 1:  # else colons are part of an IPv6 address
        name, port = split_port(name)
    if port is not None and not port.isdigit():
        raise ValueError
    if name[:1] == b"[" and name[-1:] == b"]":
        name = name[1:-1]
    return str(ip_address(name.decode("latin-1")))


def _identities() -> Iterator[bytes]:
    """128 random bits each, as 32 hexadecimal digits.

    The kernel is asked for 256 at a time: a call for each would cost a tenth of a preflight."""
    while True:
        digits = os.urandom(4096).hex().encode("ascii")
        for at in range(0, 8192, 32):
            yield digits[at : at + 32]


_fresh_id: Final = _identities().__next__


def request_id(head: RequestHead, from_trusted: bool) -> bytes:
    """A trusted proxy's X-Request-ID if it is a plain word of 1 to 128 bytes, else a fresh one."""
    given = head.request_id
    if from_trusted and given and len(given) <= 128 and _ID_BYTES.issuperset(given):
        return given
    return _fresh_id()


def without_prefix(path: bytes, prefix: bytes) -> bytes:
    """A path without `strip_prefix`; the path itself if it does not begin with it.

    The route matched any spelling of unreserved characters, so the prefix may be percent-encoded
    (RFC 3986 6.2.2.2). The rest is not decoded: the upstream gets the bytes that were judged."""
    at = 0
    for byte in prefix:
        if path[at : at + 1] == b"%" and byte != 0x25:
            spelled = path[at + 1 : at + 3]
            if HEX.get(spelled) != byte or byte not in UNRESERVED:
                return path
            at += 3
        elif path[at : at + 1] == bytes((byte,)):
            at += 1
        else:
            return path
    rest = path[at:]
    return rest if rest[:1] == b"/" else b"/" + rest if rest[:1] in (b"", b"?") else path


def rewrites_origin(to: Forwarding, mode: str, decision: Decision) -> bool:
    """Whether `upstream_origin` replaces or removes the Origin of this request.

    Only an Origin that the policy allows, or the API's own: any other one stays, so that the API's
    own check against cross-site requests (CSRF) still sees it."""
    return to.origin != "keep" and mode == "enforce" and decision.reason in _KNOWN_ORIGIN


def _forwarded_lines(
    head: RequestHead, peer: str, scheme: str, from_trusted: bool, prefix: bytes
) -> tuple[list[bytes], bytes]:
    """X-Forwarded-*: believed and extended from a trusted proxy, replaced from all others; and the
    value of X-Forwarded-Proto."""
    chain, protocol, host, out = peer.encode("ascii", "replace"), scheme.encode("ascii"), head.host, []
    given_prefix = b""
    given_protocol: bytes | None = None
    if from_trusted and head.forwarded:
        members = []
        for name, value in head.forwarded:
            lower, value = name.lower(), value.strip(b" \t")
            if lower == b"x-forwarded-for":
                members.append(value)
            elif lower == b"x-forwarded-proto":
                # The first of several describes the client's own connection.
                if given_protocol is None:
                    given_protocol = value.partition(b",")[0].rstrip(b" \t")
            elif lower == b"x-forwarded-host":
                host = value or host
            elif lower == b"x-forwarded-prefix":
                given_prefix = value.rstrip(b"/") if value[:1] == b"/" else b""
            else:
                out.append(b"%b: %b\r\n" % (name, value))
        if given_protocol is not None and given_protocol.lower() in (b"http", b"https"):
            protocol = given_protocol
        chain = b", ".join([*members, chain]) if chain else b", ".join(members)
    if chain:
        out.append(b"X-Forwarded-For: %b\r\n" % chain)
    out.append(b"X-Forwarded-Proto: %b\r\nX-Forwarded-Host: %b\r\n" % (protocol, host))
    if given_prefix or prefix:
        out.append(b"X-Forwarded-Prefix: %b%b\r\n" % (given_prefix, prefix))
    return out, protocol


def request_head(
    method: bytes,
    target: bytes,
    head: RequestHead,
    to: Forwarding,
    peer: str,
    scheme: str,
    from_trusted: bool,
    identity: bytes,
    websocket: bool,
    new_origin: bool,
    trace: bytes = b"",
) -> bytes:
    """The whole head as bytes.

    `target` is what was judged; only base path and `strip_prefix` change it. `trace`: lines for it.
    `new_origin`: what `rewrites_origin` says."""
    prefix = to.strip_prefix
    if prefix:
        stripped = without_prefix(target, prefix)
        prefix = prefix if stripped is not target else b""
        target = stripped
    # Peer and scheme are not part of the key: a head is kept for one connection, and so are they.
    traced = trace != b""
    key = (to, from_trusted, prefix, websocket, new_origin, traced)
    prepared = head.prepared
    if prepared is None or prepared[0] != key:
        lines = _request_lines(head, to, peer, scheme, from_trusted, prefix, websocket, new_origin, traced)
        prepared = head.prepared = key, lines
    return b"".join(
        (
            method,
            b" ",
            to.upstream.base,
            target,
            b" HTTP/1.1\r\n",
            prepared[1],
            identity,
            b"\r\n",
            trace,
            b"\r\n",
        )  # fmt: skip
    )


def _request_lines(
    head: RequestHead,
    to: Forwarding,
    peer: str,
    scheme: str,
    from_trusted: bool,
    prefix: bytes,
    websocket: bool,
    new_origin: bool,
    traced: bool,
) -> bytes:
    """All field lines without the value of the last one, X-Request-ID, which differs each time."""
    host = head.host if to.preserve_host else to.own_host
    forwarded, protocol = _forwarded_lines(head, peer, scheme, from_trusted, prefix)
    out = [b"Host: ", host, b"\r\n"]
    kept = head.kept
    if traced and (head.traceparent is not None or head.tracestate is not None):
        # Replaced by the lines of the proxy's own span.
        kept = [line for line in kept if line.partition(b":")[0].lower() not in _TRACE_CONTEXT]
    if new_origin:
        # A name that ends in white space is refused, so the colon follows it (RFC 9112 5.1).
        kept = [line for line in kept if line[:7].lower() != b"origin:"]
        if to.origin == "own" and host:
            kept.append(b"Origin: %b://%b" % (protocol.lower(), host))
    if kept:
        out += (b"\r\n".join(kept), b"\r\n")
    if head.chunked:
        out.append(b"Transfer-Encoding: chunked\r\n")
    out += forwarded
    if websocket:  # RFC 6455 4.1; both fields are hop-by-hop, so they are written anew
        out.append(b"Connection: Upgrade\r\nUpgrade: websocket\r\n")
    # Via names the version that was received (RFC 9110 7.6.3).
    out.append(_VIA_10 if head.http10 else _VIA_11)
    return b"".join(out)


def with_host(head: bytes, own: bytes, other: bytes, own_origin: bool) -> bytes:
    """A request's head whose Host is that of another endpoint: it is the first field line.
    `own_origin`: it also has an Origin of the proxy's, which names the Host."""
    changed = head.replace(b"\r\nHost: %b\r\n" % own, b"\r\nHost: %b\r\n" % other, 1)
    if own_origin:
        for scheme in (b"http", b"https"):
            before, after = (b"\r\nOrigin: %b://%b\r\n" % (scheme, host) for host in (own, other))
            changed = changed.replace(before, after, 1)
    return changed


def response_head(head: ResponseHead, grant: Grant, ends: bytes) -> bytes:
    """The head of a final response as the client gets it.

    `ends` are the proxy's own last lines and the empty line."""
    kept, tail = head.kept, grant.forwarded_bytes
    if grant.hands_off:
        pass
    elif grant.expose_all:
        kept, tail = [], wire(rewrite(grant, [_line(raw) for raw in kept]))
    elif head.judged_at:
        # The order of lines with different names means nothing (RFC 9110 5.3), so that the lines
        # which may change can move behind the rest.
        if head.checked:
            tail = wire(rewrite(grant, [_line(raw) for raw in head.judged]))
        kept = _without_at(kept, head.judged_at)
    return b"".join(
        (b"HTTP/1.1", head.line, b"\r\n", b"\r\n".join(kept), b"\r\n" if kept else b"", tail, ends)
    )


def _without_at(lines: list[bytes], places: list[int]) -> list[bytes]:
    """In one pass: a head may have thousands of such lines."""
    rest: list[bytes] = []
    start = 0
    for at in places:
        rest += lines[start:at]
        start = at + 1
    rest += lines[start:]
    return rest


def interim_head(head: ResponseHead, grant: Grant, ends: bytes) -> bytes:
    """The head of an interim response, a 1xx (RFC 9110 15.2)."""
    return b"HTTP/1.1%b\r\n%b%b" % (head.line, wire(strip([_line(raw) for raw in head.kept], grant)), ends)


def response_lines(head: ResponseHead) -> list[Line]:
    """All field lines that the upstream sent."""
    return [_line(raw) for raw in head.raw]


def _line(raw: bytes) -> Line:
    name, _, value = raw.partition(b":")
    return name, value.lstrip(b" \t")
