"""Names of upstreams to addresses: one look-up of a name at a time, and at most one a second.

Code that asks while a look-up runs, or shortly after one, waits for the same next answer."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

LookUp = Callable[[str], Awaitable[list[str]]]

PERIOD: Final = 10.0  # seconds between two look-ups of a name in the background
PAUSE: Final = 1.0  # seconds from the end of a look-up to the next one, at least


async def look_up(name: str) -> list[str]:
    """The addresses of a name by the system's resolver, in a thread.  Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Resolver:
    """One for all upstreams of a process.  Its names are those of the policy."""

    def __init__(self, ask: LookUp = look_up, period: float = PERIOD, pause: float = PAUSE) -> None:
        self.period = period
        self._ask, self._pause = ask, pause
        self._running: dict[str, asyncio.Task[list[str]]] = {}
        self._ended: dict[str, float] = {}  # when the last look-up of each name ended

    async def resolve(self, name: str) -> list[str]:
        """The addresses of a name, sorted.  Raises OSError.

        The resolver's order says nothing: RFC 6724 puts the same address first for everybody."""
        task = self._running.get(name)
        if task is None:
            task = self._running[name] = asyncio.get_running_loop().create_task(self._resolve(name))
        # Others wait for it too.
        return await asyncio.shield(task)

    async def _resolve(self, name: str) -> list[str]:
        try:
            wait = self._ended.get(name, 0.0) + self._pause - monotonic()
            if name in self._ended and wait > 0:
                await asyncio.sleep(wait)
            try:
                return sorted(set(await self._ask(name)))
            finally:
                self._ended[name] = monotonic()
        except UnicodeError:
            # The system's codec refuses a name with a label of more than 63 bytes.
            raise OSError(f"{name} is not a name") from None
        finally:
            del self._running[name]

    def close(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
