"""A file of cases is read whole or not at all, and each case is judged by what the explanation says."""

import pytest

from cors_proxy.explain.cases import CasesError, read_cases, run_case
from cors_proxy.explain.change import PolicyText
from cors_proxy.policy.problems import PolicyProblems

ONE = "cases:\n  - request: {}\n    expect: allow\n"


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        ("origin: https://app.example, request: /r, expect: allow", []),
        ("origin: https://app.example, request: PUT /r, expect: allow, reason: origin-allowed, rule: 8", []),
        (
            "origin: https://app.example, request: DELETE /r, expect: refuse, reason: method-not-allowed, rule: 10",
            [],
        ),
        (
            "origin: https://app.example, request: /r, send: X-Bar, expect: refuse, reason: header-not-allowed",
            [],
        ),
        ("origin: https://app.example, request: /r, send: ['X-Foo: 1', Content-Type], expect: allow", []),
        (
            "origin: https://x.example, request: /public/r, credentials: true, expect: refuse, reason: origin-allowed",
            [],
        ),
        ("origin: https://app.example, request: POST /r, upload_listener: true, expect: allow", []),
        ("request: POST /mine/r, expect: refuse, reason: missing-origin", []),
        (
            "origin: https://app.example, request: /r, expect: allow, headers: {access-control-allow-credentials: 'true', X: absent}",
            [],
        ),
        (
            "origin: https://app.example, request: /r, expect: refuse",
            ["expected refuse, got allow: https://app.example is one of origins"],
        ),
        (
            "origin: https://x.example, request: /r, expect: allow",
            ["expected allow, got refuse: https://x.example is not allowed"],
        ),
        (
            "origin: https://x.example, request: /r, expect: refuse, reason: cross-site",
            ["expected the reason cross-site, got origin-not-"],
        ),
        (
            "origin: https://x.example, request: /r, expect: refuse, rule: 8",
            ["expected line 8 to decide, got 7"],
        ),
        (
            "origin: https://app.example, request: /r, expect: allow, headers: {vary: absent, X: y}",
            ["expected vary: absent, got Origin", "expected X: y, got absent"],
        ),
        ("request: r, expect: allow", ["'r' is neither a path"]),
        ("origin: https://app.example, request: TRACE /r, expect: refuse", []),
    ],
)
def test_judged(source: PolicyText, case: str, wrong: list[str]) -> None:
    _, cases = read_cases(f"cases: [{{{case}}}]", "cases.yaml")
    found = run_case(source.read(), cases[0]).wrong
    assert len(found) == len(wrong)
    assert all(begin in each for begin, each in zip(wrong, found, strict=True))


def test_names_and_places() -> None:
    policy, cases = read_cases(
        "policy: p.yaml\n" + ONE.format("GET /a") + "    name: one\n" + ONE.format("/b")[7:], "cases.yaml"
    )
    assert policy == "p.yaml"
    assert [(case.name, case.method, case.where, str(case.place)) for case in cases] == [
        ("one", "GET", "/a", "cases.yaml:3"),
        ("no origin: /b", "GET", "/b", "cases.yaml:6"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cases: []", ["there are no cases"]),
        ("cases: [x]", ["a case is a mapping"]),
        ("case: []", ["expected policy: FILE and cases"]),
        ("cases: [{expect: allow}]", ["request is missing"]),
        ("cases: [{request: /}]", ["expect is missing"]),
        ("cases: [{request: /, expect: yes, method: GET}]", ["expect: expected one of", '"method": unknown key']),
        ("cases: [{request: [], expect: allow}]", ["wrong type", "request is missing"]),
        ("cases: [{request: /, expect: allow, reason: x, credentials: no}]", ["reason: expected", "credentials: expected"]),
        ("cases: [{request: /, expect: allow, rule: x}]", ["rule: expected"]),
        ("cases: [{request: /, expect: allow, send: [{X-A: b}]}]", ["send: expected"]),
        ("cases: [{request: /, request: /, expect: allow}]", ["cases.yaml:1:"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong(text: str, words: list[str]) -> None:
    with pytest.raises(CasesError) as error:
        read_cases(text, "cases.yaml")
    assert all(word in str(error.value) for word in words)
    assert all(line.startswith("cases.yaml:1:") for line in str(error.value).splitlines())


@pytest.mark.parametrize("text", ["", "- a", "cases: ["])
def test_no_yaml(text: str) -> None:
    with pytest.raises(PolicyProblems):
        read_cases(text, "cases.yaml")
