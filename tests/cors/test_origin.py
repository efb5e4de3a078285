import pytest
from hypothesis import given

from cors_proxy.cors.origin import Origin, canonical_ipv6, parse_origin

from .strategies import origins, thorough, wire_values


@thorough
@given(origins())
def test_parsing_what_is_serialised_is_the_identity(origin: Origin) -> None:
    assert parse_origin(bytes(origin)) == origin
    assert str(origin).encode("ascii") == bytes(origin)


@thorough
@given(wire_values)
def test_whatever_parses_is_its_own_serialisation(raw: bytes) -> None:
    origin = parse_origin(raw)
    assert origin is None or bytes(origin) == raw


@pytest.mark.parametrize(
    ("raw", "scheme", "host", "port"),
    [
        ("https://app.example", "https", "app.example", None),
        ("http://app.example:443", "http", "app.example", 443),
        ("https://x_y-1.example", "https", "x_y-1.example", None),
        ("https://example.com.", "https", "example.com.", None),
        ("http://127.0.0.1:90", "http", "127.0.0.1", 90),
        ("http://[2001:db8::1]:65535", "http", "[2001:db8::1]", 65535),
        ("capacitor://localhost", "capacitor", "localhost", None),
        ("safari-web-extension://3A7E-B", "safari-web-extension", "3A7E-B", None),
        (f"https://xn--{'0' * 60}.com", "https", f"xn--{'0' * 60}.com", None),
    ],
)
def test_origins(raw: str, scheme: str, host: str, port: int | None) -> None:
    assert parse_origin(raw.encode()) == Origin(scheme.encode(), host.encode(), port)


@pytest.mark.parametrize(
    "raw",
    [
        "", "null", "*", "app.example", "//app.example", "https:", "https://", "HTTPS://app.example", "https://APP.example",
        "https://app.example/", "https://app.example?q", "https://app.example#f", "https://u@app.example", "https://app.example:443",
        "http://app.example:80", "https://app.example:", "https://app.example:0", "https://app.example:065", "https://app.example:65536",
        "https://app.example:x", "https://app.example:-1", "https://app..example", "https://.example", "https://app.example..", "https://.",
        "https://a b", "https://%61pp.example", "https://app.example, https://app.example", "https://app.example\n", "https://*.example",
        "http://127.1", "http://2130706433", "http://0x7f.1", "http://1.2.3.4.", "http://256.1.1.1", "http://01.2.3.4", "http://1.2.3.4.5",
        "http://::1", "http://[::1", "http://[0:0:0:0:0:0:0:1]", "http://[::FFFF]", "http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]",
        "http://[fe80::1%25eth0]", "http://[]", "file://", "file://x", "1http://x", "https://" + "a" * 254,
        "https://" + "a." * 4000 + "x", "https://r\xe9sum\xe9.com",
    ],
)  # fmt: skip
def test_no_origins(raw: str) -> None:
    assert parse_origin(raw.encode("latin-1")) is None


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0:0:0:0:0:0:0:0", "::"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"), ("1:0:0:2:0:0:3:4",
        "1::2:0:0:3:4"),
        ("2001:DB8::1", "2001:db8::1"), ("::1.2.3.4", "::102:304"), ("x", None), ("::1%25lo", None), ("::ffff:1.2.3.4", None), ("1" * 46,
        None),
    ],
)  # fmt: skip
def test_ipv6(text: str, canonical: str | None) -> None:
    """RFC 5952, but for IPv4-mapped addresses, which no page comes from."""
    assert canonical_ipv6(text.encode()) == (None if canonical is None else canonical.encode())
