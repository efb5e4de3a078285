"""The JSON document, and the text for people, say the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.explain.browser import explain
from cors_proxy.explain.change import PolicyText, propose
from cors_proxy.explain.document import document
from cors_proxy.explain.question import parse_question
from cors_proxy.explain.render import render
from tests.explain.conftest import TEXT


@pytest.mark.parametrize(
    ("where", "origin", "method", "headers", "words"),
    [
        (
            "/r",
            "https://app.example",
            "PUT",
            ("X-Foo",),
            ["ALLOWED", "Access-Control-Allow-Methods: PUT", "policy.yaml:8", "X-Total"],
        ),
        (
            "/r",
            "https://evil.example",
            "GET",
            (),
            ["BLOCKED", "policy.yaml:7: <7>", "smallest change", "Chromium", "Firefox", "Danger"],
        ),
        ("/r", "https://\x1b[31mevil\x07", "GET", (), ["BLOCKED"]),
        ("/public/x", "https://x.example", "POST", (), ["REFUSED", "the status 403"]),
        ("/old/x", "https://x.example", "GET", (), ["NOT JUDGED", "depends on the API"]),
        ("wss://api.example/r", "https://app.example", "GET", (), ["an open WebSocket"]),
        (
            "wss://api.example/r",
            "https://x.example",
            "GET",
            (),
            ["an error event", "Unexpected response code: 403"],
        ),
        ("/r", "https://api.example", "GET", (), ["Same-origin", "every header"]),
        ("/r", "https://app.example", "TRACE", (), ["no page can send TRACE"]),
    ],
)
def test_both_forms(
    source: PolicyText, where: str, origin: str, method: str, headers: tuple[str, ...], words: list[str]
) -> None:
    policy = source.read()
    question = parse_question(policy, where, origin.replace("\x1b", "").replace("\x07", ""), method, headers)
    explanation, change = explain(policy, question), propose(source, policy, question)
    json_form = json.loads(json.dumps(document(explanation, change)))
    output = render(explanation, change, lambda place: f"<{place.line}>")
    assert json_form["allowed"] is explanation.allowed
    assert json_form["verdict"] == explanation.verdict.value
    for word in words:
        assert word in output
    assert json_form["cause"] in output
    assert json_form["rule"] is None or f"{json_form['rule']}: <" in output
    for step in json_form["steps"]:
        for name, value in step["response"]["headers"]:
            assert f"    < {name}: {value}" in output
        for check in step["proxy_checks"] + step["browser_checks"]:
            assert f"{check['check']}: {check['text']}" in output
    for message in json_form["console"]:
        assert message["text"] in output
    assert output.isprintable() or set(output) - {"\n"} == {c for c in output if c.isprintable()}


POLICY = PolicyText(TEXT, "policy.yaml", "")
READ = POLICY.read()
NEARLY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["https://app.example", "null", "https://\xe4.example", "https://x.example:99999", "http://[::1"]
    ),
)


@given(
    where=st.one_of(
        st.text(max_size=30).map("/".__add__),
        st.text(max_size=30).map("wss://api.example/".__add__),
        st.text(max_size=30),
    ),
    origin=NEARLY,
    method=st.one_of(st.sampled_from(["GET", "put", "patch", "TRACE", "PUT"]), st.text(max_size=8)),
    headers=st.lists(
        st.builds(str.__add__, st.sampled_from(["", "X-Foo: ", "Range: "]), st.text(max_size=20)), max_size=3
    ),
    credentials=st.booleans(),
)
def test_whatever_is_asked_it_answers_or_says_what_is_wrong(
    where: str, origin: str, method: str, headers: list[str], credentials: bool
) -> None:
    try:
        question = parse_question(READ, where, origin, method, headers, credentials)
    except ValueError:
        return
    explanation = explain(READ, question)
    change = propose(POLICY, READ, question)
    assert json.dumps(document(explanation, change))
    output = render(explanation, change, lambda place: "")
    assert all(character.isprintable() or character == "\n" for character in output)
