"""The head that the upstream gets: its target, its Host, and what a proxy owes (RFC 9110 7.6; X-Forwarded-* by `trusted_proxies`)."""

import os
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from ..cors.decision import Line
from ..policy.model import Forwarding
from .heads import RequestHead

_ID_BYTES: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=:@")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_CHAIN: Final = 32  # members of X-Forwarded-For that are looked at to find the client


def trusted(peer: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether an address is one of `trusted_proxies`; a Unix socket's peer ("") is on this machine, and as trusted as loopback."""
    if not networks:
        return False
    try:
        address = ip_address(peer or "127.0.0.1")
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in networks)


def original_client(peer: str, head: RequestHead, networks: tuple[IPv4Network | IPv6Network, ...]) -> str:
    """The address that the trusted proxies vouch for: from the right, the first that is none of them."""
    chain = b",".join(value for name, value in head.forwarded or () if name.lower() == b"x-forwarded-for")
    client = peer
    for member in reversed(chain.split(b",")[-_CHAIN:]):
        try:
            client = str(ip_address(member.strip(b" \t").decode("latin-1")))
        except ValueError:
            return client
        if not trusted(client, networks):
            return client
    return client


def _identities() -> Iterator[bytes]:
    """128 random bits each, as 32 hexadecimal digits; asked of the kernel for 256 at a time: a call each is a tenth of a preflight."""
    while True:
        digits = os.urandom(4096).hex().encode("ascii")
        for at in range(0, 8192, 32):
            yield digits[at : at + 32]


_fresh_id: Final = _identities().__next__


def request_id(head: RequestHead, from_trusted: bool) -> bytes:
    """A trusted proxy's X-Request-ID where it is a plain word of 1 to 128 bytes, else one of our own (128 random bits)."""
    given = head.request_id
    if from_trusted and given and len(given) <= 128 and _ID_BYTES.issuperset(given):
        return given
    return _fresh_id()


def without_prefix(path: bytes, prefix: bytes) -> bytes:
    """A path without `strip_prefix`, whatever spelling of unreserved characters matched it; the path itself where it does not begin so."""
    at = 0
    for byte in prefix:
        if path[at : at + 1] == b"%" and byte != 0x25:
            spelled = path[at + 1 : at + 3]
            if len(spelled) != 2 or int(spelled, 16) != byte or byte not in _UNRESERVED:
                return path
            at += 3
        elif path[at : at + 1] == bytes((byte,)):
            at += 1
        else:
            return path
    rest = path[at:]
    return rest if rest[:1] == b"/" else b"/" + rest if rest[:1] in (b"", b"?") else path


def _forwarded_lines(head: RequestHead, peer: str, scheme: bytes, from_trusted: bool, prefix: bytes) -> list[bytes]:
    """X-Forwarded-*: a trusted proxy's are extended and believed, everyone else's are replaced."""
    chain, protocol, host, out = peer.encode("ascii", "replace"), scheme, head.host or b"", []
    given_prefix = b""
    if from_trusted and head.forwarded:
        members = []
        for name, value in head.forwarded:
            lower, value = name.lower(), value.strip(b" \t")
            if lower == b"x-forwarded-for":
                members.append(value)
            elif lower == b"x-forwarded-proto":
                protocol = value if value.lower() in (b"http", b"https") else protocol
            elif lower == b"x-forwarded-host":
                host = value or host
            elif lower == b"x-forwarded-prefix":
                given_prefix = value.rstrip(b"/") if value[:1] == b"/" else b""
            else:
                out.append(b"%b: %b\r\n" % (name, value))
        chain = b", ".join([*members, chain]) if chain else b", ".join(members)
    if chain:
        out.append(b"X-Forwarded-For: %b\r\n" % chain)
    out.append(b"X-Forwarded-Proto: %b\r\nX-Forwarded-Host: %b\r\n" % (protocol, host))
    if given_prefix or prefix:
        out.append(b"X-Forwarded-Prefix: %b%b\r\n" % (given_prefix, prefix))
    return out


def request_head(
    head: RequestHead, target: bytes, to: Forwarding, peer: str, scheme: bytes, from_trusted: bool, identity: bytes, socket: bool
) -> bytes:
    """The whole head as bytes.  `target` is what was judged; base path and `strip_prefix` are all that is done to it."""
    prefix = to.strip_prefix
    if prefix:
        stripped = without_prefix(target, prefix)
        prefix = prefix if stripped is not target else b""
        target = stripped
    out = [head.method, b" ", to.upstream.base, target, b" HTTP/1.1\r\n"]
    for name, value in head.kept:
        if name[0] | 0x20 == 0x68 and name.lower() == b"host":
            value = head.host or b"" if to.preserve_host else to.upstream.authority
        out += (name, b": ", value, b"\r\n")
    if head.chunked:
        out.append(b"Transfer-Encoding: chunked\r\n")
    out += _forwarded_lines(head, peer, scheme, from_trusted, prefix)
    out.append(b"Via: %b cors-proxy\r\nX-Request-ID: %b\r\n" % (b"1.0" if head.http10 else b"1.1", identity))
    out.append(b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" if socket else b"\r\n")
    return b"".join(out)


def head_of_lines(status: int, phrase: bytes, lines: list[Line], ends: bytes) -> bytes:
    """A response head as bytes; `ends` are the proxy's own last lines and the empty one."""
    out = [b"HTTP/1.1 %d %b\r\n" % (status, phrase)]
    for name, value in lines:
        out += (name, b": ", value, b"\r\n")
    out.append(ends)
    return b"".join(out)
