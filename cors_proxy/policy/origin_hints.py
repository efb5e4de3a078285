"""What to write in place of an origin or pattern: only what a browser can send.

A host that nobody can own is no help: customers of a hosting platform have one name, and nothing
below it.  Certificates for addresses in a private network are rare.
"""

import re
from typing import Final

from ..cors.hosts import split_port_text
from ..cors.origin import ends_in_number
from ..cors.pattern import ANY_PORT, Pattern, PatternError, parse_pattern
from .addresses import join_port, to_ascii
from .suffixes import is_registry, wildcard_public_suffix

NULL: Final = "null"
_MAX_REPAIRS: Final = 3  # a suggestion of `parse_pattern` may need another: host, then scheme, then port
_NAME_EACH: Final = "list each origin"
# Names that only a private network has (RFC 6762, RFC 8375, and common practice).
_PRIVATE_SUFFIXES: Final = (".local", ".lan", ".internal", ".home.arpa", ".localdomain", ".intranet", ".corp")
# Regular expressions for one or more labels, for any port and for an optional `s`.
_REGEX_LABELS: Final = re.compile(
    r"(?:\(\?:|\()?(?:\.|\\w|\[[^\]]*\]|\\S)[+*]\??(?:\)|\\\.\)|(?=\\?\.))[?*+]?(?:\\?\.)?"
)
_REGEX_PORT: Final = re.compile(r"\(?(?:\?:)?:(?:\\d|\[0-9\])(?:[+*]|\{[\d,]+\})\)?\??")


def origin_hint(text: str) -> str:
    """What to write in place of a text that is neither an origin nor a pattern; "" if unknown."""
    if len(re.split(r"[,\s]+", text.strip())) > 1:
        return "write each origin as an entry of its own"
    if suggestion := suggest_origin(text):
        return f"write {suggestion}"
    if text.lower().startswith("file:"):
        return "serve the page from a web server: null would let every sandboxed frame in"
    return _NAME_EACH if "*" in text else ""


def suggest_origin(text: str) -> str:
    """The origin that `text` probably means, as browsers send it; "" where there is none."""
    candidate = _from_regular_expression(text.strip())
    candidate = re.sub(r"^(https?):/?(?=[^/])", r"\1://", candidate, flags=re.I)
    if candidate.lower() == NULL:
        return NULL
    candidate = re.sub(r"(?<=[^/])/\*+$", "", candidate)  # https://app.example/*
    candidate = re.sub(r"(?<=:)\d+\*$", "*", candidate)  # http://localhost:30*
    if candidate.startswith("."):
        candidate = f"*{candidate}"  # .example.com, as in a cookie's Domain
    if not candidate.isascii():
        scheme, separator, rest = candidate.partition("://")
        authority = (rest if separator else candidate).partition("/")[0]
        name, port = split_port_text(authority.rpartition("@")[2])
        ascii_name = to_ascii(name)
        if not ascii_name:
            return ""
        candidate = f"{scheme + separator if separator else ''}{join_port(ascii_name, port)}"
    for _ in range(_MAX_REPAIRS):
        try:
            pattern = parse_pattern(candidate)
        except PatternError as error:
            if not error.suggestion or error.suggestion == candidate:
                return ""
            candidate = error.suggestion
        else:
            return candidate if candidate != text and not wildcard_public_suffix(pattern) else ""
    return ""


def _from_regular_expression(text: str) -> str:
    r"""A pattern in place of `^https://.*\.example\.com$`; any other text as it is."""
    if not re.search(r"[\\^$+(|]", text):
        return text
    plain = re.sub(r"^~?\*?/?\^?|\$?/?i?$" if text.startswith("/") else r"^~?\*?\^?|\$$", "", text)
    plain = plain.replace(r"\/", "/").replace("https?://", "https://")
    plain = _REGEX_PORT.sub(":*", plain)
    plain = _REGEX_LABELS.sub("*.", plain).replace(r"\.", ".")
    return text if re.search(r"[\\^$+()|\[\]]", plain) else plain


def secure_hint(pattern: Pattern) -> str:
    """What to write in place of an http origin with credentials."""
    host = pattern.host.decode("ascii")
    address = host.startswith("[") or ends_in_number(pattern.host.rsplit(b".", 1)[-1])
    if address or "." not in host or host.endswith(_PRIVATE_SUFFIXES):
        return "write dangerously_allow: [insecure-origins], if nobody else is in that network"
    text = str(pattern)
    if pattern.port not in (None, ANY_PORT):
        text = text.rpartition(":")[0]  # https is served at another port than http
    return f"write https://{text.removeprefix('http://')}"


def suffix_hint(pattern: Pattern, suffix: str) -> str:
    """What to write in place of a wildcard over a public suffix."""
    port = "" if pattern.port is None else ":*" if pattern.port == ANY_PORT else f":{pattern.port}"
    scheme, label = pattern.scheme.decode("ascii"), pattern.suffix.decode("ascii")
    if pattern.kind == "part" and not pattern.prefix and label and not label.startswith("-"):
        return f"write {scheme}://*.{label}.{suffix}{port}"  # https://*example.com
    if is_registry(suffix):
        star = f"{pattern.prefix.decode('ascii')}*{label}" if pattern.kind == "part" else "*"
        return f"write {scheme}://{star}.your-name.{suffix}{port}"
    return f"{_NAME_EACH}, or write dangerously_allow: [public-suffix-wildcards]"
