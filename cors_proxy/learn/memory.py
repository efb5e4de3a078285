"""What a running proxy saw, in bounded memory, for the proposal on its admin page.

Clients choose origins and paths, so what the API granted stays, and other records make room for it.
A query, a cookie's value and a token are never here: `Seen` has no place for them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from .comment import times
from .evidence import Evidence
from .paths import example, template
from .seen import Seen
from .tally import Span
from .verdict import Verdict, verdict

MAX_BYTES: Final = 8 << 20  # of all records together, by `_cost`
MAX_LONG: Final = 4096  # characters of one record
MAX_GRANTED: Final = 500  # records of one path
MAX_OTHER: Final = 16  # records of one path, without a grant
_OBJECTS: Final = 1500  # bytes of one record beside its characters
_PAUSE: Final = 1000  # records that did not fit, before the others are looked through again

_Path = tuple[str, str]  # host and path


class Memory:
    """Records alike are one, with a count and the times of the first and the last."""

    def __init__(self) -> None:
        self._records: dict[Seen, Span] = {}
        self._granted = Counter[_Path]()
        self._other = Counter[_Path]()
        self._bytes = 0
        self._pause = 0
        self.beyond = 0  # requests that were not kept, or were forgotten
        self.absent = 0

    def __len__(self) -> int:
        return len(self._records)

    @property
    def size(self) -> int:
        """In bytes, as estimated."""
        return self._bytes

    def add(self, seen: Seen) -> None:
        found = verdict(seen)
        if found is Verdict.ABSENT:
            self.absent += seen.count
            return
        parts = template(seen.path)
        size = _characters(seen)
        if parts is None or size > MAX_LONG:
            self.beyond += seen.count
            return
        record = replace(seen, path=example(parts), time="", last="", count=1)
        span = self._records.get(record)
        if span is None:
            where = record.host, record.path
            counts, most, room = self._other, MAX_OTHER, MAX_BYTES // 2
            if found is Verdict.GRANTED:
                counts, most, room = self._granted, MAX_GRANTED, MAX_BYTES
            if counts[where] >= most or not self._fits(size + _OBJECTS, room):
                self.beyond += seen.count
                return
            counts[where] += 1
            self._bytes += size + _OBJECTS
            span = self._records[record] = Span()
        span.add(seen.time, seen.count, seen.last)

    def take(self, found: Iterable[Seen], beyond: int) -> None:
        """Those of one process, and how many more it had."""
        self.beyond += beyond
        for seen in found:
            self.add(seen)

    def evidence(self) -> Evidence:
        """As if the records were read from a log."""
        found = Evidence()
        found.absent = self.absent
        for record, span in self._records.items():
            found.add(replace(record, time=span.first, last=span.last, count=span.count))
        return found

    def notes(self) -> list[str]:
        """That it overflowed, if it did."""
        if not self.beyond:
            return []
        return [
            f"The memory of this page is full, or a path had too many origins: requests were left out"
            f" ({times(self.beyond)}). The access log has all of them: cors-proxy learn reads it."
        ]

    def _fits(self, size: int, room: int) -> bool:
        """Half of the room is for grants alone, so that they find some at once."""
        if self._bytes + size <= room:
            return True
        self._pause -= 1
        if self._pause < 0:
            self._pause = _PAUSE
            self._forget()
        return self._bytes + size <= room

    def _forget(self) -> None:
        """All records that neither show a grant nor can prove or limit one."""
        origins = {record.origin for record in self._records if verdict(record) is Verdict.GRANTED}
        for record, span in list(self._records.items()):
            where = record.host, record.path
            if not self._granted[where] and record.origin not in origins:
                del self._records[record]
                self._other[where] -= 1
                self._bytes -= _characters(record) + _OBJECTS
                self.beyond += span.count
        self._other = +self._other
        self._granted = +self._granted


def _characters(seen: Seen) -> int:
    lists: list[Iterable[str]] = [] if seen.asked is None else [(seen.asked.method,), seen.asked.headers]
    if (granted := seen.granted) is not None:
        lists += [(granted.origin,), granted.methods, granted.headers, granted.expose]
    words = (seen.method, seen.path, seen.origin or "", seen.host)
    # Each string is an object of its own.
    return sum(map(len, words)) + sum(60 + len(word) for each in lists for word in each)
