"""Differences of one cause are one finding, and dangers come first."""

from cors_proxy.change.findings import Level
from cors_proxy.partition.outcome import Ability
from tests.change.comparing import compared, only

APP = "cors: {origins: [https://app.example]}\n"
ROUTES = "routes:\n" + "".join(f"  - {{path: /r{number}/**, name: r{number}}}\n" for number in range(40))


def test_one_edited_default_with_forty_routes_is_one_finding() -> None:
    finding = only(compared(APP + ROUTES, APP.replace("}", ", credentials: true}") + ROUTES))
    assert finding.level is Level.DANGER and finding.cause.key == "credentials"
    assert len(finding.routes) == 41
    assert {part.ability for part in finding.parts} == {
        Ability.READ_WITH_COOKIES,
        Ability.PREFLIGHT_WITH_COOKIES,
    }


def test_who_may_do_what_by_which_lines() -> None:
    both = "cors:\n  origins:\n  - https://app.example\n  - https://*.b.example\n"
    finding = only(compared("cors:\n  origins:\n  - https://app.example\n", both))
    assert {who for part in finding.parts for who in part.who} == {"https://*.b.example"}
    assert [str(place) for place in finding.lines[1]] == ["new.yaml:6"]
    send = next(part for part in finding.parts if part.ability is Ability.SEND)
    assert send.methods == ("GET", "HEAD", "POST")


def test_levels_and_their_order() -> None:
    before = "cors: {origins: [https://a.example, https://b.example], credentials: true, max_age: 60}\n"
    after = "cors: {origins: [https://a.example, https://c.example], credentials: true, expose: [X-A], max_age: 30}\n"
    levels = [finding.level for finding in compared(before, after).findings]
    assert levels == [Level.DANGER, Level.ACCESS, Level.LOSS, Level.OTHER]
    assert [level.opens for level in Level] == [True, True, False, False]


def test_anybody_is_a_danger() -> None:
    found = compared("", "cors: {origins: '*', websocket: deny}\n").findings
    assert [finding.level for finding in found] == [Level.DANGER, Level.LOSS, Level.LOSS]


def test_requests_without_origin() -> None:
    finding = only(compared("", "cors: {without_origin: allow}\n"))
    assert finding.level is Level.DANGER and finding.gained
    (part,) = (part for part in finding.parts if part.ability is Ability.SEND_WITHOUT_ORIGIN)
    assert part.who == ("requests without Origin",) and part.methods == ("POST", "others")
