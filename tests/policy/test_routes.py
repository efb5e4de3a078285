"""Path patterns, prefixes, names, shadows."""

import pytest

from .reading import codes, problems


@pytest.mark.parametrize("path", ["/", "/a", "/a/", "/a/*/b", "/**", "/a/**", "/%7Euser/**", "/odata/$metadata", "/a+b", "/ä"])
def test_paths(path: str) -> None:
    assert codes(f"routes: [{{path: '{path}'}}]\n") == []


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("a/**", "/a/**"),
        ("**", "/**"),
        ("/a?b=c", "/a"),
        ("/a#b", "/a"),
        ("/a//b", "/a/b"),
        ("/a b", "/a%20b"),
        *((path, "") for path in ("/a*", "/**/a", "/a/../b", "/%2e%2e/a", "/a%2fb", "/a%zz", "/***")),
    ],
)
def test_other_paths(path: str, right: str) -> None:
    (problem,) = problems(f"routes: [{{path: '{path}'}}]\n")
    assert (problem.code, problem.hint) == ("E501", f"write {right}" if right else "")


@pytest.mark.parametrize(
    ("path", "prefix", "fits"),
    [
        ("/legacy/**", "/legacy", True),
        ("/legacy/**", "/legacy/", True),
        ("/legacy", "/legacy", True),
        ("/a/b/*", "/a/b", True),
        ("/a/b/*", "/a", True),
        ("/%61/**", "/a", True),
        ("/legacy/**", "/leg", False),
        ("/legacy/**", "/old", False),
        ("/a/*", "/a/b", False),
        ("/a/*", "/a/*", False),
        ("/a", "/a/b", False),
    ],
)
def test_prefixes(path: str, prefix: str, fits: bool) -> None:
    assert codes(f"routes: [{{path: '{path}', strip_prefix: '{prefix}'}}]\n") == ([] if fits else ["E507"])


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        ("{path: /a}, {path: /a}", ["W501"]),
        ("{path: /a/**}, {path: /b}, {path: /a/b/c}", ["W501"]),
        ("{path: /a, method: GET}, {path: /a}", []),
        ("{path: /a}, {path: /a, method: GET}", ["W501"]),
        ("{path: /a, host: a.example}, {path: /a, host: b.example}", []),
        ("{path: /a/b}, {path: /a/**}", []),
    ],
)
def test_shadows(routes: str, found: list[str]) -> None:
    assert codes(f"routes: [{routes}]\n") == found


def test_shadows_are_seen_beside_errors_but_never_in_stand_ins() -> None:
    assert codes("mode: x\nroutes: [{path: /a}, {path: /a}]\n") == ["E204", "W501"]
    assert codes("routes: [{path: a}, {path: /a, method: [BREW]}, {path: /a, method: GET}]\n") == ["E501", "E406"]


def test_unnamed_routes_share_their_label() -> None:
    assert codes("routes: [{path: /a, method: GET}, {path: /a, method: POST}]\n") == []
