"""`chromium.har` was recorded from Chromium 156: six fetches of a page, through a proxy with this policy."""

import json
from pathlib import Path
from typing import Any

import pytest

from cors_proxy.explain.browser import explain
from cors_proxy.explain.har import read_har
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy

HAR = (Path(__file__).parent / "chromium.har").read_text()
POLICY = """version: 1
upstream: http://127.0.0.1:3000
hosts: [api.localhost]
cors:
  origins: [http://app.localhost:18081]
  methods: [GET, PUT]
  headers: [Content-Type]
"""


@pytest.fixture
def policy() -> Policy:
    return parse_policy(POLICY, "policy.yaml", "")[0]


def test_what_chromium_recorded(policy: Policy) -> None:
    found = [
        (each.question.method.decode(), each.source.rpartition(" ")[2], explain(policy, each.question))
        for each in read_har(policy, HAR)
    ]
    assert [
        (method, status, explanation.verdict.value, explanation.steps[-1].exchange.decision.reason.value)
        for method, status, explanation in found
    ] == [
        ("GET", "200)", "allowed", "origin-allowed"),
        ("PUT", "200)", "allowed", "origin-allowed"),
        ("DELETE", "0)", "blocked", "method-not-allowed"),
        ("GET", "0)", "blocked", "header-not-allowed"),
        ("GET", "0)", "blocked", "origin-allowed"),  # credentials: include, which no HAR tells
        ("POST", "403)", "refused", "method-not-allowed"),
    ]


def test_it_says_what_it_cannot_know(policy: Policy) -> None:
    unknown = "\n".join(line for each in read_har(policy, HAR) for line in each.unknown)
    for words in (
        "no Cookie was recorded",
        "is that of the Referer",
        "net::ERR_FAILED",
        "assumed to be with credentials",
    ):
        assert words in unknown


def test_the_headers_are_those_that_were_recorded(policy: Policy) -> None:
    """Chromium got what is predicted."""
    recorded = {
        (entry["request"]["method"], entry["request"]["url"]): entry["response"]
        for entry in json.loads(HAR)["log"]["entries"]
        if entry["response"]["status"] and entry["request"]["method"] != "OPTIONS"
    }
    compared = 0
    for each in read_har(policy, HAR):
        response = recorded.get((each.question.method.decode(), each.question.url))
        if response is None:
            continue
        exchange = explain(policy, each.question).steps[-1].exchange
        predicted = {(name.decode().lower(), value.decode()) for name, value in exchange.response_lines}
        seen = {(line["name"].lower(), line["value"]) for line in response["headers"]}
        assert exchange.status == response["status"]
        assert predicted <= seen
        compared += 1
    assert compared == 3


def test_a_lone_preflight_stands_for_its_request(policy: Policy) -> None:
    har = json.loads(HAR)
    har["log"]["entries"] = [
        entry for entry in har["log"]["entries"] if entry["request"]["method"] == "OPTIONS"
    ]
    assert [each.question.method for each in read_har(policy, json.dumps(har))] == [b"PUT", b"DELETE", b"GET"]


def test_other_apis_are_left_out() -> None:
    policy = parse_policy(POLICY.replace("api.localhost", "other.localhost"), "policy.yaml", "")[0]
    assert read_har(policy, HAR) == []


@pytest.mark.parametrize(
    "har",
    [
        "",
        "[" * 60_000,
        "{}",
        "[]",
        '{"log": {"entries": [1]}}',
        '{"log": {"entries": [{"request": {"url": "http://a"}}]}}',
    ],
)
def test_no_har(policy: Policy, har: str) -> None:
    with pytest.raises(ValueError):
        read_har(policy, har)


def test_nothing_in_it_can_raise_otherwise(policy: Policy) -> None:
    entry: dict[str, Any] = {
        "request": {"method": "G T", "url": "http://\n", "headers": [{"name": "Origin", "value": "\x00"}]}
    }
    with pytest.raises(ValueError):
        read_har(policy, json.dumps({"log": {"entries": [entry]}}))


def entry(
    method: str, status: int, *lines: tuple[str, str], response: tuple[tuple[str, str], ...] = ()
) -> dict[str, Any]:
    headers = [
        {"name": name, "value": value} for name, value in (("Origin", "http://app.localhost:18081"), *lines)
    ]
    return {
        "request": {"method": method, "url": "http://api.localhost/r", "headers": headers},
        "response": {"status": status, "headers": [{"name": name, "value": value} for name, value in response]},
    }  # fmt: skip


PREFLIGHT = ("Access-Control-Request-Method", "PUT")
BLOCKED = entry("OPTIONS", 403, PREFLIGHT, ("Access-Control-Request-Headers", "x-bar"))
READABLE = (("Access-Control-Allow-Origin", "http://app.localhost:18081"),)
LACKING = entry("OPTIONS", 204, PREFLIGHT, ("Access-Control-Request-Headers", "x-bar"), response=READABLE)
PASSED = entry("OPTIONS", 204, PREFLIGHT, response=(*READABLE, ("Access-Control-Allow-Methods", "PUT")))
PUT, FAILED = entry("PUT", 200), entry("PUT", 0, ("X-Bar", "1"))


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        ([PASSED, PUT], [PUT]),
        ([BLOCKED, PASSED, PUT], [BLOCKED, PUT]),
        ([LACKING, PASSED, PUT], [LACKING, PUT]),
        ([PASSED, PUT, BLOCKED], [PUT, BLOCKED]),
        ([BLOCKED, FAILED, PASSED, PUT], [FAILED, PUT]),
        ([BLOCKED, BLOCKED, FAILED], [BLOCKED, FAILED]),
        ([PASSED, PUT, PUT], [PUT, PUT]),
        ([PASSED], [PASSED]),
    ],
)
def test_a_blocked_preflight_is_kept(
    policy: Policy, entries: list[dict[str, Any]], kept: list[dict[str, Any]]
) -> None:
    found = read_har(policy, json.dumps({"log": {"entries": entries}}))
    assert [each.source.partition(" ")[0] for each in found] == [each["request"]["method"] for each in kept]
    assert [each.source.rpartition(" ")[2].rstrip(")") for each in found] == [
        str(each["response"]["status"]) for each in kept
    ]
