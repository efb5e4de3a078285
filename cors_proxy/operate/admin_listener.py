"""The connections of the admin listener: bounded in number, time and memory.

Nothing done to it may starve the traffic.  Connections are accepted here, one by one: asyncio's own
server accepts a whole backlog before it calls any code that could refuse.  aiohttp speaks HTTP.
"""

import asyncio
import socket
from typing import Final, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from .page.headers import SECURITY_HEADERS

# With the listeners and the logs this fits into the descriptors that `proxy.edge` leaves.
MAX_CONNECTIONS: Final = 24
HEAD_TIMEOUT: Final = 30.0  # seconds until the head of a request is complete
STALL_TIMEOUT: Final = 10.0  # seconds without the client reading any of its response
MAX_UNSENT: Final = 8 << 20  # bytes of all responses together that clients have not read
LINGER: Final = 2.0  # seconds to discard a body after the response
CHECK_INTERVAL: Final = 0.5  # seconds between two checks for stalled clients
ACCEPT_RETRY: Final = 0.5  # seconds to the next accept after the system ran out of descriptors


class Connection(RequestHandler):
    """One client.

    It relies on three details of aiohttp: `RequestHandler._current_request`, `handle_error`, and
    `handler_cancellation` of `Server`.
    """

    __slots__ = ("last_received", "last_progress", "last_unsent", "raw_transport", "_listener")

    def __init__(self, server: web.Server, listener: "AdminListener") -> None:
        # `page.body` decodes bodies: aiohttp answers 500 to a corrupt one, accepts a truncated one.
        super().__init__(
            server,
            loop=listener.loop,
            access_log=None,  # type: ignore[arg-type]
            keepalive_timeout=HEAD_TIMEOUT,
            lingering_time=LINGER,
            auto_decompress=False,
        )
        self.raw_transport: asyncio.Transport | None = None
        # Loop times of the last byte received, and of the last byte that the client read.
        self.last_received = self.last_progress = listener.loop.time()
        self.last_unsent = 0
        self._listener = listener

    @property
    def busy(self) -> bool:
        """Whether it waits for the response to a request."""
        return self._current_request is not None

    @property
    def unsent_bytes(self) -> int:
        """Bytes of its response that the client has not read."""
        return 0 if self.raw_transport is None else self.raw_transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.raw_transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._listener.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.last_received = self._listener.loop.time()
        super().data_received(data)

    def abort_if_stalled(self, now: float) -> None:
        """Abort if the client has read nothing for `STALL_TIMEOUT`.  `now` is loop time."""
        unsent = self.unsent_bytes
        if not unsent or unsent < self.last_unsent:
            self.last_progress = now
        elif now - self.last_progress > STALL_TIMEOUT:
            self.abort()
        self.last_unsent = unsent

    def abort(self) -> None:
        if self.raw_transport is not None:
            self.raw_transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Malformed requests never reach the application: their response gets its headers here."""
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        response = web.Response(status=status, text="malformed request\n", headers=SECURITY_HEADERS)
        response.force_close()
        return response


class AdminListener:
    """Serves an application on listening sockets."""

    def __init__(self, app: web.Application) -> None:
        self.loop = asyncio.get_running_loop()
        app.on_response_prepare.append(self._make_room)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=1, handler_cancellation=True)
        self._sockets: list[socket.socket] = []
        self._connections: set[Connection] = set()
        self._accepting: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, sockets: list[socket.socket]) -> None:
        """Serve on these sockets; `close` closes them."""
        await self._runner.setup()
        self._sockets = sockets
        for listener in sockets:
            self.loop.add_reader(listener, self._accept, listener)
        self._check_connections()

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for listener in self._sockets:
            self.loop.remove_reader(listener)
            listener.close()
        self._sockets = []
        await self._runner.cleanup()

    def remove(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def _accept(self, listener: socket.socket) -> None:
        if len(self._connections) >= MAX_CONNECTIONS and not self._evict():
            return
        try:
            accepted, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError:  # the reader would be called in a busy loop
            self.loop.remove_reader(listener)
            self.loop.call_later(ACCEPT_RETRY, self._accept_again, listener)
            return
        server = self._runner.server
        assert server is not None
        connection = Connection(server, self)
        self._connections.add(connection)
        task = self.loop.create_task(self._connect(accepted, connection))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)

    def _accept_again(self, listener: socket.socket) -> None:
        if listener in self._sockets:
            self.loop.add_reader(listener, self._accept, listener)

    async def _connect(self, accepted: socket.socket, connection: Connection) -> None:
        accepted.setblocking(False)
        try:
            await self.loop.connect_accepted_socket(lambda: connection, accepted)
        except OSError:
            accepted.close()
            self.remove(connection)

    def _evict(self) -> bool:
        """Make room for a new connection, such as a health check.  False where nothing can go.

        Aborts the connection that was silent for longest, one without a request if there is any.
        """
        candidates = [connection for connection in self._connections if connection.raw_transport is not None]
        if not candidates:
            return False
        evicted = min(candidates, key=lambda connection: (connection.busy, connection.last_received))
        evicted.abort()
        self.remove(evicted)
        return True

    async def _make_room(self, request: web.Request, response: web.StreamResponse) -> None:
        """Before a response is written: abort connections with the most unread bytes."""
        size = (
            len(response.body)
            if isinstance(response, web.Response) and isinstance(response.body, bytes)
            else 0
        )
        others = [
            connection
            for connection in self._connections
            if connection is not request.protocol and connection.unsent_bytes
        ]
        others.sort(key=lambda connection: connection.unsent_bytes)
        total = size + sum(connection.unsent_bytes for connection in others)
        while others and total > MAX_UNSENT:
            largest = others.pop()
            total -= largest.unsent_bytes
            largest.abort()

    def _check_connections(self) -> None:
        now = self.loop.time()
        for connection in list(self._connections):
            connection.abort_if_stalled(now)
        self._timer = self.loop.call_later(CHECK_INTERVAL, self._check_connections)
