"""Options instead of a policy file become the text of a policy."""

import json

import pytest

from cors_proxy.cors.spec import CorsSpec
from cors_proxy.policy.from_options import source_from_options, told_defaults
from cors_proxy.policy.problems import PolicyProblems

from .reading import read


def test_the_options_make_the_same_policy_as_a_file() -> None:
    policy, warnings = source_from_options(
        upstream="http://api:3000",
        allow_origin=["https://a.example", "https://*.b.example"],
        listen="127.0.0.1:0",
        self_origin=["https://api.example"],
        credentials=True,
        mode="report",
    ).read({})
    written = read(
        "listen: 127.0.0.1:0\nself_origins: [https://api.example]\nmode: report\n"
        "cors: {origins: [https://a.example, 'https://*.b.example'], credentials: true}\n"
    )
    assert warnings == []
    assert (policy.listen, policy.forwarding, policy.server, policy.spec.report_only) == (
        written.listen,
        written.forwarding,
        written.server,
        True,
    )
    assert policy.spec.default.cors is not None and written.spec.default.cors is not None
    assert [rule.pattern for rule in policy.spec.default.cors.origins] == [
        rule.pattern for rule in written.spec.default.cors.origins
    ]


def test_the_minimum() -> None:
    policy, _ = source_from_options("http://api:3000").read({})
    assert policy.spec.default.cors is not None
    assert policy.spec.default.cors.origins == ()


@pytest.mark.parametrize("origin", ["https://a.example/", "a: b", "]}\nmode: report", "${HOME}", "'"])
def test_options_are_values_never_structure(origin: str) -> None:
    with pytest.raises(PolicyProblems) as refused:
        source_from_options("http://api:3000", [origin]).read({})
    (problem,) = refused.value.problems
    assert problem.code == "E301"


def test_the_star() -> None:
    policy, _ = source_from_options("http://api:3000", ["*"]).read({})
    assert policy.spec.default.cors is not None and policy.spec.default.cors.methods == ("GET", "HEAD")
    with pytest.raises(PolicyProblems):
        source_from_options("http://api:3000", ["*"], credentials=True).read({})


def cors_of(**options: list[str]) -> CorsSpec:
    policy, _ = source_from_options("http://api:3000", **options).read({})  # type: ignore[arg-type]
    assert policy.spec.default.cors is not None
    return policy.spec.default.cors


def test_named_origins_may_use_what_a_web_app_needs() -> None:
    for origin in ("https://a.example", "https://*.a.example"):
        cors = cors_of(allow_origin=[origin])
        assert cors.methods == ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        assert cors.headers == ("Content-Type", "Authorization") and not cors.any_header


def test_options_replace_these_lists() -> None:
    cors = cors_of(allow_origin=["https://a.example"], allow_method=["GET"], allow_header=["X-A", "X-B"])
    assert (cors.methods, cors.headers) == (("GET",), ("X-A", "X-B"))
    cors = cors_of(allow_origin=["https://a.example"], allow_method=["*"], expose=["X-C"])
    assert (cors.methods, cors.headers, cors.expose) == (None, ("Content-Type", "Authorization"), ("X-C",))


@pytest.mark.parametrize("origins", [["*"], ["null"], ["null", "https://a.example"], []])
def test_for_anybody_the_defaults_of_a_file_stay(origins: list[str]) -> None:
    written = read(f"cors: {{origins: {json.dumps(origins)}}}" if origins else "cors: {}").spec.default.cors
    cors = cors_of(allow_origin=origins)
    assert written is not None and (cors.methods, cors.headers) == (written.methods, ())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"allow_origin": ["https://a.example"]},
            "by default these origins may use the methods GET, HEAD, POST, PUT, PATCH, DELETE and the request"
            " headers Content-Type, Authorization; change it with --allow-method and --allow-header",
        ),
        (
            {"allow_origin": ["*"]},
            "by default --allow-origin * allows the methods GET, HEAD and no request header; change it with"
            " --allow-method and --allow-header",
        ),
        (
            {"allow_origin": ["https://a.example"], "allow_method": ["PUT"]},
            "by default these origins may use the request headers Content-Type, Authorization; change it with"
            " --allow-header",
        ),
        ({"allow_origin": ["https://a.example"], "allow_method": ["PUT"], "allow_header": ["X-A"]}, ""),
        ({}, ""),
    ],
)
def test_one_line_tells_the_defaults(options: dict[str, list[str]], said: str) -> None:
    policy, _ = source_from_options("http://api:3000", **options).read({})  # type: ignore[arg-type]
    methods, headers = options.get("allow_method", []), options.get("allow_header", [])
    assert told_defaults(policy, methods, headers) == said


def test_places_are_options() -> None:
    policy, _ = source_from_options(
        "http://api:3000", ["https://a.example"], credentials=True, expose=["X-A"], debug=True
    ).read({})
    assert policy.spec.debug and policy.spec.default.cors is not None
    places = {key: str(place) for key, place in policy.spec.default.cors.places.items()}
    assert places == {
        "origins": "--allow-origin",
        "methods": "--allow-method",
        "headers": "--allow-header",
        "expose": "--expose",
        "credentials": "--credentials",
    }
    # The rule of an origin that is not allowed, where none is.
    assert str(source_from_options("http://api:3000").read({})[0].spec.default.place) == "--allow-origin"


def test_problems_name_the_option_and_each_is_told() -> None:
    with pytest.raises(PolicyProblems) as refused:
        source_from_options("http://api:3000", ["https://a.example/", "nonsense"], listen="x").read({})
    told = [str(problem).partition("  ")[0] for problem in refused.value.problems]
    assert sorted(told) == ["--allow-origin", "--allow-origin", "--listen"]
