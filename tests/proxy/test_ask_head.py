"""The request that an ask is about is read as strictly as a request of its own."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cors_proxy.cors.reason import Reason
from cors_proxy.policy.model import Address, Decide
from cors_proxy.proxy.ask_head import UNKNOWN_LENGTH, Asked, asked
from cors_proxy.proxy.request_head import HeadError
from cors_proxy.proxy.request_reader import HeadLimits, Message, RequestReader
from tests.cors.strategies import thorough

X_FORWARDED = Decide(Address(), "forwarded", "x-forwarded")
X_ORIGINAL = Decide(Address(), "forwarded", "x-original")
MIRROR = Decide(Address())


def read(raw: bytes) -> Message | HeadError:
    reader = RequestReader(HeadLimits(1 << 20, 1000))
    reader.read(raw)
    return reader.queue[0]


def ask(decide: Decide, *lines: bytes, host: bytes = b"decider", scheme: str = "http") -> Asked:
    message = read(b"\r\n".join((b"GET /check HTTP/1.1", b"Host: " + host, *lines, b"", b"")))
    assert isinstance(message, Message)
    return asked(decide, message, scheme)


def described(method: bytes, target: bytes, host: bytes) -> tuple[bytes, ...]:
    return b"X-Forwarded-Method: " + method, b"X-Forwarded-Uri: " + target, b"X-Forwarded-Host: " + host


def test_each_dialect_believes_its_own_headers() -> None:
    lines = *described(b"PUT", b"/f?q", b"api.example"), b"X-Original-Method: DELETE", b"X-Original-URI: /o"
    for decide, method, target, host in (
        (MIRROR, b"GET", b"/check", b"decider"),
        (X_FORWARDED, b"PUT", b"/f?q", b"api.example"),
        (X_ORIGINAL, b"DELETE", b"/o", b"decider"),
    ):
        found = ask(decide, *lines, b"Origin: null")
        assert (found.method, found.target, found.judged.host) == (method, target, host)
        assert found.judged.origin == b"null"


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [((), "http"), ((b"X-Forwarded-Proto: HTTPS",), "https"), ((b"X-Forwarded-Proto: wss",), "http")],
)
def test_the_scheme_is_for_the_log(lines: tuple[bytes, ...], scheme: str) -> None:
    assert ask(MIRROR, *lines).scheme == scheme


@pytest.mark.parametrize(
    ("framing", "length"),
    [
        (b"", 0),
        (b"0", 0),
        (b"200", 200),
        (b"9" * 40, int("9" * 19)),
        (b"chunked", UNKNOWN_LENGTH),
        (b"\xb2", UNKNOWN_LENGTH),
    ],
)
def test_the_engine_tells_the_length_of_the_body(framing: bytes, length: int) -> None:
    for decide in (MIRROR, X_FORWARDED):
        lines = described(b"POST", b"/", b"a")
        assert ask(decide, *lines).body == 0
        assert ask(decide, *lines, b"CORS-Proxy-Body: " + framing).body == length


def test_a_handshake_is_one_without_its_hop_by_hop_lines() -> None:
    lines = *described(b"GET", b"/", b"a"), b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    assert ask(X_FORWARDED, *lines).judged.websocket
    assert not ask(X_FORWARDED, *lines[:-1]).judged.websocket
    assert not ask(MIRROR, *lines).judged.websocket  # there the engine relays Upgrade


@pytest.mark.parametrize("name", [b"X-Forwarded-Method", b"X-Forwarded-Uri", b"X-Forwarded-Host"])
def test_each_is_there_exactly_once(name: bytes) -> None:
    lines = described(b"GET", b"/r", b"api.example")
    own = next(line for line in lines if line.startswith(name))
    for wrong in (
        [line for line in lines if line is not own],
        [*lines, own],
        [*lines, own.replace(name, name.upper())],
        [*lines, b"Connection: " + name, name + b": "],
    ):
        with pytest.raises(HeadError) as raised:
            ask(X_FORWARDED, *wrong)
        assert (raised.value.status, raised.value.reason) == (400, Reason.ASK_MALFORMED)
        assert name.decode().lower() in raised.value.detail


# No header holds a DEL.
@pytest.mark.parametrize("byte", [*range(0x20, 0x7F), *range(0x80, 0x100)])
def test_each_byte_of_a_target_is_judged_as_in_a_request(byte: int) -> None:
    target = b"/a%bb" % bytes((byte,))
    plain = read(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % target)
    try:
        found = ask(X_FORWARDED, *described(b"GET", target, b"a")).target
    except HeadError:
        assert isinstance(plain, HeadError)
    else:
        assert isinstance(plain, Message) and found == target


# Values that a header can have.
values = st.text("".join(map(chr, (*range(0x20, 0x7F), 0x09, 0x80, 0xE9, 0xFF))), max_size=12).map(
    lambda text: text.encode("latin-1").strip(b" \t")
)
methods = (
    st.sampled_from([b"GET", b"OPTIONS", b"PATCH", b"get", b"TRACE", b"CONNECT", b"", b"QUERY"]) | values
)
targets = values.map(lambda value: b"/" + value) | values
hosts = st.sampled_from([b"api.example", b"[::1]:80", b"a:b", b"a/b", b""]) | values


@thorough
@given(methods, targets, hosts)
@example(b"GET", b"/a HTTP/1.1", b"a")
@example(b"GET /evil", b"/a", b"a")
@example(b"OPTIONS", b"*", b"a")
@example(b"GET", b"http://b/", b"a")
@example(b"GET", b"/\xe9", b"a")
@example(b"PRI", b"*", b"a")
def test_what_is_read_is_what_a_request_would_have_been(method: bytes, target: bytes, host: bytes) -> None:
    plain = read(b"%b %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (method, target, host))
    try:
        found = ask(X_FORWARDED, *described(method, target, host))
    except HeadError as bad:
        assert bad.reason is not Reason.ASK_MALFORMED
        # White space would be read as the end of a word.
        if not {b" ", b"\t"} & {bytes((byte,)) for byte in method + target}:
            assert isinstance(plain, HeadError) and bad.status == plain.status
    else:
        assert isinstance(plain, Message)
        assert (found.method, found.target) == (plain.method, plain.target)
        assert found.judged == plain.head.judged
