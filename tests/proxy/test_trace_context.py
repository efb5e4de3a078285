"""Trace contexts: what is a valid parent, what is sampled, what the upstream gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.proxy.trace_context import Sampler, parse

TRACE, SPAN = b"0af7651916cd43dd8448eb211c80319c", b"b7ad6b7169203331"
VALID = b"00-%b-%b-01" % (TRACE, SPAN)


@given(st.binary(max_size=80) | st.binary(max_size=12).map(lambda tail: VALID[:-6] + tail))
def test_no_bytes_raise(value: bytes) -> None:
    parent = parse(value)
    trace = Sampler(0.5).trace(value, [value], "/**")
    assert (trace.parent_id != b"") is (parent is not None)
    assert trace.lines().count(b"\r\n") in (1, 2) and trace.lines().isascii()
    assert parse(trace.lines()[13:68]) is not None


def test_what_is_sent_is_a_valid_parent() -> None:
    trace = Sampler(0).trace(VALID, [b"a=1", b"b=2"], "/**")
    assert (trace.trace_id, trace.parent_id, trace.sampled) == (TRACE, SPAN, True)
    expected = b"traceparent: 00-%b-%b-01\r\ntracestate: a=1,b=2\r\n" % (TRACE, trace.span_id)
    assert trace.lines() == expected and trace.span_id != SPAN


@pytest.mark.parametrize(("given", "sent"), [(b"00", 0), (b"01", 1), (b"02", 2), (b"03", 3), (b"ff", 3)])
def test_unknown_flags_are_not_passed_on(given: bytes, sent: int) -> None:
    trace = Sampler(1).trace(VALID[:-2] + given, None, "/**")
    assert (trace.flags, trace.sampled) == (sent, bool(sent & 1))


@pytest.mark.parametrize(("ratio", "low", "high"), [(0.0, 0, 0), (0.01, 100, 320), (1.0, 20_000, 20_000)])
def test_the_ratio(ratio: float, low: int, high: int) -> None:
    sampler = Sampler(ratio)
    traces = [sampler.trace(None, None, "/**") for _ in range(20_000)]
    assert low <= sum(trace.sampled for trace in traces) <= high
    assert len({trace.span_id for trace in traces}) == len({trace.trace_id for trace in traces}) == 20_000


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([b"a=" + b"x" * 510], True),
        ([b"a=" + b"x" * 511], False),
        ([b",".join(b"k%d=1" % i for i in range(32))], True),
        ([b",".join(b"k%d=1" % i for i in range(33))], False),
        ([b"a=\x80"], False),
    ],
)
def test_bounds_of_the_state(lines: list[bytes], kept: bool) -> None:
    assert Sampler(0).trace(VALID, lines, "/**").state == (lines[0] if kept else b"")
    assert Sampler(0).trace(None, lines, "/**").state == b""
