"""aiohttp's server, with connections of our own (ADR 0001).

It is never compiled. In the isolated environment of a build mypyc does not see aiohttp's class, and
then gives a class that inherits from it the layout of another: the process crashes (ADR 0008)."""

# mypy: allow-subclassing-any

from collections.abc import Callable
from typing import Any, cast

from aiohttp import web


class Server(web.Server):
    """What it relies on: `connection_made`, `_connections`, `pre_shutdown`, `shutdown`."""

    def __init__(self, connection: Callable[[], Any]) -> None:
        super().__init__(cast(Any, None))
        self._connection = connection

    def __call__(self) -> Any:
        return self._connection()

    def connection_lost(self, handler: Any, exc: BaseException | None = None) -> None:
        # The inherited one looks at a private task of aiohttp's own connection.
        self._connections.pop(handler, None)
