"""Path patterns, prefixes, names, shadows."""

import pytest

from .reading import codes, problems


@pytest.mark.parametrize(
    "path", ["/", "/a", "/a/*/b", "/**", "/a/**", "/%7Euser/**", "/odata/$metadata", "/a+b", "/ä"]
)
def test_paths(path: str) -> None:
    assert codes(f"routes: [{{path: '{path}'}}]\n") == []


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("a/**", "/a/**"),
        ("**", "/**"),
        ("/a?b=c", "/a"),
        ("/a#b", "/a"),
        ("/a//b", "/a/b"),
        ("/a b", "/a%20b"),
        ("/a*", "/a/**"),
        ("/**/a", "/*/a"),
        ("/***", "/**"),
        *(
            (path, "")
            for path in (
                "/;x/a",
                "/a/%20/b",
                "/..;/a",
                "/a/../b",
                "/%2e%2e/a",
                "/a%2fb",
                "/a%zz",
            )
        ),
    ],
)
def test_other_paths(path: str, suggestion: str) -> None:
    (problem,) = problems(f"routes: [{{path: '{path}'}}]\n")
    assert (problem.code, problem.hint) == ("E501", f"write {suggestion}" if suggestion else "")


@pytest.mark.parametrize(
    ("path", "prefix", "matches"),
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
def test_prefixes(path: str, prefix: str, matches: bool) -> None:
    assert codes(f"routes: [{{path: '{path}', strip_prefix: '{prefix}'}}]\n") == ([] if matches else ["E507"])


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        ("{path: /a}, {path: /a}", ["W501"]),
        ("{path: /a/**}, {path: /b}, {path: /a/b/c}", ["W501"]),
        ("{path: /a, method: GET}, {path: /a}", []),
        ("{path: /a}, {path: /a, method: GET}", ["W501"]),
        ("{path: /a, host: a.example}, {path: /a, host: b.example}", []),
        ("{path: /a/b}, {path: /a/**}", []),
        ("{path: /A}, {path: /a}", ["E509"]),
        ("{path: /a}, {path: /a/}", ["E509", "W502"]),
        ("{path: /a/**}, {path: '/a;x/**'}, {path: /a/b}", ["E509", "W501"]),
        ("{path: /A, method: GET}, {path: /a, method: PUT}", []),
        ("{path: /A, host: a.example}, {path: /a, host: b.example}", []),
        ("{path: /A/**}, {path: /a/b}", ["W501"]),
        ("{path: /a/b}, {path: /A/**}", []),
        ("{path: /A, dangerously_allow: path-variants}, {path: /a}", ["W508"]),
        ("{path: /A}, {path: /a, dangerously_allow: path-variants}", ["E509", "W508"]),
    ],
)
def test_shadows(routes: str, found: list[str]) -> None:
    assert codes(f"routes: [{routes}]\n") == found


def test_twins_name_each_other_and_how_to_permit_them() -> None:
    problem, _ = problems("routes: [{path: /A, name: upper}, {path: /a/}]\n")
    assert problem.message.startswith(
        'routes[1]: the path "/a/" and "/A" (policy.yaml:3) differ only in case, parameters or a trailing slash'
    )
    assert (
        problem.hint
        == 'keep one of the two, or write dangerously_allow: [path-variants] on the route "upper"'
    )
    assert codes("dangerously_allow: path-variants\nroutes: [{path: /a/}, {path: /A}, {path: /a}]\n") == [
        "W508",
        "W502",
    ]
    assert codes("dangerously_allow: path-variants\nroutes: [{path: /a}, {path: /a/}]\n") == [
        "W508",
        "W501",
        "W502",
    ]


def test_shadows_are_found_beside_errors_but_not_in_replaced_values() -> None:
    assert codes("mode: x\nroutes: [{path: /a}, {path: /a}]\n") == ["E204", "W501"]
    assert codes("routes: [{path: a}, {path: /a, method: [BREW]}, {path: /a, method: GET}]\n") == [
        "E501",
        "E406",
    ]


def test_unnamed_routes_share_their_label() -> None:
    assert codes("routes: [{path: /a, method: GET}, {path: /a, method: POST}]\n") == []
