from cors_proxy.learn.left_out import Left, LeftOut
from cors_proxy.learn.tally import Span


def test_one_reason_at_many_places_is_told_once_and_the_most_frequent_first() -> None:
    left = LeftOut()
    left.add("a", "why", Span(1), "/x")
    left.add("b", "why", Span(3), "/x")
    left.add("a", "why", Span(1), "/y")
    left.add("a", "why", Span(0), "/y")
    left.add("a", "because", Span(1))
    assert left.all() == [
        Left("b", "why", Span(3), {"/x": None}),
        Left("a", "why", Span(2), {"/x": None, "/y": None}),
        Left("a", "because", Span(1)),
    ]
