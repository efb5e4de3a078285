"""A grant as bytes."""

from cors_proxy.cors.decision import Grant, wire

ORIGIN = (b"Access-Control-Allow-Origin", b"https://app.example")


def test_lines_as_they_stand_in_a_head() -> None:
    assert (
        wire([]) == b""
        and wire([ORIGIN, (b"X", b"")]) == b"Access-Control-Allow-Origin: https://app.example\r\nX: \r\n"
    )


def test_what_goes_with_an_own_answer_and_with_a_response() -> None:
    bare = Grant()
    assert bare.local_bytes == bare.forwarded_bytes == b""
    full = Grant((ORIGIN,), (b"Origin", b"AMP-Same-Origin"), timing=b"*", resource_policy=b"same-site")
    assert full.local_bytes == wire([ORIGIN]) + b"Vary: Origin, AMP-Same-Origin\r\n"
    assert full.forwarded_bytes == (
        b"Vary: Origin, AMP-Same-Origin\r\n"
        + wire([ORIGIN])
        + b"Timing-Allow-Origin: *\r\nCross-Origin-Resource-Policy: same-site\r\n"
    )
