"""The framing of a chunked body (RFC 9112 7.1), followed far enough to know where the body ends.

llhttp reads the same bytes and judges size lines, extensions and data.  It never sees the trailer section: it holds a trailer named
`Content-Length` against the head, or does not, by how the bytes were cut.  Trailers are dropped whatever their names (RFC 9110 6.5.1), but
one that is no field line breaks the body."""

from typing import Final

from ..cors.names import is_token

LAST: Final = b"\r\n"  # what llhttp is given for the trailer section and its empty line
_HEX: Final = b"0123456789abcdefABCDEF"
_DIGITS: Final = 15  # of a chunk's size: below 2^60
_VALUE: Final = bytes((9, *range(0x20, 0x7F), *range(0x80, 0x100)))  # RFC 9110 5.5


class Chunks:
    """Of one body.  However the segments part, no byte is searched twice, and a line is kept only until its end."""

    __slots__ = ("_left", "_limit", "_line", "_silent", "_total", "_trailers", "broken", "over", "shown")

    def __init__(self, limit: int) -> None:
        self._limit = limit  # bytes of size lines, extensions and trailers without any data between them
        self._silent = 0
        self._left = 0  # bytes of the chunk under way, with its CRLF
        self._total = 0  # bytes of data that were announced
        self._line = bytearray()  # what has come of a line that is not whole yet
        self._trailers = False
        self.shown = 0  # up to where the bytes that were followed last are for llhttp
        self.broken = self.over = False

    @property
    def received(self) -> int:
        """Bytes of data so far: llhttp has to come to the same number."""
        return self._total - max(0, self._left - 2)

    def follow(self, data: bytes, at: int) -> int:
        """Where the bytes from `at` on are no more of the body."""
        end = len(data)
        self.shown = at if self._trailers else end
        while at < end:
            if self._left:
                step = min(self._left, end - at)
                self._left -= step
                at += step
                continue
            stop = data.find(b"\n", at) + 1
            piece = data[at : stop or end]
            if self._silent + len(self._line) + len(piece) > self._limit:
                return self._break(at)
            if not stop:
                self._line += piece
                return end
            if self._line:
                piece = bytes(self._line + piece)
                self._line.clear()
            self._silent += len(piece)
            if not self._take(piece):
                return self._break(at)
            at = stop
            if self.over:
                return at
            if self._trailers and self.shown > at:
                self.shown = at
        return end

    def _take(self, line: bytes) -> bool:
        """A whole line: a chunk's size, or a trailer.  False where it is neither."""
        if self._trailers and line == LAST:
            self.over = True
            return True
        if line[-2:] != b"\r\n":
            return False
        if self._trailers:
            name, colon, value = line[:-2].partition(b":")
            return bool(colon) and is_token(name) and not value.translate(None, _VALUE)
        digits = line[:-2].partition(b";")[0]
        if not 0 < len(digits) <= _DIGITS or digits.translate(None, _HEX):
            return False
        size = int(digits, 16)
        if size:
            self._left, self._silent = size + 2, 0
            self._total += size
        else:
            self._trailers = True
        return True

    def _break(self, at: int) -> int:
        """What stands before still counts: a body that was too large before it broke is that."""
        self.broken = True
        self.shown = min(self.shown, at)
        return at
