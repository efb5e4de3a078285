"""A path as a template: segments that are values become `*`."""

import re
from functools import lru_cache
from typing import Final

from ..cors.path import spell

Template = tuple[str, ...]
STAR: Final = "*"
MAX_PATH: Final = 2048
MAX_SEGMENTS: Final = 24
# Numbers, dates, UUIDs, ULIDs, hashes and other long hexadecimal values
_VALUE: Final = re.compile(
    r"-?\d+(?:[.,:T-]\d+)*Z?"
    r"|\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}"
    r"|(?=[a-fA-F]*\d)[0-9a-fA-F]{12,}"
)
# What stands in a policy unquoted and unescaped; everything else is a value, too.
_WORD: Final = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
_LONGEST_WORD: Final = 64


@lru_cache(4096)
def template(path: str) -> Template | None:
    """None for a path that the proxy refuses as ambiguous, and for one beyond the bounds.

    A final slash is left out: a route without it matches both.
    """
    if len(path) > MAX_PATH or not path.startswith("/"):
        return None
    spelling = spell(path.encode("utf-8", "surrogatepass"))
    if spelling is None or spelling.needs:
        return None
    segments = path[1:].split("/")
    if len(segments) > 1 and not segments[-1]:
        del segments[-1]
    if len(segments) > MAX_SEGMENTS:
        return None
    return tuple(map(_segment, segments))


def _segment(segment: str) -> str:
    if not segment:
        return segment  # of the path `/`
    # A segment that ends in a dot is read as another one by some APIs.
    word = _WORD.fullmatch(segment) and len(segment) <= _LONGEST_WORD and not segment.endswith(".")
    return segment if word and not _VALUE.fullmatch(segment) else STAR


def pattern(parts: Template) -> str:
    """As a route of a policy has it."""
    return "/" + "/".join(parts)


def example(parts: Template) -> str:
    """A path that matches, without a value from a record: those may be personal."""
    return "/" + "/".join("1" if part == STAR else part for part in parts)
