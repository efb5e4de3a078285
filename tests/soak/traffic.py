"""What clients do, well-behaved or not, and the outcome that it must have."""

import asyncio
import random
import ssl

from tests.proxy.conftest import request
from tests.proxy.test_tunnel import HANDSHAKE
from tests.soak.told import Told, Unexpected
from tests.soak.upstream import CHUNKS, LAST, PIECE
from tests.wire import Client, Head

APP = "https://app.example"
OWN = f"Origin: {APP}"
EVIL = "Origin: https://evil.example"
BAD = (
    b"GET /bad HTTP/1.1\r\n\r\n",
    b"GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /a/../b HTTP/1.1\r\nHost: api.example\r\n\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: api.example\r\n\r\n",
    b"POST /bad HTTP/1.1\r\nHost: api.example\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /bad HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"nonsense\r\n\r\n",
)


class Traffic:
    """Does `rate` steps a second with `hands` clients.

    Each has one kept connection, and opens others for one step."""

    def __init__(
        self, address: tuple[str, int], context: ssl.SSLContext | None, rate: float, hands: int, told: Told
    ) -> None:
        self.address, self.context, self.pause, self.hands, self._told = (
            address,
            context,
            hands / rate,
            hands,
            told,
        )
        self.ending = False

    async def run(self) -> None:
        """Runs until `ending`."""
        await asyncio.gather(*(self._hand(random.Random(number)) for number in range(self.hands)))

    async def _hand(self, dice: random.Random) -> None:
        clock = asyncio.get_running_loop().time
        due = clock() + dice.random() * self.pause
        hand = Hand(self.address, self.context, dice)
        kinds = [getattr(hand, name) for name in WEIGHTS]
        while not self.ending:
            # A late client does not catch up: the rate is an upper bound.
            due = max(due + self.pause, clock())
            await asyncio.sleep(due - clock())
            (step,) = dice.choices(kinds, [*WEIGHTS.values()])
            await self._told.attempt(step.__name__, step())
        hand.leave()


class Hand:
    """One client."""

    def __init__(
        self, address: tuple[str, int], context: ssl.SSLContext | None, dice: random.Random | None = None
    ) -> None:
        self.address, self.context, self.dice = address, context, dice or random.Random()
        self.kept: Client | None = None

    def leave(self) -> None:
        if self.kept is not None:
            self.kept.close()
            self.kept = None

    async def dial(self) -> Client:
        name = "api.example" if self.context else None
        streams = await asyncio.open_connection(
            *self.address, limit=1 << 20, ssl=self.context, server_hostname=name
        )
        return Client(*streams)

    def base(self) -> str:
        """The path prefix: every third request goes to the upstream with TLS."""
        return "/secure" if self.dice.random() < 1 / 3 else ""

    async def ask(self, raw: bytes, status: int, origin: list[str], once: bool = False) -> Head:
        """Asks on the kept connection, which the proxy must not have closed, or on a new one."""
        kept = None if once or self.dice.random() < 0.2 else self.kept
        client = kept or await self.dial()
        await client.send(raw)
        answer = await client.answer()
        if answer.status != status or answer.all("access-control-allow-origin") != origin:
            client.close()
            raise Unexpected(f"{raw[:40]!r}: {answer.first!r} {origin}")
        if once or answer.all("connection") == ["close"] or not answer.complete:
            client.close()
            self.kept = None if client is kept else self.kept
        elif client is not self.kept:
            self.leave()
            self.kept = client
        return answer

    async def get(self) -> None:
        path = f"{self.base()}/items/{self.dice.randrange(10**9)}"
        if (answer := await self.ask(request(f"GET {path}", OWN), 200, [APP])).body != path.encode():
            raise Unexpected(f"another's answer: {answer.body[:60]!r}")

    async def preflight(self) -> None:
        await self.ask(request("OPTIONS /items", OWN, "Access-Control-Request-Method: PUT"), 204, [APP])

    async def refused(self) -> None:
        await self.ask(
            request(self.dice.choice(["GET /items", "POST /items", "DELETE /items/1"]), EVIL), 403, []
        )

    async def refused_preflight(self) -> None:
        await self.ask(request("OPTIONS /items", EVIL, "Access-Control-Request-Method: PUT"), 403, [])

    async def refused_upload(self) -> None:
        await self.ask(request("POST /items", EVIL, body=PIECE), 403, [], once=True)

    async def upload(self) -> None:
        body = PIECE * self.dice.randrange(1, 6)
        if self.dice.random() < 0.5:
            raw = request(f"POST {self.base()}/upload", OWN, body=body)
        else:
            raw = request(
                f"POST {self.base()}/upload", OWN, "Transfer-Encoding: chunked"
            ) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        if (await self.ask(raw, 200, [APP])).body != body:
            raise Unexpected("another body")

    async def download(self) -> None:
        answer = await self.ask(request(f"GET {self.base()}/download", OWN), 200, [APP])
        if not answer.complete or len(answer.body) != CHUNKS * len(PIECE):
            raise Unexpected(f"{len(answer.body)} bytes")

    async def bad(self) -> None:
        await self.ask(self.dice.choice(BAD), 400, [], once=True)

    async def upstream_reset(self) -> None:
        await self.ask(request(f"GET {self.base()}/reset", OWN), 502, [APP])

    async def upstream_break(self) -> None:
        if (await self.ask(request(f"GET {self.base()}/break", OWN), 200, [APP])).complete:
            raise Unexpected("a whole answer")

    async def socket(self) -> None:
        client = await self.dial()
        await client.send(request(f"GET {self.base()}/socket", OWN, *HANDSHAKE))
        if (answer := await client.answer()).status != 101:
            raise Unexpected(answer.first)
        for _ in range(self.dice.randrange(1, 4)):
            await client.send(b"\x82\x7e\x04\x00" + PIECE[:1024])
            async with asyncio.timeout(10):
                await client.reader.readexactly(1028)
        await self.part(client)

    async def last_frame(self) -> None:
        """What the upstream sends before it ends the tunnel arrives whole."""
        client = await self.dial()
        await client.send(request(f"GET {self.base()}/last", OWN, *HANDSHAKE))
        if (answer := await client.answer()).status != 101:
            raise Unexpected(answer.first)
        async with asyncio.timeout(10):
            if (got := await client.reader.read(-1)) != LAST:
                raise Unexpected(f"{len(got)} bytes of {len(LAST)}")
        client.close()

    async def slammed(self) -> None:
        """An upstream that accepts and closes: every client gets an error."""
        raw = request("GET /slam", OWN, *self.dice.choice([(), ("Connection: close",)]))
        if self.dice.random() < 0.3:
            raw = raw.replace(b"HTTP/1.1", b"HTTP/1.0")
        await self.ask(raw, 502, [APP], once=True)

    async def refused_socket(self) -> None:
        await self.ask(request("GET /socket", EVIL, *HANDSHAKE), 403, [], once=True)

    async def abort_download(self) -> None:
        client = await self.dial()
        await client.send(request(f"GET {self.base()}/endless", OWN))
        async with asyncio.timeout(10):
            await client.reader.readexactly(self.dice.randrange(1000, 100_000))
        await self.part(client)

    async def abort_upload(self) -> None:
        client = await self.dial()
        await client.send(
            request("POST /upload", OWN, "Content-Length: 1000000") + PIECE * self.dice.randrange(4)
        )
        await asyncio.sleep(self.dice.random() * 0.05)
        await self.part(client)

    async def part(self, client: Client) -> None:
        """Ends by FIN or by RST."""
        if self.dice.random() < 0.5:
            client.reset()
        else:
            client.close()


# shares of 100 steps
WEIGHTS = {
    "get": 35,
    "preflight": 15,
    "refused": 10,
    "refused_preflight": 3,
    "refused_upload": 2,
    "upload": 8,
    "download": 5,
    "bad": 5,
    "upstream_reset": 2,
    "upstream_break": 2,
    "slammed": 2,
    "socket": 3,
    "last_frame": 2,
    "refused_socket": 1,
    "abort_download": 2,
    "abort_upload": 3,
}
