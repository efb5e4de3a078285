"""Additions to a policy: nothing more than what was proven, and nothing taken from anybody."""

from collections.abc import Sequence

import pytest

from cors_proxy.explain.change import PolicyText
from cors_proxy.learn.additions import Additions, add_to
from cors_proxy.learn.proposal import propose
from cors_proxy.learn.seen import Seen

from .records import APP, OTHER, evidence, preflight, request
from .traffic import Call, passes, site

ADMIN = "https://admin.example.com"
HEAD = "version: 1\nupstream: http://api:3000  # the API\n"
PROVEN = [
    request(ADMIN, ADMIN, path="/admin/7"),
    preflight(ADMIN, ADMIN, "DELETE", ("x-token",), "/admin/7"),
    request(OTHER, "", path="/admin/7"),
]


def added(text: str, records: Sequence[Seen] = PROVEN) -> Additions:
    source = PolicyText(text, "policy.yaml", "")
    return add_to(source, propose(evidence(*records)).rules)


def allows(found: Additions, origin: str, method: str, path: str) -> bool:
    return passes(site(found.text), Call(origin, "localhost", method, path))


def test_a_path_without_a_route_becomes_one() -> None:
    found = added(HEAD + f"cors:\n  origins: [{APP}]\n  methods: [GET]\n")
    assert (
        allows(found, ADMIN, "DELETE", "/admin/1")
        and allows(found, APP, "GET", "/admin/1")
        and allows(found, APP, "GET", "/x")
    )
    assert not allows(found, ADMIN, "GET", "/x") and not allows(found, APP, "DELETE", "/x")
    assert "+++ policy.yaml" in found.diff and "+  - path: /admin/*" in found.diff and not found.dangers
    assert found.text.startswith(HEAD) and "as on paths without a route" in found.text


def test_routes_that_are_there_keep_their_paths() -> None:
    found = added(HEAD + f"routes:\n- path: /admin/export\n  cors: {{origins: [{APP}]}}\n")
    assert allows(found, APP, "GET", "/admin/export") and not allows(found, ADMIN, "GET", "/admin/export")
    assert allows(found, ADMIN, "GET", "/admin/1")


def test_what_a_route_refuses_is_added_to_it_with_its_danger() -> None:
    found = added(HEAD + f"routes:\n  - path: /admin/**\n    cors: {{origins: [{APP}]}}\n")
    assert allows(found, ADMIN, "DELETE", "/admin/1") and found.dangers
    assert found.text.count("path:") == 1


@pytest.mark.parametrize(
    "more", ["  credentials: true\n", '  methods: "*"\n', '  headers: "*"\n', '  expose: "*"\n']
)
def test_what_a_new_route_cannot_repeat_is_an_edit(more: str) -> None:
    found = added(HEAD + f"cors:\n  origins: [{APP}]\n{more}")
    assert allows(found, ADMIN, "GET", "/admin/1") and "path:" not in found.text and found.dangers


@pytest.mark.parametrize("mode", ["report", "headers"])
def test_a_policy_that_is_not_enforced_is_read_as_if_it_were(mode: str) -> None:
    """It allows everything, and would refuse it once it is enforced."""
    for more in ("", f"routes:\n  - path: /admin/**\n    cors: {{origins: [{APP}]}}\n"):
        found = added(f"{HEAD}mode: {mode}\n{more}")
        enforced = site(found.text.replace(f"mode: {mode}", "mode: enforce"))
        assert passes(enforced, Call(ADMIN, "localhost", "DELETE", "/admin/1", ("x-token",)))


def test_what_is_allowed_is_not_changed() -> None:
    text = HEAD + f"cors: {{origins: [{ADMIN}], methods: [GET, DELETE], headers: [x-token]}}\n"
    found = added(text)
    assert found.diff == "" and found.text == text


def test_a_list_in_another_form_is_left_to_a_person() -> None:
    found = added(HEAD + "routes: [{path: /x}]\n")
    assert allows(found, ADMIN, "GET", "/admin/1") and found.dangers


def test_what_no_policy_can_allow_is_told() -> None:
    found = added(
        HEAD + "self_origins: [https://api.example.com]\n",
        [request("https://api.example.com", "https://api.example.com"), request(OTHER, "")],
    )
    assert found.diff == "" and not found.left
