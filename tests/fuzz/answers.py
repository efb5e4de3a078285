"""A simple, strict reader of what a client gets (RFC 9112): well-formed responses, or a broken
end."""

import re
from dataclasses import dataclass, field

from tests.fuzz.reading import LINE, Meant

STATUS = re.compile(rb"HTTP/1\.1 ([1-9][0-9]{2})( [^\r\n]*)?")


@dataclass
class Answer:
    """`interim` are the 1xx before it.

    `complete`: by its framing, or by the end of the connection if that is its framing."""

    status: int = 0
    lines: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    until_close: bool = False
    interim: list[int] = field(default_factory=list)

    def all(self, name: bytes) -> list[bytes]:
        return [value for own, value in self.lines if own.lower() == name]

    @property
    def closes(self) -> bool:
        return b"close" in b",".join(self.all(b"connection")).lower()


class Malformed(Exception):
    """Bytes that no client can read."""


def read_answers(data: bytes, end: str, asked: list[Meant]) -> list[Answer]:
    """The answers to these requests; the last may be incomplete.

    `end` is how the stream ended: FIN, RST, or "" if it has not. One answer more than requests is
    fine if it is an error and the last one."""
    found: list[Answer] = []
    answer, closed = Answer(), False
    while data:
        if closed:
            raise Malformed(f"bytes behind the last answer: {data!r}")
        request = asked[len(found)] if len(found) < len(asked) else None
        head, blank, rest = data.partition(b"\r\n\r\n")
        if not blank:
            if not b"HTTP/1.1 ".startswith(data[:9]):
                raise Malformed(f"no head: {data!r}")
            # Also an incomplete one, so that an end inside it is seen.
            found.append(answer)
            return found
        first, *raw = head.split(b"\r\n")
        status, lines = STATUS.fullmatch(first), [LINE.fullmatch(line) for line in raw]
        if status is None or None in lines:
            raise Malformed(f"no head: {head!r}")
        answer.status = int(status[1])
        answer.lines = [(line[1], line[2]) for line in lines if line is not None]
        if answer.status < 200 and answer.status != 101:
            _check_interim(answer, request)
            answer.interim.append(answer.status)
            data = rest
            continue
        if request is None and answer.status < 400:
            raise Malformed(f"an answer to nothing: {head!r}")
        found.append(answer)
        data = _body(answer, rest, end, request)
        if request is not None and request.method == b"HEAD" and answer.closes and answer.status == 400:
            data = b""
        if answer.status == 101 or not answer.complete:
            return found
        closed = answer.closes or request is None
        answer = Answer()
    if answer.interim:
        found.append(answer)
    return found


def _check_interim(answer: Answer, request: Meant | None) -> None:
    if answer.all(b"content-length") or answer.all(b"transfer-encoding"):
        raise Malformed(f"a {answer.status} with a body")
    if request is None or request.http10:
        raise Malformed(f"a {answer.status} for whom?")
    if answer.status == 100 and 100 in answer.interim:
        raise Malformed("a second 100")


def _body(answer: Answer, data: bytes, end: str, request: Meant | None) -> bytes:
    lengths, codings = answer.all(b"content-length"), answer.all(b"transfer-encoding")
    if len(lengths) > 1 or len(codings) > 1 or (lengths and codings) or codings not in ([], [b"chunked"]):
        raise Malformed(f"no framing: {answer.lines!r}")
    if lengths and not lengths[0].isdigit():
        raise Malformed(f"no length: {lengths!r}")
    if codings and request is not None and request.http10:
        raise Malformed("chunks for an HTTP/1.0 client")
    allowed = answer.all(b"access-control-allow-origin")
    if allowed not in ([], [b"https://app.example"]):
        raise Malformed(f"a grant for {allowed!r}")
    if answer.status == 101:
        answer.body, answer.complete = data, True  # of the tunnel
        return b""
    if answer.status in (204, 304) or (request is not None and request.method == b"HEAD"):
        answer.complete = True
        return data
    if codings:
        return _chunks(answer, data)
    if lengths:
        size = int(lengths[0])
        answer.body = data[:size]
        answer.complete = len(answer.body) == size
        return data[size:]
    if not answer.closes:
        raise Malformed(f"an answer without an end: {answer.lines!r}")
    answer.body, answer.until_close, answer.complete = data, True, end == "FIN"
    return b""


def _chunks(answer: Answer, data: bytes) -> bytes:
    while True:
        line, end, rest = data.partition(b"\r\n")
        if not end:
            return b""
        if not re.fullmatch(rb"[0-9a-f]{1,15}", line):
            raise Malformed(f"no chunk: {line!r}")
        size = int(line, 16)
        answer.body += rest[:size]
        if len(rest) < size + 2:
            return b""
        if rest[size : size + 2] != b"\r\n":
            raise Malformed(f"no end of a chunk: {rest[size : size + 2]!r}")
        data = rest[size + 2 :]
        if not size:
            answer.complete = True
            return data
