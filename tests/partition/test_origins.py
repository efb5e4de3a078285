"""Origins for every combination of patterns that one origin can match."""

import random

import pytest

from cors_proxy.cors.origins import OriginSet
from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import OriginRule
from cors_proxy.partition import limits
from cors_proxy.partition.origins import origin_candidates

PATTERNS = [
    "https://*.example.com", "https://*.a.example.com:*", "https://pr-*.example.com", "https://*-x.example.com", "https://pr-a*x.example.com",
    "https://pr-ab*.example.com", "https://*ab-x.example.com", "https://pr-a*b-x.example.com", "https://app.example.com",
    "https://app.example.com:*", "https://z*.example.com", "https://*z.example.com:8443", "moz-extension://*", "http://localhost:*",
]  # fmt: skip
LABELS = ["pr-", "a", "b", "-x", "z", "x", "ab", "_", "pr-ab", "app"]
ENDS = [".example.com", ".a.example.com", ".example.com:8443", ".example.com:9", ".a.example.com:9"]


def test_every_combination_of_patterns_has_an_origin() -> None:
    sets = [OriginSet([OriginRule(parse_pattern(text), Place("p", 1, 1))]) for text in PATTERNS]

    def matching(origin: bytes) -> tuple[bool, ...]:
        return tuple(each.find(origin) is not None for each in sets)

    known = {matching(origin) for origin in origin_candidates(map(parse_pattern, PATTERNS))}
    dice = random.Random(1)
    for _ in range(5000):
        label = "".join(dice.choices(LABELS, k=dice.randint(1, 4)))
        origin = f"https://{label}{dice.choice(ENDS)}".encode()
        assert matching(origin) in known, origin


def test_one_is_foreign_whatever_is_listed() -> None:
    patterns = [parse_pattern(f"https://*.{name}") for name in ("example", "test", "invalid")]
    rules = OriginSet([OriginRule(pattern, Place("p", 1, 1)) for pattern in patterns])
    assert any(
        rules.find(origin) is None and origin.startswith(b"https://evil")
        for origin in origin_candidates(patterns)
    )


def test_it_gives_up_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LABELS", 3)
    with pytest.raises(limits.TooManyError, match="more than 3 combinations"):
        origin_candidates(map(parse_pattern, PATTERNS))
