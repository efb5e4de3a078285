"""Origins that a feed lists and the policies name as well, or another feed."""

from tests.change.comparing import compared

A, B = '{url: "http://a:3000/"}', '{url: "http://b:3000/"}'


def who(before: str, after: str, opens: bool) -> set[str]:
    found = compared(before, after)
    assert not found.gave_up
    return {
        name
        for finding in found.findings
        if finding.gained is opens
        for part in finding.parts
        for name in part.who
    }


def test_an_origin_of_two_feeds() -> None:
    """Only GET while the first one lists it, and any method afterwards."""
    before = f"cors: {{origins: [{A}], methods: [GET], accept_from: [{B}]}}\n"
    after = f"cors: {{methods: [GET], accept_from: [{B}]}}\n"
    assert "https://feed-1-and-feed-2.invalid" in who(before, after, True)


def test_an_origin_of_a_feed_that_the_policy_names() -> None:
    before = "cors: {accept_from: [https://b.example]}\n"
    after = f"cors: {{origins: [{A}], accept_from: [https://b.example]}}\n"
    assert who(before, after, True) == {"https://feed-1.invalid"}  # that one may do as much
    assert who(before, after, False) == {"https://b.example if http://a:3000/ lists it"}


def test_what_is_said_of_one_feed_is_not_said_of_two() -> None:
    lists = f"cors: {{origins: [{A}, {B}]"
    gained = who(f"{lists}}}\n", f"{lists}, credentials: true}}\n", True)
    assert gained == {"https://feed-1.invalid", "https://feed-2.invalid"}


def test_the_feeds_that_are_shown_are_explained() -> None:
    found = compared(f"cors: {{origins: [{A}, {B}]}}\n", "")
    assert list(found.feeds) == ["https://feed-1.invalid", "https://feed-2.invalid"]


def test_it_says_that_it_gave_up() -> None:
    many = ", ".join(f'{{url: "http://f{number}:3000/"}}' for number in range(7))
    found = compared("", f"cors: {{origins: [{many}]}}\n")
    assert found.gave_up and found.opens
