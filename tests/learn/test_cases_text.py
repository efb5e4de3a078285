from cors_proxy.explain.cases import read_cases
from cors_proxy.learn.cases_text import FOREIGN, cases_text
from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.proposal import propose

from .records import APP, OTHER, evidence, preflight, request


def test_each_rule_has_what_it_allows_and_what_it_refuses() -> None:
    found = propose(
        evidence(
            request(APP, APP, path="/a/4711"),
            preflight(APP, APP, "PUT", ("x-token",), "/a/4711"),
            request(OTHER, "", path="/a/4711"),
        )
    )
    _, cases = read_cases(cases_text(found), "cases.yaml")
    assert [(case.origin, case.method, case.where, case.allow, case.send) for case in cases] == [
        (APP, "GET", "/a/1", True, ("X-Token",)),
        (APP, "PUT", "/a/1", True, ("X-Token",)),
        (FOREIGN, "GET", "/a/1", False, ()),
    ]


def test_nothing_to_test() -> None:
    assert cases_text(propose(Evidence())) == ""
