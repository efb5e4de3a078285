"""Options instead of a policy file become the text of a policy."""

import pytest

from cors_proxy.policy.from_options import source_from_options
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
