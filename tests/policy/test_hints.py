"""Whoever does what a hint says has solved the problem: no hint leads to the next error."""

import re

import pytest

from cors_proxy.policy.problems import Problem

from .reading import MINIMAL, problems
from .test_path_hints import PATHS
from .test_problems import ROWS

ORIGINS = """
https://my-app-*.vercel.app https://*example.com https://*.co.uk http://a.example:8080 localhost:3000
https://**.example.com *.example.com https://app.example.com/* HTTPS://A.example:443/
"""
VALUES = {
    "max_age": "10min 500ms 1d 7d -1 PT10M 1h30m 86401",
    "credentials": "yes tru on 1 enabled",
    "methods": "get patch PACTH all DELETE:",
    "headers": "X-A:",
    "websocket": "on no",
    "without_origin": "fetchmetadata",
}
TEXTS = [
    *(row[0] for row in ROWS if row[1] != "E104"),  # a quoted `*` may be wrong for another reason
    *(f"routes: [{{path: '{path}'}}]\n" for path, _ in PATHS),
    *(f"cors: {{origins: ['{text}'], credentials: true}}\n" for text in ORIGINS.split()),
    *(f"cors: {{{key}: {text}}}\n" for key, texts in VALUES.items() for text in texts.split()),
]


def follow(text: str, problem: Problem) -> str | None:
    """The policy after its user wrote what the hint says, where that is one text; else None."""
    match = re.fullmatch(r"write (\"\*\"|[^\s,]+)(?:, or .*)?", problem.hint)
    if match is None or match[1].endswith(":") or "your-name" in match[1]:
        return None
    lines = (MINIMAL + text).split("\n")
    line = lines[problem.place.line - 1]
    before, rest = line[: problem.place.column - 1], line[problem.place.column - 1 :]
    old = re.match(r"'[^']*'|\"[^\"]*\"|[^\s,\]}]+", rest)
    assert old is not None
    lines[problem.place.line - 1] = f'{before}"{match[1].strip(chr(34))}"{rest[old.end() :]}'
    return "\n".join(lines)


@pytest.mark.parametrize("text", TEXTS)
def test_a_hint_solves_its_problem(text: str) -> None:
    for problem in problems(text):
        changed = follow(text, problem)
        if changed is not None:
            after = [other for other in problems(changed, whole=True) if other.place == problem.place]
            assert not any(other.error or not problem.error for other in after), (problem.hint, after)


def test_most_hints_can_be_followed() -> None:
    """So the test above is not empty."""
    followed = [text for text in TEXTS for problem in problems(text) if follow(text, problem)]
    assert len(followed) > 60
