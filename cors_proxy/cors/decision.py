"""Decisions as data: what was decided about a request, why, by which rule, and which headers its
response may get.  Log, metrics, problem bodies and `explain` all render these values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .literals import Kind
from .place import Place
from .reason import Reason

Line = tuple[bytes, bytes]
Lines = tuple[Line, ...]


def wire(lines: Iterable[Line]) -> bytes:
    """Header lines as they stand in a head (RFC 9112 §5)."""
    parts: list[bytes] = []
    for name, value in lines:
        parts += (name, b": ", value, b"\r\n")
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Grant:
    """The headers of a response.  `response.rewrite` applies it to what the upstream sent."""

    # Our own Access-Control-* (and AMP) lines
    lines: Lines = ()
    # Names to merge into Vary, as they are to be written
    vary: tuple[bytes, ...] = ()
    # `expose: "*"` with credentials: name the headers that the response carries
    expose_all: bool = False
    # Timing-Allow-Origin of every upstream response; the upstream's own is removed then
    timing: bytes | None = None
    # Cross-Origin-Resource-Policy where the upstream sent none
    resource_policy: bytes | None = None
    # An AMP route: remove the upstream's AMP-Email-Allow-Sender and
    # AMP-Access-Control-Allow-Source-Origin, too
    amp: bool = False
    # `storage_access: retry`: remove the upstream's Activate-Storage-Access
    storage_access: bool = False
    # `cors: off`, `mode: report`: the response comes back untouched
    hands_off: bool = False
    # Allow-Origin and Allow-Credentials: those of `lines` that the answer to a preflight needs
    preflight_lines: Lines = ()
    # `lines` and Vary, for responses that the proxy makes itself
    local_bytes: bytes = field(init=False, repr=False, compare=False)
    # All that `rewrite` adds to a forwarded response that has no line it looks at
    forwarded_bytes: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        vary = ((b"Vary", b", ".join(self.vary)),) if self.vary else ()
        timing = () if self.timing is None else ((b"Timing-Allow-Origin", self.timing),)
        policy = (
            () if self.resource_policy is None else ((b"Cross-Origin-Resource-Policy", self.resource_policy),)
        )
        object.__setattr__(self, "local_bytes", wire((*self.lines, *vary)))
        object.__setattr__(self, "forwarded_bytes", wire((*vary, *self.lines, *timing, *policy)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What all three have in common.  The grant also holds for errors that the proxy makes
    later."""

    reason: Reason
    kind: Kind
    rule: Place | None = None
    grant: Grant = field(default_factory=Grant)
    # What the reason is about: a method, or a header's name.  The client sent it; printable ASCII
    detail: bytes | None = None
    # What the access log wrote about it, and for what: decisions are kept, so it is written again
    logged: Any = field(default=None, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Answer(Decision):
    """A preflight, answered here: `status`, the lines of the grant, no body."""

    status: int = 204


@dataclass(frozen=True, slots=True)
class Refuse(Decision):
    """Never reaches the upstream.

    A refused preflight may have the status of a success (row 2b): it grants what passed, so that
    the browser itself finds what is missing, and names it."""

    status: int = 403
    hint: str = ""  # which key would help an own origin that was refused
    target: bytes | None = None  # as in `Forward`, for `mode: headers`
    # Of a preflight: the method and the header names that the policy does not allow, all of them
    refused: tuple[bytes, ...] = ()

    @property
    def readable(self) -> bool:
        return self.status < 300


@dataclass(frozen=True, slots=True)
class Forward(Decision):
    """Goes to the upstream.  `target` is the origin-form to send (RFC 9112 §3.2.1) where it differs
    from the one that came: without `__amp_source_origin`."""

    target: bytes | None = None
