"""Decisions as data: what was decided of a request, why, by which rule, and which headers its response may get."""

from dataclasses import dataclass, field

from .place import Place
from .reason import Reason

Line = tuple[bytes, bytes]
Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a response of this exchange gets; applied by `response.rewrite`, and by `response.own_lines` to the proxy's own answers."""

    lines: Lines = ()  # own Access-Control-* (and AMP) lines
    vary: tuple[bytes, ...] = ()  # names to merge into Vary, as they are to be written
    vary_lower: frozenset[bytes] = frozenset()
    expose_all: bool = False  # `expose: "*"` under credentials: name what the response carries
    timing: bytes | None = None  # Timing-Allow-Origin, on every upstream response; the upstream's own is then removed
    resource_policy: bytes | None = None  # Cross-Origin-Resource-Policy where the upstream sent none
    amp: bool = False  # AMP routes: the upstream's AMP-Email-Allow-Sender and AMP-Access-Control-Allow-Source-Origin go too
    hands_off: bool = False  # `cors: off`, `mode: report`: the response comes back untouched


@dataclass(frozen=True, slots=True)
class Decision:
    """Common to all three: why, by which rule, and the grant that holds even for errors that the proxy makes afterwards."""

    reason: Reason
    kind: str  # "preflight", "request" or "websocket"
    rule: Place | None = None
    grant: Grant = field(default_factory=Grant)
    detail: bytes | None = None  # what the reason is about: the method, or the header's name; client bytes, printable ASCII


@dataclass(frozen=True, slots=True)
class Answer(Decision):
    """A preflight, answered here: `status`, the lines of the grant, no body."""

    status: int = 204


@dataclass(frozen=True, slots=True)
class Refuse(Decision):
    """Never reaches the upstream.  `hint` says which key would help where an own origin was refused; `target` is for `mode: headers`."""

    status: int = 403
    hint: str = ""
    target: bytes | None = None


@dataclass(frozen=True, slots=True)
class Forward(Decision):
    """Goes to the upstream; `target` is the origin-form to send where it differs from the one that came (`__amp_source_origin`)."""

    target: bytes | None = None
