"""`assert`: its keys, what is wrong with them, and what a policy that breaks one is told."""

from pathlib import Path

import pytest

from cors_proxy.policy.assertions import read_assertions
from cors_proxy.policy.problems import PolicyProblems

from .reading import codes, problems, read

APP = "cors: {origins: [https://app.example]}\n"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("never: {origin: not https://*.a.example, method: DELETE, path: /admin/**}",
         "never: {origin: not https://*.a.example, method: DELETE, path: /admin/**}"),
        ("always: {origin: [https://app.example], path: /a, headers: []}", ""),
        ("always: {origin: [https://app.example], path: /a}", "always: {origin: https://app.example, path: /a}"),
        ("public: [/x, /y/**]", "public: [/x, /y/**]"),
        ("public: none", "public: none"),
        ("no_credentials_for: [https://a.example, 'https://*.b.example']", "no_credentials_for: [https://a.example, https://*.b.example]"),
    ],
)  # fmt: skip
def test_texts(entry: str, text: str) -> None:
    if text:
        (assertion,) = read(f"{APP}assert: [{{{entry}}}]").assertions
        assert assertion.text == text and str(assertion.place) == "policy.yaml:4"
    else:
        assert codes(f"assert: [{{{entry}}}]") == ["E205"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("{never: {}, public: none}", "E510"),
        ("{}", "E510"),
        ("{never: {origin: [not https://a.example, https://b.example]}}", "E510"),
        ("{never: {origin: [any, https://b.example]}}", "E510"),
        ("{never: {origin: https://A.example}}", "E301"),
        ("{never: {origin: 'https://*'}}", "E302"),
        ("{never: {origin: '*'}}", "E204"),
        ("{never: {path: admin}}", "E501"),
        ("{never: {method: delete}}", "E406"),
        ("{never: {headers: '*'}}", "E204"),
        ("{public: [nothing]}", "E501"),
        ("{sometimes: {}}", "E201"),
        ("{no_credentials_for: '*'}", "E204"),
    ],
)
def test_what_is_wrong(entry: str, code: str) -> None:
    assert code in codes(f"assert:\n  - {entry}\n")


def test_a_broken_assertion_is_an_error_with_a_request() -> None:
    found = problems(
        f"{APP}assert:\n  - never: {{method: POST, path: /pay}}\n  - public: none\n  - never: {{method: GET}}\n"
    )
    assert [(problem.code, problem.place.line) for problem in found] == [("E511", 5), ("E511", 7)]
    assert found[0].message == (
        'assert: "never: {method: POST, path: /pay}" does not hold: POST /pay, Origin: https://app.example is'
        " forwarded: origin-allowed (policy.yaml:3)"
    )


def test_a_file_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "assert.yaml"
    file.write_text("assert:\n  - public: ${WHAT}\n")
    (assertion,) = read_assertions(str(file), {"WHAT": "none"})
    assert assertion.text == "public: none"
    for text in ("assert: [{public: 1}]", "other: 1", "", "- public: none"):
        file.write_text(text)
        with pytest.raises(PolicyProblems):
            read_assertions(str(file), {})
    with pytest.raises(PolicyProblems, match="E101"):
        read_assertions(str(tmp_path / "nowhere"), {})
