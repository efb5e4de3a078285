"""W3C Trace Context: the trace that a request belongs to, and the server span that it gets.

Only with `server.tracing`.  Everything that a request needs before it ends is here: its identities,
and whether it is sampled.  The span itself is made afterwards, of sampled requests alone
(`operate/spans.py`, ADR 12)."""

import os
from collections.abc import Iterator
from typing import Final

_HEX: Final = b"0123456789abcdef"
_NO_TRACE: Final = b"0" * 32
_NO_SPAN: Final = b"0" * 16
_DIGITS: Final = 48  # of a trace (32) and a span (16)
_FLAGS: Final = 3  # sampled and random; others must not be passed on (Level 2, 3.2.2.5)
# The bounds of a tracestate that every party must pass on (3.3.1.1, 3.3.1.5).
_STATE_BYTES: Final = 512
_STATE_MEMBERS: Final = 32
_VISIBLE: Final = bytes(range(0x20, 0x7F)) + b"\t"


class Parent:
    """A valid traceparent."""

    __slots__ = ("flags", "span_id", "trace_id")

    def __init__(self, trace_id: bytes, span_id: bytes, flags: int) -> None:
        self.trace_id, self.span_id, self.flags = trace_id, span_id, flags


def parse(traceparent: bytes) -> Parent | None:
    """None where it is not valid; an empty one stands for several.

    https://www.w3.org/TR/trace-context/#traceparent-header-field-values"""
    version, trace, span = traceparent[:2], traceparent[3:35], traceparent[36:52]
    if (
        len(traceparent) < 55
        or traceparent[2:3] + traceparent[35:36] + traceparent[52:53] != b"---"
        or (version + trace + span + traceparent[53:55]).translate(None, _HEX)
        or version == b"ff"
        # A later version may have more fields.
        or (len(traceparent) > 55 and (version == b"00" or traceparent[55:56] != b"-"))
        or trace == _NO_TRACE
        or span == _NO_SPAN
    ):
        return None
    return Parent(trace, span, int(traceparent[53:55], 16))


def _state(values: list[bytes] | None) -> bytes:
    """The lines of a tracestate as one; empty where it is missing, or not to be passed on."""
    if values is None:
        return b""
    if sum(map(len, values)) + len(values) > _STATE_BYTES + 1:
        return b""
    state = b",".join(values)
    return b"" if state.count(b",") >= _STATE_MEMBERS or state.translate(None, _VISIBLE) else state


def _identities() -> Iterator[bytes]:
    """Random digits for a trace and a span; the kernel is asked for 256 of them at a time."""
    while True:
        digits = os.urandom(256 * _DIGITS // 2).hex().encode("ascii")
        for at in range(0, 256 * _DIGITS, _DIGITS):
            yield digits[at : at + _DIGITS]


_fresh: Final = _identities().__next__


class Trace:
    """The server span of one request: `parent_id` is empty where it is the root."""

    __slots__ = ("flags", "parent_id", "route", "sampled", "span_id", "state", "trace_id")

    def __init__(
        self, trace_id: bytes, span_id: bytes, parent_id: bytes, flags: int, state: bytes, route: str
    ) -> None:
        self.trace_id, self.span_id, self.parent_id = trace_id, span_id, parent_id
        self.flags = flags
        self.sampled = flags & 1 == 1
        self.state = state
        self.route = route  # the pattern of the route

    def lines(self) -> bytes:
        """What the upstream gets: its parent is this span, sampled or not."""
        parent = b"traceparent: 00-%b-%b-0%d\r\n" % (self.trace_id, self.span_id, self.flags)
        return parent if not self.state else b"%btracestate: %b\r\n" % (parent, self.state)


class Sampler:
    """Parent-based: the flag of a valid traceparent decides, and a ratio for all other requests."""

    __slots__ = ("_below",)

    def __init__(self, ratio: float) -> None:
        # Compared with the last 16 digits of a trace, as text.  Of 1.0, 17 digits would be needed.
        self._below = b"g" if ratio >= 1 else b"%016x" % int(ratio * 2**64)

    def trace(self, traceparent: bytes | None, tracestate: list[bytes] | None, route: str) -> Trace:
        """For one request.  Never raises, whatever the client sent."""
        fresh = _fresh()
        parent = None if traceparent is None else parse(traceparent)
        if parent is not None:
            state = _state(tracestate)
            flags = parent.flags & _FLAGS
            return Trace(parent.trace_id, fresh[32:], parent.span_id, flags, state, route)
        # A tracestate without a valid traceparent is not read (3.3).
        trace_id = fresh[:32]
        return Trace(trace_id, fresh[32:], b"", 1 if trace_id[16:] < self._below else 0, b"", route)
