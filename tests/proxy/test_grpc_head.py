"""The request that an ask of Envoy is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import judge_headers
from cors_proxy.proxy.grpc_head import asked
from cors_proxy.proxy.request_head import HeadError
from cors_proxy.proxy.request_reader import HeadLimits
from tests.casebook import Line
from tests.cors.strategies import thorough

from .envoy_asks import APP, request

LIMITS = HeadLimits(32 << 10, 100)


def reason(lines: list[Line]) -> Reason:
    with pytest.raises(HeadError) as raised:
        asked(lines, LIMITS)
    return raised.value.reason


def test_it_is_what_envoy_lists() -> None:
    lines = request(APP, (b"x-forwarded-proto", b"https"), method=b"PUT", target=b"/r?q")
    about, head = asked(lines, LIMITS)
    assert (about.method, about.target, about.scheme) == (b"PUT", b"/r?q", "https")
    assert (about.judged.host, about.judged.origin) == (b"api.example", b"https://app.example")
    assert head.host == b"api.example"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (b"https://a.example,https://b.example", Reason.REPEATED_HEADER),  # two lines
        (b"https://a.example,", Reason.REPEATED_HEADER),
        (b",", Reason.REPEATED_HEADER),
        (b"https://a.example, https://b.example", None),  # a list in one line, which is no origin
        (b"https://a.example\xff", Reason.HEADER_BYTES),
    ],
)
def test_lines_that_envoy_has_joined(value: bytes, fault: Reason | None) -> None:
    about, _ = asked(request((b"origin", value)), LIMITS)
    assert about.judged.fault is fault
    if fault is None:
        assert about.judged.origin == value


@pytest.mark.parametrize("line", [b"a\r\norigin: https://app.example", b"a\n", b"a\0", b"\r"])
def test_a_value_can_be_no_other_line(line: bytes) -> None:
    assert reason(request((b"x-a", line))) is Reason.MALFORMED_REQUEST
    assert reason(request(target=b"/" + line)) is Reason.ASK_MALFORMED
    assert reason(request(method=line)) is Reason.ASK_MALFORMED
    assert reason([(b":authority", line) if name == b":authority" else (name, value)
                   for name, value in request()]) is Reason.ASK_MALFORMED  # fmt: skip


@pytest.mark.parametrize("name", [b"", b"a b", b"a: b\r\nc", b"origin:"])
def test_a_name_is_a_token(name: bytes) -> None:
    assert reason(request((name, b"1"))) is Reason.MALFORMED_REQUEST


def test_pseudo_headers_are_there_once() -> None:
    assert reason(request(APP)[1:]) is Reason.ASK_MALFORMED  # no :method
    assert reason([*request(), (b":path", b"/other")]) is Reason.ASK_MALFORMED
    assert reason([(b":method", b"GET"), (b":path", b"/")]) is Reason.MALFORMED_REQUEST  # no Host
    assert reason(request((b"host", b"other.example"))) is Reason.MALFORMED_REQUEST  # a second one


def test_connect_has_no_path_and_is_refused() -> None:
    with pytest.raises(HeadError) as bad:
        asked([(b":method", b"CONNECT"), (b":authority", b"a:443")], LIMITS)
    assert (bad.value.status, bad.value.reason) == (405, Reason.METHOD_NOT_SUPPORTED)


def test_framing_is_the_engines() -> None:
    lines = (b"transfer-encoding", b"gzip"), (b"content-length", b"x"), (b"connection", b"origin")
    about, head = asked(request(APP, *lines), LIMITS)
    assert about.judged.origin == b"https://app.example" and not head.has_body


@thorough
@given(st.lists(st.tuples(st.sampled_from([b"origin", b"x-a", b"sec-fetch-site", b"cookie"]), st.binary())))
def test_whatever_it_lists_is_judged_or_refused(lines: list[Line]) -> None:
    try:
        about, _ = asked(request(*lines), LIMITS, frozenset())
    except HeadError as bad:
        assert bad.status in (400, 431)
    else:
        assert about.judged == judge_headers([(b"host", b"api.example"), *lines])
