"""A response's framing has one reading, or its head is refused (RFC 9112 6); lines go on as they
came."""

import pytest

from cors_proxy.proxy.response_head import ResponseError, ResponseHead, read_response


def answer(*lines: bytes, line: bytes = b"HTTP/1.1 200 OK", head_only: bool = False) -> ResponseHead:
    return read_response(b"\r\n".join((line, *lines)) + b"\r\n\r\n", head_only)


@pytest.mark.parametrize(
    ("lines", "detail"),
    [
        ([b"Content-Length: 05"], "a Content-Length that is not a plain number"),
        ([b"Content-Length: 5", b"Content-Length: 5"], "two Content-Length lines"),
        ([b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"], "two Transfer-Encoding lines"),
        (
            [b"Transfer-Encoding: gzip, chunked"],
            "a Transfer-Encoding that is not chunked alone, in HTTP/1.1",
        ),
        (
            [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
            "Content-Length beside Transfer-Encoding",
        ),
        ([b"X: a\nSet-Cookie: b"], "a bare CR or LF in the head"),
        ([b"X: a\rSet-Cookie: b"], "a bare CR or LF in the head"),
        ([b"X: a", b" folded"], "a folded header line"),
    ],
)
def test_an_answer_with_two_readings_is_refused_and_says_why(lines: list[bytes], detail: str) -> None:
    with pytest.raises(ResponseError) as caught:
        answer(*lines)
    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"timeout=5", 5),
        (b"max=100, Timeout = 15", 15),
        (b'timeout="3"', 3),
        (b"timeout=0", 0),
        (b"timeout=1.5", -1),
        (b"timeout", -1),
        (b"max=1" + b"0" * 200 + b", timeout=7", 7),
    ],
)
def test_how_long_the_upstream_keeps_a_connection(value: bytes, seconds: int) -> None:
    head = answer(b"Content-Length: 0", b"Keep-Alive: " + value)
    assert head.keep_alive == seconds
    assert head.kept == [b"Content-Length: 0"]
    assert answer(b"Content-Length: 0").keep_alive == -1


def test_an_answer_keeps_its_lines() -> None:
    head = answer(b"Set-Cookie: a", b"Connection: X-Hop", b"X-Hop: 1", b"set-cookie:b", b"Vary: x")
    assert head.kept == [b"Set-Cookie: a", b"set-cookie:b", b"Vary: x"] and head.judged == [b"Vary: x"]
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
    with pytest.raises(ResponseError):
        answer(b"Content-Length: 0", line=line)


def test_a_status_line_may_lack_a_phrase() -> None:
    for line in (b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.1 200 All Is Well"):
        head = answer(b"Content-Length: 0", line=line)
        assert (head.status, head.line, head.close) == (200, line[8:], False)


def test_an_answer_says_whether_more_may_come() -> None:
    for lines, closes in (
        ([b"Connection: close"], True),
        ([b"Connection: keep-alive, close"], True),
        ([b"Connection: keep-alive"], False),
    ):
        head = answer(b"Content-Length: 0", *lines)
        assert head.close is closes
    old = answer(b"Content-Length: 0", line=b"HTTP/1.0 200 OK")
    older = answer(b"Content-Length: 0", b"Connection: keep-alive", line=b"HTTP/1.0 200 OK")
    assert old.close and not older.close


@pytest.mark.parametrize("status", [b"100", b"101", b"103", b"199"])
@pytest.mark.parametrize("line", [b"Content-Length: 0", b"Content-Length: 5", b"Transfer-Encoding: chunked"])
def test_an_interim_answer_has_no_body(status: bytes, line: bytes) -> None:
    answer(line=b"HTTP/1.1 %b X" % status)
    with pytest.raises(ResponseError, match="interim"):
        answer(line, line=b"HTTP/1.1 %b X" % status)


def test_hop_by_hop_lines_do_not_go_on() -> None:
    hops = [b"Connection: x", b"Keep-Alive: timeout=5", b"Proxy-Connection: close", b"TE: a", b"Trailer: X"]
    head = answer(*hops, b"Transfer-Encoding: chunked", b"Upgrade: h2c", b"X-Kept: 1")
    assert head.kept == [b"X-Kept: 1"] and head.chunked and head.upgrade == b"h2c"
