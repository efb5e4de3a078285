"""One address of an upstream: its idle connections, its load, and whether it can be reached."""

from typing import Final

from ..policy.model import Endpoint
from .outbox import RequestSender

_FIRST: Final = 1.0  # seconds that an address is out after a failed connect
_LONGEST: Final = 30.0  # seconds: the time doubles with each further one


class Address:
    """Where connections are made to."""

    def __init__(self, endpoint: Endpoint, host: str) -> None:
        self.endpoint = endpoint
        self.host = host  # an IP address; "" for a Unix socket
        self.name = name_of(endpoint, host)
        self.idle: list[RequestSender] = []  # the one that was used last is the last
        self.open = 0  # connections, also those that are idle or are tunnels
        self.connecting = 0
        self.turn = 0  # when it was chosen last, as a number of choices
        self.gone = False  # the name does not have it any more
        self.out_until = 0.0  # no new request before; 0: it is in
        self._pause = 0.0  # seconds: how long it was out last
        self._failed_at = 0.0
        self.requests = self.failures = 0  # since they were reported last

    @property
    def load(self) -> int:
        """Requests in flight, and connections under way."""
        return self.open + self.connecting - len(self.idle)

    @property
    def up(self) -> bool:
        """Whether the last attempt to connect did not fail."""
        return not self._pause

    def begin(self, now: float) -> None:
        """A connection is tried.  After a failure, others do not try meanwhile."""
        self.connecting += 1
        if self._pause:
            self.out_until = now + self._pause

    def connected(self) -> None:
        self.connecting -= 1
        self.out_until = self._pause = 0.0

    def failed(self, begun: float, now: float) -> bool:
        """An attempt that began at `begun` has failed.  Whether the address was up before."""
        self.connecting -= 1
        self.failures += 1
        if begun < self._failed_at:
            return False  # several attempts at once are one failure
        was_up = self.up
        self._failed_at = now
        self._pause = min(_LONGEST, self._pause * 2 or _FIRST)
        self.out_until = now + self._pause
        return was_up

    def given_up(self) -> None:
        """The attempt was cancelled: it tells nothing about the address."""
        self.connecting -= 1


def name_of(endpoint: Endpoint, host: str) -> str:
    """The address as logs and metrics show it."""
    if endpoint.path:
        return f"unix:{endpoint.path}"
    return f"[{host}]:{endpoint.port}" if ":" in host else f"{host}:{endpoint.port}"
