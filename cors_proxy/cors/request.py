"""What a decision needs of a request, read in one pass over its header lines."""

from collections.abc import Sequence
from typing import Final

from .names import PRINTABLE
from .reason import Reason

_HOST, _ORIGIN, _METHOD, _HEADERS, _NETWORK, _AMP, _SENDER, _SITE, _UPGRADE, _COOKIE = range(10)
_FIELDS: Final = {
    b"host": _HOST,
    b"origin": _ORIGIN,
    b"access-control-request-method": _METHOD,
    b"access-control-request-headers": _HEADERS,
    b"access-control-request-private-network": _NETWORK,
    b"amp-same-origin": _AMP,
    b"amp-email-sender": _SENDER,
    b"sec-fetch-site": _SITE,
    b"upgrade": _UPGRADE,
    b"cookie": _COOKIE,
}
JUDGED: Final = frozenset(_FIELDS)  # names, in lower case, of all that `read` looks at
_ONCE: Final = frozenset((_ORIGIN, _METHOD, _AMP, _SENDER, _SITE, _UPGRADE))  # more than one line, or odd bytes, and it is ambiguous


class Request:
    """Immutable by convention; made by `read`.  Values are as they were sent, without the white space around them (RFC 9110 §5.5)."""

    __slots__ = (
        "acrh",
        "acrm",
        "acrpn",
        "amp_same_origin",
        "cookie",
        "email_sender",
        "fault",
        "fault_header",
        "fetch_site",
        "host",
        "method",
        "origin",
        "path",
        "query",
        "target",
        "upgrade",
        "websocket",
    )

    def __init__(self, method: bytes, target: bytes) -> None:
        self.method = method
        self.target = target  # origin-form
        self.path, mark, query = target.partition(b"?")
        self.query: bytes | None = query if mark else None
        self.host = b""  # b"" if there was none
        self.origin: bytes | None = None
        self.acrm: bytes | None = None  # Access-Control-Request-Method
        self.acrh: tuple[bytes, ...] = ()  # the values of all Access-Control-Request-Headers lines
        self.acrpn: bytes | None = None  # Access-Control-Request-Private-Network; b"" if repeated
        self.amp_same_origin: bytes | None = None
        self.email_sender: bytes | None = None
        self.fetch_site: bytes | None = None
        self.upgrade: bytes | None = None
        self.websocket = False  # Upgrade holds the token websocket
        self.cookie = False  # a Cookie line was there
        self.fault: Reason | None = None  # row 1: REPEATED_HEADER or HEADER_BYTES
        self.fault_header: bytes | None = None  # its name, in lower case

    @property
    def preflight(self) -> bool:
        """https://fetch.spec.whatwg.org/#cors-preflight-request"""
        return self.method == b"OPTIONS" and self.origin is not None and self.acrm is not None


def read(method: bytes, target: bytes, lines: Sequence[tuple[bytes, bytes]]) -> Request:
    """`lines` are the request's header lines (no trailers), names in any case; those that are not `JUDGED` may be left out."""
    request = Request(method, target)
    seen = 0
    for name, value in lines:
        lower = name.lower()
        field = _FIELDS.get(lower)
        if field is None:
            continue
        value = value.strip(b" \t")
        if field in _ONCE:
            if seen >> field & 1:
                request.fault, request.fault_header = Reason.REPEATED_HEADER, lower
            elif value.translate(None, PRINTABLE):
                request.fault, request.fault_header = Reason.HEADER_BYTES, lower
            seen |= 1 << field
        if field == _HOST:
            request.host = value
        elif field == _ORIGIN:
            request.origin = value
        elif field == _SITE:
            request.fetch_site = value
        elif field == _COOKIE:
            request.cookie = True
        elif field == _METHOD:
            request.acrm = value
        elif field == _HEADERS:
            request.acrh += (value,)
        elif field == _NETWORK:
            request.acrpn = value if request.acrpn is None else b""
        elif field == _AMP:
            request.amp_same_origin = value
        elif field == _SENDER:
            request.email_sender = value
        else:
            request.upgrade = value
            request.websocket = request.websocket or _names_websocket(value)
    return request


def _names_websocket(upgrade: bytes) -> bool:
    """RFC 9110 §7.8: `protocol-name ["/" protocol-version]`, a list, names in any case."""
    return any(protocol.partition(b"/")[0].strip(b" \t") == b"websocket" for protocol in upgrade.lower().split(b","))
