import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import read

ONCE = [
    "Origin",
    "Access-Control-Request-Method",
    "AMP-Same-Origin",
    "AMP-Email-Sender",
    "Sec-Fetch-Site",
    "Upgrade",
]


def test_reads_what_a_decision_needs() -> None:
    found = read(b"OPTIONS", b"/a/b?x=1?y", [
        (b"hOST", b"api.example "), (b"Origin", b" https://app.example\t"), (b"Access-Control-Request-Method", b"PUT"), (b"X-Origin", b"x"),
        (b"access-control-request-headers", b"a, b"), (b"Access-Control-Request-Headers", b"c"), (b"AMP-Same-Origin", b"true"), (b"Cookie",
        b"c=1"),
        (b"Sec-Fetch-Site", b"cross-site"), (b"Access-Control-Request-Private-Network", b"true"), (b"AMP-Email-Sender", b"a@b.c"),
    ])  # fmt: skip
    assert (found.path, found.query, found.host, found.origin) == (
        b"/a/b",
        b"x=1?y",
        b"api.example",
        b"https://app.example",
    )
    assert (found.acrm, found.acrh, found.acrpn, found.amp_same_origin) == (
        b"PUT",
        (b"a, b", b"c"),
        b"true",
        b"true",
    )
    assert (found.fetch_site, found.email_sender, found.cookie, found.fault, found.preflight) == (
        b"cross-site",
        b"a@b.c",
        True,
        None,
        True,
    )


def test_absent_is_not_empty() -> None:
    assert (read(b"GET", b"/", []).origin, read(b"GET", b"/", [(b"Origin", b"")]).origin) == (None, b"")
    assert (read(b"GET", b"/", []).query, read(b"GET", b"/?", []).query) == (None, b"")


@pytest.mark.parametrize("name", ONCE)
def test_more_than_one_line_is_a_fault(name: str) -> None:
    found = read(b"GET", b"/", [(name.encode(), b"x"), (b"X-Between", b""), (name.upper().encode(), b"x")])
    assert (found.fault, found.fault_header) == (Reason.REPEATED_HEADER, name.lower().encode())


@pytest.mark.parametrize("name", ONCE)
@pytest.mark.parametrize("value", [b"tr\xffue", b"a\tb", b"\x01", b"a\x7f", b"a\x00"])
def test_odd_bytes_are_a_fault(name: str, value: bytes) -> None:
    assert read(b"GET", b"/", [(name.encode(), value)]).fault is Reason.HEADER_BYTES


def test_other_lines_may_repeat() -> None:
    twice = [(b"Cookie", b"\xff"), (b"Access-Control-Request-Headers", b"\xe9"), (b"X", b"\x01")] * 2
    assert read(b"GET", b"/", twice).fault is None


def test_private_network_counts_once() -> None:
    assert read(b"OPTIONS", b"/", [(b"Access-Control-Request-Private-Network", b"true")] * 2).acrpn == b""


@pytest.mark.parametrize(("value", "socket"), [
    (b"websocket", True), (b"WebSocket", True), (b"h2c, websocket", True), (b"websocket/13", True), (b",websocket", True), (b"h2c", False),
    (b"websockets", False), (b"", False),
])  # fmt: skip
def test_websocket(value: bytes, socket: bool) -> None:
    assert read(b"GET", b"/", [(b"Upgrade", value)]).websocket is socket
    assert read(b"GET", b"/", [(b"Upgrade", value), (b"Upgrade", b"h2c")]).websocket is socket
