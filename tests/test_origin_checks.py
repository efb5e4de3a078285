"""The policies of docs/recipes.md for APIs that check Origin themselves."""

import re
from pathlib import Path

import pytest

from cors_proxy.cors.decision import Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import read
from cors_proxy.policy.read import parse_policy

TEXT = (Path(__file__).parent.parent / "docs/recipes.md").read_text("utf-8")
SECTION = TEXT.partition("\n## APIs that check Origin themselves\n")[2].partition("\n## ")[0]
POLICIES = {
    part.partition("\n")[0]: re.findall(r"^```yaml\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    for part in SECTION.split("\n### ")[1:]
}


def test_the_section_names_the_frameworks() -> None:
    assert set(POLICIES) >= {"Django", "Rails", "Strawberry", "Phoenix", "Jupyter"}


@pytest.mark.parametrize("framework", POLICIES)
def test_the_api_sees_its_own_origin_for_the_page_alone(framework: str) -> None:
    (text,) = POLICIES[framework]
    policy, warnings = parse_policy(text, "recipes.md", "")
    assert warnings == []
    assert {route.origin for route in policy.forwarding} == {"own"}
    for origin, reason in (
        (b"http://localhost:5173", Reason.ORIGIN_ALLOWED),
        (b"http://localhost:8080", Reason.OWN_ORIGIN),
    ):
        for more in ((), ((b"Upgrade", b"websocket"), (b"Connection", b"Upgrade"))):
            head = [(b"Host", b"localhost:8080"), (b"Origin", origin), *more]
            assert judge(policy.site, read(b"GET", b"/items", head)).decision.reason is reason
    foreign = read(b"GET", b"/", [(b"Host", b"localhost:8080"), (b"Origin", b"https://evil.example")])
    assert isinstance(judge(policy.site, foreign).decision, Refuse)
