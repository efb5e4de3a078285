"""The PROXY protocol, versions 1 and 2: a load balancer says first who connected to it.

https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt (section numbers below are of this text).
Read from the networks of `server.proxy_protocol` alone, before TLS.  From all others such a header
is what it looks like: a malformed request."""

from ipaddress import IPv4Address, IPv6Address
from typing import Final

_V1: Final = b"PROXY "
_V2: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_V1_BYTES: Final = 107  # 2.1: the longest line, with CRLF
_V2_HEAD: Final = 16
_V2_BYTES: Final = 4096  # with the TLVs, which are not looked at
_LOCAL: Final = 0x20  # 2.2: version and command; a health check of the load balancer's own
_PROXY: Final = 0x21
# Address family and transport: the bytes of one address.  Others are accepted and say nothing.
_TCP4: Final = 0x11
_TCP6: Final = 0x21


class ProxyHeaderError(Exception):
    """It is missing, malformed or too long.  The text says which."""


class ProxyHeader:
    """Takes a connection's first bytes, in pieces of any size."""

    __slots__ = ("_data", "source")

    def __init__(self) -> None:
        self._data = b""
        # The client's address, once the header is whole.  "": it names none (`UNKNOWN`, `LOCAL`).
        self.source = ""

    def feed(self, data: bytes) -> bytes | None:
        """The bytes behind the header, or None while it is not whole.  Raises ProxyHeaderError."""
        data = self._data = self._data + data
        if data[:6] == _V1:
            end = data.find(b"\r\n", 0, _V1_BYTES) + 2
            if end >= 2:
                self.source = _line(data[: end - 2])
                return data[end:]
            if len(data) >= _V1_BYTES:
                raise ProxyHeaderError("the line is too long")
            return None
        if data[:12] == _V2:
            if len(data) < _V2_HEAD:
                return None
            end = _V2_HEAD + int.from_bytes(data[14:16], "big")
            if end > _V2_BYTES:
                raise ProxyHeaderError("the header is too long")
            if len(data) < end:
                return None
            self.source = _block(data[12], data[13], data[_V2_HEAD:end])
            return data[end:]
        if _V1.startswith(data) or _V2.startswith(data):
            return None
        raise ProxyHeaderError("no PROXY header")


def _line(line: bytes) -> str:
    """The source of version 1 (2.1): `PROXY TCP4 source destination port port`."""
    words = line.split(b" ")
    if words[1] == b"UNKNOWN":
        return ""  # whatever follows is ignored
    if len(words) != 6 or words[1] not in (b"TCP4", b"TCP6") or not all(map(_is_port, words[4:])):
        raise ProxyHeaderError("the line is malformed")
    try:
        source, destination = (word.decode("ascii") for word in words[2:4])
        if words[1] == b"TCP4":
            IPv4Address(destination)
            return str(IPv4Address(source))
        if "%" in source + destination:
            raise ValueError("a zone")
        IPv6Address(destination)
        return str(IPv6Address(source))
    except ValueError:
        raise ProxyHeaderError("the line has no addresses") from None


def _is_port(word: bytes) -> bool:
    return word.isdigit() and (word == b"0" or word[:1] != b"0") and len(word) <= 5 and int(word) <= 65535


def _block(command: int, family: int, addresses: bytes) -> str:
    """The source of version 2 (2.2)."""
    if command == _LOCAL:
        return ""
    if command != _PROXY:
        raise ProxyHeaderError("the version or the command is unknown")
    size = {_TCP4: 4, _TCP6: 16}.get(family)
    if size is None:
        return ""
    if len(addresses) < 2 * size + 4:
        raise ProxyHeaderError("the addresses are cut")
    source = addresses[:size]
    return str(IPv4Address(source) if family == _TCP4 else IPv6Address(source))
