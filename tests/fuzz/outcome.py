"""The outcome of some bytes, and whether it is the same for every cut."""

from dataclasses import dataclass

from tests.fuzz.answers import Answer, read_answers
from tests.fuzz.reading import Meant

# These differ for each exchange, or depend on how much of the request had come.
OWN = frozenset({b"date", b"x-request-id", b"connection", b"keep-alive"})


@dataclass
class Outcome:
    """What one client got and what reached the upstream; `end` is "" if the connection is open."""

    received: bytes
    end: str
    upstream: list[Meant]
    sent: list[bytes]  # all bytes to the upstream, by connection

    def answers(self, asked: list[Meant]) -> list[Answer]:
        return read_answers(self.received, self.end, asked)


def differ(one: Outcome, two: Outcome, asked: list[Meant]) -> tuple[str, bool]:
    """The contradiction of two outcomes of the same bytes, or "".

    True: one of them only has not come as far."""
    left, right = one.answers(asked), two.answers(asked)
    for number, (a, b) in enumerate(zip(left, right, strict=False)):
        what, waits = _differ(a, b)
        if what:
            return f"answer {number}: {what}: {_told(a)} and {_told(b)}", waits
    for number, (c, d) in enumerate(zip(one.upstream, two.upstream, strict=False)):
        if _request(c) != _request(d):
            return f"request {number} to the upstream: {_request(c)} and {_request(d)}", False
    shorter, longer = sorted((left, right), key=len)
    # An answer that came before its request was whole is the last one; the rest is dropped.
    if len(shorter) < len(longer) and not (shorter and (shorter[-1].closes or not shorter[-1].complete)):
        return f"{len(shorter)} and {len(longer)} answers", True
    return "", False


def _differ(a: Answer, b: Answer) -> tuple[str, bool]:
    if not (a.status and b.status):
        return ("a head", True) if a.status or b.status else ("", False)
    if a.status != b.status:
        return "status", False
    if _lines(a.lines) != _lines(b.lines):
        return "lines", False
    interims = [[status for status in one.interim if status != 100] for one in (a, b)]
    # A 103 that was not sent when its answer fails is left out: it has no use any more.
    if a.status < 500 and interims[0] != interims[1]:
        return "interim answers", False
    if not (a.body.startswith(b.body) if len(a.body) >= len(b.body) else b.body.startswith(a.body)):
        return "body", False
    if a.until_close:
        return "", False  # an RST may end the connection alone
    if a.complete and b.complete:
        return "body" if a.body != b.body else "", False
    return "completeness" if a.complete or b.complete else "", True


def _lines(lines: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in lines if name.lower() not in OWN]


def _request(meant: Meant) -> tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes]:
    return meant.method, meant.target, _lines(meant.lines), meant.body


def _told(answer: Answer) -> str:
    return (
        f"{answer.interim or ''}{answer.status} {_lines(answer.lines)} "
        f"{answer.body!r}{'' if answer.complete else ', broken off'}"
    )
