"""The order of the checks, and the line that each one names."""

import pytest

from cors_proxy.cors.escape import shown
from cors_proxy.cors.fetch import Check
from cors_proxy.cors.reason import Reason
from cors_proxy.explain.checks import FAILURE_TEXTS, PASSING, REASON_TEXTS
from tests.explain.conftest import Explain


@pytest.mark.parametrize(
    ("where", "origin", "method", "headers", "proxy", "browser"),
    [
        ("/r", "https://app.example", "GET", (), "unambiguous origin:8 method:10", "Access-Control-Allow-Origin:7"),
        (
            "/r", "https://x.apps.example.com", "PUT", ("X-Foo",), "unambiguous origin:9 method:10 headers:11",
            "Access-Control-Allow-Origin:7 status Access-Control-Allow-Methods:10 Access-Control-Allow-Headers:11",
        ),
        (
            "/r", "https://app.example", "DELETE", (), "unambiguous origin:8 !method:10",
            "Access-Control-Allow-Origin:7 status !Access-Control-Allow-Methods:10",
        ),
        (
            "/r", "https://app.example", "PUT", ("X-Bar",), "unambiguous origin:8 method:10 !headers:11",
            "Access-Control-Allow-Origin:7 status Access-Control-Allow-Methods:10 !Access-Control-Allow-Headers:11",
        ),
        ("/r", "https://x.example", "PUT", ("X-Bar",), "unambiguous !origin:7", "!Access-Control-Allow-Origin:7"),
        ("/a//b", "https://app.example", "GET", (), "!unambiguous", "!Access-Control-Allow-Origin:7"),
        ("/r", "https://api.example", "DELETE", (), "unambiguous origin:5 method", ""),
        (
            "/amp/x", "https://news.example", "PUT", (), "unambiguous origin:29 method:10",
            "Access-Control-Allow-Origin status Access-Control-Allow-Methods:10",
        ),
        ("wss://api.example/plain/x", "https://app.example", "GET", (), "unambiguous !websocket:26", ""),
        ("wss://api.example/r", "https://app.example", "GET", (), "unambiguous websocket origin:8 method:10", ""),
        ("/old/x", "https://x.example", "GET", (), "unambiguous origin:31", ""),
    ],
)  # fmt: skip
def test_in_order(
    explained: Explain,
    where: str,
    origin: str,
    method: str,
    headers: tuple[str, ...],
    proxy: str,
    browser: str,
) -> None:
    step = explained(where, origin, method, *headers).steps[0]

    def summary(checks: tuple[object, ...]) -> str:
        return " ".join(
            f"{'' if each.passed else '!'}{each.name.split(' ')[0]}{f':{each.rule.line}' if each.rule else ''}"  # type: ignore[attr-defined]
            for each in checks
        )

    assert (summary(step.proxy), summary(step.browser)) == (proxy, browser)


def test_hosts_are_checked(explained: Explain) -> None:
    text = "version: 1\nupstream: http://a\nhosts: [api.example]\ncors: {origins: '*'}\n"
    assert explained("/r", policy=text).steps[0].proxy[1].rule == ("policy.yaml", 3, 1)
    other = explained("http://b.example/r", policy=text).steps[0]
    assert (other.exchange.status, other.proxy[-1].text) == (421, "the Host b.example is not one of hosts")


def test_every_outcome_of_decide_has_words() -> None:
    reasons_of_rows = {
        reason
        for reason in Reason
        if list(Reason).index(reason) <= list(Reason).index(Reason.WEBSOCKET_DENIED)
    }
    assert reasons_of_rows - set(REASON_TEXTS) == {
        Reason.PREFLIGHT_ALLOWED,
        Reason.ORIGIN_ALLOWED,
        Reason.OWN_ORIGIN,
    }
    assert reasons_of_rows - set(REASON_TEXTS) <= PASSING
    assert set(FAILURE_TEXTS) == set(Check)


def test_bytes_are_shown_as_ascii() -> None:
    assert shown(b"a\x1b[31m\xff\n") == "a\\x1b[31m\\xff\\x0a"
