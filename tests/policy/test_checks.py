"""Loopback origins, and origins that are listed twice.  `test_problems` has all refusals."""

import pytest

from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import OriginRule
from cors_proxy.policy.checks import check_duplicates
from cors_proxy.policy.problems import Findings

from .reading import codes


@pytest.mark.parametrize(
    ("origin", "loopback"),
    [
        ("http://*.localhost", True),
        ("http://a.localhost:*", True),
        ("http://127.9.0.1:8080", True),
        ("http://*.localhost.example", False),
        ("http://128.0.0.1", False),
    ],
)
def test_http_from_the_users_own_machine_may_have_credentials(origin: str, loopback: bool) -> None:
    found = codes(f"cors: {{origins: ['{origin}'], credentials: true}}\n")
    assert found == ([] if loopback else ["E403"])


def test_duplicates_name_the_first() -> None:
    found = Findings()
    rules = [OriginRule(parse_pattern("https://a.example"), Place("p", line, 1)) for line in (1, 2, 3)]
    check_duplicates(rules, "origins", found)
    assert [(problem.place.line, "p:1" in problem.message) for problem in found.sorted("p")] == [
        (2, True),
        (3, True),
    ]
