"""The framing of a chunked body: where it ends, what is no framing, and that the cut makes no
difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.proxy.chunks import Chunks

LIMIT = 200


def follow(*pieces: bytes) -> tuple[Chunks, bytes, bytes]:
    """The bytes that are for llhttp, and those behind the body."""
    chunks = Chunks(LIMIT)
    shown, behind = b"", b""
    for piece in pieces:
        if chunks.over or chunks.broken:
            behind += piece
            continue
        end = chunks.follow(piece, 0)
        shown += piece[: chunks.shown]
        behind += piece[end:]
    return chunks, shown, behind


WHOLE = [
    (b"5\r\nhello\r\n0\r\n\r\n", 5),
    (b"0\r\n\r\n", 0),
    (b"3;a=b\r\nabc\r\n00A\r\n0123456789\r\n000\r\nX: 1\r\n\r\n", 13),
    (
        b"b\r\n\r\n\r\n0\r\n\r\n\r\n\r\n0\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\nX:\xff \t\r\n\r\n",
        11,
    ),
]
BROKEN = [
    b"\r\n", b"5\nhello\r\n0\r\n\r\n", b"0x5\r\n", b"-1\r\n", b"+1\r\n", b" 1\r\n", b"1 \r\n", b";a\r\n",
    b"1_0\r\n", b"0" * 16 + b"\r\n",
    b"f" * 16 + b"\r\n", b"1;" + b"x" * LIMIT, b"1;" + b"x" * LIMIT + b"\r\n",
    b"0\r\nno colon\r\n\r\n", b"0\r\n: 1\r\n\r\n", b"0\r\nX : 1\r\n\r\n", b"0\r\nX: 1\r\n folded\r\n\r\n",
    b"0\r\nX: 1\n\r\n", b"0\r\n\n",
    b"0\r\nX: \x00\r\n\r\n", b"0\r\nX: a\rb\r\n\r\n", b"0\r\n" + b"X: 1\r\n" * LIMIT,
]  # fmt: skip


@pytest.mark.parametrize(("body", "size"), WHOLE)
def test_the_end_is_found_wherever_the_segments_part(body: bytes, size: int) -> None:
    behind = b"GET / HTTP/1.1\r\n\r\n"
    for at in range(len(body) + 1):
        chunks, shown, rest = follow(body[:at], body[at:] + behind)
        assert chunks.over and not chunks.broken and (chunks.received, rest) == (size, behind)
        assert body.startswith(shown) and b"Content-Length" not in shown, "no trailer is shown to llhttp"
    chunks, _, rest = follow(*(bytes((byte,)) for byte in body + behind))
    assert chunks.over and (chunks.received, rest) == (size, behind)


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_framing_breaks_the_body(body: bytes) -> None:
    for pieces in (
        [b"3\r\nabc\r\n" + body],
        [b"3\r\nabc\r\n", body],
        [bytes((byte,)) for byte in b"3\r\nabc\r\n" + body],
    ):
        chunks, _, _ = follow(*pieces)
        assert chunks.broken and not chunks.over and chunks.received == 3


def test_framing_is_bounded_between_two_pieces_of_data_alone() -> None:
    chunk = b"1;" + b"x" * (LIMIT - 10) + b"\r\nD\r\n"
    chunks, _, _ = follow(chunk * 50 + b"0\r\n\r\n")
    assert chunks.over and chunks.received == 50


@given(
    st.lists(
        st.sampled_from([b"\r\n", b"0", b"5", b"abcde", b";x", b"X: 1", b":", b"\n", b"\r", b"1"]),
        max_size=12,
    ),
    st.data(),
)
def test_any_cut_has_the_outcome_of_the_whole(parts: list[bytes], data: st.DataObject) -> None:
    body = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=4)))
    pieces = [body[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    whole, cut = follow(body), follow(*pieces)
    assert (whole[0].over, whole[0].broken, whole[0].received) == (
        cut[0].over,
        cut[0].broken,
        cut[0].received,
    )
    if whole[0].over:
        assert whole[1:] == cut[1:]
