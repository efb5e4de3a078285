from pathlib import Path

from cors_proxy.operate.page.explainer import policy_text
from cors_proxy.operate.page.listing import listing
from cors_proxy.policy.read import parse_policy, read_policy

TEXT = """version: 1
# before: http://admin:hunter2@old:3000, http://admin:p@ss@older:3000
upstream: ${API:-http://127.0.0.1:3000}
cors: {origins: [https://app.example]}
"""


def test_the_lines_in_force(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(TEXT)
    policy, _ = read_policy(str(file))
    found = listing(policy, policy_text(policy))
    assert (found["file"], found["why"]) == (str(file), "")
    assert found["lines"] == TEXT.replace("admin:hunter2", "…").replace("admin:p@ss", "…").splitlines()
    for changed in (TEXT.replace("app.", "other."), f"{TEXT}server: {{workers: 2}}\n", "version: 2"):
        file.write_text(changed)
        found = listing(policy, policy_text(policy))
        assert found["lines"] == [] and "changed since" in found["why"]


def test_a_policy_without_a_file() -> None:
    policy, _ = parse_policy(TEXT, "CORS_PROXY_POLICY", "")
    found = listing(policy, policy_text(policy))
    assert found["lines"] == [] and "CORS_PROXY_POLICY" in found["why"]
