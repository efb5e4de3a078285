"""Clients that hold what they can, kind by kind, and how the proxy must end each."""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable

from tests.fuzz.line import GONE, Line, Pulse
from tests.proxy.conftest import request
from tests.proxy.test_tunnel import HANDSHAKE
from tests.soak.process import BODY, HEAD, WRITE
from tests.soak.told import Told, Unexpected
from tests.soak.traffic import EVIL, OWN
from tests.soak.upstream import Api, established

# seconds in which a flood fills the kernel's buffers; only then `write_idle` begins
FILL = 20.0
LINGER = 6.0  # seconds that the proxy reads on after its last answer
LATE = 6.0  # seconds to add to any timeout on a busy machine
# seconds until an upstream learns that the client has gone, on a busy machine
SOON = 4.0
PAUSE = 0.02  # seconds between two bursts of a flood, which bound its rate
ADMIN = 90.0  # seconds after which the admin listener ends a silent client
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # of a ClientHello


class Siege:
    """Keeps `strength` clients of each kind, one after the other, until `ending`."""

    def __init__(
        self,
        address: tuple[str, int],
        admin: str,
        context: ssl.SSLContext | None,
        api: Api,
        told: Told,
        strength: int,
    ) -> None:
        host, _, port = admin.rpartition("://")[2].rpartition(":")
        self.address, self.admin, self.context = address, (host, int(port)), context
        self._api, self._told, self._strength = api, told, strength
        self._number = 0
        self._end = asyncio.Event()

    async def run(self) -> None:
        kinds = [*FLOODS, *LIVES, *(SILENT if self.context else PLAIN)]
        await asyncio.gather(
            *(
                self._besiege(kind, random.Random(f"{kind} {hand}"))
                for kind in kinds
                for hand in range(self._strength)
            )
        )

    def finish(self) -> None:
        self._end.set()

    async def _besiege(self, kind: str, dice: random.Random) -> None:
        # The first clients of a kind start one after the other.
        await self._wait(dice.random() * 2)
        while not self._end.is_set():
            await self._told.attempt(kind, self.life(kind, dice))
            await self._wait(0.2 + dice.random())

    async def _wait(self, seconds: float) -> bool:
        """Waits; False if the run ends."""
        try:
            async with asyncio.timeout(seconds):
                await self._end.wait()
            return False
        except TimeoutError:
            return True

    def life(self, kind: str, dice: random.Random) -> Awaitable[None]:
        if kind in FLOODS:
            return self.flood(*FLOODS[kind], dice)
        live: Callable[[random.Random], Awaitable[None]] = getattr(self, kind)
        return live(dice)

    async def dial(self, room: int = 4096, plain: bool = False) -> Line:
        async with asyncio.timeout(10):
            return await Line.dial(self.address, Pulse(), None if plain else self.context, room)

    # clients that send and do not read

    async def flood(self, first: bytes, again: bytes, times: int, dice: random.Random) -> None:
        """Leaves by itself, or `write_idle` ends it."""
        line = await self.dial()
        pouring = asyncio.create_task(pour(line, first, again, times))
        patient = dice.random() < 0.4
        try:
            longest = FILL + WRITE + LATE
            if (
                await self._gone(line, longest if patient else dice.random() * WRITE)
                or not patient
                or self._end.is_set()
            ):
                return
            raise Unexpected(f"there still after {longest:.0f} s")
        finally:
            pouring.cancel()
            await asyncio.wait([pouring])
            line.close(reset=dice.random() < 0.5)

    async def _gone(self, line: Line, seconds: float) -> bool:
        """Whether the proxy ends the connection within `seconds`."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            if not established(line.sock):
                return True
            if not await self._wait(0.1):
                return False
        return False

    # clients that send too little, too slowly

    async def drip_upload(self, dice: random.Random) -> None:
        """One byte a second occupies a connection to the upstream: `minimum_rate` ends it."""
        line = await self.dial()
        await self._drip(
            line, request("POST /upload", OWN, "Content-Length: 10000"), b"x", 2 * BODY + LINGER + LATE, dice
        )

    async def slow_head(self, dice: random.Random) -> None:
        line = await self.dial()
        await self._drip(line, b"GET / HTTP/1.1\r\nX-A: ", b"x", HEAD + LINGER + LATE, dice)

    async def _drip(
        self, line: Line, first: bytes, again: bytes, seconds: float, dice: random.Random
    ) -> None:
        try:
            await line.push(first)
            for _ in range(round(seconds)):
                if await self._gone(line, 1):
                    return
                if self._end.is_set():
                    return
                await line.push(again)
            raise Unexpected(f"there still after {seconds:.0f} s")
        except GONE:
            pass
        finally:
            line.close(reset=dice.random() < 0.5)

    async def silent_tls(self, dice: random.Random) -> None:
        """Connects to a TLS listener and sends nothing."""
        await self._silence(b"", dice)

    async def half_hello(self, dice: random.Random) -> None:
        await self._silence(HELLO, dice)

    async def _silence(self, first: bytes, dice: random.Random) -> None:
        line = await self.dial(plain=True)
        try:
            if first:
                await line.push(first)
            if not await self._gone(line, HEAD + LATE) and not self._end.is_set():
                raise Unexpected(f"there still after {HEAD + LATE:.0f} s")
        finally:
            line.close(reset=dice.random() < 0.5)

    # the admin listener

    async def admin_idle(self, dice: random.Random) -> None:
        await self._admin(
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" if dice.random() < 0.5 else b"", ADMIN, dice
        )

    async def admin_slow_head(self, dice: random.Random) -> None:
        await self._admin(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ", ADMIN, dice)

    async def admin_stream(self, dice: random.Random) -> None:
        """Asks for the stream of decisions, and reads none of it."""
        await self._admin(b"GET /decisions HTTP/1.1\r\nHost: localhost\r\n\r\n", 0, dice)

    async def _admin(self, first: bytes, seconds: float, dice: random.Random) -> None:
        line = await Line.dial(self.admin, Pulse(), None, 4096)
        try:
            await line.push(first)
            gone = await self._gone(line, seconds or 5 + dice.random() * 10)
            if seconds and not gone and not self._end.is_set():
                raise Unexpected(f"there still after {seconds:.0f} s")
        finally:
            line.close(reset=dice.random() < 0.5)

    # tunnels of which one end has gone and the other does not read

    async def tunnel_client_gone(self, dice: random.Random) -> None:
        await self._tunnel("", dice)

    async def tunnel_upstream_gone(self, dice: random.Random) -> None:
        await self._tunnel("/leave", dice)

    async def tunnel_both_gone(self, dice: random.Random) -> None:
        await self._tunnel("/leave", dice, leaves=0.5)

    async def _tunnel(self, how: str, dice: random.Random, leaves: float = 0) -> None:
        self._number += 1
        target = (
            f"{dice.choice(['', '/secure'])}/stuck/{'TLS' if self.context else 'plain'}-{self._number}{how}"
        )
        line = await self.dial()
        pouring = asyncio.create_task(
            pour(line, request(f"GET {target}", OWN, *HANDSHAKE), b"\x82\x7e\x04\x00" + bytes(1024), 4000)
        )
        try:
            gone = await self._gone(line, leaves or (3 + LATE if how else 0.5 + dice.random()))
            if how and not leaves and not gone and not self._end.is_set():
                raise Unexpected("the client is not told that the upstream left")
        finally:
            pouring.cancel()
            await asyncio.wait([pouring])
            line.close(reset=dice.random() < 0.5)
        clock = asyncio.get_running_loop().time
        left = clock()
        while target in self._api.stuck:
            if clock() - left > SOON and not leaves:
                raise Unexpected(f"the upstream is not told within {SOON} s that the client left")
            await asyncio.sleep(0.05)


async def pour(line: Line, first: bytes, again: bytes, times: int) -> None:
    """Sends all of it as fast as it is taken, but at most one burst each PAUSE."""
    try:
        if first:
            await line.push(first)
        for _ in range(times):
            await line.push(again)
            await asyncio.sleep(PAUSE)
    except GONE:
        pass


# the first bytes, the repeated bytes, how often
FLOODS = {
    "refused_flood": (b"", request("GET /items", EVIL) * 100, 200),
    "preflight_flood": (b"", request("OPTIONS /items", OWN, "Access-Control-Request-Method: PUT") * 100, 200),
    "large_flood": (b"", request("GET /large", OWN), 60),
    "secure_flood": (b"", request("GET /secure/large", OWN), 60),
    "huge_download": (request("GET /endless", OWN), b"", 0),
    "expect_flood": (b"", request("POST /upload", OWN, "Expect: 100-continue", body=b"hello") * 20, 400),
}
LIVES = ("drip_upload", "slow_head", "tunnel_client_gone", "tunnel_upstream_gone", "tunnel_both_gone")
PLAIN = ("admin_idle", "admin_slow_head", "admin_stream")  # of the process without TLS
SILENT = ("silent_tls", "half_hello")
