"""Percent-encoding (RFC 3986 §2.1, https://url.spec.whatwg.org/#percent-decode).

Text is decoded once: decoding twice would find escapes that nobody wrote."""

from typing import Final

_DIGITS: Final = b"0123456789ABCDEFabcdef"
# The two digits of an escape, in any case, and the byte that they stand for
HEX: Final = {bytes((high, low)): int(bytes((high, low)), 16) for high in _DIGITS for low in _DIGITS}
UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"  # RFC 3986 §2.3


def decode(text: bytes) -> bytes:
    """Every escape as its byte; a `%` without two digits behind it stays, as in browsers."""
    if b"%" not in text:
        return text
    head, *escapes = text.split(b"%")
    parts = [head]
    for escape in escapes:
        byte = HEX.get(escape[:2])
        parts.append(b"%" + escape if byte is None else bytes((byte,)) + escape[2:])
    return b"".join(parts)


def has_broken_escape(text: bytes) -> bool:
    """Whether a `%` lacks its two digits."""
    return any(escape[:2] not in HEX for escape in text.split(b"%")[1:])
