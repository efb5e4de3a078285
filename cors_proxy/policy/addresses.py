"""Parsers of names and addresses: hosts, listeners, upstreams, networks and e-mail senders.

Like those in `scalars`, each returns the value or raises `ScalarError`.
"""

import re
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import idna

from ..cors.hosts import WILDCARD, split_port_text
from ..cors.origin import ends_in_number
from .model import Address, Endpoint, Upstream
from .scalars import BASE_PATH, ScalarError, nearest
from .suffixes import is_public_suffix

# RFC 1123, 2.1, and `_`, which container networks use.
_NAME = re.compile(
    r"(?=.{1,255}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?", re.I | re.A
)
_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_MODE = re.compile(r"mode=(0?[0-7]{3})")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SPANS = "/v1/traces"  # the path that the exporter appends
_SOCKET_PATH_BYTES = 107  # sun_path has 108 with the final NUL (unix(7))
# What `private` in trusted_proxies stands for.
PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",  # RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",  # RFC 4193
        "127.0.0.0/8",  # loopback
        "::1/128",
        "169.254.0.0/16",  # link-local
        "fe80::/10",
    )
)


def to_ascii(name: str) -> str:
    """A domain name in the form that browsers send, or "" where there is none.

    UTS 46, non-transitional (https://url.spec.whatwg.org/#idna).  The mapping is idna's; the
    conversion of labels is here because idna refuses emoji, which browsers accept.
    """
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        return ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            for label in mapped.split(".")
        )
    except (idna.IDNAError, UnicodeError):
        return ""


def parse_port(text: str, low: int = 1) -> int:
    """A port from `low` to 65535, without leading zeros."""
    if not _PORT.fullmatch(text) or not low <= int(text) <= 65535:
        raise ScalarError("a port from 1 to 65535")
    return int(text)


def parse_host(text: str) -> str:
    """A name or an IP literal, IPv6 in brackets; in lower case."""
    if text.startswith("[") and text.endswith("]"):
        try:
            return f"[{IPv6Address(text[1:-1])}]"
        except ValueError:
            raise ScalarError("an IPv6 address in brackets") from None
    if not _NAME.fullmatch(text):
        ascii_form = "" if text.isascii() else to_ascii(text)
        raise ScalarError("a host name", ascii_form if _NAME.fullmatch(ascii_form) else "")
    if re.fullmatch(r"[0-9.]+", text):
        try:
            return str(ip_address(text))
        except ValueError:
            raise ScalarError("an IPv4 address of four numbers") from None
    return text.lower()


def join_port(host: str, port: str | None) -> str:
    """`host:port`, or `host` where there is no port: the reverse of `split_port_text`."""
    return host if port is None else f"{host}:{port}"


def parse_host_entry(text: str) -> str:
    """An entry of `hosts`: `name` or `name:port`, in lower case; `*.name` for every name below."""
    expected = "a host name, with or without a port"
    below = text.removeprefix(WILDCARD)
    if below != text and below[:1] not in ("[", "*", "."):
        name, _ = split_port_text(below)
        if ends_in_number(name.rsplit(".", 1)[-1].encode()):
            raise ScalarError("a host name behind `*.`, as an address has no names below it")
        try:
            entry = parse_host_entry(below)
        except ScalarError as error:
            raise ScalarError(expected, error.suggestion and WILDCARD + error.suggestion) from None
        if is_public_suffix(split_port_text(entry)[0]):
            raise ScalarError("a name of your own behind `*.`, as anybody can register one below this one")
        return WILDCARD + entry
    authority = re.sub(r"^[a-z][a-z0-9+.-]*://|[/?#].*$", "", text, flags=re.I | re.A | re.S)
    name, port = split_port_text(authority)
    try:
        if authority != text:
            raise ScalarError(expected)
        return join_port(parse_host(name), port if port is None else str(parse_port(port)))
    except ScalarError as error:
        suggestion = ""
        if error.suggestion:
            suggestion = join_port(error.suggestion, port)
        elif authority != text and _NAME.fullmatch(name):
            suggestion = authority
        raise ScalarError(expected, suggestion) from None


def parse_listen_address(text: str) -> Address:
    """`host:port`, `[::]:port`, `unix:/path` or `unix:/path?mode=0660`.

    With port 0 the system chooses a free one.
    """
    expected = "an address such as 127.0.0.1:8080, [::]:8080 or unix:/run/proxy.sock"
    if text.startswith("unix:"):
        location, mark, query = text.partition("?")
        path = _parse_socket_path(location, expected)
        mode = _MODE.fullmatch(query)
        if mark and not mode:
            raise ScalarError("a mode of three octal digits behind the path", f"{location}?mode=0660")
        return Address(path=path, mode=int(mode[1], 8) if mode else None)
    name, port = split_port_text(text)
    try:
        return Address(host=parse_host(name).strip("[]"), port=parse_port(port or "", low=0))
    except ScalarError:
        raise ScalarError(expected, _suggest_listen_address(text)) from None


def _suggest_listen_address(text: str) -> str:
    if _PORT.fullmatch(text):
        return f"127.0.0.1:{text}"
    # At the last colon, because an IPv6 address may lack its brackets.
    name, colon, port = text.rpartition(":")
    if not colon:
        return ""
    if name in ("", "*"):
        return join_port("0.0.0.0", port)
    return join_port(f"[{name}]", port) if ":" in name else ""


def _parse_socket_path(text: str, expected: str) -> str:
    path = text.removeprefix("unix:")
    if not path.startswith("/") or path.endswith("/") or not path.isprintable():
        raise ScalarError(expected, "unix:/run/api.sock")
    if len(path.encode("utf-8")) > _SOCKET_PATH_BYTES:
        raise ScalarError(f"a socket path of at most {_SOCKET_PATH_BYTES} bytes")
    return "/" + path.lstrip("/")


def parse_upstream(text: str) -> Upstream:
    """`http://host[:port][/base]`, `https://…` or `unix:/path`."""
    expected = "an upstream such as http://api:3000, https://api.internal/v1 or unix:/run/api.sock"
    if text.startswith("unix:"):
        return Upstream((Endpoint(path=_parse_socket_path(text, expected)),))
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _DEFAULT_PORTS:
        raise ScalarError(expected, _suggest_upstream(text, scheme, separator, rest))
    match = re.fullmatch(r"(?:[^/?#]*(@))?([^/?#@]*)([^?#]*)(.*)", rest, re.S)
    assert match is not None  # every text matches
    userinfo, authority, base, query = match.groups()
    if userinfo or query:
        suggestion = f"{scheme}://{authority}{base}"
        raise ScalarError(f"{expected}, without user name, query or fragment", suggestion)
    if not _is_base_path(base):
        raise ScalarError(f"{expected}; the base path has no empty or dot segment and no encoded slash")
    name, digits = split_port_text(authority)
    try:
        host = parse_host(name)
        port = _DEFAULT_PORTS[scheme] if digits is None else parse_port(digits)
    except ScalarError as error:
        corrected = f"{scheme}://{join_port(error.suggestion, digits)}{base}"
        raise ScalarError(expected, corrected if error.suggestion else "") from None
    own_host = name if port == _DEFAULT_PORTS[scheme] else f"{name}:{port}"
    endpoint = Endpoint(host.strip("[]"), port, authority=own_host.encode("ascii"))
    return Upstream((endpoint,), scheme == "https", base.rstrip("/").encode("ascii"))


def parse_collector(text: str) -> str:
    """The base URL of an OpenTelemetry collector, without the path of its spans."""
    expected = "the base URL of a collector such as http://collector:4318"
    upstream = parse_upstream(text) if text.startswith(("http://", "https://")) else None
    if upstream is None:
        raise ScalarError(expected, _suggest_upstream(text, *text.partition("://")))
    url = upstream.urls[0] + upstream.base.decode("ascii")
    if url.endswith(_SPANS):
        raise ScalarError(expected, url.removesuffix(_SPANS))
    return url


def _suggest_upstream(text: str, scheme: str, separator: str, rest: str) -> str:
    if scheme.lower() in _DEFAULT_PORTS:
        return f"{scheme.lower()}://{rest}"
    name, port = split_port_text(text.partition("/")[0])
    is_authority = _NAME.fullmatch(name) and (port is None or _PORT.fullmatch(port))
    return f"http://{text}" if not separator and is_authority else ""


def _is_base_path(path: str) -> bool:
    """Whether every API reads the path alike: a route's path is appended to it."""
    ambiguous = r"/(?:\.|%2e){1,2}(?:/|$)|%2f|%5c|%00"
    return bool(BASE_PATH.fullmatch(path)) and "//" not in path and not re.search(ambiguous, path, re.I)


def parse_networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """One network or address, or `private`, which is several networks."""
    if text == "private":
        return PRIVATE
    try:
        return (ip_network(text),)
    except ValueError:
        pass
    try:
        suggestion = str(ip_network(text, strict=False))
    except ValueError:
        suggestion = nearest(text, ("private",))
    raise ScalarError("a network such as 203.0.113.0/24, an address, or private", suggestion)


def parse_balancers(text: str) -> tuple[IPv4Network | IPv6Network | None, ...]:
    """The same, or `unix`, which is None: the peers of a Unix socket."""
    if text == "unix":
        return (None,)
    try:
        return parse_networks(text)
    except ScalarError as error:
        raise ScalarError(
            "a network such as 203.0.113.0/24, an address, private, or unix",
            error.suggestion or nearest(text, ("private", "unix")),
        ) from None


def parse_sender(text: str) -> str:
    """An address of AMP for Email, or `*@domain`; the domain becomes lower case."""
    local, at, domain = text.rpartition("@")
    expected = "an address such as news@shop.example, or *@shop.example"
    if not at or not re.fullmatch(r"\*|[A-Za-z0-9!#$%&'+/=?^_`{|}~.-]{1,64}", local):
        raise ScalarError(expected)
    try:
        name = parse_host(domain)
    except ScalarError as error:
        raise ScalarError(expected, f"{local}@{error.suggestion}" if error.suggestion else "") from None
    if "[" in name or name.endswith("."):
        raise ScalarError(expected)
    return f"{local}@{name}"


def parse_domain(text: str) -> str:
    """The domain of an AMP cache, in lower case."""
    expected = "a domain such as cdn.ampproject.org"
    try:
        name = parse_host(text)
    except ScalarError as error:
        suggestion = error.suggestion or re.sub(r"^[a-z]+://|/.*$", "", text)
        raise ScalarError(expected, suggestion) from None
    if name != text:
        raise ScalarError(expected, name)
    return name
