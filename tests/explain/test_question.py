"""A path or a URL, a method and headers become what a browser would take them for."""

import pytest

from cors_proxy.explain.question import Question, home, parse_question
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy


def policy(keys: str = "") -> Policy:
    return parse_policy(f"version: 1\nupstream: http://a:1\n{keys}", "p.yaml", "")[0]


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ("", "http://localhost:8080"),
        ("listen: 127.0.0.1:80", "http://localhost"),
        ("listen: unix:/run/p.sock", "http://localhost"),
        ("hosts: [api.example, b.example]", "https://api.example"),
        ("hosts: ['api.example:8443']", "https://api.example:8443"),
        ("hosts: ['localhost:8080']", "http://localhost:8080"),
        (
            "self_origins: [https://api.example:444, https://b.example]\nhosts: [c.example]",
            "https://api.example:444",
        ),
        ("self_origins: ['app://x', 'http://b.example']", "http://b.example"),
    ],
)
def test_home_of_a_path(keys: str, where: str) -> None:
    scheme, host = home(policy(keys))
    assert f"{scheme}://{host.decode()}" == where


@pytest.mark.parametrize(
    ("where", "url", "origin"),
    [
        ("/a?b=c", "http://localhost:8080/a?b=c", "http://localhost:8080"),
        ("https://api.example", "https://api.example/", "https://api.example"),
        ("HTTPS://API.example:443/A", "https://api.example/A", "https://api.example"),
        ("http://api.example:8080?x", "http://api.example:8080/?x", "http://api.example:8080"),
        ("wss://api.example/s", "wss://api.example/s", "https://api.example"),
        ("http://[::1]:80/s", "http://[::1]/s", "http://[::1]"),
        ("/a b/ü/%2e%2e/c", "http://localhost:8080/a%20b/%C3%BC/%2e%2e/c", "http://localhost:8080"),
    ],
)
def test_urls(where: str, url: str, origin: str) -> None:
    question = parse_question(policy(), where, "https://a.example")
    assert (question.url, question.url_origin.decode()) == (url, origin)


def test_method_and_headers_are_those_of_a_browser() -> None:
    question = parse_question(
        policy(), "/", "https://a.example", "put", ["X-Foo", "Content-Type: text/plain ", "X-Empty:"]
    )
    assert question.method == b"PUT"
    assert question.headers == ((b"X-Foo", None), (b"Content-Type", b"text/plain"), (b"X-Empty", b""))
    assert parse_question(policy(), "/", "https://a.example", "patch").method == b"patch"


@pytest.mark.parametrize(
    ("where", "origin", "method", "header"),
    [
        ("r", "https://a", "GET", "X"),
        ("ftp://a/", "https://a", "GET", "X"),
        ("https:///x", "https://a", "GET", "X"),
        ("https://u@h/x", "https://a", "GET", "X"),
        ("/\n", "https://a", "GET", "X"),
        ("/", "https://a\r\nX: y", "GET", "X"),
        ("/", "https://a", "G T", "X"),
        ("/", "https://a", "", "X"),
        ("/", "https://a", "GET", "X Y: z"),
        ("/", "https://a", "GET", ": z"),
        ("/", "https://a", "GET", "X: a\r\nY: z"),
    ],
)
def test_mistakes_of_the_call(where: str, origin: str, method: str, header: str) -> None:
    with pytest.raises(ValueError):
        parse_question(policy(), where, origin, method, [header])


def test_same_origin() -> None:
    def same(origin: str, scheme: str, host: bytes) -> bool:
        return Question(origin.encode(), b"GET", scheme, host, b"/").same_origin

    assert same("https://api.example", "https", b"api.example:443")
    assert not same("http://api.example", "https", b"api.example")
    assert not same("https://api.example:444", "https", b"api.example")
    assert not same("null", "https", b"api.example")
