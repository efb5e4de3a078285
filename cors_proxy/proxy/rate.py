"""The pace of an upload: whoever holds a place at the upstream has to use it.

`body_idle` alone can be fed with one byte now and then, for hours, and a few hundred such uploads take every place there is."""

from typing import Final

_SHORT: Final = 4  # windows for a body that is shorter than what one of them has to bring


class Pace:
    """Measures one upload, in windows of time in which the proxy waited for the client and for nobody else."""

    __slots__ = ("_before", "_last", "_least", "_waited", "_window")

    def __init__(self, rate: int, window: float, length: int, began: float) -> None:
        """`rate`: bytes a second; `window`: seconds; `length`: the body's, -1 where it is not known; `began`: when the place was taken."""
        self._least: float = rate * window
        # Pauses are no rate in a body of a few bytes: all that counts there is that it ends.
        self._window: float = window * _SHORT if 0 <= length < self._least else window
        self._last = began
        self._waited = 0.0  # in this window
        self._before = 0  # bytes of the body before this window

    def slow(self, received: int, now: float, waiting: bool) -> bool:
        """Asked at each tick of the clock.

        `received`: bytes of the body so far; `waiting`: whether the client alone was waited for since it was asked last."""
        elapsed, self._last = now - self._last, now
        if waiting:
            self._waited += elapsed
        if self._waited < self._window:
            return False
        brought = received - self._before
        self._waited, self._before = 0.0, received
        return brought < self._least
