"""Bytes from a client, made safe for a log: no control character, no line end, and at most `LIMIT`
characters (CWE-117)."""

import re
from typing import Final

from .byte_set import byte_set, within

LIMIT: Final = 256
# Bytes that need no escape, neither inside a JSON string nor in a line of text
_PLAIN: Final = byte_set(bytes(byte for byte in range(0x20, 0x7F) if byte not in b'"\\'))


def is_plain(values: bytes) -> bool:
    """Whether `escaped` would change nothing of bytes that are not longer than its limit."""
    return within(values, _PLAIN)


def escaped(value: bytes, limit: int = LIMIT) -> str:
    """The inside of a JSON string (RFC 8259 §7), in ASCII.  UTF-8 is decoded, other bytes become
    `\\xNN`.

    Cut at `limit`, never inside an escape, so that the number of fields bounds the length of a
    line."""
    head = value if len(value) <= limit else value[:limit]
    if within(head, _PLAIN):
        return head.decode("ascii")
    parts: list[str] = []
    length = 0
    for character in head.decode("utf-8", "backslashreplace"):
        part = _character(character)
        length += len(part)
        if length > limit:
            break
        parts.append(part)
    return "".join(parts)


def _character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return character
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def redacted(text: str) -> str:
    """A text without the names and passwords that stand in URLs (RFC 3986 §3.2.1).

    Up to the last `@`: a password that should have been escaped must not remain in part, also where
    it has a space."""
    return re.sub(r"://.*@", "://***@", text, flags=re.DOTALL)


def shown(value: bytes) -> str:
    """A client's bytes as printable ASCII."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in value)
