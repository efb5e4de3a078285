"""What the access log writes can be explained again, with the same reason."""

from collections.abc import Callable
from typing import Any

import pytest

from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.explain.browser import explain
from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.log_line import read_line
from cors_proxy.explain.recorded import differences
from cors_proxy.operate.access_log import json_line, text_line


@pytest.mark.parametrize("form", [json_line, text_line])
@pytest.mark.parametrize(
    ("method", "target", "lines", "reason"),
    [
        ("GET", "/r?secret", {"Origin": "https://app.example"}, "origin-allowed"),
        ("GET", "/r", {"Origin": "https://evil.example"}, "origin-not-allowed"),
        ("GET", "/r", {"Origin": "https://a b"}, "origin-malformed"),
        ("POST", "/public/x", {"Origin": "https://evil.example"}, "method-not-allowed"),
        ("OPTIONS", "/r", {"Origin": "https://app.example", "Access-Control-Request-Method": "DELETE"}, "method-not-allowed"),
        (
            "OPTIONS", "/r",
            {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-bar"},
            "header-not-allowed",
        ),
        ("OPTIONS", "/r", {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}, "origin-not-allowed"),
        ("POST", "/r", {"Sec-Fetch-Site": "cross-site"}, "cross-site"),
        ("POST", "/mine/x", {}, "missing-origin"),
        ("GET", "/r", {"Origin": "https://evil.example", "Upgrade": "websocket"}, "origin-not-allowed"),
        ("GET", "/a//b", {"Origin": "https://app.example"}, "ambiguous-path"),
    ],
)  # fmt: skip
def test_the_same_reason(
    source: PolicyText, exchange: Callable[..., Any], form: Callable[[Any], bytes], method: str, target: str,
    lines: dict[str, str], reason: str,
) -> None:  # fmt: skip
    policy = source.read()
    sent = [(b"Host", b"api.example"), *((name.encode(), value.encode()) for name, value in lines.items())]
    request = read(method.encode(), target.encode(), sent)
    decision = judge(policy.site, request).decision
    assert decision.reason.value == reason
    line = form(
        exchange(
            method=request.method,
            target=request.target,
            host=request.host,
            origin=request.origin,
            decision=decision,
            status=1,
        )
    ).decode()
    if form is text_line and (reason == "origin-malformed" or "OPTIONS" in line or "Upgrade" in lines):
        return  # the line for people tells neither what kind it was, nor where a value ends
    recorded = read_line(policy, line)
    assert differences(recorded, explain(policy, recorded.question)) == []
    assert recorded.expected == reason
    assert "no query" in recorded.unknown[0]
    assert "secret" not in recorded.question.url


@pytest.mark.parametrize(
    "line",
    ["", "{", "{}", "[]", "GET /r", '{"url.path": 1}', '{"url.path": "r"}', '{"event.name": "listening"}'],
)
def test_no_line_of_the_log(source: PolicyText, line: str) -> None:
    with pytest.raises(ValueError):
        read_line(source.read(), line)


def test_what_may_have_been_cut(source: PolicyText) -> None:
    line = '{"url.path": "/%s", "http.request.method": "GET", "cors.reason": "no-origin"}' % ("a" * 255)
    assert "may be longer" in read_line(source.read(), line).unknown[1]
