"""The clock of a client's connection: how long each of its phases may last.

No connection has a timer of its own.  The edge's coarse clock looks at each one whose `deadline`
has come."""

from typing import Final

from ..cors.reason import Reason
from .bounds import Bounds
from .client_phase import IDLE, LINGERING, READING_HEAD
from .rate import Pace
from .request_reader import Message
from .tcp import Progress
from .transport import Transport

NOTHING: Final = 0  # is due
STALLED: Final = 1  # the client does not take what was written for it
OVER: Final = 2  # the phase has lasted its time

# Seconds until an idle connection is looked at: its client may not take what was written.
_LOOK: Final = 1.0
_FOREVER: Final = float("inf")


class ClientClock:
    """Of one connection."""

    __slots__ = ("_linger_seconds", "_progress", "_until", "deadline", "upload")

    def __init__(self) -> None:
        self.deadline = _FOREVER  # when the edge's clock has to look; 0 at each of its ticks
        self.upload = UploadClock()
        self._progress = Progress()
        self._until = 0.0  # when the phase under way is over
        self._linger_seconds = 0.0

    def watch(self) -> None:
        """Something is under way: the clock looks at each of its ticks."""
        self.deadline = 0.0

    def wait(self, until: float) -> None:
        """Nothing is expected but the end of this time."""
        self.deadline = until

    def between_requests(self, now: float, keep_alive: float, blocked: bool) -> None:
        """`blocked`: the client does not take the response before."""
        self._until = now + keep_alive
        self.deadline = 0.0 if blocked else min(self._until, now + _LOOK)

    def reading_head(self, until: float, blocked: bool) -> None:
        self._until = until
        self.deadline = 0.0 if blocked else until

    def linger(self, now: float, seconds: float) -> None:
        self._linger_seconds, self._until = seconds, now + seconds
        self.deadline = 0.0

    def due(self, phase: int, transport: Transport, write_idle: float, now: float) -> int:
        """What is due at this tick."""
        if self._progress.stalled(transport.unsent, transport.written, now) >= write_idle:
            return STALLED
        if phase == LINGERING:
            if transport.unsent:
                self._until = now + self._linger_seconds  # it still takes the last response
            elif now >= self._until:
                return OVER
        elif phase in (IDLE, READING_HEAD) and not transport.closing and not transport.blocked:
            if now >= self._until:
                return OVER
            # Responses may wait in the kernel alone: then nothing but the clock sees that the
            # client stalls.
            self.deadline = 0.0 if transport.unsent else self._until
        return NOTHING


class UploadClock:
    """The time that a client takes for a request's body: `body_idle` without a byte, and
    `minimum_rate` while a place at the upstream is held.  Only the time counts in which the proxy
    waited for the client and for nobody else."""

    __slots__ = ("_mark", "_pace", "_slowed")

    def __init__(self) -> None:
        self._mark = 0.0  # when a byte came last, or when the proxy last waited for something else
        self._pace: Pace | None = None
        self._slowed = False  # the proxy waited for something else since the clock looked last

    def start(self, now: float) -> None:
        """A request's head is whole."""
        self._mark, self._pace = now, None

    def moved(self, now: float) -> None:
        """Bytes came, or are asked for again."""
        self._mark = now

    def held_back(self) -> None:
        """The client is not asked for more."""
        self._slowed = True

    def excuse(self, now: float) -> None:
        """It is not the client that the proxy waits for."""
        self._mark, self._slowed = now, True

    def fault(self, message: Message, bounds: Bounds, since: float, now: float) -> Reason | None:
        """Why the upload ends, if it is too slow.  `since`: when its place at the upstream was
        taken."""
        if now - self._mark >= bounds.body_idle:
            return Reason.REQUEST_TIMEOUT
        slowed, self._slowed = self._slowed, False
        pace = self._pace
        if pace is None:
            if not bounds.minimum_rate:
                return None
            pace = self._pace = Pace(bounds.minimum_rate, bounds.body_idle, message.head.length, since)
        return Reason.BODY_TOO_SLOW if pace.slow(message.received, now, not slowed) else None
