"""What of recorded header lines was the page's doing."""

from cors_proxy.explain.browser import explain
from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.question import ask
from cors_proxy.explain.recorded import Recorded, differs, to_question

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
    found = to_question(source.read(), "s", "/r", "PUT", lines)
    assert found.question.headers == ((b"X-Foo", b"1"),)
    assert found.question.credentials
    assert found.unknown == ("taken for the browser's own, not for the page's: user-agent",)


def test_a_preflight_stands_for_its_request(source: PolicyText) -> None:
    asked = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-foo,x-bar")]
    found = to_question(source.read(), "s", "/r", "OPTIONS", [PAGE, *asked])
    assert (found.question.method, found.question.headers) == (b"PUT", ((b"x-foo", None), (b"x-bar", None)))
    assert len(found.unknown) == 2
    assert to_question(source.read(), "s", "/r", "OPTIONS", asked).question.method == b"OPTIONS"


def test_no_page(source: PolicyText) -> None:
    """Then nobody keeps a client from sending what it likes."""
    found = to_question(
        source.read(), "s", "/r", "POST", [("Sec-Fetch-Site", "cross-site"), ("Cookie", "a=b")]
    )
    assert found.unknown == ()
    explanation = explain(source.read(), found.question)
    assert explanation.steps[0].made.decision.reason.value == "cross-site"
    assert explanation.steps[0].made.request.cookie


def test_another_reason_than_was_recorded(source: PolicyText) -> None:
    question = ask(source.read(), "/r", "https://app.example")
    explanation = explain(source.read(), question)
    assert differs(Recorded("s", question, (), "origin-allowed"), explanation) == []
    assert (
        "the log says cross-site, this says origin-allowed"
        in differs(Recorded("s", question, (), "cross-site"), explanation)[0]
    )
