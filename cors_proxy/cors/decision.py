"""Decisions as data: what was decided of a request, why, by which rule, and which headers its response may get."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .place import Place
from .reason import Reason

Line = tuple[bytes, bytes]
Lines = tuple[Line, ...]


def wire(lines: Iterable[Line]) -> bytes:
    """Header lines as they stand in a head."""
    return b"".join([b"%b: %b\r\n" % line for line in lines])


@dataclass(frozen=True, slots=True)
class Grant:
    """What a response of this exchange gets; applied by `response.rewrite`."""

    lines: Lines = ()  # own Access-Control-* (and AMP) lines
    vary: tuple[bytes, ...] = ()  # names to merge into Vary, as they are to be written
    expose_all: bool = False  # `expose: "*"` under credentials: name what the response carries
    timing: bytes | None = (
        None  # Timing-Allow-Origin, on every upstream response; the upstream's own is then removed
    )
    resource_policy: bytes | None = None  # Cross-Origin-Resource-Policy where the upstream sent none
    amp: bool = False  # AMP routes: the upstream's AMP-Email-Allow-Sender and AMP-Access-Control-Allow-Source-Origin go too
    hands_off: bool = False  # `cors: off`, `mode: report`: the response comes back untouched
    own: bytes = field(
        init=False, repr=False, compare=False
    )  # the lines and Vary, whole: for answers that the proxy makes itself
    added: bytes = field(
        init=False, repr=False, compare=False
    )  # all that `rewrite` adds to a response that has nothing it looks at

    def __post_init__(self) -> None:
        vary = ((b"Vary", b", ".join(self.vary)),) if self.vary else ()
        timing = () if self.timing is None else ((b"Timing-Allow-Origin", self.timing),)
        policy = (
            () if self.resource_policy is None else ((b"Cross-Origin-Resource-Policy", self.resource_policy),)
        )
        object.__setattr__(self, "own", wire((*self.lines, *vary)))
        object.__setattr__(self, "added", wire((*vary, *self.lines, *timing, *policy)))


@dataclass(frozen=True, slots=True)
class Decision:
    """Common to all three: why, by which rule, and the grant that holds even for errors that the proxy makes afterwards."""

    reason: Reason
    kind: str  # "preflight", "request" or "websocket"
    rule: Place | None = None
    grant: Grant = field(default_factory=Grant)
    detail: bytes | None = (
        None  # what the reason is about: the method, or the header's name; client bytes, printable ASCII
    )


@dataclass(frozen=True, slots=True)
class Answer(Decision):
    """A preflight, answered here: `status`, the lines of the grant, no body."""

    status: int = 204


@dataclass(frozen=True, slots=True)
class Refuse(Decision):
    """Never reaches the upstream.  `hint` says which key would help where an own origin was refused; `target` is for `mode: headers`.

    A preflight's may have the status of a success (row 2b): it grants what passed, and the browser itself finds what is missing."""

    status: int = 403
    hint: str = ""
    target: bytes | None = None

    @property
    def readable(self) -> bool:
        return self.status < 300


@dataclass(frozen=True, slots=True)
class Forward(Decision):
    """Goes to the upstream; `target` is the origin-form to send where it differs from the one that came (`__amp_source_origin`)."""

    target: bytes | None = None
