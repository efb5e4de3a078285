"""The admin listener's connections: a bounded number, each with a clock, so that nothing done to it can starve the traffic.

They are accepted here, one by one: asyncio takes as many as there are before it asks anybody.  HTTP is aiohttp's."""

import asyncio
import socket
from typing import Final, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from .page.headers import SECURE

CONNECTIONS: Final = 24  # with the listeners and the logs within what `proxy.edge` leaves of the descriptors
IDLE: Final = 30.0  # seconds until a request's head is there, and whole
STALLED: Final = 10.0  # seconds for which a client may take nothing of its answer
ROOM: Final = 8 << 20  # bytes of answers that wait for clients
LINGER: Final = 2.0  # seconds for a body that nobody wants
LOOK: Final = 0.5  # seconds between two looks at all of them
AGAIN: Final = 0.5  # seconds until the next try where the system has no descriptor left


class Connection(RequestHandler):
    """What it relies on: `_current_request`, `handle_error`, and `Server(handler_cancellation=…)`."""

    __slots__ = ("heard", "moved", "unsent", "wire", "_listener")

    def __init__(self, server: web.Server, listener: "AdminListener") -> None:
        # Bodies are decoded where they are read: aiohttp takes a broken one for a fault of ours, and half a one for a whole.
        super().__init__(
            server,
            loop=listener.loop,
            access_log=None,  # type: ignore[arg-type]
            keepalive_timeout=IDLE,
            lingering_time=LINGER,
            auto_decompress=False,
        )
        self.wire: asyncio.Transport | None = None
        self.heard = self.moved = listener.loop.time()  # when bytes came, and when some of its answer went
        self.unsent = 0
        self._listener = listener

    @property
    def busy(self) -> bool:
        """It has sent a whole head, and has not had its answer."""
        return self._current_request is not None

    @property
    def waiting(self) -> int:
        """Bytes that it does not take."""
        return 0 if self.wire is None else self.wire.get_write_buffer_size()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._listener.left(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.heard = self._listener.loop.time()
        super().data_received(data)

    def look(self, now: float) -> None:
        """Cut it where it takes nothing."""
        waiting = self.waiting
        if not waiting or waiting < self.unsent:
            self.moved = now
        elif now - self.moved > STALLED:
            self.abort()
        self.unsent = waiting

    def abort(self) -> None:
        if self.wire is not None:
            self.wire.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no request never gets as far as the application, which gives its answers their headers; nor is it a fault of ours."""
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        response = web.Response(status=status, text="this is no request\n", headers=SECURE)
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
        self._arriving: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, sockets: list[socket.socket]) -> None:
        """These become its own."""
        await self._runner.setup()
        self._sockets = sockets
        for each in sockets:
            self.loop.add_reader(each, self._accept, each)
        self._look()

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for each in self._sockets:
            self.loop.remove_reader(each)
            each.close()
        self._sockets = []
        await self._runner.cleanup()

    def left(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def _accept(self, listener: socket.socket) -> None:
        if len(self._connections) >= CONNECTIONS and not self._evict():
            return
        try:
            accepted, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError:  # it would be called again and again
            self.loop.remove_reader(listener)
            self.loop.call_later(AGAIN, self._accept_again, listener)
            return
        server = self._runner.server
        assert server is not None
        connection = Connection(server, self)
        self._connections.add(connection)
        task = self.loop.create_task(self._begin(accepted, connection))
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    def _accept_again(self, listener: socket.socket) -> None:
        if listener in self._sockets:
            self.loop.add_reader(listener, self._accept, listener)

    async def _begin(self, accepted: socket.socket, connection: Connection) -> None:
        accepted.setblocking(False)
        try:
            await self.loop.connect_accepted_socket(lambda: connection, accepted)
        except OSError:
            accepted.close()
            self.left(connection)

    def _evict(self) -> bool:
        """Make a place for one who has just come, a health check perhaps: of those who wait for nothing the one that was silent for
        longest goes, and only then one that has asked something."""
        known = [each for each in self._connections if each.wire is not None]
        if not known:
            return False
        longest = min(known, key=lambda each: (each.busy, each.heard))
        longest.abort()
        self.left(longest)
        return True

    async def _make_room(self, request: web.Request, response: web.StreamResponse) -> None:
        """Before an answer is written: those who have most of theirs still to take go, where all together would be too much."""
        size = (
            len(response.body)
            if isinstance(response, web.Response) and isinstance(response.body, bytes)
            else 0
        )
        others = [each for each in self._connections if each is not request.protocol and each.waiting]
        others.sort(key=lambda each: each.waiting)
        total = size + sum(each.waiting for each in others)
        while others and total > ROOM:
            largest = others.pop()
            total -= largest.waiting
            largest.abort()

    def _look(self) -> None:
        now = self.loop.time()
        for each in list(self._connections):
            each.look(now)
        self._timer = self.loop.call_later(LOOK, self._look)
