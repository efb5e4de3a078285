"""The proposed change helps, and opens nothing beyond what its danger names."""

import itertools
import tempfile
from pathlib import Path

import pytest

from cors_proxy.cors.names import is_token
from cors_proxy.cors.request import read
from cors_proxy.cors.request_headers import parse
from cors_proxy.explain.browser import explain
from cors_proxy.explain.browser_exchange import simulate
from cors_proxy.explain.change import PolicyText, propose
from cors_proxy.explain.question import Question, parse_question
from cors_proxy.policy.model import Policy
from tests.casebook import Case, cases
from tests.casebook import Policy as Book

APP, EVIL, OWN = "https://app.example", "https://evil.example", "https://api.example"


@pytest.mark.parametrize(
    ("where", "origin", "method", "headers", "credentials", "lines", "danger"),
    [
        ("/r", APP, "GET", (), False, [], ""),
        ("/r", EVIL, "GET", (), False, ["+    - https://evil.example"], "with its user's cookies, and read everything"),
        ("/plain/x", EVIL, "GET", (), False, ["+    - https://evil.example"], "mine, plain, (default)"),
        ("/r", APP, "DELETE", (), False, ["+  methods: [GET, HEAD, POST, PUT, DELETE]"], "may then send DELETE, which changes things"),
        ("/r", APP, "PUT", ("x-bar",), False, ["+  headers: [Content-Type, X-Foo, X-Bar]"], "may then send these headers"),
        (
            "/r", APP, "PUT", ("X-HTTP-Method-Override",), False, ["+  headers: [Content-Type, X-Foo, X-HTTP-Method-Override]"],
            "another path or method",
        ),
        (
            "/r", EVIL, "PATCH", ("X-Bar", "Authorization"), True,
            [
                "+    - https://evil.example",
                "+  methods: [GET, HEAD, POST, PUT, PATCH]",
                "+  headers: [Content-Type, X-Foo, Authorization, X-Bar]",
            ],
            "public, mine, plain, amp, (default)",
        ),
        ("/plain/x", APP, "GET", (), True, ["+      credentials: true"], "act with its user's cookies"),
        (
            "/public/x", EVIL, "GET", (), True,
            ["+    cors: {origins: [https://evil.example], credentials: true, methods: [GET, PUT]}"], "every other origin loses its access",
        ),
        ("/public/x", EVIL, "POST", (), False, ['+    cors: {origins: "*", credentials: false, methods: [GET, PUT, POST]}'], "on public"),
        ("/mine/x", OWN, "GET", (), False, ["+    cors: {without_origin: fetch-metadata}  # nobody else"], "links, images and forms"),
        ("/r", "https://idp.example", "POST", (), False, ["+    - https://idp.example"], ""),
        ("/amp/x", EVIL, "GET", (), False, ["+    cors:", "+      origins: [https://evil.example]"], "on amp"),
        ("wss://api.example/plain/x", APP, "GET", (), False, ["+      websocket: allow"], "may then open WebSockets"),
        ("/a%2fb", APP, "GET", (), False, ["+dangerously_allow: [encoded-slashes]"], "may read as another path"),
        ("/a//b", APP, "GET", (), False, ["+dangerously_allow: [empty-segments]"], "may read as another path"),
    ],
)  # fmt: skip
def test_it_helps(
    source: PolicyText,
    where: str,
    origin: str,
    method: str,
    headers: tuple[str, ...],
    credentials: bool,
    lines: list[str],
    danger: str,
) -> None:
    policy = source.read()
    question = parse_question(policy, where, origin, method, headers, credentials)
    change = propose(source, policy, question)
    assert [
        line for line in change.diff.splitlines() if line.startswith("+") and not line.startswith("+++")
    ] == lines
    assert danger in "; ".join(change.dangers)
    assert change.why_none == ""
    if lines:
        assert explain(source.with_text(change.text).read(), question).allowed


@pytest.mark.parametrize(
    ("where", "origin", "method", "headers", "why"),
    [
        ("/r", "https://APP.example", "GET", (), "ask for https://app.example"),
        ("/r", "http://evil.example", "GET", (), "the policy would be refused: E403"),
        ("/r", "null", "GET", (), "the policy would be refused: E402"),
        ("https://b.example/r", OWN, "GET", (), "an own origin gets no grant"),
        ("/r", APP, "patch", (), "write PATCH in the page"),
        ("/r", APP, "TRACE", (), "no page can send TRACE"),
        ("/r", APP, "GET", ("AMP-Same-Origin: true",), "amp-same-origin is never granted"),
        ("/r", APP, "GET", ("*",), "a header named * is never granted"),
        ("/amp/x", OWN, "GET", (), "the page has to send AMP-Same-Origin: true"),
        ("/a/%2e%2e/b", APP, "GET", (), "no policy forwards such a path"),
        ("/PLAIN/x", APP, "GET", (), "write it as the route does"),
    ],
)
def test_no_change(
    source: PolicyText, where: str, origin: str, method: str, headers: tuple[str, ...], why: str
) -> None:
    policy = source.read()
    change = propose(source, policy, parse_question(policy, where, origin, method, headers))
    assert change.diff == ""
    assert why in change.why_none


def test_an_own_origin_is_named(source: PolicyText) -> None:
    text = source.with_text(
        source.text.replace("self_origins: [https://api.example]\n", "hosts: [b.example]\n")
    )
    policy = text.read()
    change = propose(text, policy, parse_question(policy, "https://api.example/r", EVIL, "GET"))
    assert "+hosts: [b.example, api.example]" in change.diff
    assert any("Host api.example" in danger for danger in change.dangers)


def test_nothing_else_is_opened(source: PolicyText) -> None:
    """What another origin asks stays refused when an origin is added; what the origin itself may do is what the danger says."""
    policy = source.read()
    change = propose(source, policy, parse_question(policy, "/r", EVIL))
    after = source.with_text(change.text).read()
    others = (
        "https://x.example",
        "https://evil.example.com",
        "null",
        "http://evil.example",
        "https://sub.evil.example",
    )
    for where, origin, method in itertools.product(
        ("/r", "/mine/x", "/plain/x", "/amp/x", "wss://api.example/r"), others, ("GET", "PUT")
    ):
        question = parse_question(policy, where, origin, method)
        assert not explain(after, question).allowed, question
    assert not explain(after, parse_question(policy, "/r", EVIL, "DELETE")).allowed
    assert not explain(after, parse_question(policy, "/amp/x", EVIL)).allowed


def book(policy: Book, folder: str) -> PolicyText:
    for name, text in policy.files:
        Path(folder, name).write_text(text, "utf-8")
    return PolicyText(f"{policy.text}\nupstream: http://127.0.0.1:1\n", "policy.yaml", folder)


def question_of(case: Case) -> Question | None:
    """What a page would ask to send such a request; None for what no page sends."""
    request = read(case.method, case.target, case.lines)
    if request.fault is not None or request.origin is None or not request.host or b"#" in case.target:
        return None
    names = (parse(request.acrh) or []) if request.preflight else []
    method = (request.acrm or b"") if request.preflight else case.method
    scheme = "wss" if request.websocket else "https"
    question = Question(
        request.origin,
        method,
        scheme,
        request.host,
        case.target,
        tuple((name, None) for name in names),
        request.cookie,
    )
    return question if is_token(method) else None


def test_corpus() -> None:
    """Of every refused request of the corpus: the change helps, and lets nothing else pass but what its danger names."""
    found = [case for case in cases() if case.mode in ("enforce", "")]
    helped = 0
    for name, group in itertools.groupby(found, key=lambda case: case.policy.name):
        together = list(group)
        with tempfile.TemporaryDirectory() as folder:
            source = book(together[0].policy, folder)
            before = source.read()
            for question in {
                asked
                for case in together
                if case.verb == "refuse" and (asked := question_of(case)) is not None
            }:
                if explain(before, question).allowed:
                    continue
                change = propose(source, before, question)
                assert change.diff or change.why_none, (name, question)
                if not change.diff:
                    continue
                helped += 1
                after = source.with_text(change.text).read()
                assert explain(after, question).allowed, (name, question)
                assert change.dangers, (name, question)
                for case in together:
                    if case.verb == "refuse" and not refused(after, case):
                        assert named(case, question, "; ".join(change.dangers)), (
                            name,
                            case.id,
                            question,
                            change.diff,
                        )
    assert helped > 20


def refused(policy: Policy, case: Case) -> bool:
    exchange = simulate(
        policy, case.method, case.target, case.lines, (case.upstream_status, case.upstream_lines)
    )
    return exchange.refused


def named(case: Case, question: Question, dangers: str) -> bool:
    """Whether a danger names what lets this request pass now."""
    request = read(case.method, case.target, case.lines)
    origin, method = (
        (request.origin or b"").decode(),
        (request.acrm if request.preflight else request.method) or b"",
    )
    asked = {name.lower() for name, _ in question.headers}
    return any(
        (
            request.origin is not None and dangers.startswith(f"{origin} may then send"),
            f"; {origin} may then send" in dangers,
            f"may then send {method.decode()}" in dangers,
            "may then send these headers" in dangers and bool(asked & set(parse(request.acrh) or [])),
            f"the Host {request.host.decode()} are then served" in dangers,
            request.origin is None and "requests without Origin" in dangers,
            request.websocket and "may then open WebSockets" in dangers,
            "as another path" in dangers and b"%" in request.path + b"%" * (b"//" in request.path),
            origin == "null" and "any page at all" in dangers,
        )
    )
