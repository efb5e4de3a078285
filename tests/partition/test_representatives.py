"""Origins in the place of what feeds list."""

from cors_proxy.partition.feeds import feed_rules
from cors_proxy.partition.representatives import Representatives
from cors_proxy.partition.side import Side
from cors_proxy.policy.read import parse_policy


def test_an_origin_for_each_set_of_feeds() -> None:
    read = parse_policy(
        "version: 1\nupstream: http://api:3000\n"
        'cors: {origins: [{url: "http://a:1/?key=1"}], accept_from: [{url: "http://b:1/", patterns: true}]}\n',
        "policy.yaml",
        "",
    )[0]
    side = Side(read.spec, read.site)
    found = Representatives([side])
    found.combine([side])
    assert found.names == {
        "https://feed-1.invalid": "http://a:1/?…",
        "https://feed-2.invalid": "http://b:1/",
        "https://pattern-of-feed-2.invalid": "http://b:1/",
        "https://feed-1-and-feed-2.invalid": "http://a:1/?… and http://b:1/",
    }
    for rule in feed_rules(side.spec.default.cors):
        listed = [pattern.text for pattern in found.listed(rule.feed)]
        assert "https://feed-1-and-feed-2.invalid" in listed
