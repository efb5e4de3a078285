"""`explain --via`: the text, the table, the JSON."""

from cors_proxy.explain.question import parse_question
from cors_proxy.explain.render_via import render_table, render_via, via_document
from cors_proxy.explain.via import explain_via
from cors_proxy.explain.ways import WAYS, find_way
from cors_proxy.policy.read import parse_policy

POLICY = parse_policy(
    "version: 1\nupstream: http://127.0.0.1:1\nhosts: [api.example]\n"
    "cors: {origins: [https://app.example], without_origin: isolate}\n",
    "policy.yaml",
    "",
)[0]
QUESTION = parse_question(POLICY, "/r", "https://evil.example")
ALL = [explain_via(POLICY, way, QUESTION) for way in WAYS]


def quote(place: object) -> str:
    return "the line"


def test_a_way() -> None:
    text = render_via(explain_via(POLICY, find_way("image"), QUESTION), quote)
    assert (
        text
        == """image: <img> in a page of https://evil.example (cross-site)
  GET https://api.example/r   route (default)
    > Host: api.example
    > Sec-Fetch-Site: cross-site
    > Sec-Fetch-Mode: no-cors
    > Sec-Fetch-Dest: image
    > Cookie: ...
  cookies: those with SameSite=None
  The proxy answers 403 (cross-site).
       policy.yaml:4: the line
  Reaches the API: no.
  The page learns: only an error event.
"""
    )


def test_where_browsers_differ() -> None:
    text = render_via(explain_via(POLICY, find_way("ping"), QUESTION), quote)
    assert "In Chromium:\n  POST https://api.example/r" in text
    assert "In Firefox:\n  The browser sends nothing: Firefox sends no pings by default.\n" in text


def test_the_table() -> None:
    head, empty, titles, *rows = render_table(ALL).splitlines()
    assert head == "From a page of https://evil.example (cross-site) to https://api.example/r" and not empty
    assert titles.split()[:5] == ["WAY", "REQUEST", "ORIGIN", "SAMESITE", "API"]
    assert [row.split()[0] for row in rows] == [via.way.name for via in ALL for _ in via.requests]
    (link,) = (row for row in rows if row.startswith("link "))
    assert link.split("  ")[1:] and "yes" in link and "Lax, None" in link


def test_the_document() -> None:
    document = via_document(explain_via(POLICY, find_way("ping"), QUESTION))
    assert document["way"] == "ping" and document["reaches_api"] is False
    requests = document["requests"]
    assert isinstance(requests, list)
    sent, nothing = requests
    assert (sent["browsers"], sent["decision"], sent["reason"]) == (
        ["chromium"],
        "refuse",
        "origin-not-allowed",
    )
    assert (sent["method"], sent["mode"], sent["destination"], sent["site"]) == (
        "POST",
        "no-cors",
        "empty",
        "cross-site",
    )
    assert (
        sent["origin"] == "https://evil.example" and sent["status"] == 403 and sent["rule"] == "policy.yaml:4"
    )
    assert nothing["sent"] is False and nothing["why"]
