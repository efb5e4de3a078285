"""The rate of an upload: a client that occupies a connection to the upstream must use it.

`body_idle` alone is not enough. One byte now and then satisfies it for hours, and a few hundred
such uploads occupy all connections (a slow POST attack)."""

from typing import Final

_SHORT_BODY_WINDOWS: Final = 4  # for a body shorter than the bytes that one window requires


class Pace:
    """Measures an upload in windows of the time in which the proxy waits for the client alone."""

    __slots__ = ("_before", "_last", "_least", "_waited", "_window")

    def __init__(self, rate: int, window: float, length: int, began: float) -> None:
        """`rate` is in bytes a second, `window` in seconds. `length` is that of the body, or -1.

        `began` is the time at which the upload got its place."""
        self._least: float = rate * window  # bytes in a window
        # A pause in a body of a few bytes says nothing of a rate: it only has to end.
        self._window: float = window * _SHORT_BODY_WINDOWS if 0 <= length < self._least else window
        self._last = began
        self._waited = 0.0  # seconds in this window
        self._before = 0  # bytes of the body before this window

    def slow(self, received: int, now: float, waiting: bool) -> bool:
        """Whether a window ended with too few bytes; called at each tick of the clock.

        `received` are the bytes of the body so far. `waiting` is whether the proxy waited for the
        client alone since the last call."""
        elapsed, self._last = now - self._last, now
        if waiting:
            self._waited += elapsed
        if self._waited < self._window:
            return False
        brought = received - self._before
        self._waited, self._before = 0.0, received
        return brought < self._least
