"""The effective policy, as plain data."""

import json

from cors_proxy.policy.effective import effective
from cors_proxy.policy.read import parse_policy

from .reading import read

TEXT = """hosts: [api.example]
cors: {origins: [https://app.example], credentials: true, max_age: 10m}
routes:
  - {path: /amp/**, amp: {publisher: https://example.com, caches: [cdn.ampproject.org]}}
  - {path: /mail, amp: {email: {senders: [a@b.example]}}}
  - {path: /old/**, cors: off, strip_prefix: /old, upstream: https://old:8443/v1, dangerously_allow: encoded-slashes}
"""


def test_the_decision_listener() -> None:
    assert effective(read(""))["decide"] == "none"
    shown = effective(parse_policy("version: 1\ndecide: {listen: 127.0.0.1:1}\n", "p", "")[0])
    assert (shown["listen"], shown["routes"][0]["upstream"]) == ("none", "none")
    assert shown["decide"] == {
        "listen": "127.0.0.1:1",
        "dialect": "mirror",
        "trust": ["127.0.0.0/8", "::1/128"],
    }
    forwarded = effective(read("decide: {listen: 127.0.0.1:1, dialect: forwarded}\n"))
    assert forwarded["decide"]["headers"] == "x-forwarded" and forwarded["listen"] == "127.0.0.1:8080"


def test_each_route_after_inheritance_and_derivation() -> None:
    shown = effective(read(TEXT))
    amp, mail, old, default = shown["routes"]
    assert (default["name"], default["mode"], default["cors"]["origins"]) == (
        "(default)",
        "enforce",
        ["https://app.example"],
    )
    assert (amp["cors"]["origins"], amp["cors"]["credentials"], amp["cors"]["max_age"]) == ([], True, 600)
    assert amp["amp"]["origins"][0] == "https://example.com"
    assert "https://example-com.cdn.ampproject.org" in amp["amp"]["origins"]
    assert mail["amp"]["email"] == {"senders": ["a@b.example"]}
    assert (old["mode"], old["cors"], old["strip_prefix"], old["upstream"]) == (
        "off",
        "off",
        "/old",
        "https://old:8443/v1",
    )
    assert old["dangerously_allow"] == ["encoded-slashes"]
    assert amp["rule"] == "policy.yaml:6"


def test_each_routes_limits_and_timeouts() -> None:
    text = "server: {timeouts: {response: 5s}}\nroutes: [{path: /up, limits: {minimum_rate: 1KiB}, timeouts: {body_idle: 2m}}]\n"
    up, default = effective(read(text))["routes"]
    assert (up["limits"], default["limits"]) == (
        {"body_bytes": 0, "minimum_rate": 1024},
        {"body_bytes": 0, "minimum_rate": 100},
    )
    assert default["timeouts"] == {
        "connect": 5, "body_idle": 30, "response": 5, "response_idle": 300, "write_idle": 30, "tunnel_idle": 3600,
    }  # fmt: skip
    assert up["timeouts"] == {**default["timeouts"], "body_idle": 120}


def test_own_origins() -> None:
    assert effective(read("self_origins: https://api.example\n"))["own_origins"] == ["https://api.example"]
    assert "derived from Host" in effective(read(""))["own_origins"]
    assert "hosts names it" in effective(read(TEXT))["own_origins"]


def test_plain_data_only() -> None:
    for text in ("", TEXT, "admin: off\nserver: {trusted_proxies: private}\n"):
        shown = effective(read(text))
        assert json.loads(json.dumps(shown)) == shown
