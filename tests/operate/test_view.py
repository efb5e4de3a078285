import json

from cors_proxy.operate.view import policy_view
from cors_proxy.policy.read import parse_policy

POLICY = """
version: 1
listen: unix:/run/p.sock
admin: off
upstream: https://api.example.com/v1
cors: {origins: [https://app.example.com], timing: "*"}
routes:
  - {path: /off/**, cors: off, dangerously_allow: [empty-segments]}
server: {trusted_proxies: [10.0.0.0/8]}
"""


def test_everything_is_plain_json_and_text_where_it_has_one() -> None:
    found = json.loads(json.dumps(policy_view(parse_policy(POLICY, "policy.yaml", "")[0])))
    assert found["listen"] == "unix:/run/p.sock" and found["admin"] is None
    assert found["server"]["trusted_proxies"] == ["10.0.0.0/8"]
    assert found["forwarding"][0]["upstream"].startswith("https://api.example.com")
    route = found["spec"]["routes"][0]
    assert route["cors"] is None and route["path_words"] == ["empty-segments"]
    assert found["spec"]["default"]["cors"]["timing"] == ["*"]
    assert "site" not in found
