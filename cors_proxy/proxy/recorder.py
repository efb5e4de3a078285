"""What the data path reports, and to whom: the recorder is handed in from above (`operate/`)."""

from collections.abc import Sequence
from typing import Protocol

from ..cors.decision import Decision, Line
from ..cors.reason import Reason
from ..cors.request import JudgedHeaders
from .request_head import HeadError


class Exchange:
    """One request, from its head's last byte to its end.  Times are of time.monotonic, in seconds:
    the loop's own clock is coarse.  Bytes are as the client sent them: code that writes them
    anywhere has to escape them."""

    __slots__ = (
        "decision", "detail", "difference", "ended", "enforced", "fault", "host", "judged", "method", "mode",
        "origin", "pattern", "peer", "received", "request_id", "route", "scheme", "sent", "started", "status",
        "target", "trace", "traceparent", "upstream", "upstream_lines", "upstream_seconds",
        "upstream_started", "user_agent", "version",
    )  # fmt: skip

    def __init__(
        self, method: bytes, target: bytes, peer: str, scheme: str, version: str, started: float,
        host: bytes = b"", origin: bytes | None = None, user_agent: bytes | None = None,
        request_id: bytes = b"",
        route: str = "", mode: str = "", decision: Decision | None = None, enforced: bool = True,
        judged: JudgedHeaders | None = None, traceparent: bytes | None = None,
        trace: bytes = b"",
    ) -> None:  # fmt: skip
        self.method, self.target = method, target
        self.peer = peer  # the client's address: the socket's, or what a trusted proxy says
        self.scheme = scheme  # http or https
        self.version = version  # "1.1" or "1.0"
        self.started = started
        self.host, self.origin, self.user_agent, self.request_id = host, origin, user_agent, request_id
        self.route = route
        self.mode = mode  # enforce, headers, report; "" for cors: off
        self.decision = decision  # what was decided; None where the request could not be read
        self.enforced = enforced  # False: the mode let a refusal pass
        self.judged = judged  # for what a preflight asks
        self.traceparent = traceparent
        self.trace = trace  # the lines of `trace_context`; empty without `server.tracing`
        self.pattern = ""  # of the route; only where the request is sampled
        self.difference: Reason | None = None  # report: what a browser would have seen otherwise
        self.upstream_lines: Sequence[Line] | None = None  # report: the API's own CORS headers
        self.status = 0  # of the response; 0 where none was sent
        self.fault: Reason | None = None  # why an answer was made here, or broke off
        self.detail = ""  # of an upstream's fault: the address, and the words of the system or parser
        self.received = 0  # body bytes from the client
        self.sent = 0  # body bytes to the client
        self.upstream = ""
        self.upstream_started = 0.0
        self.upstream_seconds: float | None = None  # request written to response head
        self.ended = 0.0


class Recorder(Protocol):
    """Called synchronously on the hot path; must neither block nor raise."""

    def begin(self, exchange: Exchange) -> None:
        """A request's head was read (in flight + 1)."""

    def end(self, exchange: Exchange) -> None:
        """The request is over, in whatever way (in flight - 1, counters, access log).  Called
        exactly once for each `begin`."""

    def malformed(self, peer: str, bad: HeadError) -> None:
        """Bytes that were no request: counted, and one bounded log line with what could be read of
        them."""

    def replaced_forwarding(self, peer: str) -> None:
        """An untrusted peer's X-Forwarded-* were replaced."""

    def span_dropped(self, reason: str, count: int = 1) -> None:
        """Sampled requests without a span."""

    def upstream_fault(self, upstream: str, address: str, detail: str) -> None:
        """An address of an upstream takes no connection, so that others are used; or a name cannot
        be resolved, and `address` is ""."""

    def connections(self, change: int) -> None:
        """A client connection came (+1) or went (-1)."""

    def failure(self, error: BaseException) -> None:
        """A bug: logged with its trace, never shown to a client."""
