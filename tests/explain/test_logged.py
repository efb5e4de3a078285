"""One line of the log of a refused preflight yields a change that makes the request pass."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cors_proxy.cors.decision import Answer, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import Request, read
from cors_proxy.explain.browser import explain
from cors_proxy.explain.change import Change, PolicyText
from cors_proxy.explain.log_line import read_line
from cors_proxy.explain.logged import LoggedDecision, may_be_cut, rebuild
from cors_proxy.explain.proposal import propose_for_all
from cors_proxy.operate.access_log import json_line, text_line
from cors_proxy.operate.page.decision_event import decision_event
from cors_proxy.operate.page.explainer import to_question
from cors_proxy.policy.model import Policy
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.proxy.recorder import Exchange
from tests.exchanges import exchange as make_exchange

APP, EVIL = "https://app.example", "https://evil.example"


def preflight(
    method: str, *names: str, origin: str = APP, path: str = "/r", network: bool = False
) -> Request:
    lines = [
        (b"Host", b"api.example"),
        (b"Origin", origin.encode()),
        (b"Access-Control-Request-Method", method.encode()),
    ]
    if names:
        lines.append((b"Access-Control-Request-Headers", ",".join(names).encode()))
    if network:
        lines.append((b"Access-Control-Request-Private-Network", b"true"))
    return read(b"OPTIONS", path.encode(), lines)  # fmt: skip


def recorded(policy: Policy, request: Request) -> Exchange:
    return make_exchange(
        method=request.method,
        target=request.target,
        host=request.host,
        origin=request.origin,
        decision=judge(policy.site, request).decision,
        judged=request.judged,
        status=403,
    )


def propose(source: PolicyText, line: str) -> Change:
    policy = source.read()
    return propose_for_all(source, policy, [read_line(policy, line)]).change


def test_a_delete_with_three_headers(source: PolicyText) -> None:
    policy = source.read()
    request = preflight("DELETE", "x-a", "x-b", "x-foo", "x-c")
    line = json_line(recorded(policy, request)).decode()
    question = read_line(policy, line).question
    assert question.method == b"DELETE"
    assert question.headers == ((b"x-a", None), (b"x-b", None), (b"x-foo", None), (b"x-c", None))
    change = propose(source, line)
    assert "+  methods: [GET, HEAD, POST, PUT, DELETE]" in change.diff
    assert "+  headers: [Content-Type, X-Foo, X-A, X-B, X-C]" in change.diff
    assert isinstance(judge(source.with_text(change.text).read().site, request).decision, Answer)
    explanation = explain(policy, question)
    assert "the policy does not allow: DELETE, x-a, x-b, x-c" in explanation.notes


def test_the_page_tells_the_same(source: PolicyText) -> None:
    policy = source.read()
    for request in (preflight("DELETE", "x-a", "x-b"), preflight("PUT", "x-bar", network=True)):
        found = recorded(policy, request)
        event = json.loads(json.dumps(decision_event(found)))
        assert to_question(policy, {"decision": event}) == read_line(policy, json_line(found).decode())


@pytest.mark.parametrize("form", ["old", "text"])
@pytest.mark.parametrize(
    ("request_", "missing"),
    [
        (preflight("DELETE", "x-a"), "which headers"),
        (preflight("PUT", "x-a", "x-b"), "which method and which other headers"),
        (preflight("PUT", "x-a", origin=EVIL), "which method and which headers"),
    ],
)
def test_what_a_line_does_not_tell(source: PolicyText, form: str, request_: Request, missing: str) -> None:
    found = recorded(source.read(), request_)
    line = text_line(found).decode()
    if form == "old":
        fields = json.loads(json_line(found))
        line = json.dumps(
            {key: value for key, value in fields.items() if "asked" not in key and "refused" not in key}
        )
    assert missing in " ".join(read_line(source.read(), line).unknown)
    change = propose(source, line)
    assert missing in change.withheld
    assert (change.diff, change.why_none) == ("", "")


def test_a_line_that_was_cut(source: PolicyText) -> None:
    long = json_line(recorded(source.read(), preflight("DELETE", path="/" + "a" * 300))).decode()
    assert "the line was cut: the path may be longer" in propose(source, long).withheld
    event = decision_event(recorded(source.read(), preflight("DELETE", path="/" + "a" * 300)))
    question = to_question(source.read(), {"decision": event})
    assert "the line was cut: the path may be longer" in question.incomplete


@pytest.mark.parametrize(
    ("value", "cut"),
    [
        ("/" + "a" * 254, False),
        ("/" + "a" * 255, True),
        ("\u00e9" * 42, True),
        ("\u00e9" * 40, False),
        ("", False),
    ],
)
def test_may_be_cut(value: str, cut: bool) -> None:
    assert may_be_cut(value) is cut


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (preflight("TRACE"), "no page can send TRACE"),
        (preflight("delete"), "write DELETE in the page"),
        (preflight("D(L"), "the requested method is malformed"),
        (preflight("PUT", "x-a", "cookie"), "the header cookie is never granted"),
        (preflight("PUT", "*"), "a header named * is never granted"),
        (preflight("PUT", "x:"), "the list of headers is too long or malformed"),
        (preflight("PUT", origin="https://app.example/"), "no browser sends the origin"),
        (preflight("PUT", origin="https://a\x00"), "no policy forwards such bytes"),
        (preflight("P\xff"), "no policy forwards such bytes"),
        (preflight("PUT", path="/a/%2e%2e/b"), "no policy forwards such a path"),
    ],
)
def test_no_policy_helps(source: PolicyText, request_: Request, why: str) -> None:
    change = propose(source, json_line(recorded(source.read(), request_)).decode())
    assert why in change.why_none
    assert change.diff == change.withheld == ""


def test_tls_in_front(source: PolicyText) -> None:
    """The proxy sees plain HTTP; a page that was loaded by https asks by https."""
    found = LoggedDecision("POST", "/r", "https://api.example", "api.example", "http")
    assert rebuild(source.read(), found).question.url == "https://api.example/r"
    other = LoggedDecision("POST", "/r", APP, "api.example", "http")
    assert rebuild(source.read(), other).question.url == "http://api.example/r"


METHODS = st.sampled_from(["GET", "PUT", "DELETE", "PROPFIND", "patch", "TRACE", "NONSENSE"])
NAMES = st.lists(
    st.sampled_from(["content-type", "x-a", "x-b", "authorization", "x-http-method", "cookie", "sec-x", "*", "access-control-x"]),
    max_size=4,
    unique=True,
)  # fmt: skip
ORIGINS = st.sampled_from(
    [APP, EVIL, "https://a.apps.example.com", "https://api.example:8443", "https://X", "null", "moz"]
)
PATHS = st.sampled_from(["/", "/public/x", "/write/x", "/bare/x", "/a//b"])
BLOCK = """version: 1
upstream: http://127.0.0.1:3000
%s
cors:
  origins: %s
  methods: [GET, PUT]
  headers: %s
  credentials: %s
routes:
  - {name: public, path: /public/**, cors: {origins: "*", credentials: false, methods: "*", headers: "*"}}
  - {name: write, path: /write/**, method: [PUT, DELETE], cors: {methods: [PUT]}}
  - name: bare
    path: /bare/**
    cors:
      preflight: {refusal: bare}
"""
POLICIES = st.builds(
    lambda *parts: BLOCK % parts,
    st.sampled_from(
        ["", "self_origins: [https://api.example]", "hosts: [api.example]", "hosts: [b.example]"]
    ),
    st.sampled_from(
        [
            "[https://app.example]",
            "https://app.example",
            "[https://*.apps.example.com]",
            "[https://b.example]",
        ]
    ),
    st.sampled_from(["[]", "[X-A]", '"*"']),
    st.sampled_from(["true", "false"]),
)


def allowed_by_some_policy(source: PolicyText, request: Request) -> bool:
    """By a policy that allows exactly what is asked for, on every path."""
    top = [line for line in source.text.splitlines() if line.startswith("self_origins")]
    cors = {
        "origins": [(request.origin or b"").decode()],
        "methods": [(request.acrm or b"").decode()],
        "headers": b",".join(request.acrh).decode().split(",") if request.acrh else [],
        "private_network": True,
    }
    parts = ["version: 1", "upstream: http://127.0.0.1:3000", *top, f"cors: {json.dumps(cors)}"]
    try:
        policy = source.with_text("\n".join(parts)).read()
    except PolicyProblems:
        return False
    return isinstance(judge(policy.site, request).decision, Answer)


@given(
    text=POLICIES,
    method=METHODS,
    names=NAMES,
    origin=ORIGINS,
    path=PATHS,
    network=st.booleans(),
    long=st.booleans(),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_one_line_is_enough(
    text: str, method: str, names: list[str], origin: str, path: str, network: bool, long: bool
) -> None:
    source = PolicyText(text, "policy.yaml", "")
    policy = source.read()
    request = preflight(method, *names, origin=origin, path=path + "a" * 300 * long, network=network)
    judged = judge(policy.site, request)
    if not isinstance(judged.decision, Refuse):
        return
    change = propose(source, json_line(recorded(policy, request)).decode())
    if long:
        assert change.withheld or change.why_none
        assert not change.diff
    elif change.diff:
        after = source.with_text(change.text).read()
        assert isinstance(judge(after.site, request).decision, Answer)
    else:
        assert change.why_none
        assert not allowed_by_some_policy(source, request) or "would be refused: E4" in change.why_none
