"""What the data path reports, and to whom: the recorder is handed in from above (`operate/`)."""

from dataclasses import dataclass
from typing import Protocol

from ..cors.decision import Decision
from ..cors.reason import Reason


@dataclass(slots=True)
class Exchange:
    """One request from its head's last byte to its end.  Times are of time.monotonic, in seconds (the loop's own is coarse).
    Bytes are as the client sent them: whoever writes them anywhere escapes them."""

    method: bytes
    target: bytes
    peer: str  # the client's address: the socket's, or what a trusted proxy says
    scheme: str  # http or https
    version: str  # "1.1" or "1.0"
    started: float
    host: bytes = b""
    origin: bytes | None = None
    user_agent: bytes | None = None
    request_id: bytes = b""
    route: str = ""
    mode: str = ""  # enforce, headers, report; "" for cors: off
    decision: Decision | None = None  # what was decided; None where the request could not be read
    enforced: bool = True  # False: the mode let a refusal pass
    difference: Reason | None = None  # report: what a browser would have seen otherwise
    status: int = 0  # of the response; 0 where none was sent
    fault: Reason | None = None  # why an answer was made here, or broke off
    received: int = 0  # body bytes from the client
    sent: int = 0  # body bytes to the client
    upstream: str = ""
    upstream_started: float = 0.0
    upstream_seconds: float | None = None  # request written to response head
    ended: float = 0.0


class Recorder(Protocol):
    """Called synchronously on the hot path; must neither block nor raise."""

    def begin(self, exchange: Exchange) -> None:
        """A request's head was read (in flight + 1)."""

    def end(self, exchange: Exchange) -> None:
        """It is over, whatever way (in flight - 1, counters, access log); called exactly once for each `begin`."""

    def malformed(self, peer: str, reason: Reason, status: int) -> None:
        """Bytes that were no request: counted, and one bounded log line."""

    def replaced_forwarding(self, peer: str) -> None:
        """An untrusted peer's X-Forwarded-* were replaced."""

    def connections(self, change: int) -> None:
        """A client connection came (+1) or went (-1)."""

    def failure(self, error: BaseException) -> None:
        """A bug: logged with its trace, never shown to a client."""
