"""What one route grants, and what is left out of it and why."""

import pytest

from cors_proxy.learn.paths import pattern
from cors_proxy.learn.proposal import Proposal, propose
from cors_proxy.learn.rules import Rule
from cors_proxy.learn.seen import Seen

from .records import APP, OTHER, evidence, preflight, request

REFUSED = request(OTHER, "")
ADMIN = "https://admin.example.com"


def rules(*records: Seen) -> list[Rule]:
    return propose(evidence(*records)).rules


def why(proposal: Proposal, what: str) -> list[str]:
    return [left.why for left in proposal.left if left.what == what]


def test_a_proven_origin_gets_what_it_used() -> None:
    (rule,) = rules(
        request(APP, APP), preflight(APP, APP, "PUT", ("x-token",)), request(APP, APP, "PUT"), REFUSED
    )
    assert rule.origins.keys() == {APP} and rule.methods == {"GET": 1, "PUT": 2}
    assert rule.headers == {"x-token": 1} and not rule.credentials and rule.refused == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_request_alone_does_not_show_that_its_method_is_granted(method: str) -> None:
    """Any client can send it, with the origin of a page."""
    proposal = propose(evidence(request(APP, APP), REFUSED, request(APP, APP, method)))
    (rule,) = proposal.rules
    assert rule.methods == {"GET": 1} and "--probe" in why(proposal, APP)[0]


def test_a_browser_shows_that_its_preflight_passed() -> None:
    (rule,) = rules(request(APP, APP, sent=()), REFUSED, request(APP, APP, "PUT", sent=("x-token",)))
    assert rule.methods == {"GET": 1, "PUT": 1} and rule.headers == {"x-token": 1}


def test_a_method_that_another_preflight_lists() -> None:
    listed = preflight(APP, APP, "PATCH")
    (rule,) = rules(listed, preflight(OTHER, "", "PATCH"), request(APP, APP, "PATCH"))
    assert rule.methods == {"PATCH": 2}


def test_methods_with_other_origins_are_other_rules() -> None:
    found = rules(request(APP, APP), request(ADMIN, ADMIN), REFUSED, preflight(ADMIN, ADMIN, "DELETE"))
    assert [(set(rule.origins), list(rule.methods), rule.some_methods) for rule in found] == [
        ({APP, ADMIN}, ["GET"], True),
        ({ADMIN}, ["DELETE"], False),  # a method that nobody used must not fall through to a wider route
    ]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([request(APP, APP, credentials=True, cookie=True)], True),
        ([request(APP, APP, credentials=True, cookie=False)], False),
        ([request(APP, APP, credentials=True, cookie=None)], True),
        ([request(APP, APP, credentials=False, cookie=True)], False),
        (
            [
                request(APP, APP, credentials=True),
                request(APP, APP, "POST", path="/login", credentials=True, cookie=True),
            ],
            True,
        ),
    ],
)
def test_credentials_need_the_apis_word_and_a_cookie(records: list[Seen], expected: bool) -> None:
    found = [rule for rule in rules(*records, REFUSED) if pattern(rule.parts) == "/items"]
    assert [rule.credentials for rule in found] == [expected]


def test_who_may_not_have_cookies_is_not_beside_one_who_has() -> None:
    granted = [request(APP, APP, credentials=True, cookie=True), request(ADMIN, ADMIN)]
    http = request("http://app.example.com", "http://app.example.com", credentials=True, cookie=True)
    local = request("http://localhost:5173", "http://localhost:5173", credentials=True, cookie=True)
    proposal = propose(evidence(*granted, http, local, REFUSED))
    (rule,) = proposal.rules
    assert rule.origins.keys() == {APP, "http://localhost:5173"} and rule.credentials
    assert "network" in why(proposal, "http://app.example.com")[0] and "without" in why(proposal, ADMIN)[0]


@pytest.mark.parametrize("name", ["x-http-method-override", "amp-same-origin", "access-control-x", "x!bang"])
def test_headers_that_no_proposal_grants(name: str) -> None:
    proposal = propose(evidence(preflight(APP, APP, "PUT", (name,)), preflight(OTHER, "", "PUT")))
    (rule,) = proposal.rules
    assert not rule.headers and why(proposal, f"header {name}")


def test_sockets_stay_where_the_apis_own_pages_open_them() -> None:
    own = request("https://api.example", None, host="api.example", path="/live", websocket=True, status=101)
    (rule,) = rules(own)
    assert rule.sockets == 1 and not rule.origins
