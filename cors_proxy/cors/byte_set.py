"""Sets of bytes: whether a value consists of some bytes alone.

`bytes.translate` is asked with a table that was made once.  With bytes to delete it would make a
table of 256 entries at each call, which costs ten times as much for a short value."""


def byte_set(allowed: bytes) -> bytes:
    """A table that keeps these bytes, and changes every other one."""
    return bytes(byte if byte in allowed else byte ^ 0x80 for byte in range(256))


def within(value: bytes, table: bytes) -> bool:
    """Whether a value has no byte outside the set; true for an empty one."""
    return value.translate(table) == value
