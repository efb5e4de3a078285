"""What browsers copy as fetch."""

import pytest

from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.fetch_call import is_fetch, read_fetch

CHROMIUM = """fetch("https://api.example/r?a=1#x", {
  "headers": {
    "accept": "*/*",
    "content-type": "application/json",
    "sec-ch-ua": "\\"Chromium\\";v=\\"142\\"",
    "x-a": "1"
  },
  "referrer": "https://app.example/page",
  "body": "{\\"a\\":1}",
  "method": "PUT",
  "mode": "cors",
  "credentials": "include"
}); ;"""
FIREFOX = """await fetch("https://api.example/r", {
    "credentials": "omit",
    "headers": {"X-A": "1"},
    "referrer": "https://app.example/",
    "method": "DELETE",
    "mode": "cors"
});"""


@pytest.mark.parametrize(
    ("text", "method", "names", "credentials"),
    [
        (CHROMIUM.removesuffix(" ;"), b"PUT", [b"content-type", b"x-a"], True),
        (FIREFOX, b"DELETE", [b"X-A"], False),
        ("fetch('/r', {method: 'PATCH', headers: {'X-A': '1'}, referrer: 'https://app.example/x'})", b"PATCH", [b"X-A"], False),
        ('fetch("/r", {"headers": {"origin": "https://app.example"}})', b"GET", [], False),
    ],
)  # fmt: skip
def test_calls(source: PolicyText, text: str, method: bytes, names: list[bytes], credentials: bool) -> None:
    assert is_fetch(text)
    question = read_fetch(source.read(), text).question
    assert (question.method, [name for name, _ in question.headers]) == (method, names)
    assert (question.origin, question.credentials) == (b"https://app.example", credentials)
    assert question.url.startswith("https://api.example/r")


def test_the_origin_is_asked_for(source: PolicyText) -> None:
    with pytest.raises(ValueError, match="add --origin"):
        read_fetch(source.read(), 'fetch("/r")')
    assert (
        read_fetch(source.read(), 'fetch("/r")', "https://b.example").question.origin == b"https://b.example"
    )


@pytest.mark.parametrize(
    "text", ["fetch(", "fetch(1)", "fetch(url)x", 'fetch("/r", [])', 'fetch("/r", {"headers": []}', "fetch({)", "fetcher()", "fetch()"]
)  # fmt: skip
def test_no_call(source: PolicyText, text: str) -> None:
    with pytest.raises(ValueError):
        read_fetch(source.read(), text, "https://app.example")
