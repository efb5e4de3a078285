"""The framing of a chunked body (RFC 9112 7.1), followed far enough to know where the body ends.

llhttp reads the same bytes and judges size lines, extensions and data. It never sees the trailer
section: whether it compares a trailer named `Content-Length` with the head depends on how the bytes
were cut. All trailers are dropped (RFC 9110 6.5.1); one that is no field line breaks the body."""

from typing import Final

from ..cors.names import is_token

LAST: Final = b"\r\n"  # what llhttp is given for the trailer section and its empty line
_HEX: Final = b"0123456789abcdefABCDEF"
_MAX_DIGITS: Final = 15  # of a chunk's size: below 2^60, which every reader can hold (RFC 9112 7.1)
_VALUE: Final = bytes((9, *range(0x20, 0x7F), *range(0x80, 0x100)))  # field-content (RFC 9110 5.5)


class Chunks:
    """Follows the chunks of one body.

    However the bytes are cut, no byte is searched twice, and a line is kept only until its end."""

    __slots__ = ("_left", "_limit", "_line", "_silent", "_total", "_trailers", "broken", "over", "shown")

    def __init__(self, limit: int) -> None:
        # Bytes of size lines, extensions and trailers that may come without data between them. An
        # attacker could send extensions without end (RFC 9112 7.1.1).
        self._limit = limit
        self._silent = 0  # such bytes since the last data
        self._left = 0  # bytes of the current chunk that are still to come, with its CRLF
        self._total = 0  # bytes of data that the size lines announced
        self._line = bytearray()  # the part of a line that has come, until its end comes
        self._trailers = False
        self.shown = 0  # the end of the bytes for llhttp, in what `follow` was given last
        self.broken = self.over = False

    @property
    def received(self) -> int:
        """Bytes of data so far. If llhttp counts another number, the body has two readings."""
        return self._total - max(0, self._left - 2)

    def follow(self, data: bytes, at: int) -> int:
        """Follows `data` from `at` on; returns where the body ends in it, or the end of `data`."""
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
        """Takes a whole line, a chunk size or a trailer; False if it is neither."""
        if self._trailers and line == LAST:
            self.over = True
            return True
        if line[-2:] != b"\r\n":
            return False
        if self._trailers:
            name, colon, value = line[:-2].partition(b":")
            return bool(colon) and is_token(name) and not value.translate(None, _VALUE)
        digits = line[:-2].partition(b";")[0]
        if not 0 < len(digits) <= _MAX_DIGITS or digits.translate(None, _HEX):
            return False
        size = int(digits, 16)
        if size:
            self._left, self._silent = size + 2, 0
            self._total += size
        else:
            self._trailers = True
        return True

    def _break(self, at: int) -> int:
        """Ends the body at `at`. What came before still counts: it may already be too large."""
        self.broken = True
        self.shown = min(self.shown, at)
        return at
