"""The fuzzer's readers and its comparison: what they find, and what they let pass."""

import random

import pytest

from tests.fuzz.answers import Malformed, read_answers
from tests.fuzz.line import cut
from tests.fuzz.outcome import Outcome, differ
from tests.fuzz.reading import Meant

GET, HEAD, OLD = Meant(b"GET", b"/"), Meant(b"HEAD", b"/"), Meant(b"GET", b"/", http10=True)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (b"hello" + OK, [GET]),
        (OK + b"ok", [GET, GET]),
        (OK + OK, [GET]),
        (LAST + OK, [GET, GET]),
        (b"HTTP/1.1 200 OK\r\nA b\r\n\r\n", [GET]),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok", [GET]),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", [GET]),
        (CHUNKED + b"2\r\nokk\r\n", [GET]),
        (CHUNKED + b"2\r\nok\r\n0\r\nA: b\r\n\r\n", [GET]),
        (CHUNKED + b"0\r\n\r\n", [OLD]),
        (CONTINUE + OK, [OLD]),
        (CONTINUE + CONTINUE + OK, [GET]),
        (b"HTTP/1.1 103 Early Hints\r\nContent-Length: 2\r\n\r\n" + OK, [GET]),
        (b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n", [GET]),
    ],
)
def test_no_client_can_read_this(data: bytes, asked: list[Meant]) -> None:
    with pytest.raises(Malformed):
        read_answers(data, "FIN", asked)


def test_an_end_that_shows() -> None:
    assert [one.complete for one in read_answers(OK + OK[:-1], "FIN", [GET, GET])] == [True, False]
    assert not read_answers(CHUNKED + b"2\r\nok\r\n", "FIN", [GET])[0].complete
    close = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"
    assert [read_answers(close, end, [GET])[0].complete for end in ("FIN", "RST", "")] == [True, False, False]
    assert [one.status for one in read_answers(CONTINUE + OK + OK[:-2], "", [GET, HEAD])] == [200, 200]


def outcome(data: bytes, *upstream: Meant) -> Outcome:
    return Outcome(data, "FIN", [*upstream], [])


@pytest.mark.parametrize(
    ("one", "two", "waits"),
    [
        (outcome(OK), outcome(OK.replace(b"200", b"502")), False),
        (outcome(OK), outcome(OK[:-2] + b"no"), False),
        (outcome(OK), outcome(OK[:-1]), True),
        (outcome(OK + OK), outcome(OK), True),
        (outcome(OK, GET), outcome(OK, HEAD), False),
    ],
)
def test_a_difference(one: Outcome, two: Outcome, waits: bool) -> None:
    for pair in ((one, two), (two, one)):
        what, slow = differ(*pair, [GET, GET])
        assert what and slow is waits


def test_no_difference() -> None:
    assert differ(outcome(OK + OK), outcome(CONTINUE + OK + LAST), [GET, GET]) == ("", False)
    # An upload that is refused before it was whole: what follows it is not answered.
    assert differ(outcome(OK + OK), outcome(LAST), [GET, GET]) == ("", False)


@pytest.mark.parametrize("seed", range(30))
def test_what_is_cut_is_whole(seed: int) -> None:
    dice = random.Random(seed)
    raw = OK * dice.randrange(1, 4)
    pieces = cut(dice, raw)
    assert b"".join(piece.data for piece in pieces) == raw and all(piece.data for piece in pieces)
