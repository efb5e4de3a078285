"""The requests of a meeting cover each row of the decision table that its routes reach."""

import pytest

from cors_proxy.cors.judge import judge
from cors_proxy.partition.cases import cases

from .sides import meeting_of, side


def reasons(policy: str, path: bytes = b"/x") -> set[str]:
    one = side(policy)
    meeting, groups, _ = meeting_of([one], path)
    return {judge(one.site, case.request).decision.reason.value for case in cases([one], meeting, groups)}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", "no-origin cross-site origin-not-allowed origin-null origin-malformed origin-looks-own own-origin"),
        ("cors: {origins: [https://a.example], websocket: deny, private_network: false}",
         "origin-allowed preflight-allowed method-not-allowed header-not-allowed request-headers-malformed request-method-malformed"
         " websocket-denied private-network-not-allowed repeated-header"),
        ("cors: {without_origin: deny, accept_from: [https://a.example]}", "missing-origin accept-from"),
        ("cors: {without_origin: {isolate: {report: true}}}", "cross-site-reported cross-site no-origin"),
        ("hosts: [a.example]", "own-origin"),
        ("routes: [{path: /off, cors: off}]", "cors-off"),
        ("routes: [{path: /amp, amp: {publisher: https://p.example, source_origin: check}}]",
         "amp-same-origin amp-same-origin-missing amp-source-origin-not-allowed"),
        ("routes: [{path: /amp, amp: {email: {senders: [a@b.example]}}}]", "amp-email-sender amp-sender-not-allowed websocket-denied"),
    ],
)  # fmt: skip
def test_every_row_is_reached(policy: str, expected: str) -> None:
    path = b"/off" if "/off" in policy else b"/amp" if "/amp" in policy else b"/x"
    assert set(expected.split()) <= reasons(policy, path)


def test_an_ambiguous_path_needs_a_few_requests_only() -> None:
    assert reasons("", b"/..") == {"ambiguous-path", "repeated-header"}


def test_a_pattern_that_matches_the_own_origin_has_another_member_too() -> None:
    one = side("hosts: [api.example.com]\ncors: {origins: ['https://*.example.com']}")
    meeting, groups, _ = meeting_of([one], b"/x")
    sent = {case.request.origin for case in cases([one], meeting, groups)}
    assert {b"https://api.example.com", b"https://zz.example.com"} <= sent
    for view, origin in groups.own.items():
        groups.origins[view].insert(0, origin)  # Host's own is the first
    sent = {
        case.request.origin
        for case in cases([one], meeting, groups)
        if case.request.host == b"api.example.com"
    }
    assert {b"https://api.example.com", b"https://zz.example.com"} <= sent
