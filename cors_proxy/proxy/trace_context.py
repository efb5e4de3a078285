"""W3C Trace Context: the trace that a request belongs to, and what the API is told of it.

Only with `server.tracing`.  Everything that a request needs before it ends is in the lines that the
API gets: the identities of its trace and span, and whether it is sampled.  The span itself is made
afterwards, of sampled requests alone (`operate/spans.py`, ADR 12).

https://www.w3.org/TR/trace-context/"""

import os
from collections.abc import Callable
from typing import Final

from ..cors.byte_set import byte_set, within
from .token_bucket import TokenBucket

_HEX_AND_DASH: Final = byte_set(b"0123456789abcdef-")
_DASH: Final = 0x2D
_NO_TRACE: Final = b"0" * 32
_NO_SPAN: Final = b"0" * 16
_FLAGS: Final = 3  # sampled and random; others must not be passed on (Level 2, 3.2.2.5)
_SAMPLED: Final = 1

# A line is made for many requests at once: a call for each would cost more than the rest of tracing.
_AT_ONCE: Final = 128
_DIGITS: Final = 48  # of a trace (32) and a span (16)

# The bounds of a tracestate that every party must pass on (3.3.1.1, 3.3.1.5).
_STATE_BYTES: Final = 512
_STATE_MEMBERS: Final = 32
_LONG_MEMBER: Final = 128
_KEY_BYTES: Final = 256
_VALUE_BYTES: Final = 256
_KEY_START: Final = b"abcdefghijklmnopqrstuvwxyz0123456789"
_KEY: Final = _KEY_START + b"_-*/@"
_VALUE: Final = bytes(byte for byte in range(0x20, 0x7F) if byte not in b",=")


class Parent:
    """A valid traceparent."""

    __slots__ = ("_flags", "span_id", "trace_id")

    def __init__(self, trace_id: bytes, span_id: bytes, flags: bytes) -> None:
        self.trace_id, self.span_id, self._flags = trace_id, span_id, flags

    @property
    def flags(self) -> int:
        return int(self._flags, 16)


def parse(traceparent: bytes) -> Parent | None:
    """None where it is not valid; an empty one stands for several.

    https://www.w3.org/TR/trace-context/#traceparent-header-field-values"""
    size = len(traceparent)
    if size < 55:
        return None
    known = traceparent if size == 55 else traceparent[:55]
    if (
        known[2] != _DASH
        or known[35] != _DASH
        or known[52] != _DASH
        or not within(known, _HEX_AND_DASH)
        or known.count(b"-") != 3
    ):
        return None
    version, trace, span = known[:2], known[3:35], known[36:52]
    # A later version may have more fields (3.2.4).
    if version == b"ff" or (size > 55 and (version == b"00" or traceparent[55] != _DASH)):
        return None
    if trace == _NO_TRACE or span == _NO_SPAN:
        return None
    return Parent(trace, span, known[53:])


def _state(values: list[bytes]) -> bytes:
    """The lines of a tracestate as one (RFC 9110 5.3); empty where it is malformed.

    Of one that is too long, members are left out as 3.3.1.5 says: long ones, then the last ones."""
    joined = b",".join(values)
    if joined.count(b",") >= _STATE_MEMBERS:
        return b""
    members = []
    for member in joined.split(b","):
        member = member.strip(b" \t")
        if not member:  # allowed between two commas (3.3.1.2)
            continue
        if not _is_member(member):
            return b""
        members.append(member)
    state = b",".join(members)
    if len(state) > _STATE_BYTES:
        members = [member for member in members if len(member) <= _LONG_MEMBER]
        state = b",".join(members)
        while len(state) > _STATE_BYTES:
            members.pop()
            state = b",".join(members)
    return state


def _is_member(member: bytes) -> bool:
    """`key=value` (3.3.1.3)."""
    key, equals, value = member.partition(b"=")
    return (
        equals == b"="
        and 0 < len(key) <= _KEY_BYTES
        and key[0] in _KEY_START
        and not key.translate(None, _KEY)
        and 0 < len(value) <= _VALUE_BYTES
        and not value.translate(None, _VALUE)
    )


def is_sampled(lines: bytes) -> bool:
    """Whether the request with these lines gets a span."""
    return lines[67] & _SAMPLED == _SAMPLED


def trace_id(lines: bytes) -> bytes:
    return lines[16:48]


def span_id(lines: bytes) -> bytes:
    """That of the proxy's own span, which is the parent for the API."""
    return lines[49:65]


def state(lines: bytes) -> bytes:
    """The value of tracestate; empty where there is none."""
    return lines[70:].partition(b": ")[2].rstrip(b"\r\n")


class Sampler:
    """Parent-based: the flag of a valid traceparent decides, and a ratio for all other requests.

    Clients set that flag as they like.  So there is a rate for the spans that it asks for."""

    __slots__ = ("_below", "_over_rate", "_parents", "_ready")

    def __init__(self, ratio: float, parent_rate: int, over_rate: Callable[[], None]) -> None:
        """`parent_rate` is in spans a second. `over_rate` is called for each that is refused."""
        # Compared with the last 16 digits of a trace, as text.  Of 1.0, 17 digits would be needed.
        self._below = b"g" if ratio >= 1 else b"%016x" % int(ratio * 2**64)
        self._parents = TokenBucket(parent_rate, parent_rate)
        self._over_rate = over_rate
        self._ready: list[bytes] = []

    def lines(self, traceparent: bytes | None, tracestate: list[bytes] | None, now: float) -> bytes:
        """What the API gets for one request, with the ends of the lines.

        Its parent is the proxy's span, sampled or not.  Never raises, whatever the client sent."""
        if not self._ready:
            self._make_ready()
        own = self._ready.pop()
        parent = None if traceparent is None else parse(traceparent)
        if parent is None:  # a tracestate without a valid traceparent is not read (3.3)
            return own
        flags = parent.flags & _FLAGS
        # Who asks for a span never has a smaller chance than who does not ask.
        if flags & _SAMPLED and not is_sampled(own) and not self._parents.take(now):
            self._over_rate()
            # Not sampled is then what the API's caller did (3.4: the flag may be updated).
            flags -= _SAMPLED
        line = b"traceparent: 00-%b-%b-0%d\r\n" % (parent.trace_id, span_id(own), flags)
        passed_on = b"" if tracestate is None else _state(tracestate)
        return line if not passed_on else b"%btracestate: %b\r\n" % (line, passed_on)

    def _make_ready(self) -> None:
        """Lines of traces that begin here, with fresh random identities."""
        digits = os.urandom(_AT_ONCE * _DIGITS // 2).hex().encode("ascii")
        for at in range(0, len(digits), _DIGITS):
            span = at + 32
            flags = b"-01\r\n" if digits[at + 16 : span] < self._below else b"-00\r\n"
            self._ready.append(
                b"".join((b"traceparent: 00-", digits[at:span], b"-", digits[span : at + _DIGITS], flags))
            )
