"""What was decided, by all that decided it: a decision is a pure function of site, route, method, and of what the header lines say.

Few different ones are asked for again and again (a page's preflights, an origin that is refused), and cost more than to find them here."""

from typing import Final

from .decision import Decision
from .request import JudgedHeaders

Key = tuple[int, bytes, JudgedHeaders]  # a route's index, a method

_ENTRIES: Final = 2048
_BYTES: Final = (
    1024  # of the values from a client in one entry: with the above, what clients can fill is bounded
)


class DecisionCache(dict[Key, Decision]):
    """Of one site; another policy begins with an empty one."""

    def keep(self, key: Key, decision: Decision) -> None:
        """Emptied when it is full: to keep an order would cost each look-up something."""
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
    )
    return sum(len(value) for value in (*values, *judged.acrh) if value is not None)
