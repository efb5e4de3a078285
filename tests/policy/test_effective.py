"""The policy as it acts, as plain data."""

import json

from cors_proxy.policy.effective import effective

from .reading import read

TEXT = """hosts: [api.example]
cors: {origins: [https://app.example], credentials: true, max_age: 10m}
routes:
  - {path: /amp/**, amp: {publisher: https://example.com, caches: [cdn.ampproject.org]}}
  - {path: /mail, amp: {email: {senders: [a@b.example]}}}
  - {path: /old/**, cors: off, strip_prefix: /old, upstream: https://old:8443/v1, dangerously_allow: encoded-slashes}
"""


def test_each_route_after_inheritance_and_derivation() -> None:
    shown = effective(read(TEXT))
    amp, mail, old, default = shown["routes"]
    assert (default["name"], default["mode"], default["cors"]["origins"]) == ("(default)", "enforce", ["https://app.example"])
    assert (amp["cors"]["origins"], amp["cors"]["credentials"], amp["cors"]["max_age"]) == ([], True, 600)
    assert amp["amp"]["origins"][0] == "https://example.com"
    assert "https://example-com.cdn.ampproject.org" in amp["amp"]["origins"]
    assert mail["amp"]["email"] == {"senders": ["a@b.example"]}
    assert (old["mode"], old["cors"], old["strip_prefix"], old["upstream"]) == ("off", "off", "/old", "https://old:8443/v1")
    assert old["dangerously_allow"] == ["encoded-slashes"]
    assert amp["rule"] == "policy.yaml:6"


def test_own_origins() -> None:
    assert effective(read("self_origins: https://api.example\n"))["own_origins"] == ["https://api.example"]
    assert "derived from Host" in effective(read(""))["own_origins"]
    assert "hosts names it" in effective(read(TEXT))["own_origins"]


def test_plain_data_only() -> None:
    for text in ("", TEXT, "admin: off\nserver: {trusted_proxies: private}\n"):
        shown = effective(read(text))
        assert json.loads(json.dumps(shown)) == shown
