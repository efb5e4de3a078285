"""The decisions of one site that were made already.

A decision is a pure function of site, route, method and judged headers.  The same few are asked for
again and again (a page's preflights, an origin that is refused), and to make one costs more than to
look it up."""

from typing import Final

from .decision import Decision
from .request import JudgedHeaders

Key = tuple[int, bytes, JudgedHeaders]  # a route's index, a method

# What clients can fill the cache with is bounded: entries, and bytes of client values in one entry
_ENTRIES: Final = 2048
_BYTES: Final = 1024


class DecisionCache(dict[Key, Decision]):
    """Another policy begins with an empty one."""

    def keep(self, key: Key, decision: Decision) -> None:
        """Emptied when it is full, because keeping an order (LRU) would cost every look-up."""
        if _weight(key[2]) > _BYTES:
            return
        if len(self) >= _ENTRIES:
            self.clear()
        self[key] = decision


def _weight(judged: JudgedHeaders) -> int:
    values = (
        judged.host,
        judged.origin,
        judged.acrm,
        judged.acrpn,
        judged.amp_same_origin,
        judged.email_sender,
        judged.fetch_site,
        judged.upgrade,
        judged.fetch_mode,
        judged.fetch_dest,
        judged.storage_access,
    )
    return sum(len(value) for value in (*values, *judged.acrh) if value is not None)
