"""From evidence to rules: what is granted, and what is left out and why."""

from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.paths import pattern
from cors_proxy.learn.proposal import Proposal, propose
from cors_proxy.learn.rules import Rule
from cors_proxy.learn.seen import Seen

from .records import APP, EVIL, OTHER, evidence, request

REFUSED = request(OTHER, "")
ADMIN = "https://admin.example.com"


def rules(*records: Seen) -> list[Rule]:
    return propose(evidence(*records)).rules


def why(proposal: Proposal, what: str) -> list[str]:
    return [left.why for left in proposal.left if left.what == what]


def test_an_api_that_grants_every_origin_proves_nobody() -> None:
    proposal = propose(evidence(request(APP, APP), request(EVIL, EVIL)))
    assert not proposal.rules
    assert "nobody" in why(proposal, APP)[0] and "nobody" in why(proposal, EVIL)[0]


def test_the_proof_holds_on_its_route_only() -> None:
    """An API may grant every origin on one route and look at it on another."""
    proposal = propose(
        evidence(request(APP, APP), REFUSED, request(APP, APP, path="/all"), request(EVIL, EVIL, path="/all"))
    )
    assert [pattern(rule.parts) for rule in proposal.rules] == ["/items"]
    assert why(proposal, EVIL)


def test_an_origin_that_imitates_another_one_is_for_a_person() -> None:
    fake = "https://app.example.com.evil.net"
    proposal = propose(evidence(request(APP, APP), request(fake, fake), REFUSED))
    (rule,) = proposal.rules
    assert rule.origins.keys() == {APP} and "is it yours" in why(proposal, fake)[0]


def test_a_path_below_a_star_that_refuses_is_kept_apart() -> None:
    found = rules(
        request(APP, APP, path="/a/1"), request(OTHER, "", path="/a/2"), request(APP, "", path="/a/secret")
    )
    assert [(pattern(rule.parts), list(rule.origins)) for rule in found] == [
        ("/a/secret", []),
        ("/a/*", [APP]),
    ]


def test_narrow_paths_come_first_and_letter_case_never_decides() -> None:
    records = [
        seen
        for path in ("/a/1", "/a/new", "/a/NEW", "/a/new")
        for seen in (request(APP, APP, path=path), request(OTHER, "", path=path))
    ]
    proposal = propose(evidence(*records))
    assert [pattern(rule.parts) for rule in proposal.rules] == ["/a/new", "/a/*"]
    assert "case" in why(proposal, "/a/NEW")[0]


def test_what_is_for_a_person() -> None:
    proposal = propose(
        evidence(
            request("null", "null"), REFUSED, request(APP, "*", path="/public"), request(EVIL, "", status=403, path="/x"),
            request(APP, APP, path="/x"), request(ADMIN, None), request(ADMIN, None, websocket=True),
        )
    )  # fmt: skip
    assert not proposal.rules
    assert "sandboxed" in why(proposal, "null")[0]
    assert why(proposal, 'origins: "*"') and why(proposal, OTHER) == ["the API refused it"]
    assert "--refusal-status" in why(proposal, APP)[0] and "error" in why(proposal, EVIL)[0]
    assert any("WebSocket" in each for each in why(proposal, ADMIN)) and len(why(proposal, ADMIN)) == 2


def test_nothing_is_proposed_of_nothing() -> None:
    assert propose(Evidence()) == Proposal([], [])
