"""Which feeds can list one origin."""

import pytest

from cors_proxy.partition import limits
from cors_proxy.partition.listings import Listing, feeds_that_meet, listings
from cors_proxy.partition.side import Side
from cors_proxy.policy.model import Policy
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import parse_policy


def feed(name: str, more: str = "") -> str:
    return f'{{url: "http://{name}:3000/"{more}}}'


def policy(text: str) -> Policy:
    return parse_policy(f"version: 1\nupstream: http://api:3000\n{text}", "policy.yaml", "")[0]


def sides(*texts: str) -> list[Side]:
    return [Side(read.spec, read.site) for read in map(policy, texts)]


def sets(found: list[Listing]) -> list[str]:
    return [" ".join(sorted(url.split("/")[2].split(":")[0] for url in each.how)) for each in found]


def test_each_set_of_feeds_that_a_route_asks() -> None:
    one = f"cors: {{origins: [{feed('a')}], accept_from: [{feed('b')}]}}\n"
    assert sets(list(listings(sides(one)))) == ["b", "a", "a b"]


def test_old_and_new_feeds_meet() -> None:
    found = sides(f"cors: {{origins: [{feed('a')}]}}\n", f"cors: {{origins: [{feed('b')}]}}\n")
    assert feeds_that_meet(found) == [frozenset(("http://a:3000/", "http://b:3000/"))]


def test_the_feeds_of_a_hundred_routes_are_in_one_set() -> None:
    routes = "".join(f"  - {{path: /{n}, cors: {{origins: [{feed(f'f{n}')}]}}}}\n" for n in range(100))
    (found,) = listings(sides(f"routes:\n{routes}", f"routes:\n{routes}"))
    assert len(found.how) == 100


def test_too_many_that_meet() -> None:
    many = ", ".join(feed(f"f{n}") for n in range(7))
    with pytest.raises(limits.TooManyError, match="more than 64 sets of feeds"):
        list(listings(sides(f"cors: {{origins: [{many}]}}\n")))


def test_a_feed_lists_what_the_policy_names_as_far_as_it_may() -> None:
    one = sides(
        f"hosts: [api.example.com]\n"
        f"cors: {{origins: [https://a.example, 'http://localhost:1', {feed('a')}], credentials: true}}\n"
        "dangerously_allow: [insecure-origins]\n"
    )
    (found,) = listings(one)
    (asked,) = one[0].site.feeds
    listed = {origin.text for origin in found.listed(asked)}
    assert {"https://a.example", "http://localhost:1", "https://api.example.com"} <= listed


def test_an_origin_that_only_a_pattern_matches() -> None:
    wide = feed("a", ", patterns: true")
    found = sides(f"cors: {{origins: [{feed('a')}]}}\n", f"cors: {{origins: [{wide}]}}\n")
    exact, by_pattern = listings(found)
    asked = [next(iter(side.site.feeds)) for side in found]
    assert [bool(exact.listed(each)) for each in asked] == [True, True]
    assert [bool(by_pattern.listed(each)) for each in asked] == [False, True]


def test_an_assertion_about_an_origin_of_one_feed_alone() -> None:
    """Listed by both feeds it may not POST, and listed by none neither."""
    cors = f"cors: {{origins: [{feed('a')}], methods: [GET], accept_from: [{feed('b')}]}}\n"
    with pytest.raises(PolicyProblems, match="E511"):
        policy(f"{cors}assert: [{{never: {{origin: https://x.example, method: POST}}}}]\n")
