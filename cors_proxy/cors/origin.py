"""An origin as a browser serialises it (RFC 6454 §6.2,
https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin).

The parser repairs nothing: bytes that a browser never sends are no origin.  URL libraries repair,
so none is used here."""

from ipaddress import AddressValueError, IPv6Address
from typing import Final, NamedTuple

from .hosts import split_port

MAX_HOST: Final = 253  # RFC 1035 §2.3.4; of a single label URLs have no bound
MAX_ORIGIN: Final = 64 + 3 + MAX_HOST + 6
DEFAULT_PORTS: Final = {
    b"http": 80,
    b"https": 443,
    b"ws": 80,
    b"wss": 443,
    b"ftp": 21,
}  # https://url.spec.whatwg.org/#special-scheme

_DIGITS: Final = b"0123456789"
_LOWER: Final = b"abcdefghijklmnopqrstuvwxyz"
_SCHEME: Final = _LOWER + _DIGITS + b"+-."
_LABELS: Final = _LOWER + _DIGITS + b"-_."  # browsers resolve and send underscores
_OPAQUE: Final = _LABELS + _LOWER.upper() + b"~"
_HEX: Final = _DIGITS + b"abcdef"


class Origin(NamedTuple):
    """A tuple origin (https://html.spec.whatwg.org/#concept-origin-tuple).

    `port` is None if it is the scheme's default.  `null` stands for an opaque origin, and is
    none."""

    scheme: bytes
    host: bytes
    port: int | None

    def __bytes__(self) -> bytes:
        return b"%b://%b" % (self.scheme, self.host) + (b"" if self.port is None else b":%d" % self.port)

    def __str__(self) -> str:
        return bytes(self).decode("ascii")


def parse_origin(raw: bytes) -> Origin | None:
    """The origin whose serialisation is exactly `raw`, or None."""
    if len(raw) > MAX_ORIGIN:
        return None
    scheme, mark, authority = raw.partition(b"://")
    if not mark or not is_scheme(scheme) or scheme == b"file":
        return None
    if not authority and scheme not in DEFAULT_PORTS:
        return Origin(scheme, b"", None)  # app:///index.html, in the web view of an application
    host, digits = split_port(authority)
    port = None if digits is None else parse_port(digits)
    if digits is not None and (port is None or port == DEFAULT_PORTS.get(scheme)):
        return None
    return Origin(scheme, host, port) if is_host(host, scheme in DEFAULT_PORTS) else None


def is_scheme(scheme: bytes) -> bool:
    """https://url.spec.whatwg.org/#url-scheme-string, in lower case."""
    return 0 < len(scheme) <= 64 and scheme[0] in _LOWER and not scheme.translate(None, _SCHEME)


def parse_port(digits: bytes) -> int | None:
    """1 to 65535 without leading zeros, or None."""
    if not 0 < len(digits) <= 5 or digits.translate(None, _DIGITS) or digits[0] == 0x30:
        return None
    port = int(digits)
    return port if port <= 65535 else None


def is_host(host: bytes, special: bool) -> bool:
    """Whether a host is serialised as https://url.spec.whatwg.org/#concept-host-serializer does it.

    `special` schemes have domains and addresses.  The others have opaque hosts, which keep their
    case."""
    if host[:1] == b"[":
        return host[-1:] == b"]" and canonical_ipv6(host[1:-1]) == host[1:-1]
    if not 0 < len(host) <= MAX_HOST:
        return False
    if not special:
        return not host.translate(None, _OPAQUE)
    if host.translate(None, _LABELS):
        return False
    labels = host.split(b".")
    if labels[-1] == b"" and len(labels) > 1:
        del labels[-1]  # a fully qualified name is another origin, and a valid one
        if ends_in_number(labels[-1]):
            return False
    return b"" not in labels and (not ends_in_number(labels[-1]) or is_ipv4(labels))


def ends_in_number(label: bytes) -> bool:
    """https://url.spec.whatwg.org/#ends-in-a-number-checker: such a host is an IPv4 address or
    invalid."""
    if label[:2] == b"0x":
        return not label[2:].translate(None, _HEX)
    return bool(label) and not label.translate(None, _DIGITS)


def is_ipv4(labels: list[bytes]) -> bool:
    """Four decimal numbers up to 255 without leading zeros, the only form that is serialised."""
    numbers = [int(part) for part in labels if len(part) <= 3 and not part.translate(None, _DIGITS)]
    return len(numbers) == 4 and max(numbers) <= 255 and labels == [b"%d" % number for number in numbers]


def canonical_ipv6(text: bytes) -> bytes | None:
    """The form of https://url.spec.whatwg.org/#concept-ipv6-serializer, or None.

    None also for a zone and for an IPv4-mapped address: no page is loaded from there."""
    if len(text) > 45 or text.translate(None, _HEX + b"ABCDEF:."):
        return None
    try:
        address = IPv6Address(text.decode("ascii"))
    except AddressValueError:
        return None
    if address.ipv4_mapped is not None:
        return None
    pieces = [int(address) >> shift & 0xFFFF for shift in range(112, -16, -16)]
    start, length = _longest_zeros(pieces)
    if length < 2:
        return b":".join(b"%x" % piece for piece in pieces)
    return (
        b":".join(b"%x" % piece for piece in pieces[:start])
        + b"::"
        + b":".join(b"%x" % piece for piece in pieces[start + length :])
    )


def _longest_zeros(pieces: list[int]) -> tuple[int, int]:
    """Start and length of the first longest run of zero pieces."""
    best, at = (0, 0), 0
    while at < 8:
        end = at
        while end < 8 and pieces[end] == 0:
            end += 1
        if end - at > best[1]:
            best = (at, end - at)
        at = end + 1
    return best
