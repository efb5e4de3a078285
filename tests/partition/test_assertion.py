"""What an assertion means, request by request."""

from typing import Any

import pytest

from cors_proxy.cors.judge import judge
from cors_proxy.partition.assertion import Checker
from cors_proxy.partition.outcome import outcome
from tests.change.assertions import built
from tests.cors.sites import request, site

APP = "cors: {origins: ['https://app.example'], credentials: true}\n"
FROM_APP = {"Origin": "https://app.example"}
NOT_APP = "not https://app.example"


def broken(
    policy: str, assertion: dict[str, Any], target: str = "/admin/x", method: str = "GET", **lines: str
) -> bool:
    rules = site(policy)
    asked = request(method, target, **lines)
    judgement = judge(rules, asked)
    return Checker(built([assertion])[0]).broken(asked, judgement, outcome(rules, asked, judgement))


@pytest.mark.parametrize(
    ("assertion", "lines", "expected"),
    [
        ({"never": {"path": "/admin/**"}}, FROM_APP, True),
        ({"never": {"path": "/other/**"}}, FROM_APP, False),
        ({"never": {"origin": NOT_APP}}, FROM_APP, False),
        ({"never": {"origin": "https://app.example"}}, FROM_APP, True),
        ({"never": {"method": "DELETE"}}, FROM_APP, False),
        ({"never": {"host": "other.example"}}, FROM_APP, False),
        ({"never": {"credentials": True}}, FROM_APP, True),
        ({"never": {"socket": True}}, FROM_APP, False),
        ({"never": {"socket": True}}, FROM_APP | {"Upgrade": "websocket"}, True),
        ({"never": {"method": "GET"}}, {}, False),
        ({"never": {"origin": "none"}}, {}, True),
        ({"no_credentials_for": "https://app.example"}, FROM_APP, True),
        ({"public": "none"}, FROM_APP, False),
        ({"always": {"origin": "https://app.example"}}, FROM_APP, False),
        ({"always": {"origin": "https://b.example"}}, {"Origin": "https://b.example"}, True),
        ({"always": {"origin": "none"}}, {}, False),
    ],
)
def test_what_breaks_it(assertion: dict[str, Any], lines: dict[str, str], expected: bool) -> None:
    assert broken(APP, assertion, **lines) is expected


def test_preflights_are_about_headers_and_methods() -> None:
    ask = FROM_APP | {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x-a"}
    policy = APP.replace("}", ", methods: [PUT], headers: [X-A]}")
    assert broken(policy, {"never": {"headers": "X-A"}}, method="OPTIONS", **ask)
    assert not broken(policy, {"never": {"headers": "X-B"}}, method="OPTIONS", **ask)
    assert not broken(
        policy, {"always": {"origin": "any", "method": "PUT", "headers": "X-A"}}, method="OPTIONS", **ask
    )
    assert broken(
        APP, {"always": {"origin": "any", "method": "PUT", "headers": "X-A"}}, method="OPTIONS", **ask
    )


def test_public_is_what_every_page_may_read() -> None:
    for policy in ("cors: {origins: '*'}", "cors: {origins: ['null']}", "mode: report"):
        assert broken(policy, {"public": "none"}, Origin="null")
    assert not broken("cors: {origins: '*'}", {"public": "/admin/**"}, Origin="https://b.example")
    assert not broken(
        "cors: {origins: ['https://*.b.example']}", {"public": "none"}, Origin="https://a.b.example"
    )


def test_the_api_s_own_pages_are_not_meant() -> None:
    own = {"Origin": "https://api.example", "Sec_Fetch_Site": "same-origin"}
    assert not broken("", {"never": {"origin": NOT_APP}}, **own)


def test_other_spellings_of_a_path_count_for_never_alone() -> None:
    opened = APP + "routes: [{path: /admin/**, dangerously_allow: [path-variants]}]\n"
    assert broken(opened, {"never": {"path": "/admin/**"}}, "/ADMIN/x", **FROM_APP)
    other = {"Origin": "https://b.example"}
    assert not broken(opened, {"always": {"origin": "any", "path": "/admin/**"}}, "/ADMIN/x", **other)
    assert not broken(APP, {"always": {"origin": "any"}}, "/a//b", **other)
