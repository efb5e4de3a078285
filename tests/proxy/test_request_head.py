"""A request's framing has one reading, or its head is refused (RFC 9112 6); lines go on as they
came."""

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.proxy.field_lines import content_length
from cors_proxy.proxy.request_head import (
    HeadError,
    RequestHead,
    _valid,
    read_request,
    request_line,
)

HOST = b"Host: api.example"


def read(*lines: bytes, http10: bool = False) -> RequestHead:
    return read_request(b"".join(line + b"\r\n" for line in (HOST, *lines)) + b"\r\n", http10)


@pytest.mark.parametrize(
    "value", [b"010", b"+5", b"-1", b"", b"5a", b"1 2", b"5, 5", b"\xa05", b"9" * 19, b"1_0"]
)
def test_a_length_is_digits_without_leading_zero(value: bytes) -> None:
    assert content_length(value) == -1
    with pytest.raises(HeadError):
        read(b"Content-Length: " + value)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: ,chunked"],
        [b"Transfer-Encoding:"],
        [b"Transfer-Encoding: identity"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"Content-Length: 5", b"content-length: 5"],
        [HOST],
        [b" folded: 1"],
        [b"\tfolded: 1"],
        [b"X: a\nOrigin: https://evil.example"],
        [b"X: a\rOrigin: https://evil.example"],
    ],
)
def test_what_has_two_readings_is_refused(lines: list[bytes]) -> None:
    with pytest.raises(HeadError) as caught:
        read(*lines)
    assert (caught.value.status, caught.value.reason) == (400, Reason.MALFORMED_REQUEST)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"CONNECT a:1 HTTP/1.1", 405),
        (b"TRACE / HTTP/1.1", 405),
        (b"OPTIONS * HTTP/1.1", 400),
        (b"GET http://a/ HTTP/1.1", 400),
        (b"GET a HTTP/1.1", 400),
        (b"GET / HTTP/2.0", 505),
        (b"GET / RTSP/1.0", 505),
        (b"GET /", 505),
        (b"GET / HTTP/1.1 HTTP/1.1", 505),
    ],
)
def test_only_origin_form_and_known_versions(line: bytes, status: int) -> None:
    with pytest.raises(HeadError) as caught:
        request_line(line)
    assert caught.value.status == status


def test_a_request_line() -> None:
    assert request_line(b"GET /a?b HTTP/1.1") == (b"GET", b"/a?b", False)
    assert request_line(b"POST   /  HTTP/1.0") == (b"POST", b"/", True)


def test_chunked_belongs_to_http_1_1() -> None:
    with pytest.raises(HeadError):
        read(b"Transfer-Encoding: chunked", http10=True)
    assert read(b"transfer-encoding: ChUnKeD").chunked


@pytest.mark.parametrize("host", [None, b"", b"a b", b"a@b", b"a/b", b"a, b"])
def test_one_valid_host(host: bytes | None) -> None:
    with pytest.raises(HeadError):
        read_request(b"\r\n" if host is None else b"Host: %b\r\n\r\n" % host, http10=True)


def test_hop_by_hop_lines_do_not_go_on() -> None:
    head = read(
        b"Connection: keep-alive, X-Secret, Content-Length", b"X-Secret: 1", b"Keep-Alive: 1", b"TE: gzip",
        b"Trailer: X",
        b"Proxy: http://evil", b"Upgrade: h2c", b"HTTP2-Settings: AA", b"Proxy-Connection: close",
        b"Expect: 100-continue",
        b"X-Kept:\xff", b"Content-Length: 5",
    )  # fmt: skip
    assert head.kept == [b"X-Kept:\xff", b"Content-Length: 5"], "Host is written by itself"


def test_keep_alive_by_version() -> None:
    assert not read().close and read(http10=True).close
    assert read(b"Connection: close").close
    assert not read(b"Connection: Keep-Alive", http10=True).close
    assert (
        read(b"Connection: close, keep-alive").close
        and read(b"Connection: keep-alive, close", http10=True).close
    )
    assert read(b"Connection: " + b"x, " * 40 + b"close").close


def test_a_length_goes_on_without_white_space() -> None:
    """Some servers refuse it with a tab behind."""
    assert b"Content-Length: 5" in read(b"Content-Length: 5 \t").kept


def test_an_old_client_expects_nothing() -> None:
    assert read(b"Expect: 100-continue").expect == b"100-continue"
    assert read(b"Expect: 100-continue", http10=True).expect is None


def test_long_hosts_are_not_remembered() -> None:
    long = b"a" * 65
    assert read_request(b"Host: short.example\r\n\r\n", False).host in _valid
    assert read_request(b"Host: %b\r\n\r\n" % long, False).host == long
    assert long not in _valid


def test_the_memory_of_hosts_is_bounded() -> None:
    for number in range(1100):
        read_request(b"Host: h%d.example\r\n\r\n" % number, False)
    assert len(_valid) <= 1024


def test_a_trace_is_read_and_forwarded() -> None:
    line = b"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert (read().traceparent, read(line).traceparent) == (None, line[13:])
    assert read(line).kept == [line]
    twice = read(line, b"Traceparent: x")
    assert (twice.traceparent, twice.kept) == (b"", [line, b"Traceparent: x"])
