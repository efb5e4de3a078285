"""The field lines of a head (RFC 9112 5): where each one ends, and what kind its name makes it.

A head stays the bytes that llhttp found valid, and its lines are forwarded as they came. Taking
every line apart, only to join it again, was the most expensive part of a request (ADR 6)."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

# Kinds of lines. Integers, because mypyc compares them without a call.
KEEP: Final = 0  # forwarded as it came
DROP: Final = 1  # not forwarded
FOLDED: Final = 2  # continues the line before it: always refused
CONNECTION: Final = 3
CONTENT_LENGTH: Final = 4
TRANSFER_CODING: Final = 5
UPGRADE: Final = 6
REQUEST_ID: Final = 7
# Requests alone.
HOST: Final = 8
EXPECT: Final = 9
FORWARDED: Final = 10
WEBSOCKET_KEY: Final = 11
WEBSOCKET_VERSION: Final = 12
USER_AGENT: Final = 13
TRACEPARENT: Final = 14
TRACESTATE: Final = 15
# From here on: forwarded as it came, and read for the decision. The number of the field in
# `cors.request.FIELDS` is added.
JUDGED: Final = 32
# Responses alone.
WEBSOCKET_ACCEPT: Final = 16
KEEP_ALIVE: Final = 17
# From here on: forwarded or not, as the grant says (`cors.response`).
GRANTED: Final = 32  # the API's own CORS headers
CHECKED: Final = 33  # others that `rewrite` looks at

# What is said of a head where llhttp sees another end than this code.
TWO_ENDS: Final = "a head whose end two readers would see in two places, such as a bare LF"
# obs-fold (RFC 9112 5.2): a line that begins with white space continues the one before it.
_BLANK: Final = (b" ", b"\t")
_COLON: Final = 0x3A
_SPACE: Final = 0x20
_TAB: Final = 0x09
_LF: Final = 0x0A
_CR: Final = 0x0D
_ZERO: Final = 0x30
# Together they bound the memory that clients can fill with names and values of their own.
_MAX_NAMES: Final = 2048
SHORT: Final = 64  # bytes of a name or value that may be remembered
# Connection may name any field but those that frame the message (RFC 9110 7.6.1): a field that is
# removed by it must not change where the body ends or which server is meant.
_NEVER_NOMINATED: Final = frozenset(
    (b"close", b"keep-alive", b"upgrade", b"host", b"content-length", b"transfer-encoding", b"")
)


class Field:
    """A field name as a peer spelled it, and the kind of its lines."""

    __slots__ = ("colon", "following", "kind", "prefix")

    def __init__(self, name: bytes, kind: int) -> None:
        self.prefix = name + b":"
        self.colon = len(name)  # where the colon stands in a line
        self.kind = kind
        # The field of the line that came next the last time: peers keep to an order, and to look
        # whether it is this one costs a tenth of looking a name up.
        self.following: Field | None = None


class Fields:
    """The fields of a head's lines, by their names.

    Names are case-insensitive (RFC 9110 5.1); a spelling is folded when it is first seen.  What is
    remembered is bounded: it only makes the next look quicker."""

    __slots__ = ("_kinds", "_other", "_seen", "first")

    def __init__(self, kinds: dict[bytes, int], other: Callable[[bytes], int]) -> None:
        self._kinds, self._other = kinds, other  # of names in lower case; of all other names
        self._seen: dict[bytes, Field] = {}
        self.first = Field(b"", KEEP)  # stands before the first line

    def __len__(self) -> int:
        return len(self._seen)

    def of(self, line: bytes, before: Field) -> Field:
        """The field of a line; `before` is that of the line before it."""
        field = before.following
        if field is not None and line.startswith(field.prefix):
            return field
        name = line[: _end_of_name(line)]
        field = self._seen.get(name)
        if field is None:
            field = Field(name, self._kind(name))
            if len(name) > SHORT or field.kind == FOLDED:
                return field
            if len(self._seen) >= _MAX_NAMES:
                self._forget()
            self._seen[name] = field
        before.following = field
        return field

    def _forget(self) -> None:
        # A chain of fields would keep them in memory.
        for field in self._seen.values():
            field.following = None
        self.first.following = None
        self._seen.clear()

    def _kind(self, name: bytes) -> int:
        if name[:1] in _BLANK:
            return FOLDED
        lower = name.lower()
        kind = self._kinds.get(lower)
        return self._other(lower) if kind is None else kind


def split_lines(block: bytes) -> list[bytes] | None:
    """The lines of a head without its first one. `block` ends in one empty line.

    None if a bare CR or LF is in it. RFC 9112 2.2 lets a reader take a bare LF as the end of a
    line, so two readers could see different lines. llhttp refuses it too; this must not depend
    on it."""
    lines = block.split(b"\r\n")
    rest = b"".join(lines)
    # Searched as numbers: `in` for bytes costs twenty times as much.
    if _CR in rest or _LF in rest:
        return None
    del lines[-2:]  # the empty line, and what is behind its end
    return lines


def _end_of_name(line: bytes) -> int:
    """Where the colon after the name stands; the line's length if there is none."""
    at, end = 0, len(line)
    while at < end and line[at] != _COLON:
        at += 1
    return at


def value_of(line: bytes, colon: int) -> bytes:
    """What stands behind the colon, without the white space around it (RFC 9110 5.5)."""
    start, end = colon + 1, len(line)
    while start < end and (line[start] == _SPACE or line[start] == _TAB):
        start += 1
    while start < end and (line[end - 1] == _SPACE or line[end - 1] == _TAB):
        end -= 1
    return line[start:end]


def without(lines: list[bytes], nominated: set[bytes]) -> list[bytes]:
    """The lines whose lower-case names are not among `nominated`."""
    return [line for line in lines if line.partition(b":")[0].lower() not in nominated]


def content_length(value: bytes) -> int:
    """The number in Content-Length, or -1 if it is not `0|[1-9][0-9]*`.

    RFC 9110 8.6 allows leading zeros, but some readers take `010` as octal. Numbers of 18 digits
    fit in 64 bits."""
    size = len(value)
    if not size or size > 18 or (value[0] == _ZERO and size > 1):
        return -1
    number = at = 0
    while at < size:
        digit = value[at] - _ZERO
        if digit < 0 or digit > 9:
            return -1
        number = number * 10 + digit
        at += 1
    return number


class ConnectionOptions(NamedTuple):
    """What a Connection line says (RFC 9110 7.6.1)."""

    close: bool
    keep_alive: bool
    upgrade: bool
    nominated: frozenset[bytes]  # lower-case names of the fields that are for this connection only


@lru_cache(maxsize=256)
def _remembered_options(value: bytes) -> ConnectionOptions:
    tokens = frozenset([token.strip(b" \t") for token in value.lower().split(b",")])
    return ConnectionOptions(
        b"close" in tokens, b"keep-alive" in tokens, b"upgrade" in tokens, tokens - _NEVER_NOMINATED
    )


_USUAL_OPTIONS: Final = _remembered_options(b"keep-alive")


def connection_options(value: bytes) -> ConnectionOptions:
    """Reads a Connection line; only short values are remembered."""
    if value == b"keep-alive":  # of most peers; to ask the cache costs thirty times as much
        return _USUAL_OPTIONS
    return _remembered_options(value) if len(value) <= SHORT else _remembered_options.__wrapped__(value)


@lru_cache(maxsize=256)
def _remembered_seconds(value: bytes) -> int:
    for parameter in value.split(b","):
        name, _, seconds = parameter.partition(b"=")
        if name.strip(b" \t").lower() == b"timeout":
            return content_length(seconds.strip(b' \t"'))
    return -1


def keep_alive_seconds(value: bytes) -> int:
    """The `timeout` of a Keep-Alive line (RFC 2068 19.7.1), or -1 where there is none; only short
    values are remembered."""
    return _remembered_seconds(value) if len(value) <= SHORT else _remembered_seconds.__wrapped__(value)


def parser_words(text: str) -> str:
    """What llhttp says, with what it means where that is not plain."""
    if text.startswith(("Missing expected CR", "Expected CRLF")):
        return f"{text}: a bare LF ends a line"
    if text.startswith("Missing expected LF"):
        return f"{text}: a bare CR"
    if text.startswith("Pause on"):
        return "a 101 that names no protocol"
    return text
