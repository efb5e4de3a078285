"""Feeds of origins: what a change of them lets in, and what holds whatever they list."""

import pytest

from cors_proxy.change.compare import Comparison, compare
from cors_proxy.change.document import document
from cors_proxy.partition.feeds import with_lists
from cors_proxy.partition.representatives import Representatives
from cors_proxy.partition.side import Side
from cors_proxy.policy.model import Policy
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import parse_policy

FEED = '{url: "http://api:3000/origins"}'


def policy(cors: str, more: str = "") -> Policy:
    return parse_policy(
        f"version: 1\nupstream: http://api:3000\ncors: {{{cors}}}\n{more}", "policy.yaml", ""
    )[0]


def compared(old: str, new: str) -> Comparison:
    return compare(policy(old), policy(new))


def test_a_new_feed_lets_somebody_in() -> None:
    found = compared("origins: [https://a.example]", f"origins: [https://a.example, {FEED}]")
    assert found.opens
    assert found.feeds == {"https://feed-1.invalid": "http://api:3000/origins"}
    assert {who for finding in found.findings for part in finding.parts for who in part.who} == {
        "https://feed-1.invalid"
    }
    assert document(found, "old", "new")["feeds"] == found.feeds


def test_a_feed_that_goes() -> None:
    found = compared(f"origins: [https://a.example, {FEED}]", "origins: [https://a.example]")
    assert found.findings and not found.opens


@pytest.mark.parametrize("key", ["origins", "accept_from"])
def test_the_same_feed_elsewhere_in_the_list(key: str) -> None:
    one = f"{key}: [https://a.example, {FEED}]"
    assert compared(one, f"{key}: [{FEED}, https://a.example]").equal


def test_patterns_of_a_feed() -> None:
    wide = FEED.replace("}", ", patterns: true}")
    found = compared(f"origins: [{FEED}]", f"origins: [{wide}]")
    assert found.opens
    assert {who for finding in found.findings for part in finding.parts for who in part.who} == {
        "https://pattern-of-feed-1.invalid"
    }


def test_how_often_it_is_asked_is_a_setting() -> None:
    found = compared(f"origins: [{FEED}]", f"origins: [{FEED.replace('}', ', every: 5s}')}]")
    assert not found.findings
    assert [setting.key for setting in found.settings] == ["feeds.http://api:3000/origins.every"]


@pytest.mark.parametrize(
    ("assertion", "holds"),
    [
        ("never: {origin: https://evil.example, method: POST}", False),  # it may list that one
        ("never: {origin: not https://a.example, method: POST}", False),
        ("never: {origin: any, method: DELETE}", True),
        ("always: {origin: https://a.example, method: POST}", True),
        ("always: {origin: https://b.example, method: POST}", False),  # it may not list it
        ("never: {origin: http://b.example, credentials: true}", True),  # no feed lists that with credentials
    ],
)
def test_what_holds_whatever_a_feed_lists(assertion: str, holds: bool) -> None:
    cors = f"origins: [https://a.example, {FEED}], methods: [GET, POST], credentials: true"
    if holds:
        policy(cors, f"assert: [{assertion}]\n")
    else:
        with pytest.raises(PolicyProblems, match="E511"):
            policy(cors, f"assert: [{assertion}]\n")


def test_routes_go_on_sharing_their_list() -> None:
    read = policy(f"origins: [https://a.example, {FEED}]", "routes: [{path: /a}, {path: /b}]\n")
    side = Side(read.spec, read.site)
    changed = with_lists(side, Representatives([side]).listed)
    lists = [route.cors.origins for route in changed.route_specs if route.cors]
    assert len(lists) == 3 and all(each is lists[0] for each in lists)
    assert read.spec.default.cors is not None and read.spec.default.cors.origin_feeds  # untouched


def test_without_feeds_nothing_is_compiled_again() -> None:
    read = policy("origins: [https://a.example]")
    side = Side(read.spec, read.site)
    assert with_lists(side, Representatives([side]).listed) is side
