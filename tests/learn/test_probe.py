"""The probe against an API on loopback: what it asks, and what it makes of the answers."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cors_proxy.learn import probe
from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.openapi import Operation
from cors_proxy.learn.paths import pattern
from cors_proxy.learn.probe import Probe, Report, parse_target
from cors_proxy.learn.proposal import propose
from cors_proxy.learn.seen import Asked, Seen

from .records import APP, evidence, request

Grants = Callable[[str], bool]


class Api:
    """Grants by `grants`, to preflights and requests; a refusal has `status`."""

    def __init__(self) -> None:
        self.grants: Grants = lambda origin: origin == APP
        self.status, self.preflights, self.origin = 200, True, ""
        self.asked: list[tuple[str, str, str]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin = self.headers["Origin"]
                api.asked.append((self.command, self.path, self.headers["Host"]))
                assert self.headers["Cookie"] is None and self.headers["Authorization"] is None
                granted = api.grants(origin) and (api.preflights or self.command != "OPTIONS")
                self.send_response(200 if granted else api.status)
                if granted:
                    self.send_header("Access-Control-Allow-Origin", api.origin or origin)
                    self.send_header("Access-Control-Allow-Methods", "GET, PUT")
                    self.send_header("Access-Control-Allow-Headers", "x-token")
                self.end_headers()

            do_OPTIONS = do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def probe(self, found: Evidence) -> Report:
        return Probe(parse_target(self.url), found).run()


@pytest.fixture
def api() -> Iterator[Api]:
    found = Api()
    yield found
    found.close()


def used(origin: str = APP, method: str = "GET", **more: Any) -> Seen:
    return request(origin, None, method, host="api.example.com", **more)


def origins(found: Evidence) -> set[str]:
    return {origin for rule in propose(found).rules for origin in rule.origins}


@pytest.mark.parametrize("status", [200, 403, 500])
def test_what_was_used_and_is_granted_is_proven(api: Api, status: int) -> None:
    api.status = status
    asked = Seen("OPTIONS", "/items", APP, "api.example.com", status=204, asked=Asked("PUT", ("x-token",)))
    found = evidence(used(), used("https://other.example"), used(method="PUT"), asked)
    report = api.probe(found)
    (rule,) = propose(found).rules
    assert (
        rule.origins.keys() == {APP}
        and rule.methods == {"GET": 1, "PUT": 2}
        and rule.headers == {"x-token": 1}
    )
    assert rule.origins[APP].count == 3 and not report.careless and not report.failures
    assert {method for method, _, _ in api.asked} <= {"OPTIONS", "GET", "HEAD"}
    assert {(path, host) for _, path, host in api.asked} == {("/items", "api.example.com")}


def test_an_api_that_grants_every_origin(api: Api) -> None:
    api.grants = lambda _: True
    found = evidence(used(), request(APP, APP, host="api.example.com", path="/seen"))
    api.probe(found)
    proposal = propose(found)
    assert not proposal.rules and all("any origin" in left.why for left in proposal.left)


def test_an_api_that_answers_a_star(api: Api) -> None:
    api.origin = "*"
    found = evidence(used())
    api.probe(found)
    assert not origins(found) and any(left.what == 'origins: "*"' for left in propose(found).left)


def test_an_api_that_refuses_for_another_reason(api: Api) -> None:
    """Too many requests is no answer about an origin."""
    api.status = 429
    found = evidence(used())
    api.probe(found)
    assert not origins(found)


def test_one_stranger_alone_shows_nothing(api: Api) -> None:
    """As where a limit of requests comes in between."""
    count = iter(range(100))
    api.grants = lambda _: next(count) > 0
    found = evidence(used())
    api.probe(found)
    assert not origins(found)


def test_an_answer_about_something_else_shows_nothing(api: Api) -> None:
    def grants(origin: str) -> bool:
        api.status = 429 if origin == APP else api.status
        return origin == APP

    api.grants = grants
    found = evidence(used())
    api.probe(found)
    assert not origins(found)


def test_an_api_without_preflights_is_asked_by_a_request(api: Api) -> None:
    api.preflights = False
    found = evidence(used(), used(method="POST"))
    api.probe(found)
    (rule,) = propose(found).rules
    assert rule.methods == {"GET": 1} and ("GET", "/items", "api.example.com") in api.asked


@pytest.mark.parametrize(
    "grants",
    [
        lambda origin: origin.startswith("https://app.example.com"),
        lambda origin: origin.endswith("app.example.com"),
    ],
)
def test_a_careless_check_is_told(api: Api, grants: Grants) -> None:
    api.grants = grants
    assert len(api.probe(evidence(used())).careless) == 1


def test_what_it_refuses_is_told(api: Api) -> None:
    found = evidence(used("https://other.example"))
    api.probe(found)
    assert [left.why for left in propose(found).left] == ["the API refused it when --probe asked"]


def test_what_is_proven_is_not_asked_again(api: Api) -> None:
    api.probe(evidence(request(APP, APP), request("https://other.example", "")))
    assert api.asked == []


@pytest.mark.parametrize("path", ["/a\r\nX: y", "/a b", "/\x7f", "/\u00e9"])
def test_no_path_of_a_log_writes_into_a_request(api: Api, path: str) -> None:
    api.probe(evidence(used(path=path)))
    assert api.asked == []


def test_it_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "MAX_REQUESTS", 8)
    report = api.probe(evidence(*(used(path=f"/w{number}x") for number in range(10))))
    assert report.requests <= 8 and report.unasked >= 8 and len(api.asked) <= 8


def test_an_api_that_does_not_answer() -> None:
    target = parse_target("http://127.0.0.1:1")
    report = Probe(target, evidence(used())).run()
    assert report.failures == report.requests == 6 and report.first_failure


@pytest.mark.parametrize(
    "url",
    [
        "localhost:3000",
        "ftp://a",
        "http://",
        "http://a/b",
        "http://u:p@a",
        "http://a?b",
        "http://a b",
        "http://a:x",
    ],
)
def test_no_url_of_an_api(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_target(url)


def test_urls() -> None:
    target = parse_target("https://api.example.com")
    assert target.tls and target.port == 443 and parse_target("http://[::1]:3000/").host == "::1"


def test_what_an_openapi_file_lists_is_asked_for_an_origin_that_a_person_names(api: Api) -> None:
    """The API allows one of its two headers."""
    operation = Operation(("orders", "*"), "PUT", ("x-other", "x-token"))
    found = Evidence(operations=[operation])
    found.expect(operation, APP)
    api.probe(found)
    (rule,) = propose(found).rules
    assert pattern(rule.parts) == "/orders/*" and rule.origins.keys() == {APP} == rule.probed
    assert list(rule.methods) == ["PUT"] and rule.headers == {"x-token": 0}
    assert ("OPTIONS", "/orders/1") in {(method, path) for method, path, _ in api.asked}
