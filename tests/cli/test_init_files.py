"""Answers stand in the policy as values, never as structure."""

import pytest
import yaml

from cors_proxy.cli.init_files import Answers, compose_text, policy_text
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import parse_policy

from ..names import IMAGE

NASTY = ['"\nmode: report\n#', "${HOME}", "a: b", "[", "http://[", "{x}"]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("which", range(3))
def test_answers_are_values(nasty: str, which: int) -> None:
    answers = ["http://api:3000", "https://a.example", "https://api.example"]
    answers[which] = nasty
    upstream, origin, own = answers
    text = policy_text(Answers(upstream, (origin,), False, own))
    assert set(yaml.safe_load(text)) == {"version", "listen", "upstream", "self_origins", "hosts", "cors"}
    with pytest.raises(PolicyProblems):
        parse_policy(text, "p", "", {"HOME": "x"})


@pytest.mark.parametrize(
    ("own", "port"),
    [("http://localhost:9000", 9000), ("http://localhost", 80), ("https://api.example.com", 8080)],
)
def test_the_published_port_is_the_one_that_browsers_look_for(own: str, port: int) -> None:
    answers = Answers("http://api:3000", ("https://a.example",), False, own)
    services = yaml.safe_load(compose_text(answers, False))["services"]
    assert services["cors-proxy"]["ports"] == [f"127.0.0.1:{port}:8080"]
    assert services["cors-proxy"]["image"] == IMAGE
    assert services["api"]["expose"] == ["3000"] and "ports" not in services["api"]
