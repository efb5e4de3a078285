"""Parses an origin pattern, as a policy writes it.  A pattern is not an origin: each has its
parser.

Forms: an exact serialised origin; `*`; `null`; `https://*.example.com` (one or more labels in
front); `https://pr-*.example.com` (part of the first label); `:*` (any port, the default one too);
`moz-extension://*`, `safari-web-extension://*` and `vscode-webview://*`."""

from dataclasses import dataclass
from typing import Final

from . import percent
from .hosts import is_loopback, split_port, split_port_text
from .literals import PatternForm
from .origin import (
    DEFAULT_PORTS,
    canonical_ipv6,
    ends_in_number,
    is_host,
    is_scheme,
    parse_origin,
    parse_port,
)

ANY_PORT: Final = -1
# The hosts of these differ from one installation to the next.
EXTENSION_SCHEMES: Final = frozenset((b"moz-extension", b"safari-web-extension", b"vscode-webview"))
_LABEL: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-_"
_VISIBLE: Final = bytes(range(0x21, 0x7F))


@dataclass(frozen=True, slots=True)
class Pattern:
    """`text` is the whole meaning; the other fields are its parts.

    `host` is the host itself (forms exact and host; the latter has any port), or the domain behind
    the label with the star (subdomains, part).  That label begins with `prefix` and ends with
    `suffix` (part).  `port` is None for the default one, `ANY_PORT` for `:*`."""

    text: str
    kind: PatternForm
    scheme: bytes = b""
    host: bytes = b""
    port: int | None = None
    prefix: bytes = b""
    suffix: bytes = b""

    def __str__(self) -> str:
        return self.text


class PatternError(ValueError):
    """What is wrong with a text, and a suggestion: the form that a browser would send, or one that
    is nearer to it."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


def parse_pattern(text: str) -> Pattern:
    """Raises PatternError."""
    if text == "*":
        return Pattern(text, "any")
    if text == "null":
        return Pattern(text, "null")
    if not text:
        raise PatternError("empty: an origin is https://host or https://host:port")
    if not text.isascii():
        raise PatternError("not ASCII: browsers send an internationalised host in its xn-- form")
    if text.strip() != text:
        raise PatternError("white space around an origin", text.strip() or None)
    raw = text.encode("ascii")
    if any(byte <= 0x20 or byte == 0x7F for byte in raw):
        raise PatternError("an origin has no white space and no control characters")
    if "*" not in text:
        return _exact(text, raw)
    return _wildcard(text, raw)


def _exact(text: str, raw: bytes) -> Pattern:
    origin = parse_origin(raw)
    if origin is None:
        raise _error(text)
    if origin.host.lower() != origin.host:
        raise PatternError("upper case: browsers send origins in lower case", text.lower())
    return Pattern(text, "exact", origin.scheme, origin.host, origin.port)


def _wildcard(text: str, raw: bytes) -> Pattern:
    scheme, mark, authority = raw.partition(b"://")
    if not mark or b"*" in scheme:
        raise PatternError(
            "a star stands in the host or for the port, never for the scheme",
            f"https://{(authority if mark else raw).decode('ascii')}",
        )
    if scheme in EXTENSION_SCHEMES and authority == b"*":
        return Pattern(text, "scheme", scheme)
    host, digits = split_port(authority)
    port = None if digits is None else ANY_PORT if digits == b"*" else parse_port(digits)
    if not is_scheme(scheme) or (digits is not None and port is None) or port == DEFAULT_PORTS.get(scheme, 0):
        raise _error(text)
    special = scheme in DEFAULT_PORTS
    if b"*" not in host:
        if not is_host(host, special) or host.lower() != host:
            raise _error(text)
        return Pattern(text, "host", scheme, host, port)
    if not special:
        raise PatternError("only http and https origins have subdomains; name the origin")
    return _labels(text, scheme, host, port)


def _labels(text: str, scheme: bytes, host: bytes, port: int | None) -> Pattern:
    first, dot, domain = host.partition(b".")
    if first == b"**":
        raise PatternError("one star stands for all labels in front", text.replace("**", "*", 1))
    if b"*" in domain or first.count(b"*") != 1:
        raise PatternError(
            "one star in the host: for whole labels in front (https://*.example.com) or for part of the"
            " first one (https://pr-*.example.com)"
        )
    if not dot or not domain:
        raise PatternError(
            "a star needs a domain behind it, such as https://*.example.com",
            f"{scheme.decode('ascii')}://localhost:*" if host == b"localhost*" else None,
        )
    if ends_in_number(domain.rstrip(b".").rsplit(b".", 1)[-1]):
        raise PatternError("an address has no subdomains")
    prefix, _, suffix = first.partition(b"*")
    if not is_host(domain, True) or (prefix + suffix).translate(None, _LABEL):
        raise _error(text)
    if first == b"*":
        return Pattern(text, "subdomains", scheme, domain, port)
    return Pattern(text, "part", scheme, domain, port, prefix, suffix)


def _error(text: str) -> PatternError:
    """What is wrong with an ASCII text without white space, and the text with its faults
    corrected."""
    better = _repair(text)
    return PatternError(_complaint(text), better if better != text else None)


def _complaint(text: str) -> str:
    scheme, mark, rest = text.partition("://")
    if not mark:
        return "no scheme: an origin is https://host or https://host:port"
    if scheme.lower() == "file":
        return "pages from files have no origin of their own: they send null"
    authority, tail = _split_tail(rest)
    host, port = split_port_text(authority.rpartition("@")[2])
    for wrong, message in (
        (tail == "/", "a slash at the end: an origin has no path"),
        (tail, "an origin has no path, query or fragment"),
        ("@" in authority, "an origin has no user information"),
        (text != text.lower(), "upper case: browsers send origins in lower case"),
        (not host, "no host"),
        ("%" in host, "browsers send the host decoded"),
        (
            port and port == str(DEFAULT_PORTS.get(scheme.encode("ascii"))),
            "browsers leave out the default port",
        ),
        (
            port not in (None, "*") and parse_port((port or "").encode("ascii")) is None,
            "a port is 1 to 65535, without leading zeros",
        ),
        (host.startswith("["), "not an IPv6 address in the form that browsers send"),
        (
            ends_in_number(host.rstrip(".").rsplit(".", 1)[-1].encode("ascii")),
            "not an IPv4 address in the form that browsers send",
        ),
    ):
        if wrong:
            return message
    return "not an origin as browsers send it"


def _repair(text: str) -> str | None:
    """The nearest form that a browser would send, or None if there is none."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        rest = text.lstrip("/")
        scheme = "http" if is_loopback(split_port_text(_split_tail(rest)[0])[0]) else "https"
    scheme = scheme.lower()
    authority, _ = _split_tail(rest)
    host, port = split_port_text(authority.rpartition("@")[2])
    host = _repair_host(_decode(host).lower())
    if port is not None and port != "*":
        number = port.lstrip("0")
        if port and parse_port(number.encode("ascii")) is None:
            return None
        port = None if not number or int(number) == DEFAULT_PORTS.get(scheme.encode("ascii")) else number
    if not host or scheme == "file":
        return None
    better = f"{scheme}://{host}" + ("" if port is None else f":{port}")
    if "*" in better:
        return better
    return better if parse_origin(better.encode("utf-8")) is not None else None


def _split_tail(rest: str) -> tuple[str, str]:
    """Authority and path, query or fragment."""
    end = min((at for at in map(rest.find, "/?#\\") if at >= 0), default=len(rest))
    return rest[:end], rest[end:]


def _decode(host: str) -> str:
    """Percent-decoded once; unchanged if the result is not printable ASCII."""
    raw = host.encode("ascii")
    decoded = percent.decode(raw)
    if percent.has_broken_escape(raw) or decoded.translate(None, _VISIBLE):
        return host
    return decoded.decode("ascii")


def _repair_host(host: str) -> str:
    if host.startswith("["):
        canonical = canonical_ipv6(host.strip("[]").encode("ascii"))
        return "" if canonical is None else f"[{canonical.decode('ascii')}]"
    labels = host.split(".")
    if not ends_in_number(labels[-1].encode("ascii")):
        return host
    return _ipv4(labels)


def _ipv4(parts: list[str]) -> str:
    """https://url.spec.whatwg.org/#concept-ipv4-parser: short, octal and hexadecimal forms.

    "" if it is no address."""
    numbers = []
    for part in parts:
        try:
            octal = len(part) > 1 and part[0] == "0" and part[:2] != "0x"
            numbers.append(int(part, 16) if part[:2] == "0x" else int(part, 8 if octal else 10))
        except ValueError:
            return ""
    *front, last = numbers
    if len(numbers) > 4 or any(number > 255 for number in front) or last >= 256 ** (5 - len(numbers)):
        return ""
    value = last + sum(number << 8 * (3 - at) for at, number in enumerate(front))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
