"""Names and addresses of the grammar: hosts, listeners, upstreams, networks, senders.  As in `scalars`, each raises `ScalarError`."""

import re
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import idna

from .model import Address, Upstream
from .scalars import ScalarError, nearest

_NAME = re.compile(
    r"(?=.{1,255}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?", re.I | re.A
)
_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_BASE = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*")
PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",  # RFC 1918, RFC 4193
        "127.0.0.0/8",
        "::1/128",
        "169.254.0.0/16",
        "fe80::/10",
    )
)


def ascii_name(name: str) -> str:
    """A domain name as a browser writes it (UTS 46, non-transitional; its own ToASCII, so that emoji work); "" where there is none."""
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        return ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            for label in mapped.split(".")
        )
    except (idna.IDNAError, UnicodeError):
        return ""


def port(text: str, low: int = 1) -> int:
    if not _PORT.fullmatch(text) or not low <= int(text) <= 65535:
        raise ScalarError("a port from 1 to 65535")
    return int(text)


def host(text: str) -> str:
    """A name or an IP literal (IPv6 in brackets), in lower case."""
    if text.startswith("[") and text.endswith("]"):
        try:
            return f"[{IPv6Address(text[1:-1])}]"
        except ValueError:
            raise ScalarError("an IPv6 address in brackets") from None
    if not _NAME.fullmatch(text):
        guess = "" if text.isascii() else ascii_name(text)
        raise ScalarError("a host name", guess if _NAME.fullmatch(guess) else "")
    if re.fullmatch(r"[0-9.]+", text):
        try:
            return str(ip_address(text))
        except ValueError:
            raise ScalarError("an IPv4 address of four numbers") from None
    return text.lower()


def split_port(text: str) -> tuple[str, str]:
    """`host:port` in two; the colons of an IPv6 literal in brackets stay with the host."""
    name, colon, number = text.rpartition(":")
    return (text, "") if not colon or text.endswith("]") else (name, ":" + number)


def host_entry(text: str) -> str:
    """An entry of `hosts`: `name` or `name:port`, in lower case."""
    expected = "a host name, with or without a port"
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://|[/?#].*$", "", text, flags=re.I | re.A | re.S)
    name, number = split_port(bare)
    try:
        if bare != text:
            raise ScalarError(expected)
        return host(name) + (f":{port(number[1:])}" if number else "")
    except ScalarError as error:
        right = (
            f"{error.right}{number}"
            if error.right
            else bare
            if bare != text and _NAME.fullmatch(name)
            else ""
        )
        raise ScalarError(expected, right) from None


def address(text: str) -> Address:
    """Where to listen: `host:port`, `[::]:port`, `unix:/path`.  Port 0 takes a free one."""
    expected = "an address such as 127.0.0.1:8080, [::]:8080 or unix:/run/proxy.sock"
    if text.startswith("unix:"):
        return Address(path=_socket_path(text, expected))
    name, number = split_port(text)
    guess = (
        f"127.0.0.1:{text}"
        if _PORT.fullmatch(text)
        else f"0.0.0.0{number}"
        if name in ("", "*")
        else f"[{name}]{number}"
        if ":" in name
        else ""
    )
    try:
        where = host(name)
        return Address(host=where.strip("[]"), port=port(number[1:], low=0))
    except ScalarError:
        raise ScalarError(expected, guess) from None


def _socket_path(text: str, expected: str) -> str:
    path = text.removeprefix("unix:")
    if not path.startswith("/") or path.endswith("/") or not path.isprintable():
        raise ScalarError(expected, "unix:/run/api.sock")
    if len(path.encode("utf-8")) > 107:  # sun_path, unix(7)
        raise ScalarError("a socket path of at most 107 bytes")
    return "/" + path.lstrip("/")


def upstream(text: str) -> Upstream:
    """`http://host[:port][/base]`, `https://…`, `unix:/path`."""
    expected = "an upstream such as http://api:3000, https://api.internal/v1 or unix:/run/api.sock"
    if text.startswith("unix:"):
        return Upstream("", 0, False, _socket_path(text, expected), b"", b"localhost")
    scheme, mark, rest = text.partition("://")
    if not mark or scheme not in ("http", "https"):
        raise ScalarError(
            expected,
            f"{scheme.lower()}://{rest}"
            if scheme.lower() in ("http", "https")
            else f"http://{text}"
            if not mark and _bare(text)
            else "",
        )
    match = re.fullmatch(r"(?:[^/?#]*(@))?([^/?#@]*)([^?#]*)(.*)", rest, re.S)
    assert match is not None  # every text fits
    userinfo, authority, base, more = match.groups()
    if userinfo or more:
        raise ScalarError(
            f"{expected}, without user name, query or fragment", f"{scheme}://{authority}{base}"
        )
    if (
        not _BASE.fullmatch(base)
        or "//" in base
        or re.search(r"/(?:\.|%2e){1,2}(?:/|$)|%2f|%5c|%00", base, re.I)
    ):
        raise ScalarError(f"{expected}; the base path is a plain one")
    name, number = split_port(authority)
    try:
        where = host(name)
        number_ = port(number[1:]) if number else {"http": 80, "https": 443}[scheme]
    except ScalarError as error:
        raise ScalarError(
            expected, f"{scheme}://{error.right}{number}{base}" if error.right else ""
        ) from None
    default = number_ == {"http": 80, "https": 443}[scheme]
    own = name if default else f"{name}:{number_}"
    return Upstream(
        where.strip("[]"),
        number_,
        scheme == "https",
        "",
        base.rstrip("/").encode("ascii"),
        own.encode("ascii"),
    )


def _bare(text: str) -> bool:
    name, number = split_port(text.partition("/")[0])
    return bool(_NAME.fullmatch(name)) and (not number or bool(_PORT.fullmatch(number[1:])))


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """One network or address, or `private`."""
    if text == "private":
        return PRIVATE
    try:
        return (ip_network(text),)
    except ValueError:
        pass
    try:
        right = str(ip_network(text, strict=False))
    except ValueError:
        right = nearest(text, ("private",))
    raise ScalarError("a network such as 203.0.113.0/24, an address, or private", right)


def sender(text: str) -> str:
    """An address of AMP for Email, or `*@domain`; the domain comes back in lower case."""
    local, at, domain = text.rpartition("@")
    expected = "an address such as news@shop.example, or *@shop.example"
    if not at or not re.fullmatch(r"\*|[A-Za-z0-9!#$%&'+/=?^_`{|}~.-]{1,64}", local):
        raise ScalarError(expected)
    try:
        name = host(domain)
    except ScalarError as error:
        raise ScalarError(expected, f"{local}@{error.right}" if error.right else "") from None
    if "[" in name or name.endswith("."):
        raise ScalarError(expected)
    return f"{local}@{name}"


def domain(text: str) -> str:
    """A cache's domain."""
    expected = "a domain such as cdn.ampproject.org"
    try:
        name = host(text)
    except ScalarError as error:
        raise ScalarError(expected, error.right or re.sub(r"^[a-z]+://|/.*$", "", text)) from None
    if name != text:
        raise ScalarError(expected, name)
    return name
