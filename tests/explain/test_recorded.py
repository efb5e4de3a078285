"""What of recorded header lines was the page's doing."""

from cors_proxy.explain.browser import explain
from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.question import parse_question
from cors_proxy.explain.recorded import RecordedQuestion, differences, from_header_lines

PAGE = ("Origin", "https://app.example")


def test_a_page_s_request(source: PolicyText) -> None:
    lines = [
        PAGE,
        (":path", "/r"),
        ("User-Agent", "x"),
        ("Sec-Fetch-Site", "none"),
        ("X-Foo", "1"),
        ("cookie", "a=b"),
        ("Host", "h"),
    ]
    found = from_header_lines(source.read(), "s", "/r", "PUT", lines)
    assert found.question.headers == ((b"X-Foo", b"1"),)
    assert found.question.credentials
    assert found.unknown == ("assumed to be set by the browser, not by the page: user-agent",)


def test_a_preflight_stands_for_its_request(source: PolicyText) -> None:
    preflight = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-foo,x-bar")]
    found = from_header_lines(source.read(), "s", "/r", "OPTIONS", [PAGE, *preflight])
    assert (found.question.method, found.question.headers) == (b"PUT", ((b"x-foo", None), (b"x-bar", None)))
    assert len(found.unknown) == 2
    assert from_header_lines(source.read(), "s", "/r", "OPTIONS", preflight).question.method == b"OPTIONS"


def test_no_page(source: PolicyText) -> None:
    """Then nobody keeps a client from sending what it likes."""
    found = from_header_lines(
        source.read(), "s", "/r", "POST", [("Sec-Fetch-Site", "cross-site"), ("Cookie", "a=b")]
    )
    assert found.unknown == ()
    explanation = explain(source.read(), found.question)
    assert explanation.steps[0].exchange.decision.reason.value == "cross-site"
    assert explanation.steps[0].exchange.request.cookie


def test_another_reason_than_was_recorded(source: PolicyText) -> None:
    question = parse_question(source.read(), "/r", "https://app.example")
    explanation = explain(source.read(), question)
    assert differences(RecordedQuestion("s", question, (), "origin-allowed"), explanation) == []
    assert (
        "the log says cross-site, this says origin-allowed"
        in differences(RecordedQuestion("s", question, (), "cross-site"), explanation)[0]
    )
