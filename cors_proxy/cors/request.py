"""A request, and its judged headers: all that a decision depends on.

The header lines are read in one pass."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from .byte_set import within
from .names import PRINTABLE
from .reason import Reason

HOST: Final = 0
_ORIGIN: Final = 1
_METHOD: Final = 2
_HEADERS: Final = 3
_NETWORK: Final = 4
_AMP: Final = 5
_SENDER: Final = 6
_SITE: Final = 7
UPGRADE: Final = 8
_COOKIE: Final = 9
_MODE: Final = 10
_DEST: Final = 11
_STORAGE: Final = 12
_PURPOSE: Final = 13
FIELDS: Final = {
    b"host": HOST,
    b"origin": _ORIGIN,
    b"access-control-request-method": _METHOD,
    b"access-control-request-headers": _HEADERS,
    b"access-control-request-private-network": _NETWORK,
    b"amp-same-origin": _AMP,
    b"amp-email-sender": _SENDER,
    b"sec-fetch-site": _SITE,
    b"upgrade": UPGRADE,
    b"cookie": _COOKIE,
    b"sec-fetch-mode": _MODE,
    b"sec-fetch-dest": _DEST,
    b"sec-fetch-storage-access": _STORAGE,
    b"sec-purpose": _PURPOSE,
}
_NAMES: Final = tuple(FIELDS)
_COUNT: Final = len(FIELDS)
# More than one line of these, or odd bytes, and the request is ambiguous.  A bit for each field.
_ONCE: Final = sum(
    1 << field for field in (_ORIGIN, _METHOD, _AMP, _SENDER, _SITE, UPGRADE, _MODE, _DEST, _STORAGE)
)
ONCE: Final = frozenset(name for name, field in FIELDS.items() if _ONCE >> field & 1)
_new_tuple: Final = tuple.__new__


class JudgedHeaders(NamedTuple):
    """The values of the headers that decisions depend on, as they were sent, without the white
    space around them (RFC 9110 §5.5)."""

    host: bytes = b""  # b"" if there was none
    origin: bytes | None = None
    acrm: bytes | None = None  # Access-Control-Request-Method
    acrh: tuple[bytes, ...] = ()  # the values of all Access-Control-Request-Headers lines
    acrpn: bytes | None = None  # Access-Control-Request-Private-Network; b"" if repeated
    amp_same_origin: bytes | None = None
    email_sender: bytes | None = None
    fetch_site: bytes | None = None
    upgrade: bytes | None = None
    websocket: bool = False  # Upgrade holds the token websocket
    cookie: bool = False  # a Cookie line was there
    fetch_mode: bytes | None = None
    fetch_dest: bytes | None = None
    storage_access: bytes | None = None  # Sec-Fetch-Storage-Access
    purpose: bool = False  # a Sec-Purpose line was there
    fault: Reason | None = None  # row 1: REPEATED_HEADER or HEADER_BYTES
    fault_header: bytes | None = None  # its name, in lower case


class Request:
    """A request line and the judged headers.  Nothing changes it after it is made."""

    __slots__ = ("method", "path", "query", "judged", "target", *JudgedHeaders._fields)

    def __init__(self, method: bytes, target: bytes, judged: JudgedHeaders) -> None:
        self.method = method
        self.target = target  # origin-form
        self.path, mark, query = target.partition(b"?")
        self.query: bytes | None = query if mark else None
        self.judged = judged
        (self.host, self.origin, self.acrm, self.acrh, self.acrpn, self.amp_same_origin, self.email_sender,
         self.fetch_site, self.upgrade, self.websocket, self.cookie, self.fetch_mode, self.fetch_dest,
         self.storage_access, self.purpose, self.fault, self.fault_header) = judged  # fmt: skip

    @property
    def preflight(self) -> bool:
        """https://fetch.spec.whatwg.org/#cors-preflight-request"""
        return self.method == b"OPTIONS" and self.origin is not None and self.acrm is not None


def read(method: bytes, target: bytes, lines: Sequence[tuple[bytes, bytes]]) -> Request:
    """`lines` are the request's header lines (no trailers), names in any case."""
    return Request(method, target, judge_headers(lines))


def judge_headers(lines: Sequence[tuple[bytes, bytes]]) -> JudgedHeaders:
    """Reads header lines in one pass; those that are not `FIELDS` may be left out."""
    reader = JudgedReader()
    for name, value in lines:
        field = FIELDS.get(name.lower())
        if field is not None:
            reader.add(field, value.strip(b" \t"))
    return reader.headers()


class JudgedReader:
    """Reads the judged headers of one request, line by line.

    A field is its number in `FIELDS`, a value comes without the white space around it."""

    __slots__ = ("_fault", "_fault_header", "_named", "_seen", "_values", "_websocket")

    def __init__(self) -> None:
        self._values: list[bytes | None] = [None] * _COUNT
        self._named: list[bytes] = []
        self._fault: Reason | None = None
        self._fault_header: bytes | None = None
        self._websocket = False
        self._seen = 0  # a bit for each field

    def add(self, field: int, value: bytes) -> None:
        repeated = self._seen >> field & 1 == 1
        if _ONCE >> field & 1:
            if repeated:
                self._fault, self._fault_header = Reason.REPEATED_HEADER, _NAMES[field]
            elif not within(value, PRINTABLE):
                self._fault, self._fault_header = Reason.HEADER_BYTES, _NAMES[field]
        if field == _HEADERS:
            self._named.append(value)
        elif field == UPGRADE:
            self._websocket = self._websocket or _names_websocket(value)
        elif field == _NETWORK and repeated:
            value = b""
        self._seen |= 1 << field
        self._values[field] = value

    def headers(self) -> JudgedHeaders:
        values = self._values
        # By `tuple.__new__`: the class's own takes its 17 arguments by name, which costs as much as
        # reading the values.
        return _new_tuple(
            JudgedHeaders,
            (
                values[HOST] or b"", values[_ORIGIN], values[_METHOD], tuple(self._named), values[_NETWORK],
                values[_AMP], values[_SENDER], values[_SITE], values[UPGRADE], self._websocket,
                values[_COOKIE] is not None, values[_MODE], values[_DEST], values[_STORAGE],
                values[_PURPOSE] is not None, self._fault, self._fault_header,
            ),
        )  # fmt: skip


def _names_websocket(upgrade: bytes) -> bool:
    """RFC 9110 §7.8: `protocol-name ["/" protocol-version]`, a list, names in any case."""
    return any(
        protocol.partition(b"/")[0].strip(b" \t") == b"websocket" for protocol in upgrade.lower().split(b",")
    )
