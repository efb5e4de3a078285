"""Lists of feeds: what they may hold, what they allow, and that a new one is in force at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.decision import Forward, Refuse
from cors_proxy.cors.feeds import FeedList, fault
from cors_proxy.cors.judge import judge
from cors_proxy.cors.origins import OriginSet
from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.site import Site
from cors_proxy.cors.spec import OriginFeed

from .sites import APP, request, site
from .strategies import near_origins, origins, thorough
from .test_origins import PATTERNS, rules

ONE, SUB = "https://one.example", "https://a.tenants.example"
POLICY = "cors: {credentials: true, origins: [https://app.example, {url: http://api/o, patterns: true}]}\n"


def listed(*entries: str) -> FeedList:
    found = FeedList()
    for entry in entries:
        found.add(entry.encode())
    return found


def put(site: Site, *entries: str) -> None:
    (feed,) = site.feeds
    site.put(feed, listed(*entries))


def reason(site: Site, origin: str, method: str = "GET", **headers: str) -> Reason:
    return judge(site, request(method, Origin=origin, **headers)).decision.reason


def test_a_list_has_exact_origins_and_patterns() -> None:
    found = listed(ONE, "https://*.tenants.example", "http://localhost:*")
    assert len(found) == 3 and len(FeedList()) == 0
    for origin in (ONE, SUB, "http://localhost:3000"):
        assert found.names(origin.encode())
    for origin in ("https://tenants.example", "https://one.example:8443", "null", "*", ""):
        assert not found.names(origin.encode())


@thorough
@given(
    st.lists(st.sampled_from([text for text in PATTERNS if text != "null"]), max_size=6),
    near_origins | origins().map(bytes),
)
def test_a_list_allows_what_a_list_of_the_policy_allows(texts: list[str], raw: bytes) -> None:
    assert listed(*texts).names(raw) == (OriginSet(rules(*texts)).find(raw) is not None)


def test_the_text_of_a_pattern_is_no_origin() -> None:
    found = listed(
        "https://*.example.com", "http://localhost:*", "moz-extension://*", "https://a-*.b.example"
    )
    for pattern in found.patterns:
        assert not found.names(pattern)


def test_a_star_inside_a_label_stands_for_letters_digits_and_hyphens() -> None:
    """As in a list of the policy."""
    found = listed("https://pr-*.example.com")
    assert found.names(b"https://pr-1-a.example.com")
    for origin in (b"https://pr-a_b.example.com", b"https://pr-.example.com", b"https://pr-a.b.example.com"):
        assert not found.names(origin)


def test_lists_are_compared_by_what_they_allow() -> None:
    assert listed(ONE, SUB).same(listed(SUB, ONE))
    assert not listed(ONE).same(listed(SUB))
    assert not listed(ONE, "https://*.a.example").same(listed(ONE, "https://*.b.example"))


@pytest.mark.parametrize(
    ("text", "feed", "allowed"),
    [
        (ONE, OriginFeed("u"), True),
        ("*", OriginFeed("u", patterns=True), False),
        ("null", OriginFeed("u", patterns=True), False),
        ("https://*.example.com", OriginFeed("u"), False),
        ("http://localhost:*", OriginFeed("u"), False),
        ("https://*.example.com", OriginFeed("u", patterns=True), True),
        ("moz-extension://*", OriginFeed("u", patterns=True), True),
        ("moz-extension://*", OriginFeed("u", patterns=True, every_extension=False), False),
        ("http://a.example", OriginFeed("u"), True),
        ("http://a.example", OriginFeed("u", insecure_origins=False), False),
        ("http://*.a.example", OriginFeed("u", patterns=True, insecure_origins=False), False),
        ("http://localhost:3000", OriginFeed("u", insecure_origins=False), True),
        ("http://127.0.0.1", OriginFeed("u", insecure_origins=False), True),
    ],
)
def test_what_a_list_may_hold(text: str, feed: OriginFeed, allowed: bool) -> None:
    assert (fault(feed, parse_pattern(text)) == "") is allowed


def test_an_origin_of_a_list_is_allowed_like_any_other() -> None:
    found = site(POLICY)
    put(found, ONE, "https://*.tenants.example")
    for origin in (ONE, SUB):
        decision = judge(found, request(Origin=origin)).decision
        assert isinstance(decision, Forward) and decision.reason is Reason.ORIGIN_ALLOWED
        assert dict(decision.grant.lines)[b"Access-Control-Allow-Origin"] == origin.encode()
        assert dict(decision.grant.lines)[b"Access-Control-Allow-Credentials"] == b"true"
        assert decision.rule is not None and (decision.rule.line, decision.rule.column) == (3, 64)
        assert reason(found, origin, "DELETE") is Reason.METHOD_NOT_ALLOWED
        preflight = request("OPTIONS", Origin=origin, Access_Control_Request_Method="POST")
        assert judge(found, preflight).decision.reason is Reason.PREFLIGHT_ALLOWED


def test_a_new_list_is_in_force_at_once() -> None:
    """The cache must forget both answers: that an origin is allowed, and that it is not."""
    found = site(POLICY)
    for entries, allowed in ((), False), ((ONE,), True), ((SUB,), False), ((ONE,), True), ((), False):
        put(found, *entries)
        for _ in range(2):
            assert (reason(found, ONE) is Reason.ORIGIN_ALLOWED) is allowed
        assert reason(found, APP) is Reason.ORIGIN_ALLOWED


def test_an_empty_list_allows_nobody_and_varies() -> None:
    found = site("cors: {origins: {url: http://api/o}}\n")
    decision = judge(found, request(Origin=ONE)).decision
    assert isinstance(decision, Refuse) and decision.reason is Reason.ORIGIN_NOT_ALLOWED
    assert decision.grant.vary == (b"Origin",)
    assert judge(found, request()).decision.grant.vary == (b"Origin",)


def test_accept_from_has_lists_of_its_own() -> None:
    found = site("cors: {origins: [https://app.example], accept_from: {url: http://api/o}}\n")
    put(found, ONE)
    decision = judge(found, request("POST", Origin=ONE)).decision
    assert decision.reason is Reason.ACCEPT_FROM and not decision.grant.lines
    assert decision.rule is not None and decision.rule.line == 3
    assert reason(found, SUB, "POST") is Reason.ORIGIN_NOT_ALLOWED
    assert reason(found, ONE, "GET", Upgrade="websocket", Connection="Upgrade") is Reason.ORIGIN_NOT_ALLOWED


def test_routes_share_the_list_of_one_feed_by_one_rule() -> None:
    found = site(
        "cors: {origins: {url: http://api/o}}\nroutes: [{path: /a}, {path: /b, cors: {credentials: true}}]\n"
    )
    loose, strict = found.feeds
    assert (loose.insecure_origins, strict.insecure_origins) == (True, False)
    found.put(loose, listed("http://one.example"))
    for path, allowed in (("/a", True), ("/b", False), ("/c", True)):
        decision = judge(found, request(target=path, Origin="http://one.example")).decision
        assert (decision.reason is Reason.ORIGIN_ALLOWED) is allowed
    found.put(OriginFeed("http://nobody/"), listed(ONE))  # of no route
    assert reason(found, ONE) is Reason.ORIGIN_NOT_ALLOWED
