"""The JSON document, and the text for people, say the same."""

import json

import pytest

from cors_proxy.operate.explanation.browser import explain
from cors_proxy.operate.explanation.change import PolicyText, propose
from cors_proxy.operate.explanation.document import document
from cors_proxy.operate.explanation.question import ask
from cors_proxy.operate.explanation.text import text


@pytest.mark.parametrize(
    ("where", "origin", "method", "headers", "words"),
    [
        ("/r", "https://app.example", "PUT", ("X-Foo",), ["ALLOWED", "Access-Control-Allow-Methods: PUT", "policy.yaml:8", "X-Total"]),
        ("/r", "https://evil.example", "GET", (), ["BLOCKED", "policy.yaml:7: <7>", "smallest change", "Chromium", "Firefox", "Danger"]),
        ("/r", "https://\x1b[31mevil\x07", "GET", (), ["BLOCKED"]),
        ("/public/x", "https://x.example", "POST", (), ["REFUSED", "the status 403"]),
        ("/old/x", "https://x.example", "GET", (), ["NOT JUDGED", "depends on the API"]),
        ("wss://api.example/r", "https://app.example", "GET", (), ["an open WebSocket"]),
        ("wss://api.example/r", "https://x.example", "GET", (), ["an error event", "Unexpected response code: 403"]),
        ("/r", "https://api.example", "GET", (), ["Same-origin", "every header"]),
        ("/r", "https://app.example", "TRACE", (), ["no page can send TRACE"]),
    ],
)
def test_both_forms(source: PolicyText, where: str, origin: str, method: str, headers: tuple[str, ...], words: list[str]) -> None:
    policy = source.read()
    question = ask(policy, where, origin.replace("\x1b", "").replace("\x07", ""), method, headers)
    explanation, change = explain(policy, question), propose(source, policy, question)
    plain = json.loads(json.dumps(document(explanation, change)))
    said = text(explanation, change, lambda place: f"<{place.line}>")
    assert plain["allowed"] is explanation.allowed
    assert plain["verdict"] == explanation.verdict.value
    for word in words:
        assert word in said
    assert plain["cause"] in said
    assert plain["rule"] is None or f"{plain['rule']}: <" in said
    for step in plain["steps"]:
        for name, value in step["response"]["headers"]:
            assert f"    < {name}: {value}" in said
        for check in step["proxy_checks"] + step["browser_checks"]:
            assert f"{check['check']}: {check['text']}" in said
    for message in plain["console"]:
        assert message["text"] in said
    assert said.isprintable() or set(said) - {"\n"} == {c for c in said if c.isprintable()}
