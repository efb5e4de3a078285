"""Whatever a client sends stays inside one JSON string of one line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.escape import LIMIT, escaped


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"", ""),
        (b"https://app.example.com", "https://app.example.com"),
        (b'https://a"b\\', 'https://a\\"b\\\\'),
        (b"\x1b[31mred\r\n\t\x00\x7f", "\\u001b[31mred\\u000d\\u000a\\u0009\\u0000\\u007f"),
        (b"\xff\x80", "\\\\xff\\\\x80"),
        ("é\u2028😀".encode(), "\\u00e9\\u2028\\ud83d\\ude00"),
        (b"%0d%0a", "%0d%0a"),
    ],
)
def test_escapes(sent: bytes, shown: str) -> None:
    assert escaped(sent) == shown


@pytest.mark.parametrize("unit", [b"a", b'"', b"\x00", "😀".encode(), b"\xff"])
def test_cut(unit: bytes) -> None:
    text = escaped(unit * 5000)
    assert LIMIT - 12 < len(text) <= LIMIT
    json.loads(f'"{text}"')


@given(st.binary(max_size=600))
def test_always_the_inside_of_a_json_string(value: bytes) -> None:
    text = escaped(value)
    assert len(text) <= LIMIT
    assert all(0x20 <= ord(character) < 0x7F for character in text)
    assert isinstance(json.loads(f'"{text}"'), str)
