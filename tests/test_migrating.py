"""Each policy of docs/migrating.md does what the guide's first section says."""

import re
from pathlib import Path

import pytest

from cors_proxy.cors.decision import Answer, Decision, Forward, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.policy.read import parse_policy

TEXT = (Path(__file__).parent.parent / "docs/migrating.md").read_text()
SECTIONS = {
    part.partition("\n")[0]: re.findall(r"^```yaml\n(version: 1\n.*?)^```$", part, re.MULTILINE | re.DOTALL)
    for part in TEXT.split("\n## ")[1:]
}
APP, PREVIEW, EVIL = (
    b"https://app.example.com",
    b"https://pr-7.preview.example.com",
    b"https://app.example.com.evil.example",
)


def test_every_section_has_one_policy() -> None:
    assert len(SECTIONS) == 5 and all(len(policies) == 1 for policies in SECTIONS.values())


@pytest.mark.parametrize("section", SECTIONS)
def test_the_same_intent(section: str) -> None:
    policy, warnings = parse_policy(SECTIONS[section][0], "migrating.md", "")
    assert warnings == []

    def ask(method: bytes, *lines: tuple[bytes, bytes], path: bytes = b"/api/items") -> Decision:
        request = read(method, path, [(b"Host", b"api.example.com"), *lines])
        return judge(policy.site, request).decision

    for origin in (APP, PREVIEW):
        asked = ask(
            b"OPTIONS",
            (b"Origin", origin),
            (b"Access-Control-Request-Method", b"PUT"),
            (b"Access-Control-Request-Headers", b"authorization,content-type"),
        )
        granted = {name.lower(): value for name, value in asked.grant.lines}
        assert isinstance(asked, Answer)
        assert granted[b"access-control-allow-origin"] == origin
        assert granted[b"access-control-allow-credentials"] == b"true"
        assert granted[b"access-control-max-age"] == b"600"
        real = ask(b"POST", (b"Origin", origin))
        assert isinstance(real, Forward)
        assert (b"x-total-count", origin) == (
            {n.lower(): v for n, v in real.grant.lines}[b"access-control-expose-headers"].lower(),
            {n.lower(): v for n, v in real.grant.lines}[b"access-control-allow-origin"],
        )
    for origin in (EVIL, b"https://preview.example.com", b"http://app.example.com", b"null"):
        assert isinstance(ask(b"POST", (b"Origin", origin)), Refuse)
        assert isinstance(
            ask(b"OPTIONS", (b"Origin", origin), (b"Access-Control-Request-Method", b"PUT")), Refuse
        )
    assert isinstance(ask(b"DELETE", (b"Origin", APP)), Refuse)
    assert isinstance(ask(b"POST", (b"Origin", b"https://api.example.com")), Forward)
    assert isinstance(ask(b"GET"), Forward)


def test_spring_open_route() -> None:
    policy, _ = parse_policy(SECTIONS["Spring"][0], "migrating.md", "")
    request = read(b"GET", b"/public/x", [(b"Host", b"api.example.com"), (b"Origin", EVIL)])
    decision = judge(policy.site, request).decision
    assert isinstance(decision, Forward) and (b"access-control-allow-origin", b"*") in {
        (n.lower(), v) for n, v in decision.grant.lines
    }
