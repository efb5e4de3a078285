"""Field lines: one end for each, kinds by name whatever its case, and bounded memory."""

import pytest

from cors_proxy.proxy.field_lines import (
    DROP,
    FOLDED,
    JUDGED,
    KEEP,
    Fields,
    connection_options,
    content_length,
    split_lines,
    without,
)


@pytest.mark.parametrize(
    ("block", "lines"),
    [
        (b"\r\n", []),
        (b"A: 1\r\nB: 2\r\n\r\n", [b"A: 1", b"B: 2"]),
        (b"A: 1\nB: 2\r\n\r\n", None),
        (b"A: 1\rB: 2\r\n\r\n", None),
        (b"A: 1\r\r\nB: 2\r\n\r\n", None),
        (b"A: 1\n\rB: 2\r\n\r\n", None),
    ],
)
def test_a_line_ends_in_one_place(block: bytes, lines: list[bytes] | None) -> None:
    assert split_lines(block) == lines


def kind(fields: Fields, name: bytes) -> int:
    return fields.of(name + b": value", fields.first).kind


def test_a_name_has_one_kind_in_any_case() -> None:
    fields = Fields({b"te": DROP}, lambda name: JUDGED if name == b"origin" else KEEP)
    assert [kind(fields, name) for name in (b"te", b"Te", b"TE", b"Origin", b"ORIGIN", b"X")] == [
        DROP,
        DROP,
        DROP,
        JUDGED,
        JUDGED,
        KEEP,
    ]
    assert kind(fields, b" te") == kind(fields, b"\tte") == FOLDED


def test_names_are_remembered_within_bounds() -> None:
    asked: list[bytes] = []

    def other(name: bytes) -> int:
        asked.append(name)
        return KEEP

    fields = Fields({b"te": DROP}, other)
    long = b"a" * 65
    for name in (b"x", b"x", long, long):
        assert kind(fields, name) == KEEP
    assert asked == [b"x", long, long]
    for number in range(5000):
        assert kind(fields, b"x-%d" % number) == KEEP
    assert len(fields) <= 2048
    assert kind(fields, b"te") == kind(fields, b"TE") == DROP, "known names are found again after a clear"


def test_the_field_that_came_next_is_only_a_guess() -> None:
    """By its whole name, whatever came after it the last time."""
    fields = Fields({b"te": DROP, b"ten": JUDGED}, lambda name: KEEP)
    for order in ([b"a", b"te", b"ten"], [b"a", b"ten", b"te"], [b"ten", b"a", b"b"], [b"a", b"te", b"ten"]):
        field, found = fields.first, []
        for name in order:
            field = fields.of(name + b":", field)
            found.append(field.kind)
        assert found == [{b"te": DROP, b"ten": JUDGED}.get(name, KEEP) for name in order]


def test_a_chain_of_names_is_forgotten_as_well() -> None:
    fields = Fields({}, lambda name: KEEP)
    first = fields.of(b"first:", fields.first)
    field = first
    for number in range(5000):
        field = fields.of(b"x-%d:" % number, field)
    length = 0
    following = first.following
    while following is not None:
        length, following = length + 1, following.following
    assert length <= 2048


def test_a_length() -> None:
    assert [content_length(value) for value in (b"0", b"5", b"9" * 18)] == [0, 5, 10**18 - 1]


def test_what_connection_names() -> None:
    options = connection_options(b"Close, \tX-Secret , host, content-length,, UPGRADE")
    assert (options.close, options.keep_alive, options.upgrade) == (True, False, True)
    assert options.nominated == {b"x-secret"}, "never the fields that frame the message"
    assert connection_options(b"x, " * 40 + b"close").close


def test_nominated_lines_are_left_out() -> None:
    assert without([b"A: 1", b"X-Secret: 1", b"x-secret:2", b"B:"], {b"x-secret"}) == [
        b"A: 1",
        b"B:",
    ]
