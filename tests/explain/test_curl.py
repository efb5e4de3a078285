"""curl's command line, as people write it and as browsers copy it."""

import pytest

from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.curl import read_curl


@pytest.mark.parametrize(
    ("command", "method", "url", "headers", "origin", "credentials"),
    [
        ("curl https://api.example/r", "GET", "https://api.example/r", "", None, False),
        ("curl api.example/r?x=1", "GET", "http://api.example/r?x=1", "", None, False),
        ("curl -sSXPUT /r -H 'Origin: https://a'", "PUT", "https://api.example/r", "", "https://a", False),
        ("curl --request=PATCH --url /r -HX-Foo:1", "PATCH", "https://api.example/r", "X-Foo: 1", None, False),
        ("curl /r -d a=b", "POST", "https://api.example/r", "Content-Type: application/x-www-form-urlencoded", None, False),
        ("curl /r --json '{}'", "POST", "https://api.example/r", "Content-Type: application/json", None, False),
        ("curl -G /r -d a=b", "GET", "https://api.example/r", "", None, False),
        ("curl -I /r", "HEAD", "https://api.example/r", "", None, False),
        ("curl -T file /r", "PUT", "https://api.example/r", "", None, False),
        ("curl /r -H 'Origin: null' -b 'a=b'", "GET", "https://api.example/r", "", "null", True),
        ("curl -u me:secret /r -H 'Origin: https://a'", "GET", "https://api.example/r", "Authorization: Basic ...", "https://a", False),
        (
            "curl 'https://api.example/r' \\\n  -X 'POST' \\\n  -H 'accept: */*' \\\n  -H 'content-type: application/json' \\\n"
            "  -H 'origin: https://app.example' \\\n  -H 'sec-ch-ua: \"x\"' \\\n  -H 'user-agent: y' \\\n"
            "  --data-raw $'{\"a\":1}' --compressed",
            "POST", "https://api.example/r", "content-type: application/json", "https://app.example", False,
        ),
        (
            "curl -X OPTIONS /r -H 'Origin: https://a' -H 'Access-Control-Request-Method: PUT'"
            " -H 'Access-Control-Request-Headers: x-a, x-b'",
            "PUT", "https://api.example/r", "x-a: ?|x-b: ?", "https://a", False,
        ),
    ],
)  # fmt: skip
def test_commands(
    source: PolicyText,
    command: str,
    method: str,
    url: str,
    headers: str,
    origin: str | None,
    credentials: bool,
) -> None:
    question = read_curl(source.read(), command).question
    lines = "|".join(
        f"{name.decode()}: {'?' if value is None else value.decode()}" for name, value in question.headers
    )
    assert (question.method.decode(), question.url, lines) == (method, url, headers)
    assert (question.origin, question.credentials) == (
        None if origin is None else origin.encode(),
        credentials,
    )


@pytest.mark.parametrize(
    "command", ["", "curl", "curl -X", "curl 'https://api", "curl -X 'A B' /r", "curl https:///"]
)
def test_no_command(source: PolicyText, command: str) -> None:
    with pytest.raises(ValueError):
        read_curl(source.read(), command)
