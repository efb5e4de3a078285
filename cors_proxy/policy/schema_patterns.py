"""Patterns of the JSON Schema: what an editor can see in a single value.

They accept all that the reader accepts, and refuse common mistakes.  What remains is for `check`.
Regular expressions are those that ECMAScript and Python read alike.
"""

from typing import Final

from ..cors import names
from ..cors.pattern import EXTENSION_SCHEMES
from .types import Schema

_EXTENSIONS: Final = sorted(scheme.decode("ascii") for scheme in EXTENSION_SCHEMES)
_PORT: Final = "[1-9][0-9]{0,4}"
_LABELS: Final = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?"
_SIX: Final = r"\[[0-9a-f:.]+\]"
# No default port, no upper case, no path: as browsers send it.
_NOT_DEFAULT: Final = "(?!https://.*:443$)(?!http://.*:80$)"
_WEB: Final = "(?:https?|wss?|ftp)://"
_APP: Final = "(?!(?:https?|wss?|ftp|file):)[a-z][a-z0-9+.-]*://"
_EXACT: Final = (
    rf"{_NOT_DEFAULT}{_WEB}(?:{_LABELS}|{_SIX})(?::{_PORT})?"
    rf"|{_APP}(?:[A-Za-z0-9._~-]+|{_SIX})(?::{_PORT})?|{_APP}"
)
# One star in the first label, in front of a domain; or a star for the port.
_STARS: Final = (
    rf"{_NOT_DEFAULT}{_WEB}(?:(?:[a-z0-9_-]*\*[a-z0-9_-]*\.)?{_LABELS}|{_SIX})(?::(?:\*|{_PORT}))?"
    rf"|{_APP}(?:[A-Za-z0-9._~-]+|{_SIX}):\*|(?:{'|'.join(_EXTENSIONS)})://\*"
)
_NAME: Final = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"


def text(pattern: str) -> Schema:
    """A text that matches a pattern as a whole."""
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def origin(star: bool, patterns: bool, https: bool) -> Schema:
    """An entry of a list of origins."""
    allowed = [rf"{_NOT_DEFAULT}https://(?:{_LABELS}|{_SIX})(?::{_PORT})?" if https else _EXACT]
    if patterns:
        allowed += [_STARS, "null"]
    if star:
        allowed.append(r"\*")
    return text("|".join(allowed))


def _ignoring_case(word: str) -> str:
    return "".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in word)


def _header(exact: list[str], prefixes: list[str]) -> Schema:
    refused = "|".join(map(_ignoring_case, exact))
    begins = "|".join(map(_ignoring_case, prefixes))
    before = f"(?!(?:{refused})$)" + (f"(?!{begins})" if begins else "")
    return text(f"{before}{_NAME}")


REQUEST_HEADER: Final = _header(
    sorted(name.decode("ascii") for name in names.FORBIDDEN_HEADERS | {names.AMP_SAME_ORIGIN}),
    ["access-control-", "proxy-", "sec-"],
)
RESPONSE_HEADER: Final = _header(sorted(name.decode("ascii") for name in names.UNREADABLE), [])
METHOD: Final[Schema] = {"enum": sorted(names.METHODS)}
METHOD_OR_ANY: Final[Schema] = {"enum": [*sorted(names.METHODS), "*"]}
_ADDRESS: Final = r"\[[0-9A-Fa-f:.]+\]"
_HOST_NAME: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_HOST: Final = rf"{_ADDRESS}|{_HOST_NAME}"
HOST: Final = text(_HOST)
HOST_ENTRY: Final = text(rf"(?:(?:\*\.)?{_HOST_NAME}|{_ADDRESS})(?::{_PORT})?")
LISTEN: Final = text(rf"unix:/[^?]*[^/?](?:\?mode=0?[0-7]{{3}})?|(?:{_HOST}):(?:0|{_PORT})")
UPSTREAM: Final[Schema] = {
    **text(rf"https?://(?:{_HOST})(?::{_PORT})?(?:/[^?#\x00-\x20\x7f]*)?|unix:/.*[^/]"),
    "format": "uri",
}
# Whole segments, no dot segment, `**` at the end only.
_SEGMENT: Final = r"/(?:\*|(?!\.\.?(?:/|$))[^*/?#\\\x00-\x20\x7f]+)"
PATH: Final = text(rf"(?=/)(?:{_SEGMENT})*(?:/(?:\*\*)?)?")
PREFIX: Final = text(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/-]+")
NETWORK: Final = text(r"private|[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?")
SENDER: Final = text(r"[^@\s]+@[A-Za-z0-9_.-]+")
DOMAIN: Final = text(r"[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\]")
LABEL: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 100}
FILE: Final[Schema] = {"type": "string", "minLength": 1}
COLLECTOR: Final[Schema] = {
    **text(rf"https?://(?:{_HOST})(?::{_PORT})?(?:/[^?#\x00-\x20\x7f]*)?"),
    "format": "uri",
}
FEED_URL: Final[Schema] = {
    **text(rf"https?://(?:[^/?#\s]*@)?(?:{_HOST})(?::{_PORT})?(?:/[^#\s]*)?"),
    "format": "uri",
}
VARIABLE_NAME: Final = text("[A-Za-z_][A-Za-z0-9_]*")
SHARE: Final = text(r"(?:100|[0-9]{1,2}(?:\.[0-9]{1,6})?)%")
