"""Beside the corpus: what of a preflight is shown, and by which rule."""

import pytest

from cors_proxy.cors.decision import Answer, Decision, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason

from .sites import APP, request, site

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
    return judge(site(policy), request("OPTIONS", Origin=headers.pop("Origin", APP), **headers)).decision


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
    "name",
    [
        "amp-same-origin", "cookie", "sec-fetch-site", "access-control-request-method", "authorization", "proxy-x", "*", "x-original-url",
        "x-rewrite-url", "x-http-method-override", "x-http-method", "x-method-override",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "more", ["", "  credentials: true\n", "  preflight: {list: full}\n", "  preflight: {refusal: bare}\n"]
)
def test_some_names_are_never_granted(policy: str, name: str, more: str) -> None:
    found = ask(
        policy + more,
        Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers=f"x-foo,{name.upper()}",
    )
    assert isinstance(found, Refuse)
    granted = dict(found.grant.lines).get(b"Access-Control-Allow-Headers")
    assert (found.reason, granted) == (Reason.HEADER_NOT_ALLOWED, None if "bare" in more else b"x-foo")


def test_an_answer_has_no_star_that_would_cover_what_has_to_be_named() -> None:
    for form in ("asked", "full"):
        found = ask(
            POLICY.replace("[X-Foo]", '["*", X-Foo]') + f"  preflight: {{list: {form}}}\n",
            Access_Control_Request_Method="PUT",
            Access_Control_Request_Headers="x-bar",
        )
        assert isinstance(found, Answer)
        named = dict(found.grant.lines)[b"Access-Control-Allow-Headers"].split(b",")
        assert b"x-bar" in named and b"*" not in named


METHOD = {"Access_Control_Request_Method": "DELETE"}
HEADER = {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x-bar"}
NETWORK = {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Private_Network": "true"}
LIST = {"Access_Control_Request_Method": "DELETE", "Access_Control_Request_Headers": "x bar"}


@pytest.mark.parametrize(("failing", "line"), [(METHOD, 8), (HEADER, 9)])
@pytest.mark.parametrize("debug", [False, True])
def test_an_allowed_origin_is_told_the_reason(failing: dict[str, str], line: int, debug: bool) -> None:
    found = ask(POLICY + f"server: {{debug: {str(debug).lower()}}}\n", **failing)
    assert isinstance(found, Refuse) and found.readable and found.status == 204
    lines = dict(found.grant.lines)
    assert lines[b"Access-Control-Allow-Origin"] == APP.encode()
    assert lines[b"CORS-Proxy-Reason"] == found.reason.value.encode()
    assert lines.get(b"CORS-Proxy-Rule", b"").endswith(b":%d" % line if debug else b"")
    assert (b"CORS-Proxy-Rule" in lines, b"Access-Control-Max-Age" in lines) == (debug, False)


@pytest.mark.parametrize("policy", ["", "server: {debug: true}\n"])
def test_nobody_else_is(policy: str) -> None:
    own = POLICY + policy + "self_origins: [https://api.example]\n"
    for failing in (METHOD, HEADER, NETWORK, LIST):
        for origin in ("https://evil.example", "https://api.example", "null"):
            refused = ask(own, Origin=origin, **failing)
            assert isinstance(refused, Refuse) and (refused.status, refused.grant.lines) == (403, ())
    for failing in (NETWORK, LIST):
        refused = ask(own, **failing)
        assert isinstance(refused, Refuse) and (refused.status, refused.grant.lines) == (403, ())


@pytest.mark.parametrize("failing", [METHOD, HEADER])
def test_bare_is_for_all(failing: dict[str, str]) -> None:
    found = ask(POLICY + "  preflight: {refusal: bare}\nserver: {debug: true}\n", **failing)
    assert isinstance(found, Refuse) and (found.status, found.grant.lines) == (403, ())


def test_the_answer_does_not_grow_with_the_question() -> None:
    found = ask(
        POLICY.replace("[X-Foo]", '"*"'),
        Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers=",".join(f"x-{n}" for n in range(900)),
    )
    assert found.reason is Reason.REQUEST_HEADERS_MALFORMED


@pytest.mark.parametrize(("headers", "refused"), [
    ({"Access_Control_Request_Method": "DELETE", "Access_Control_Request_Headers": "x-b,x-foo,x-a"}, (b"DELETE", b"x-b", b"x-a")),
    ({"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x-bar"}, (b"x-bar",)),
    ({"Access_Control_Request_Method": "DELETE", "Access_Control_Request_Headers": "x:"}, (b"DELETE",)),
    ({"Origin": "https://evil.example", "Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x-bar"}, (b"x-bar",)),
    ({"Access_Control_Request_Method": "PUT", "Access_Control_Request_Private_Network": "true"}, ()),
])  # fmt: skip
def test_all_that_was_refused(headers: dict[str, str], refused: tuple[bytes, ...]) -> None:
    for policy in (POLICY, POLICY + "  preflight: {refusal: bare}\n"):
        found = ask(policy, **headers)
        assert isinstance(found, Refuse)
        assert found.refused == refused
