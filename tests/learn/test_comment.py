from cors_proxy.learn.comment import counted, safe, some, span_text
from cors_proxy.learn.tally import Span


def test_hostile_values_stay_on_their_line() -> None:
    assert safe("a\n- b\x1b[2J\u2028") == "a\\u000a- b\\u001b[2J\\u2028"
    assert len(safe("x" * 10_000)) == 100
    assert "\n" not in span_text(Span(1, "1\n2", "1\n3")) + counted({"a\n": 1}) + some(["a\n"])


def test_texts() -> None:
    assert span_text(Span(1)) == "once"
    assert span_text(Span(2, "2026-01-02T03:04:05Z", "2026-01-02T03:04:59Z")) == "2 times, 2026-01-02 03:04"
    assert (
        span_text(Span(2, "2026-01-02T03:04:05Z", "2026-01-03")) == "2 times, 2026-01-02 03:04 to 2026-01-03"
    )
    assert counted({"GET": 3, "PUT": 1}) == "GET 3, PUT 1"
    assert some(["/a", "/b", "/c", "/d"]) == "/a, /b, /c and 1 more"
