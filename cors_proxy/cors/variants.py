"""The folded reading of a path: what common frameworks and file systems make of other spellings.

Express, ASP.NET, IIS and Spring can compare without case.  Tomcat, Jetty and Spring cut parameters
off (`;…`).  Windows drops dots and spaces at the end of a segment.  A `$` in a regular expression
matches before a final line feed (FastRoute, older Django).  Most of them ignore a final slash."""

from typing import Final

from .byte_set import byte_set, within

_QUIET: Final = byte_set(
    bytes(byte for byte in range(0x21, 0x7F) if byte not in b"%\\#;ABCDEFGHIJKLMNOPQRSTUVWXYZ")
)
_TRAILING: Final = b". \t\n\v\f\r"
_CUT: Final = b";" + _TRAILING
_DOT: Final = 0x2E
_SLASH: Final = 0x2F
_DOT_ABOVE: Final = "i\u0307"  # what U+0130 folds to
_DOTLESS: Final = "\u0131"


def quiet(path: bytes) -> bool:
    """Whether all readings of a path are the path itself, but for a final slash.

    Most paths are so, and this is cheap."""
    if path == b"" or path[0] != _SLASH or not within(path, _QUIET):
        return False
    before = 0
    for at in range(len(path)):
        byte = path[at]
        # An empty segment; or one that ends in a dot, as dot segments do.
        if byte == _SLASH and before in (_SLASH, _DOT):
            return False
        before = byte
    return before != _DOT


def fold(path: bytes) -> list[bytes] | None:
    """The segments of a path that was decoded once, without a final empty one.

    None if a segment is `.` or `..`, before or after it is cut, or if nothing is left of one that
    is not the last."""
    if path.isascii() and len(path.translate(None, _CUT)) == len(path):
        folded = path.lower().split(b"/")[1:]
    else:
        folded = []
        segments = path.split(b"/")[1:]
        last = len(segments) - 1
        for at, segment in enumerate(segments):
            cut = segment.partition(b";")[0]
            name = segment if _is_name(segment) else cut.rstrip(_TRAILING)
            if not name and segment and (at < last or b"." in cut):
                return None
            folded.append(_fold_case(name))
    if not folded[-1] and len(folded) > 1:
        del folded[-1]
    return folded


def _is_name(segment: bytes) -> bool:
    """Three dots or more are a name:
    https://learn.microsoft.com/dotnet/standard/io/file-path-formats"""
    return len(segment) > 2 and not segment.strip(b".")


def _fold_case(name: bytes) -> bytes:
    """Unicode case folding.  Both Turkish letters are an `i` too, because it is the other case of
    each."""
    if name.isascii():
        return name.lower()
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return name.lower()
    return text.casefold().replace(_DOT_ABOVE, "i").replace(_DOTLESS, "i").encode("utf-8")
