"""Trace contexts: what is a valid parent, what is sampled, what the upstream gets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.proxy.trace_context import Sampler, is_sampled, parse, span_id, state, trace_id

TRACE, SPAN = b"0af7651916cd43dd8448eb211c80319c", b"b7ad6b7169203331"
VALID = b"00-%b-%b-01" % (TRACE, SPAN)
# https://www.w3.org/TR/trace-context/#traceparent-header-field-values
GRAMMAR = re.compile(
    rb"(?!ff)(00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    rb"|(?!00)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?)",
    re.DOTALL,
)
MEMBER = rb"[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
SENT = re.compile(
    rb"traceparent: 00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]\r\n"
    rb"(tracestate: %b(,%b){0,31}\r\n)?" % (MEMBER, MEMBER)
)
# Bytes around what is valid: random ones alone hardly come near it.
almost = st.tuples(
    st.integers(0, 55), st.integers(0, 3), st.binary(max_size=3) | st.sampled_from([b"-", b"0", b"A", b"00", b"ff"])
).map(lambda cut: VALID[: cut[0]] + cut[2] + VALID[cut[0] + cut[1] :])  # fmt: skip
parents = st.binary(max_size=80) | almost | almost.map(lambda value: b"cc" + value[2:])
states = st.lists(st.binary(max_size=40) | st.sampled_from([b"a=1", b"b=2, c=3", b"x" * 600, b"", b" , "]))


def sampler(ratio: float = 0, parent_rate: int = 1000) -> Sampler:
    return Sampler(ratio, parent_rate, lambda: None)


@given(parents)
def test_a_parent_is_what_the_grammar_says(value: bytes) -> None:
    assert (parse(value) is not None) is (GRAMMAR.fullmatch(value) is not None)


@given(parents | st.none(), states | st.none())
def test_whatever_comes_what_is_sent_is_valid(value: bytes | None, given_state: list[bytes] | None) -> None:
    lines = sampler(0.5).lines(value, given_state, 1.0)
    assert SENT.fullmatch(lines)
    assert len(state(lines)) <= 512
    parent = None if value is None else parse(value)
    assert (trace_id(lines) == TRACE) is (parent is not None and parent.trace_id == TRACE)
    if parent is None:
        assert state(lines) == b""


def test_what_is_sent_is_a_valid_parent() -> None:
    lines = sampler().lines(VALID, [b"a=1", b"b=2"], 1.0)
    assert (trace_id(lines), is_sampled(lines), state(lines)) == (TRACE, True, b"a=1,b=2")
    assert lines == b"traceparent: 00-%b-%b-01\r\ntracestate: a=1,b=2\r\n" % (TRACE, span_id(lines))
    assert span_id(lines) != SPAN


@pytest.mark.parametrize(("given", "sent"), [(b"00", 0), (b"01", 1), (b"02", 2), (b"03", 3), (b"ff", 3)])
def test_unknown_flags_are_not_passed_on(given: bytes, sent: int) -> None:
    lines = sampler(1).lines(VALID[:-2] + given, None, 1.0)
    assert lines.endswith(b"-0%d\r\n" % sent)
    assert is_sampled(lines) is bool(sent & 1)


@pytest.mark.parametrize(("ratio", "low", "high"), [(0.0, 0, 0), (0.01, 100, 320), (1.0, 20_000, 20_000)])
def test_the_ratio(ratio: float, low: int, high: int) -> None:
    one = sampler(ratio)
    every = [one.lines(None, None, 1.0) for _ in range(20_000)]
    assert low <= sum(map(is_sampled, every)) <= high
    assert len(set(map(span_id, every))) == len(set(map(trace_id, every))) == 20_000


def test_clients_can_ask_for_so_many_spans_a_second() -> None:
    refused = list[None]()
    one = Sampler(0, 10, lambda: refused.append(None))
    lines = [one.lines(VALID[:-1] + b"3", [b"a=1"], 1.0) for _ in range(1000)]
    assert [is_sampled(each) for each in lines] == [True] * 10 + [False] * 990
    assert len(refused) == 990
    # What follows in the same trace is told that nothing was recorded here; all else stays.
    assert lines[-1] == b"traceparent: 00-%b-%b-02\r\ntracestate: a=1\r\n" % (TRACE, span_id(lines[-1]))
    assert sum(is_sampled(one.lines(VALID, None, 1.5)) for _ in range(100)) == 5


def test_whoever_asks_for_a_span_has_the_chance_of_all_others_too() -> None:
    assert all(is_sampled(sampler(1, 0).lines(VALID, None, 1.0)) for _ in range(10))
    one = sampler(0.5, 0)
    assert 300 < sum(is_sampled(one.lines(VALID, None, 1.0)) for _ in range(1000)) < 700


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([b"a=1", b" b=2 ,\tc=3\t"], b"a=1,b=2,c=3"),
        ([b"a=1", b"", b",,b=2,"], b"a=1,b=2"),
        ([b""], b""),
        ([b"1a@b/c_d*e-f=v w"], b"1a@b/c_d*e-f=v w"),
        ([b"a=1,a=2"], b"a=1,a=2"),  # the recipient's to resolve
        ([b"a" * 256 + b"=" + b"x" * 255], b"a" * 256 + b"=" + b"x" * 255),
        # Malformed: all of it is dropped.
        ([b"a" * 257 + b"=1"], b""),
        ([b"a=" + b"x" * 257], b""),
        ([b"a=1,b"], b""),
        ([b"a=1,=2"], b""),
        ([b"a=1,b="], b""),
        ([b"a=1,b=2=3"], b""),
        ([b"a=1,B=2"], b""),
        ([b"a=1,@b=2"], b""),
        ([b"a=1,b c=2"], b""),
        ([b"a=\x80"], b""),
        ([b"a=1\tb"], b""),
        ([b",".join(b"k%d=1" % i for i in range(33))], b""),
        ([b"," * 60_000], b""),
        ([b",".join(b"k%d=1" % i for i in range(32))], b",".join(b"k%d=1" % i for i in range(32))),
        # Too long: members over 128 bytes go first, then the last ones.
        ([b"a=1,b=" + b"x" * 127 + b",c=" + b"y" * 250 + b",d=" + b"z" * 200, b"e=2"], b"a=1,e=2"),
        ([b",".join(b"k%d=%b" % (i, b"x" * 125) for i in range(6))],
         b",".join(b"k%d=%b" % (i, b"x" * 125) for i in range(3))),
    ],
)  # fmt: skip
def test_tracestate(lines: list[bytes], kept: bytes) -> None:
    assert state(sampler().lines(VALID, lines, 1.0)) == kept
    assert state(sampler().lines(None, lines, 1.0)) == b""
