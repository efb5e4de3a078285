"""A connection of Envoy to the decision listener: gRPC over HTTP/2 without TLS.

`h2` reads and writes the frames (ADR 13).  No ask needs to wait for anything, so each message is
answered in the call that brings it: there are no tasks and no threads.

https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md"""

from time import monotonic
from typing import Any, Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame

from ..cors.reason import Reason
from .client_clock import STALLED
from .client_phase import EXCHANGE
from .context import Context
from .ext_authz import check
from .ext_proc import Processing
from .grpc_messages import (
    DEADLINE_EXCEEDED,
    INTERNAL,
    INVALID_ARGUMENT,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    UNIMPLEMENTED,
    GrpcError,
    HealthCheckResponse,
)
from .request_head import HeadError
from .waiting_room import Admission, Arrival

_CHECK: Final = b"/envoy.service.auth.v3.Authorization/Check"
_PROCESS: Final = b"/envoy.service.ext_proc.v3.ExternalProcessor/Process"
_HEALTH: Final = b"/grpc.health.v1.Health/Check"
_METHODS: Final = frozenset((_CHECK, _PROCESS, _HEALTH))
# Envoy opens another connection where it needs more at once.
_STREAMS: Final = 1024
# Bytes of a response's head, which the limits of requests do not bound, and of the fields around it.
_MORE: Final = 128 << 10
_HEALTHCHECK: Final = b"OPTIONS * "  # what `cors-proxy healthcheck` sends
_LAST_STREAM: Final = (1 << 31) - 1
_SERVING, _NOT_SERVING = 1, 2
# Seconds in which Envoy learns that the connection takes no new streams.
_GOING: Final = 0.3
_HEAD: Final = [(b":status", b"200"), (b"content-type", b"application/grpc")]
_TRAILERS: Final = [(b"grpc-status", b"0")]
_CONFIG: Final = H2Configuration(
    client_side=False, header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False
)


class Stream:
    """One call."""

    __slots__ = ("began", "finished", "method", "out", "processing", "received", "started")

    def __init__(self, method: bytes, now: float) -> None:
        self.method = method
        self.began = now  # when the message began that is not whole
        self.received = bytearray()  # of the messages that are not read
        self.processing: Processing | None = None
        self.out = bytearray()  # what the flow control of HTTP/2 holds back
        self.started = False  # the head of the response is sent
        self.finished = False  # its trailers follow what is in `out`


class GrpcConnection(Arrival):
    """Many asks at once."""

    def __init__(self, context: Context, admission: Admission) -> None:
        super().__init__(context, admission)
        self._h2: Any = H2Connection(_CONFIG)
        self._streams: dict[int, Stream] = {}
        self._going = 0.0  # since when no new stream is wanted
        self._idle_since = 0.0
        self._ended = False

    # its beginning and its end

    def ready(self, now: float) -> None:
        self._idle_since = now
        self.clock.watch()
        if not self._context.trusts(self.peer):
            self._distrust()
            return
        self._h2.local_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = _STREAMS
        self._h2.local_settings[SettingCodes.MAX_HEADER_LIST_SIZE] = 16 << 10
        self._h2.local_settings.acknowledge()
        self._h2.initiate_connection()
        self._write()

    def _distrust(self) -> None:
        bad = HeadError(403, Reason.ASK_NOT_TRUSTED, "an address that is not in decide.trust")
        self._context.recorder.malformed(self.peer, bad)
        self._h2.initiate_connection()
        self._h2.close_connection(ErrorCodes.INADEQUATE_SECURITY, b"not in decide.trust", 0)
        self._write()
        self._end()

    def _end(self) -> None:
        """Nothing is read any more; what was written goes out."""
        self._drop()
        self.transport.close()

    def _drop(self) -> None:
        self._ended = True
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            if stream.processing is not None:
                stream.processing.ended()

    def abort(self) -> None:
        self._drop()
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._drop()
        self._admission.left(self, exc)

    def eof_received(self) -> bool:
        self._end()
        return False

    # bytes

    def received(self, data: bytes) -> None:
        if self._ended:
            return
        try:
            for event in self._h2.receive_data(data):
                self._event(event)
                if self._ended:
                    break
        except H2Error:
            # `h2` has written a GOAWAY that says why.
            if not data.startswith(_HEALTHCHECK):
                bad = HeadError(400, Reason.ASK_MALFORMED, "no HTTP/2, or frames against its rules")
                self._context.recorder.malformed(self.peer, bad)
            self._write()
            self._end()
            return
        except Exception as error:  # a bug: it ends this connection alone
            self._context.recorder.failure(error)
            self.abort()
            return
        self._write()

    def _event(self, event: Any) -> None:
        if isinstance(event, RequestReceived):
            self._begin(event.stream_id, dict(event.headers))
        elif isinstance(event, DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            stream = self._streams.get(event.stream_id)
            if stream is not None:
                self._data(event.stream_id, stream, event.data)
        elif isinstance(event, StreamEnded):
            stream = self._streams.get(event.stream_id)
            if stream is not None:
                self._peer_done(event.stream_id, stream)
        elif isinstance(event, StreamReset):
            self._forget(event.stream_id)
        elif isinstance(event, WindowUpdated):
            for identity in [event.stream_id] if event.stream_id else list(self._streams):
                stream = self._streams.get(identity)
                if stream is not None and stream.out:
                    self._flush(identity, stream)
        elif isinstance(event, ConnectionTerminated):
            self._end()

    def _write(self) -> None:
        data = self._h2.data_to_send()
        if data:
            self.transport.write(data)

    def pause_writing(self) -> None:
        self.transport.blocked = True
        self.transport.pause()

    def resume_writing(self) -> None:
        self.transport.blocked = False
        self.transport.resume()

    # calls

    def _begin(self, identity: int, headers: dict[bytes, bytes]) -> None:
        if headers.get(b":method") != b"POST" or not headers.get(b"content-type", b"").startswith(
            b"application/grpc"
        ):
            self._finish(identity, [(b":status", b"415")])
            return
        method = headers.get(b":path", b"")
        stream = self._streams[identity] = Stream(method, monotonic())
        if method not in _METHODS:
            self._fail(identity, stream, GrpcError(UNIMPLEMENTED, "not a method of this service"))
        elif method == _PROCESS:
            stream.processing = Processing(self._context, self.peer)

    def _data(self, identity: int, stream: Stream, data: bytes) -> None:
        """Answers the messages that are whole: a flag, a length of 4 bytes, and the message."""
        received = stream.received
        if not received:
            stream.began = monotonic()
        received += data
        while len(received) >= 5 and not stream.finished:
            size = int.from_bytes(received[1:5], "big")
            if received[0]:
                self._fail(identity, stream, GrpcError(UNIMPLEMENTED, "a compressed message"))
            elif size > self._context.head_limits.header_bytes + _MORE:
                self._fail(identity, stream, GrpcError(RESOURCE_EXHAUSTED, "a message that is too large"))
            elif len(received) >= 5 + size:
                message = bytes(received[5 : 5 + size])
                del received[: 5 + size]
                stream.began = 0.0
                self._message(identity, stream, message)
            else:
                return

    def _message(self, identity: int, stream: Stream, message: bytes) -> None:
        context = self._context
        try:
            if context.policy.decide is None or not context.trusts(self.peer):
                raise GrpcError(PERMISSION_DENIED, "an address that is not in decide.trust")
            processing = stream.processing
            if processing is not None:
                answer, over = processing.message(message), processing.over
            elif stream.method == _CHECK:
                answer, over = check(context, self.peer, message), True
            else:
                status = _NOT_SERVING if context.draining else _SERVING
                answer, over = HealthCheckResponse(status=status).SerializeToString(), True
        except GrpcError as error:
            self._fail(identity, stream, error)
            return
        except Exception as error:  # a bug: it ends this call alone
            context.recorder.failure(error)
            self._fail(identity, stream, GrpcError(INTERNAL, "a bug in cors-proxy"))
            return
        self._head(identity, stream)
        stream.out += b"\0%b%b" % (len(answer).to_bytes(4, "big"), answer)
        stream.finished = over
        self._flush(identity, stream)

    def _head(self, identity: int, stream: Stream) -> None:
        if not stream.started:
            stream.started = True
            self._h2.send_headers(identity, _HEAD)

    def _flush(self, identity: int, stream: Stream) -> None:
        h2, out = self._h2, stream.out
        while out:
            size = min(len(out), h2.local_flow_control_window(identity), h2.max_outbound_frame_size)
            if size <= 0:
                return
            h2.send_data(identity, bytes(out[:size]))
            del out[:size]
        if stream.finished:
            self._finish(identity, _TRAILERS)

    def _fail(self, identity: int, stream: Stream, error: GrpcError) -> None:
        """Ends a call without an answer, which Envoy takes for a refusal."""
        if error.code != INTERNAL:
            reason = Reason.ASK_NOT_TRUSTED if error.code == PERMISSION_DENIED else Reason.ASK_MALFORMED
            self._context.recorder.malformed(self.peer, HeadError(400, reason, error.detail))
        stream.finished = True
        stream.out.clear()
        end = [
            (b"grpc-status", b"%d" % error.code),
            (b"grpc-message", error.detail.encode("ascii").replace(b"%", b"%25")),
        ]
        self._finish(identity, end if stream.started else [*_HEAD, *end])

    def _finish(self, identity: int, lines: list[tuple[bytes, bytes]]) -> None:
        self._h2.send_headers(identity, lines, end_stream=True)
        if identity in self._h2.streams and not self._h2.streams[identity].closed:
            # The peer may send more on this stream: it is not wanted (RFC 9113 8.1).
            self._h2.reset_stream(identity, ErrorCodes.NO_ERROR)
        self._forget(identity)

    def _peer_done(self, identity: int, stream: Stream) -> None:
        """The peer sends no more on this stream."""
        if stream.finished:
            return
        if stream.processing is not None and not stream.received:
            stream.finished = True
            self._head(identity, stream)
            self._flush(identity, stream)
        else:
            self._fail(identity, stream, GrpcError(INVALID_ARGUMENT, "a call without a whole message"))

    def _forget(self, identity: int) -> None:
        stream = self._streams.pop(identity, None)
        if stream is not None and stream.processing is not None:
            stream.processing.ended()
        if not self._streams:
            self._idle_since = monotonic()

    # time

    def tick(self, now: float) -> None:
        """Called by the edge's coarse clock."""
        if not self.admitted:
            self.transport.abort()
            return
        if self._ended:
            return
        context = self._context
        if self.clock.due(EXCHANGE, self.transport, context.bounds[-1].write_idle, now) == STALLED:
            self.abort()
            return
        late = [
            (identity, stream)
            for identity, stream in self._streams.items()
            if stream.began and not stream.finished and now - stream.began >= context.request_header
        ]
        for identity, stream in late:
            self._fail(identity, stream, GrpcError(DEADLINE_EXCEEDED, "no whole message in time"))
        idle = not self._streams and now - self._idle_since >= context.keep_alive
        if (idle or context.draining) and not self._going:
            self._go()
        elif self._going and not self._streams and now - self._going >= _GOING:
            self._end()
        self._write()

    def _go(self) -> None:
        """Asks the peer to use another connection.  Streams that it begins meanwhile are answered, so
        no ask is lost: with the number of the last stream it would be (RFC 9113 6.8)."""
        self._going = monotonic()
        self.transport.write(GoAwayFrame(0, last_stream_id=_LAST_STREAM).serialize())

    # what `web.Server` asks of a connection

    def close(self) -> None:
        """The drain begins."""
        if not self._ended and not self._going:
            self._go()

    async def shutdown(self, timeout: float | None = 0) -> None:  # noqa: ASYNC109 - web.Server's own signature
        """The drain's time is over."""
        self.abort()
