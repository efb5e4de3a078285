"""How many lines of one kind a flood may write."""


class TokenBucket:
    """A token bucket: `burst` at once, then `rate` a second.  `refused` counts what found none since it was last taken."""

    __slots__ = ("_burst", "_filled", "_left", "_rate", "refused")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._filled = 0.0
        self.refused = 0

    def take(self, now: float) -> bool:
        """`now` in seconds of a clock that never goes back."""
        self._left = min(self._burst, self._left + (now - self._filled) * self._rate)
        self._filled = now
        if self._left < 1:
            self.refused += 1
            return False
        self._left -= 1
        return True

    def take_refused(self) -> int:
        refused, self.refused = self.refused, 0
        return refused
