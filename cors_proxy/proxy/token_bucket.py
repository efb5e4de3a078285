"""Limits how often something is done: a log line of one kind, a span that a client asks for."""


class TokenBucket:
    """`burst` tokens at once, then `rate` per second.

    `refused` counts the calls of `take` without a token, since the last `take_refused`.
    """

    __slots__ = ("_burst", "_updated", "_tokens", "_rate", "refused")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._updated = 0.0
        self.refused = 0

    def take(self, now: float) -> bool:
        """Take a token, if there is one.  `now` is in seconds of a monotonic clock."""
        self._tokens = min(self._burst, self._tokens + (now - self._updated) * self._rate)
        self._updated = now
        if self._tokens < 1:
            self.refused += 1
            return False
        self._tokens -= 1
        return True

    def take_refused(self) -> int:
        refused, self.refused = self.refused, 0
        return refused
