"""Framing has one reading, or the head is refused (RFC 9112 6)."""

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.proxy.heads import BadHead, decimal, read_request, read_response

HOST = (b"Host", b"api.example")


def read(*lines: tuple[bytes, bytes], method: bytes = b"GET", target: bytes = b"/", version: str = "1.1"):  # type: ignore[no-untyped-def]
    return read_request(method, target, version, [HOST, *lines])


@pytest.mark.parametrize("value", [b"010", b"+5", b"-1", b"", b"5a", b"1 2", b"5, 5", b"\xa05", b"9" * 19, b"1_0"])
def test_a_length_is_digits_without_leading_zero(value: bytes) -> None:
    assert decimal(value) == -1
    with pytest.raises(BadHead):
        read((b"Content-Length", value))


@pytest.mark.parametrize(
    "lines",
    [
        [(b"Transfer-Encoding", b"gzip, chunked")],
        [(b"Transfer-Encoding", b",chunked")],
        [(b"Transfer-Encoding", b"")],
        [(b"Transfer-Encoding", b"identity")],
        [(b"Transfer-Encoding", b"chunked"), (b"Transfer-Encoding", b"chunked")],
        [(b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"5")],
        [HOST],
    ],
)
def test_ambiguous_framing_is_refused(lines: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(BadHead) as caught:
        read(*lines)
    assert (caught.value.status, caught.value.reason) == (400, Reason.MALFORMED_REQUEST)


@pytest.mark.parametrize(
    ("method", "target", "version", "status"),
    [
        (b"CONNECT", b"a:1", "1.1", 405),
        (b"TRACE", b"/", "1.1", 405),
        (b"OPTIONS", b"*", "1.1", 400),
        (b"GET", b"http://a/", "1.1", 400),
        (b"GET", b"a", "1.1", 400),
        (b"GET", b"/", "2.0", 505),
        (b"GET", b"/", "0.9", 505),
    ],
)
def test_only_origin_form_and_known_versions(method: bytes, target: bytes, version: str, status: int) -> None:
    with pytest.raises(BadHead) as caught:
        read(method=method, target=target, version=version)
    assert caught.value.status == status


def test_chunked_belongs_to_http_1_1() -> None:
    with pytest.raises(BadHead):
        read((b"Transfer-Encoding", b"chunked"), version="1.0")
    assert read((b"transfer-encoding", b"ChUnKeD")).chunked


@pytest.mark.parametrize("host", [None, b"", b"a b", b"a@b", b"a/b", b"a, b"])
def test_one_valid_host(host: bytes | None) -> None:
    with pytest.raises(BadHead):
        read_request(b"GET", b"/", "1.0", [] if host is None else [(b"Host", host)])


def test_hop_by_hop_lines_do_not_go_on() -> None:
    head = read(
        (b"Connection", b"keep-alive, X-Secret, Content-Length"),
        (b"X-Secret", b"1"), (b"Keep-Alive", b"1"), (b"TE", b"gzip"), (b"Trailer", b"X"), (b"Proxy", b"http://evil"), (b"Upgrade", b"h2c"),
        (b"HTTP2-Settings", b"AA"), (b"Proxy-Connection", b"close"),
        (b"Expect", b"100-continue"), (b"X-Kept", b"\xff"), (b"Content-Length", b"5"),
    )  # fmt: skip
    assert head.kept == [HOST, (b"X-Kept", b"\xff"), (b"Content-Length", b"5")]


def test_keep_alive_by_version() -> None:
    assert not read().close and read(version="1.0").close
    assert read((b"Connection", b"close")).close
    assert not read((b"Connection", b"Keep-Alive"), version="1.0").close


@pytest.mark.parametrize(
    "lines",
    [
        [(b"Content-Length", b"05")],
        [(b"Content-Length", b"5"), (b"Content-Length", b"5")],
        [(b"Transfer-Encoding", b"gzip, chunked")],
        [(b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"5")],
    ],
)
def test_an_answer_with_two_readings_is_none(lines: list[tuple[bytes, bytes]]) -> None:
    assert read_response(200, b"OK", "1.1", lines, False) is None


def test_an_answer_keeps_its_lines() -> None:
    head = read_response(
        200, b"OK", "1.1", [(b"Set-Cookie", b"a"), (b"Connection", b"X-Hop"), (b"X-Hop", b"1"), (b"set-cookie", b"b")], False
    )
    assert head is not None and head.kept == [(b"Set-Cookie", b"a"), (b"set-cookie", b"b")]
    assert head.close, "without framing the end of the connection is the end of the body"
    assert read_response(99, b"", "1.1", [], True) is None and read_response(600, b"", "1.1", [], True) is None
    assert read_response(200, b"", "2.0", [], True) is None


def test_a_length_goes_on_without_white_space() -> None:
    """Some servers refuse it with a tab behind."""
    head = read_request(b"POST", b"/", "1.1", [(b"Host", b"a"), (b"Content-Length", b"5 \t")])
    assert (b"Content-Length", b"5") in head.kept
