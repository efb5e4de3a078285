"""The key that a difference comes from."""

import pytest

from cors_proxy.change.causes import corresponding
from tests.change.comparing import compared
from tests.policy.reading import read

APP = "cors: {origins: [https://app.example]}\n"


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        (APP, APP.replace("]", ", https://b.example]"), {"origins"}),
        (APP, APP.replace("}", ", methods: [GET, HEAD, POST, PUT]}"), {"methods"}),
        (APP, APP.replace("}", ", headers: [X-A]}"), {"headers"}),
        (APP, APP.replace("}", ", max_age: 5, credentials: true}"), {"credentials", "max_age"}),
        ("hosts: [a.example]\n", "hosts: [b.example]\n", {"hosts"}),
        ("", "routes: [{path: /a/**, cors: off}]\n", {"routes"}),
        ("", "routes: [{path: /a/**, dangerously_allow: [empty-segments]}]\n", {"routes"}),
        ("", "dangerously_allow: [empty-segments]\n", {"dangerously_allow"}),
    ],
)
def test_the_cause(before: str, after: str, keys: set[str]) -> None:
    assert {finding.cause.key for finding in compared(before, after).findings} == keys


def test_routes_correspond_by_what_they_match() -> None:
    text = "routes: [{path: /a, method: [GET, PUT]}, {path: /a, name: x, method: [PUT, GET]}, {path: /a, host: a.example}]"
    first, second, third = read(text).spec.routes
    assert corresponding(first, second) and not corresponding(first, third)
