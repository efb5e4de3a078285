"""Beside the corpus: what of a preflight is shown, and by which rule."""

import pytest

from cors_proxy.cors.decision import Answer, Decision, Refuse
from cors_proxy.cors.reason import Reason

from .sites import APP, judge, request, site

POLICY = """
cors:
  origins:
    - https://app.example
    - https://*.example.com
  methods: [GET, PUT]
  headers: [X-Foo]
  private_network: false
"""


def ask(policy: str = POLICY, **headers: str) -> Decision:
    return judge(site(policy), request("OPTIONS", Origin=headers.pop("Origin", APP), **headers))[1]


@pytest.mark.parametrize(("headers", "reason", "rule", "detail"), [
    ({"Access_Control_Request_Method": "PUT"}, Reason.PREFLIGHT_ALLOWED, 6, None),
    ({"Origin": "https://a.example.com", "Access_Control_Request_Method": "GET"}, Reason.PREFLIGHT_ALLOWED, 7, None),
    ({"Origin": "https://evil.example", "Access_Control_Request_Method": "GET"}, Reason.ORIGIN_NOT_ALLOWED, 5, None),
    ({"Access_Control_Request_Method": "DELETE"}, Reason.METHOD_NOT_ALLOWED, 8, b"DELETE"),
    ({"Access_Control_Request_Method": "P(T"}, Reason.REQUEST_METHOD_MALFORMED, 8, b"P(T"),
    ({"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x-foo,x-bar,x-a"}, Reason.HEADER_NOT_ALLOWED, 9, b"x-bar"),
    ({"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x:"}, Reason.REQUEST_HEADERS_MALFORMED, 9, None),
    ({"Access_Control_Request_Method": "DELETE", "Access_Control_Request_Headers": "x-bar"}, Reason.METHOD_NOT_ALLOWED, 8, b"DELETE"),
    ({"Access_Control_Request_Method": "PUT", "Access_Control_Request_Private_Network": "true"}, Reason.PRIVATE_NETWORK, 10, None),
])  # fmt: skip
def test_rule_and_detail(headers: dict[str, str], reason: Reason, rule: int, detail: bytes | None) -> None:
    found = ask(**headers)
    assert found.rule is not None
    # the version and the upstream stand in front of the policy
    assert (found.reason, found.rule.line, found.detail, found.kind) == (reason, rule, detail, "preflight")


@pytest.mark.parametrize("policy", [POLICY, POLICY.replace("[X-Foo]", '"*"')])
@pytest.mark.parametrize(
    "name", ["amp-same-origin", "cookie", "sec-fetch-site", "access-control-request-method", "authorization", "proxy-x"]
)
def test_some_names_are_never_granted(policy: str, name: str) -> None:
    found = ask(policy, Access_Control_Request_Method="PUT", Access_Control_Request_Headers=f"x-foo,{name.upper()}")
    assert isinstance(found, Refuse)
    assert (found.reason, found.grant.lines) == (Reason.HEADER_NOT_ALLOWED, ())


@pytest.mark.parametrize("failing", [
    {"Access_Control_Request_Method": "DELETE"},
    {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x-bar"},
    {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Private_Network": "true"},
])  # fmt: skip
def test_debug_answers_the_allowed_alone(failing: dict[str, str]) -> None:
    debug = POLICY + "server: {debug: true}\nself_origins: [https://api.example]\n"
    assert isinstance(ask(debug, **failing), Answer)
    for origin in ("https://evil.example", "https://api.example", "null"):
        refused = ask(debug, Origin=origin, **failing)
        assert isinstance(refused, Refuse) and refused.grant.lines == ()


def test_the_answer_does_not_grow_with_the_question() -> None:
    found = ask(
        POLICY.replace("[X-Foo]", '"*"'),
        Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers=",".join(f"x-{n}" for n in range(900)),
    )
    assert found.reason is Reason.REQUEST_HEADERS_MALFORMED
