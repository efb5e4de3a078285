"""The document is JSON, with the names that tools and the admin page rely on."""

import json

from cors_proxy.explain.browser import explain
from cors_proxy.explain.change import PolicyText, propose
from cors_proxy.explain.document import document
from cors_proxy.explain.question import parse_question


def test_its_names(source: PolicyText) -> None:
    policy = source.read()
    question = parse_question(
        policy, "/r?q", "https://evil.example", "DELETE", ["X-Foo", "X-Bar: b"], credentials=True
    )
    explanation = explain(policy, question)
    found = json.loads(json.dumps(document(explanation, propose(source, policy, question))))
    step = found["steps"][0]
    assert (found["verdict"], found["allowed"], found["rule"]) == ("blocked", False, "policy.yaml:7")
    assert found["question"]["headers"] == [["X-Foo", None], ["X-Bar", "b"]]
    assert found["preflight"]["needed"]
    assert step["decision"]["reason"] == "origin-not-allowed"
    assert step["failure"] == "MissingAllowOriginHeader"
    assert step["response"]["status"] == 403
    assert step["request"]["target"] == "/r?q"
    assert {each["browser"] for each in found["console"]} == {"chromium", "firefox"}
    assert found["change"]["diff"].startswith("--- policy.yaml")
    assert document(explanation, None)["change"] is None
