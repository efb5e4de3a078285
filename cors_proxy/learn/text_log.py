"""A line of a text access log: combined (nginx, Apache, Traefik), or Envoy's own form.

Neither has Origin, unless their user added it as one more quoted field.  Without it, a Referer that
is an origin alone names a page of another site: that is what browsers send across origins
(https://www.w3.org/TR/referrer-policy/, strict-origin-when-cross-origin).
"""

import re
from functools import lru_cache
from typing import Final

from ..cors.origin import parse_origin
from .json_log import common_time
from .seen import Seen

# An end of line ends a field too: where a field never ends, each quote would be searched from anew.
_FIELDS: Final = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?$)')
_REQUEST: Final = r'"(?P<method>[A-Za-z-]+) (?P<target>/\S*) HTTP/[\d.]+" (?P<status>\d{3}) '
_COMBINED: Final = re.compile(r"\S{1,256} \S{1,256} [^\[]{0,256}\[(?P<time>[^\]]{1,64})\] " + _REQUEST)
_ENVOY: Final = re.compile(r"\[(?P<time>\d{4}-[^\]]{1,40})\] " + _REQUEST)
_MAX_FIELDS: Final = 20


def from_text(line: str) -> Seen | None:
    """None where the line has another form."""
    combined = _COMBINED.match(line)
    found = combined or _ENVOY.match(line)
    if found is None:
        return None
    fields = [
        each[1] for each, _ in zip(_FIELDS.finditer(line, found.end()), range(_MAX_FIELDS), strict=False)
    ]
    # Combined: Referer, User-Agent.  Envoy: X-Forwarded-For, User-Agent, X-Request-ID, authority.
    referer, host, more = ("", "", fields[3:])
    if combined is not None:
        referer, more = (fields[0] if fields else ""), fields[2:]
    elif len(fields) > 3:
        host = fields[3]
    origin = next((field for field in more if field == "null" or _is_origin(field)), None)
    if origin is None and referer.endswith("/") and _is_origin(referer[:-1]):
        origin = referer[:-1]
    return Seen(
        found["method"],
        found["target"].partition("?")[0],
        origin,
        "" if host == "-" else host,
        common_time(found["time"]) if combined is not None else found["time"],
        int(found["status"]),
    )


@lru_cache(4096)
def _is_origin(text: str) -> bool:
    return parse_origin(text.encode("utf-8", "replace")) is not None
