"""What docs/recipes.md says about lists of origins; tests/recipes has its other sections."""

import re
from pathlib import Path

from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import read
from cors_proxy.policy.feed_list import read_whole
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy

TEXT = (Path(__file__).parent.parent / "docs/recipes.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")[1:]}


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTIONS[section], re.MULTILINE | re.DOTALL)


def reason(policy: Policy, path: bytes, *lines: tuple[bytes, bytes], method: bytes = b"GET") -> Reason:
    request = read(method, path, [(b"Host", b"api.example.com"), *lines])
    return judge(policy.site, request).decision.reason


def test_tenants(tmp_path: Path) -> None:
    section = "Origins of many tenants"
    (text,), (sent,) = blocks(section, "yaml"), blocks(section, "text")
    (tmp_path / "tenants.txt").write_text("https://of-the-file.example\n")
    environ = {"ALLOWED_ORIGINS": "https://a.example, https://b.example"}
    policy, warnings = parse_policy(text, "policy.yaml", str(tmp_path), environ)
    assert warnings == []
    (feed,) = policy.site.feeds
    policy.site.put(feed, read_whole(sent.encode(), feed))
    for origin in (
        "https://app.example.com",
        "https://a.example",
        "https://b.example",
        "https://of-the-file.example",
        "https://shop.tenant-one.example",
        "https://tenant-two.example",
    ):
        line = (b"Origin", origin.encode())
        assert reason(policy, b"/items", line) is Reason.ORIGIN_ALLOWED
        assert reason(policy, b"/internal/origins", line) is Reason.ORIGIN_NOT_ALLOWED
    assert reason(policy, b"/items", (b"Origin", b"https://other.example")) is Reason.ORIGIN_NOT_ALLOWED
    assert reason(policy, b"/internal/origins") is Reason.MISSING_ORIGIN
