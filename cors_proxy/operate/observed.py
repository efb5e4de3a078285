"""What `mode: report` saw, for the proposal on the admin page: gathered for a second, then handed on.

A request costs a tuple and a look into a dict.  Text is made once a second, of those that differ.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from ..cors.decision import Line
from ..cors.request_headers import parse
from ..learn.seen import Asked, Granted, Seen, granted_by
from ..proxy.recorder import Exchange

PERIOD: Final = 1.0  # seconds
MAX_GRANTED: Final = 400  # different requests in a period that the API granted something
MAX_OTHER: Final = 100
MAX_LONG: Final = 4096  # bytes of one request

Observe = Callable[[list[Seen], int], None]
"""Takes requests, and the number of further ones that were not kept."""

_Key = tuple[bytes, bytes, bytes, bytes, int, str, bytes | None, tuple[bytes, ...], bool, tuple[Line, ...]]


class Observer:
    """For `Recorder.observe`: exchanges under `mode: report`, with an Origin."""

    def __init__(self, deliver: Observe) -> None:
        self._deliver = deliver
        self._granted: dict[_Key, int] = {}
        self._other: dict[_Key, int] = {}
        self._beyond = 0
        self._waiting = False

    def __call__(self, exchange: Exchange) -> None:
        judged, lines, decision = exchange.judged, exchange.upstream_lines, exchange.decision
        if lines is None or exchange.origin is None or decision is None:
            return
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(PERIOD, self.flush)
        key = (
            exchange.method,
            exchange.target.partition(b"?")[0],
            exchange.host,
            exchange.origin,
            exchange.status,
            decision.kind,
            None if judged is None else judged.acrm,
            () if judged is None else judged.acrh,
            judged is not None and judged.cookie,
            tuple(lines),
        )
        # What the API granted has room of its own.
        counts, most = (self._granted, MAX_GRANTED) if lines else (self._other, MAX_OTHER)
        if key in counts:
            counts[key] += 1
        elif len(counts) < most and _length(key) <= MAX_LONG:
            counts[key] = 1
        else:
            self._beyond += 1

    def flush(self) -> None:
        """Hand on what was gathered."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        found = [_seen(key, count, now) for key, count in (self._granted | self._other).items()]
        beyond = self._beyond
        self._granted, self._other, self._beyond, self._waiting = {}, {}, 0, False
        if found or beyond:
            self._deliver(found, beyond)


def _length(key: _Key) -> int:
    method, path, host, origin, _, _, acrm, acrh, _, lines = key
    words = (method, path, host, origin, acrm or b"", *acrh, *(word for line in lines for word in line))
    return sum(map(len, words))


def _seen(key: _Key, count: int, now: str) -> Seen:
    method, path, host, origin, status, kind, acrm, acrh, cookie, lines = key
    asked = None
    if kind == "preflight":
        names = parse(acrh)
        asked = Asked(_text(acrm or b""), tuple(_text(name) for name in names or ()))
    granted: Granted = granted_by((_text(name), _text(value)) for name, value in lines)
    return Seen(
        _text(method),
        _text(path),
        _text(origin),
        _text(host),
        now,
        status,
        asked,
        kind == "websocket",
        granted,
        cookie,
        count=count,
    )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
