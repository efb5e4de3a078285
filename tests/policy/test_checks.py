"""What is loopback, and what is listed twice.  `test_problems` has all refusals and warnings."""

import pytest

from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import OriginRule
from cors_proxy.policy.checks import check_duplicates, is_loopback
from cors_proxy.policy.problems import Findings


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        *(
            (text, True)
            for text in (
                "http://localhost",
                "http://localhost:*",
                "http://a.localhost:1",
                "http://*.localhost",
                "http://127.9.0.1:8080",
            )
        ),
        ("http://[::1]:9000", True),
        *(
            (text, False)
            for text in (
                "http://localhost.example",
                "http://127.example",
                "http://[::2]",
                "http://128.0.0.1",
                "http://xlocalhost",
            )
        ),
    ],
)
def test_loopback(text: str, loopback: bool) -> None:
    assert is_loopback(parse_pattern(text)) is loopback


def test_duplicates_name_the_first() -> None:
    found = Findings()
    rules = [OriginRule(parse_pattern("https://a.example"), Place("p", line, 1)) for line in (1, 2, 3)]
    check_duplicates(rules, "origins", found)
    assert [(problem.place.line, "p:1" in problem.message) for problem in found.sorted("p")] == [
        (2, True),
        (3, True),
    ]
