"""Access-Control-Request-Headers.  Order, case, white space, repeats and several lines are
accepted, because proxies in front may add them.  Bytes and names are bounded."""

from collections.abc import Iterable, Sequence
from typing import Final

from .names import is_token

MAX_BYTES: Final = 8192  # of all lines together
MAX_NAMES: Final = 128  # repeats count


def parse(values: Sequence[bytes]) -> list[bytes] | None:
    """The names of all lines, in lower case, each once, in their order.  None if one of them is not
    a token, or if there are too many.

    RFC 9110 §5.6.1: empty elements are nothing."""
    if not values:
        return []
    names: dict[bytes, None] = {}
    count = 0
    if sum(map(len, values)) > MAX_BYTES:
        return None
    for value in values:
        for name in value.lower().split(b","):
            name = name.strip(b" \t")
            if not name:
                continue
            count += 1
            if count > MAX_NAMES or not is_token(name):
                return None
            names[name] = None
    return list(names)


def join(names: Iterable[bytes]) -> bytes:
    """As a browser writes them: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, step 5."""
    return b",".join(names)
