"""Origins from variables and from feeds: what a policy may say, and that no secret is shown."""

import json

import pytest

from cors_proxy.cors.spec import CorsSpec, FeedRule, OriginFeed
from cors_proxy.operate.view import policy_view
from cors_proxy.policy.effective import effective
from cors_proxy.policy.origin_feeds import is_private

from .reading import codes, problems, read


def cors(text: str, **environ: str) -> CorsSpec:
    found = read(text, **environ).spec.default.cors
    assert found is not None
    return found


def only(rules: tuple[FeedRule, ...]) -> FeedRule:
    (rule,) = rules
    return rule


@pytest.mark.parametrize(
    "value", ["https://a.example,https://b.example", " https://a.example\n\thttps://b.example , "]
)
@pytest.mark.parametrize("key", ["origins", "accept_from"])
def test_a_variable_holds_origins_between_commas_or_white_space(key: str, value: str) -> None:
    spec = cors(f"cors: {{{key}: [https://app.example, {{env: ORIGINS}}]}}\n", ORIGINS=value)
    rules = spec.origins if key == "origins" else spec.accept_from
    assert [str(rule.pattern) for rule in rules] == [
        "https://app.example",
        "https://a.example",
        "https://b.example",
    ]
    assert {rule.place.line for rule in rules} == {3}


def test_a_variable_is_checked_like_a_list() -> None:
    text = "cors: {credentials: true, origins: [https://app.example, {env: ORIGINS}]}\n"
    assert codes(text) == ["E108"]
    assert codes(text, ORIGINS="") == []
    assert codes("cors: {origins: {env: ORIGINS}}\n", ORIGINS=" ,") == ["E205"]
    assert codes(text, ORIGINS="https://a.example/") == ["E301"]
    assert codes(text, ORIGINS="http://a.example") == ["E403"]
    assert "E401" in codes(text, ORIGINS="*")
    assert codes("cors: {origins: [{env: [x]}]}\n") == ["E203"]
    assert codes("cors: {origins: [{env: A, file: b}]}\n", A="https://a.example") == ["E201"]
    assert codes("cors: {accept_from: {env: ORIGINS}}\n", ORIGINS="*") == ["E303"]
    assert codes("self_origins: [{env: ORIGINS}]\n", ORIGINS="https://a.example") == ["E203"]


def test_a_feed_has_defaults() -> None:
    rule = only(cors("cors: {origins: {url: http://api:3000/origins}}\n").origin_feeds)
    assert (rule.every, rule.required, rule.stale, rule.feed.patterns) == (30, False, 86400, False)
    assert (rule.place.line, rule.place.column) == (3, 23)
    text = "cors: {accept_from: [{url: https://a.example/o, every: 5m, required: true, stale: 0, patterns: true}]}\n"
    rule = only(cors(text).accept_feeds)
    assert (rule.every, rule.required, rule.stale, rule.feed.patterns) == (300, True, 0, True)


@pytest.mark.parametrize(
    "url",
    [
        "http://api/",
        "http://api:3000/origins?x=1",
        "http://localhost:3000/o",
        "http://a.localhost/o",
        "http://127.0.0.1/o",
        "http://[::1]:3000/o",
        "http://10.1.2.3/o",
        "http://[fd00::1]/o",
        "https://tenants.example.com/origins",
        "https://203.0.113.7/o",
        "https://user:password@tenants.example.com",
    ],
)
def test_urls_that_can_be_used(url: str) -> None:
    assert codes(f"cors: {{origins: ['https://app.example', {{url: '{url}'}}]}}\n") == []


@pytest.mark.parametrize(
    "url",
    [
        "http://tenants.example.com/o",
        "http://user:x@tenants.example.com/o",
        "http://localhost.example.com/o",
        "http://api@tenants.example.com/o",
        "http://203.0.113.7/o",
        "http://[2001:db8::1]/o",
        "http://[::ffff:203.0.113.7]/o",
        "http://0.0.0.0/o",
        "http://134744072/o",
        "ftp://api/o",
        "api:3000/origins",
        "https:///o",
        "https://a.example/o#x",
        "https://a.example:0/o",
        "https://a.exam ple/o",
        "https://ä.example/o",
    ],
)
def test_urls_that_cannot_be_used(url: str) -> None:
    assert codes(f"cors: {{origins: ['https://app.example', {{url: '{url}'}}]}}\n") == ["E306"]


def test_addresses_inside() -> None:
    inside = ("127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "fe80::1%eth0", "::ffff:10.0.0.1")
    assert all(map(is_private, inside))
    assert not any(map(is_private, ("203.0.113.7", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0")))


def test_a_feed_may_hold_what_a_list_may() -> None:
    def feed(text: str) -> OriginFeed:
        return only(cors(f"cors: {{origins: {{url: http://api/o}}{text}").origin_feeds).feed

    assert feed("}\n") == OriginFeed("http://api/o")
    assert feed(", credentials: true}\n") == OriginFeed("http://api/o", False, False, False)
    dangerous = "dangerously_allow: [insecure-origins, public-suffix-wildcards]\n"
    assert feed(", credentials: true}\n" + dangerous) == OriginFeed("http://api/o", False, True, False, True)


def test_credentials_of_each_route_count() -> None:
    spec = read(
        "cors: {origins: {url: http://api/o}}\nroutes: [{path: /a, cors: {credentials: true}}]\n"
    ).spec
    assert spec.routes[0].cors is not None and spec.default.cors is not None
    assert not only(spec.routes[0].cors.origin_feeds).feed.insecure_origins
    assert only(spec.default.cors.origin_feeds).feed.insecure_origins


def test_names_and_passwords_are_not_shown() -> None:
    text = "cors: {origins: {url: 'http://user:password@api:3000/o?token=secret'}}\n"
    policy = read(text)
    for shown in (json.dumps(effective(policy)), json.dumps(policy_view(policy))):
        assert "password" not in shown and "secret" not in shown
        assert "http://***@api:3000/o" in shown


def test_problems_show_no_password() -> None:
    for url in (
        "http://user:pass@word@a.example/o",
        "http://user:password@a.example/o",
        "https://user:pass word@a.example/o",
        "https://user:pass/word@a.example/o",
    ):
        (problem,) = problems(f"cors: {{origins: {{url: '{url}'}}}}\n")
        assert problem.code == "E306"
        assert "pass" not in str(problem) and "word" not in str(problem)
