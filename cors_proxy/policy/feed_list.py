"""The list that a feed of origins sends: one origin per line, or a JSON list of strings.

All or nothing: one bad entry rejects the list.  Reading 100,000 entries takes a second, so each
reader is a generator that stops after some entries: the event loop can serve in between.
"""

import re
from collections.abc import Generator, Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Final

from ..cors.feeds import FeedList, fault
from ..cors.pattern import Pattern, PatternError, parse_pattern
from ..cors.spec import OriginFeed
from .files import MAX_BYTES
from .problems import quote
from .suffixes import unload, wildcard_public_suffix

MAX_ENTRIES: Final = 100_000
MAX_ENTRY: Final = 1024  # bytes; no origin is as long
_PIECE: Final = 50  # entries or lines between two stops, less than a millisecond
_MAX_STRING: Final = 6 * MAX_ENTRY + 2  # characters of such an entry in JSON, all of them escaped
_JSON: Final = JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\r\n]{0,65536}")  # megabytes of it would hold the loop up

Reading = Generator[None, None, FeedList]


class FeedError(Exception):
    """Why a feed has no new list.  The message is printable, and has no secret of the URL."""


class ListError(FeedError):
    """The feed answered, and its list is invalid."""


def read_list(data: bytes, feed: OriginFeed) -> Reading:
    """The list of an answer's body.  Raises `ListError`.

    Wildcards are not compared with public suffixes here: `check_suffixes`.
    """
    if len(data) > MAX_BYTES:
        raise ListError(f"the list is larger than {MAX_BYTES >> 20} MiB")
    data = data.removeprefix(b"\xef\xbb\xbf")
    found, steps, number = FeedList(), 0, 0
    in_json = data[:MAX_ENTRY].lstrip(b" \t\r\n")[:1] == b"["
    for where, entry in _strings(data) if in_json else _lines(data):
        steps += 1
        if not steps % _PIECE:
            yield
        if entry is None:
            continue
        number += 1
        if number > MAX_ENTRIES:
            raise ListError(f"the list has more than {MAX_ENTRIES} entries")
        found.add(_checked(entry, feed, where).text.encode("ascii"))
    return found


def check_suffixes(found: FeedList, feed: OriginFeed) -> None:
    """Raises `ListError` for a wildcard over a public suffix.

    Slow: the list of suffixes is read first, so call it in a thread.
    """
    if feed.public_suffix_wildcards or not found.patterns:
        return
    try:
        for text in found.patterns:
            pattern = parse_pattern(text.decode("ascii"))
            if suffix := wildcard_public_suffix(pattern):
                raise ListError(f"{quote(pattern.text)} is a wildcard over the public suffix {suffix}")
    finally:
        unload()


def read_whole(data: bytes, feed: OriginFeed) -> FeedList:
    """All of it at once, for the command line.  Raises `ListError`."""
    reading = read_list(data, feed)
    while True:
        try:
            next(reading)
        except StopIteration as done:
            found: FeedList = done.value
            check_suffixes(found, feed)
            return found


def pack(found: FeedList) -> bytes:
    """A list as bytes, for another process."""
    return b"\n".join([*found.exact, *found.patterns])


def unpack(data: bytes) -> Reading:
    """The reverse of `pack`."""
    found = FeedList()
    for number, (_, entry) in enumerate(_lines(data)):
        if entry is not None:
            found.add(entry)
        if not number % _PIECE:
            yield
    return found


def _checked(entry: bytes, feed: OriginFeed, where: str) -> Pattern:
    if len(entry) > MAX_ENTRY:
        raise ListError(f"{where} is longer than {MAX_ENTRY} bytes")
    text = entry.decode("utf-8", "replace")
    try:
        pattern = parse_pattern(text)
    except PatternError as error:
        raise ListError(f"{where}: {quote(text)}: {error.message}") from None
    if wrong := fault(feed, pattern):
        raise ListError(f"{where}: {quote(text)}: {wrong}")
    return pattern


def _lines(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Where each line is, and the line; None for blank lines and comments, as in a file."""
    at, number = 0, 0
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        number += 1
        line = data[at : min(end, at + MAX_ENTRY + 2)].removesuffix(b"\r")
        yield f"line {number}", line if line.strip() and line[:1] != b"#" else None
        at = end + 1


def _strings(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The strings of a JSON list (RFC 8259), one at a time: `json.loads` would read all at once."""
    number = 0
    try:
        text = data.decode("utf-8")
        at = _skip_space(text, _skip_space(text, 0) + 1)
        if text[at : at + 1] == "]":
            at += 1
        else:
            more = True
            while more:
                number += 1
                if text[at : at + 1] != '"':
                    raise ListError(f"entry {number} of the JSON list is not a string")
                piece = text[at : at + _MAX_STRING]
                if '"' not in piece[1:] and len(piece) == _MAX_STRING:
                    raise ListError(f"entry {number} is longer than {MAX_ENTRY} bytes")
                entry, length = _JSON.raw_decode(piece)
                yield f"entry {number}", entry.encode("utf-8", "surrogatepass")
                at += length
                at = _skip_space(text, at)
                more = text[at : at + 1] == ","
                if not more and text[at : at + 1] != "]":
                    raise ListError(f"no comma and no end of the JSON list after entry {number}")
                at = _skip_space(text, at + 1)
        if _skip_space(text, at) != len(text):
            raise ListError("text after the JSON list")
    except UnicodeDecodeError:
        raise ListError("the JSON list is not UTF-8") from None
    except JSONDecodeError as error:
        raise ListError(f"not JSON: {error.msg}, in entry {number}, character {error.pos}") from None


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()
