"""What each way sends, whether it reaches the API, and what the page learns."""

import pytest

from cors_proxy.explain.question import parse_question
from cors_proxy.explain.via import Via, explain_via
from cors_proxy.explain.ways import WAYS, find_way
from cors_proxy.policy.read import parse_policy

TEXT = """version: 1
upstream: http://127.0.0.1:1
hosts: [api.shop.example]
cors:
  origins: [https://app.example]
  headers: [X-A]
  credentials: true
"""
SELF, SAME, FOREIGN, APP = (f"https://{name}.example" for name in ("api.shop", "www.shop", "evil", "app"))


def via(way: str, origin: str, more: str = "", where: str = "/r", **choice: object) -> Via:
    policy = parse_policy(TEXT + more, "policy.yaml", "")[0]
    question = parse_question(policy, where, origin, **choice)  # type: ignore[arg-type]
    return explain_via(policy, find_way(way), question)


def headers(found: Via, browser: str = "firefox") -> dict[str, str]:
    (request,) = (each for each in found.requests if browser in each.browsers)
    assert request.exchange is not None
    return {name.decode(): value.decode() for name, value in request.exchange.request_lines}


def reasons(found: Via) -> list[str]:
    return [each.exchange.decision.reason.value if each.exchange else "-" for each in found.requests]


@pytest.mark.parametrize("way", [way.name for way in WAYS])
@pytest.mark.parametrize(
    ("origin", "site"), [(SELF, "same-origin"), (SAME, "same-site"), (FOREIGN, "cross-site")]
)
def test_what_is_sent_follows_the_table(way: str, origin: str, site: str) -> None:
    found, sent = via(way, origin), find_way(way).sent
    assert found.relation == site
    if sent.same_origin_only and site != "same-origin":
        assert not found.reaches_api and found.requests[0].exchange is None
        return
    told = (
        headers(found)
        if not any(each.exchange is None for each in found.requests)
        else headers(found, "chromium")
    )
    assert (told["Sec-Fetch-Site"], told["Sec-Fetch-Mode"], told["Sec-Fetch-Dest"]) == (
        site, sent.mode.decode(), sent.destination.decode(),
    )  # fmt: skip
    assert ("Origin" in told) is (
        sent.origin == "always" or (sent.origin == "cross-origin" and site != "same-origin")
    )
    assert ("Cookie" in told) is bool(found.cookies)
    assert ("Sec-Purpose" in told) is (way == "prefetch")


@pytest.mark.parametrize(
    ("way", "same_site", "cross_site"),
    [
        ("fetch", "", ""),
        ("font", "", ""),
        ("csp-report", "", ""),
        ("image", "Strict Lax None", "None"),
        ("iframe", "Strict Lax None", "None"),
        ("link", "Strict Lax None", "Lax None"),
        ("window-open", "Strict Lax None", "Lax None"),
        ("form-post", "Strict Lax None", "None"),
    ],
)
def test_cookies(way: str, same_site: str, cross_site: str) -> None:
    assert via(way, SELF).cookies == ("Strict", "Lax", "None")
    assert " ".join(via(way, SAME).cookies) == same_site
    assert " ".join(via(way, FOREIGN).cookies) == cross_site


def test_a_script_chooses_its_cookies() -> None:
    assert via("fetch", APP, credentials=True).cookies == ("None",)
    assert via("xhr", SAME, credentials=True).cookies == ("Strict", "Lax", "None")


@pytest.mark.parametrize(
    ("policy", "reaching"),
    [
        (
            "",
            "image script style audio video iframe sandboxed-iframe object embed link form-get window-open"
            " prefetch preload favicon",
        ),
        ("  without_origin: isolate\n", "link form-get window-open"),
        ("  without_origin: {isolate: {navigate: deny, embed: [image]}}\n", "image preload favicon"),
        ("  without_origin: deny\n", ""),
    ],
)
def test_what_of_a_foreign_page_reaches_the_api(policy: str, reaching: str) -> None:
    assert [way.name for way in WAYS if via(way.name, FOREIGN, policy).reaches_api] == reaching.split()


def test_everything_of_the_own_page_reaches_the_api() -> None:
    found = [via(way.name, SELF, "  without_origin: isolate\n") for way in WAYS]
    # Firefox sends no pings
    assert [each.way.name for each in found if not each.reaches_api] == ["ping"]


@pytest.mark.parametrize(
    ("way", "origin", "more", "learns"),
    [
        ("fetch", FOREIGN, "", "only that it failed"),
        ("fetch", APP, "", "the whole response"),
        ("fetch", SELF, "", "the whole response"),
        ("module", APP, "", "the whole response"),
        ("image", FOREIGN, "", "whether it is an image, and its size"),
        ("image", SELF, "", "the whole response"),
        ("image", SELF, "  without_origin: deny\n", "only an error event"),
        ("image", FOREIGN, "  without_origin: isolate\n", "only an error event"),
        ("image", FOREIGN, "  resource_policy: same-site\n", "only an error event: Cross-Origin-Resource-Policy"),
        ("image", SAME, "  resource_policy: same-site\n", "whether it is an image, and its size"),
        ("image", SAME, "  resource_policy: same-origin\n", "only an error event: Cross-Origin-Resource-Policy"),
        ("websocket", APP, "", "every message"),
        ("websocket", FOREIGN, "", "only an error event"),
        ("beacon", FOREIGN, "", "nothing"),
        ("fetch", FOREIGN, "mode: report\n", "what the API's own CORS headers allow"),
        ("fetch", SELF, "hosts: [other.example]\n".replace("hosts", "  max_age: 1\nself_origins"), "the whole response"),
    ],
)  # fmt: skip
def test_what_the_page_learns(way: str, origin: str, more: str, learns: str) -> None:
    text = more.replace("[other.example]", "[https://api.shop.example]")
    assert {each.learns for each in via(way, origin, text).requests} == {learns}


def test_a_refusal_that_the_page_can_read() -> None:
    (request,) = via("fetch", APP, "  methods: [POST]\n").requests
    assert request.learns == "the refusal" and not request.reaches_api


def test_a_preflight_that_fails() -> None:
    (request,) = via("fetch", APP, method="DELETE").requests
    assert request.exchange is None and request.nothing.startswith("the preflight fails: ")
    assert via("fetch", APP, headers=["X-A: b"], method="POST").reaches_api


def test_where_browsers_differ() -> None:
    both = via("websocket", FOREIGN)
    assert [each.browsers for each in both.requests] == [("chromium",), ("firefox",)]
    assert "Sec-Fetch-Site" not in headers(both, "chromium")
    assert [each.browsers for each in via("module", FOREIGN).requests] == [("chromium", "firefox")]
    assert "Origin" in headers(via("module", SELF), "chromium")
    assert "Origin" not in headers(via("module", SELF), "firefox")


def test_plain_http_under_a_name_has_no_fetch_metadata() -> None:
    more = "  without_origin: isolate\n"
    found = via("image", FOREIGN, more, where="http://api.shop.example/r")
    assert found.reaches_api and "Sec-Fetch-Site" not in headers(found)
    assert reasons(via("image", FOREIGN, more)) == ["cross-site"]


def test_null_is_another_site() -> None:
    assert via("fetch", "null").relation == "cross-site"
