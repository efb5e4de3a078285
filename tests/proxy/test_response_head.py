"""A response's framing has one reading, or its head is refused (RFC 9112 6); lines go on as they
came."""

import pytest

from cors_proxy.proxy.response_head import ResponseHead, read_response


def answer(*lines: bytes, line: bytes = b"HTTP/1.1 200 OK", head_only: bool = False) -> ResponseHead | None:
    return read_response(b"\r\n".join((line, *lines)) + b"\r\n\r\n", head_only)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: 05"],
        [b"Content-Length: 5", b"Content-Length: 5"],
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"X: a\nSet-Cookie: b"],
        [b"X: a\rSet-Cookie: b"],
        [b"X: a", b" folded"],
    ],
)
def test_an_answer_with_two_readings_is_none(lines: list[bytes]) -> None:
    assert answer(*lines) is None


def test_an_answer_keeps_its_lines() -> None:
    head = answer(b"Set-Cookie: a", b"Connection: X-Hop", b"X-Hop: 1", b"set-cookie:b", b"Vary: x")
    assert (
        head is not None
        and head.kept == [b"Set-Cookie: a", b"set-cookie:b", b"Vary: x"]
        and head.judged == [b"Vary: x"]
    )
    assert head.close, "without framing the end of the connection is the end of the body"


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.1 099 X",
        b"HTTP/1.1 600 X",
        b"HTTP/2.0 200 OK",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1 2000",
        b"ICE/1.0 200",
    ],
)
def test_a_status_line_is_one(line: bytes) -> None:
    assert answer(b"Content-Length: 0", line=line) is None


def test_a_status_line_may_lack_a_phrase() -> None:
    for line in (b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.1 200 All Is Well"):
        head = answer(b"Content-Length: 0", line=line)
        assert head is not None and (head.status, head.line, head.close) == (200, line[8:], False)


def test_an_answer_says_whether_more_may_come() -> None:
    for lines, closes in (
        ([b"Connection: close"], True),
        ([b"Connection: keep-alive, close"], True),
        ([b"Connection: keep-alive"], False),
    ):
        head = answer(b"Content-Length: 0", *lines)
        assert head is not None and head.close is closes
    old = answer(b"Content-Length: 0", line=b"HTTP/1.0 200 OK")
    older = answer(b"Content-Length: 0", b"Connection: keep-alive", line=b"HTTP/1.0 200 OK")
    assert old is not None and old.close and older is not None and not older.close


@pytest.mark.parametrize("status", [b"100", b"101", b"103", b"199"])
@pytest.mark.parametrize("line", [b"Content-Length: 0", b"Content-Length: 5", b"Transfer-Encoding: chunked"])
def test_an_interim_answer_has_no_body(status: bytes, line: bytes) -> None:
    assert answer(line=b"HTTP/1.1 %b X" % status) is not None
    assert answer(line, line=b"HTTP/1.1 %b X" % status) is None


def test_hop_by_hop_lines_do_not_go_on() -> None:
    hops = [b"Connection: x", b"Keep-Alive: timeout=5", b"Proxy-Connection: close", b"TE: a", b"Trailer: X"]
    head = answer(*hops, b"Transfer-Encoding: chunked", b"Upgrade: h2c", b"X-Kept: 1")
    assert head is not None and head.kept == [b"X-Kept: 1"] and head.chunked and head.upgrade == b"h2c"
