"""A simple, strict reader of requests (RFC 9112), for the checks alone.

The proxy must not forward what it refuses."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
# More than one space may be between the words (RFC 9112 3); the proxy sends one.
FIRST = re.compile(rb"([A-Z][A-Z-]*) +([\x21-\x7e]+) +HTTP/1\.([01])")


@dataclass
class Meant:
    """A request as a strict reader reads it."""

    method: bytes
    target: bytes
    lines: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    http10: bool = False

    def all(self, name: bytes) -> list[bytes]:
        return [value for own, value in self.lines if own.lower() == name]


def read_requests(data: bytes) -> tuple[list[Meant], bool]:
    """The requests in these bytes, up to the first that is invalid; the last may be incomplete.

    The flag is whether all of the bytes were valid."""
    found: list[Meant] = []
    while data:
        data = data.lstrip(b"\r\n")  # RFC 9112 2.2: empty lines before a request are ignored
        head, blank, rest = data.partition(b"\r\n\r\n")
        if not blank:
            return found, not data
        first, *raw = head.split(b"\r\n")
        start = FIRST.fullmatch(first)
        lines = [LINE.fullmatch(line) for line in raw]
        if start is None or None in lines:
            return found, False
        meant = Meant(
            start[1],
            start[2],
            [(line[1], line[2]) for line in lines if line is not None],
            http10=start[3] == b"0",
        )
        lengths, codings = (
            meant.all(b"content-length"),
            [value.lower() for value in meant.all(b"transfer-encoding")],
        )
        if (
            len(lengths) > 1
            or (lengths and codings)
            or codings not in ([], [b"chunked"])
            or (codings and start[3] == b"0")
        ):
            return found, False
        if lengths and not re.fullmatch(rb"0|[1-9][0-9]*", lengths[0]):
            return found, False
        found.append(meant)
        if codings:
            data, sound = _chunks(meant, rest)
            if not sound:
                return found, False
        else:
            size = int(lengths[0]) if lengths else 0
            meant.body, data = rest[:size], rest[size:]
            meant.complete = len(meant.body) == size
        tokens = [token.strip(b" \t") for token in b",".join(meant.all(b"connection")).lower().split(b",")]
        closes = (
            b"close" in tokens
            or b"websocket" in b",".join(meant.all(b"upgrade")).lower()
            and b"upgrade" in tokens
        )
        if closes or not meant.complete or meant.method == b"CONNECT":
            return found, True
    return found, True


def _chunks(meant: Meant, data: bytes) -> tuple[bytes, bool]:
    while True:
        line, end, rest = data.partition(b"\r\n")
        size = re.fullmatch(rb"([0-9A-Fa-f]{1,15})(;[\t\x20-\x7e\x80-\xff]*)?", line)
        if not end:
            return b"", bool(re.fullmatch(rb"[0-9A-Fa-f]*(;[\t\x20-\x7e\x80-\xff]*)?\r?", line))
        if size is None:
            return b"", False
        length = int(size[1], 16)
        if not length:
            break
        meant.body += rest[:length]
        if len(rest) < length + 2:
            return b"", rest[length:] in (b"", b"\r")
        if rest[length : length + 2] != b"\r\n":
            return b"", False
        data = rest[length + 2 :]
    while True:
        line, end, rest = rest.partition(b"\r\n")
        if not end:
            return b"", True
        if not line:
            meant.complete = True
            return rest, True
        if LINE.fullmatch(line) is None:
            return b"", False
