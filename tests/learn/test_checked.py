import pytest

from cors_proxy.learn.checked import failing_cases, read_back
from cors_proxy.policy.problems import PolicyProblems

POLICY = "version: 1\nupstream: http://api:3000\ncors: {origins: [https://app.example.com]}\n"


def test_what_is_refused_is_not_proposed() -> None:
    with pytest.raises(PolicyProblems):
        read_back(POLICY + "x: 1\n")


def test_a_test_that_fails_is_named() -> None:
    cases = "cases:\n- {name: a, origin: https://app.example.com, request: /, expect: %s}\n"
    policy = read_back(POLICY)
    assert failing_cases(policy, cases % "allow") == [] and failing_cases(policy, cases % "refuse") == ["a"]
    assert failing_cases(policy, "") == []
