"""How a path is spelled (row 1).  The bytes that are forwarded decide, and a path that another
server could read as another one is refused.

Paths are compared segment by segment in three readings.  As spelled: a percent-encoded unreserved
character is that character, every other escape stays one (RFC 3986 §6.2.2.2).  Decoded once as a
whole: what an upstream makes of it.  Folded: what `variants` makes of the decoded one."""

from typing import Final, NamedTuple

from .literals import PathWord
from .percent import HEX, UNRESERVED
from .variants import fold

ENCODED_SLASHES: Final = "encoded-slashes"
EMPTY_SEGMENTS: Final = "empty-segments"
PATH_VARIANTS: Final = "path-variants"
PATH_WORDS: Final[tuple[PathWord, ...]] = (ENCODED_SLASHES, EMPTY_SEGMENTS, PATH_VARIANTS)

_LITERAL: Final = bytes(byte for byte in range(0x21, 0x7F) if byte not in b"%\\#")
_AS_SPELLED: Final = [bytes((byte,)) if byte in UNRESERVED else b"%%%02X" % byte for byte in range(256)]
_NOTHING: Final[frozenset[PathWord]] = frozenset()
_NEVER: Final = b"\x00\\#"
# UTF-8 that is longer than necessary (RFC 3629 §10): some decoders see `/` or `.` in it
_OVERLONG: Final = (
    (b"\xc0", range(0x80, 0xC0)),
    (b"\xc1", range(0x80, 0xC0)),
    (b"\xe0", range(0x80, 0xA0)),
    (b"\xf0", range(0x80, 0x90)),
)


class Spelling(NamedTuple):
    """The readings of a path, and what a route must open (`dangerously_allow`) for it to pass."""

    spelled: list[bytes]
    decoded: list[bytes]  # `spelled` itself where no escape or odd byte makes them differ
    folded: list[bytes]  # without a final empty one
    needs: frozenset[PathWord]


def one_reading(path: bytes) -> bool:
    """Whether the first two readings are the path itself.  Most paths are so, and this is cheap."""
    return not path.translate(None, _LITERAL) and b"//" not in path and b"/." not in path


def spell(path: bytes) -> Spelling | None:
    """None where the path is ambiguous whatever a route opens."""
    if one_reading(path):
        folded = fold(path) if path[:1] == b"/" else None
        segments = path[1:].split(b"/")
        return None if folded is None else Spelling(segments, segments, folded, _NOTHING)
    first, *escapes = path.split(b"%")
    spelled, decoded = [_spell_raw(first)], [first]
    needs: set[PathWord] = set()
    for escape in escapes:
        byte = HEX.get(escape[:2])
        if byte is None:
            return None
        if byte == 0x2F:
            needs.add(ENCODED_SLASHES)
        spelled += _AS_SPELLED[byte], _spell_raw(escape[2:])
        decoded += bytes((byte,)), escape[2:]
    whole = b"".join(decoded)
    if whole[:1] != b"/" or len(whole.translate(None, _NEVER)) != len(whole) or _overlong(whole):
        return None
    # Tomcat and Spring cut parameters off before they decode, and see no slash in one.  A server
    # that decodes first sees it
    if ENCODED_SLASHES in needs and any(
        b"%2f" in part.partition(b";")[2].lower() for part in path.split(b"/")
    ):
        return None
    folded = fold(whole)
    if folded is None:
        return None
    segments = whole.split(b"/")[1:]
    if b"" in segments[:-1]:
        needs.add(EMPTY_SEGMENTS)
    return Spelling(b"".join(spelled).split(b"/")[1:], segments, folded, frozenset(needs))


def _spell_raw(raw: bytes) -> bytes:
    """A byte beyond ASCII is the same as its escape."""
    return (
        raw
        if raw.isascii()
        else b"".join(bytes((byte,)) if byte < 0x80 else _AS_SPELLED[byte] for byte in raw)
    )


def _overlong(raw: bytes) -> bool:
    if raw.isascii():
        return False
    for lead, follow in _OVERLONG:
        at = raw.find(lead)
        while at >= 0:
            if at + 1 < len(raw) and raw[at + 1] in follow:
                return True
            at = raw.find(lead, at + 1)
    return False


class RoutePathError(ValueError):
    """What is wrong with a route's path."""


class RoutePath(NamedTuple):
    """A route's path: a segment is None for `*`; `rest` is a final `**`."""

    spelled: tuple[bytes | None, ...]
    decoded: tuple[bytes | None, ...]
    folded: tuple[bytes | None, ...]
    rest: bool


def parse_route_path(text: str) -> RoutePath:
    """Raises RoutePathError."""
    if not text.startswith("/"):
        raise RoutePathError("a path begins with /")
    if any(character <= " " or character in "?#\\\x7f" for character in text):
        raise RoutePathError("a path holds no white space, control character, `?`, `#` or `\\`")
    segments = text.split("/")[1:]
    rest = segments[-1] == "**"
    if rest:
        del segments[-1]
    for segment in segments:
        if "*" in segment and segment != "*":
            raise RoutePathError("`*` is one whole segment, and `**` the whole rest at the end")
    try:
        spelling = spell(text.encode("utf-8"))
    except UnicodeEncodeError:
        spelling = None
    if spelling is None or spelling.needs:
        raise RoutePathError(
            "a dot segment, an empty segment or a doubtful escape: no request with such a path finds a route"
        )

    def stars(reading: list[bytes]) -> tuple[bytes | None, ...]:
        return tuple(
            None if segment == "*" else part for segment, part in zip(segments, reading, strict=False)
        )

    return RoutePath(stars(spelling.spelled), stars(spelling.decoded), stars(spelling.folded), rest)
