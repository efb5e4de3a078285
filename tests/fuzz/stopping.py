"""Clients that send all they can and read nothing: their cost is bounded.

They go on and miss nothing, or leave nothing behind."""

import asyncio
import random
import tracemalloc
from typing import NamedTuple

from tests.fuzz.answers import read_answers
from tests.fuzz.harness import Broken, Client, Fuzz
from tests.fuzz.line import GONE, Line
from tests.fuzz.reading import Meant
from tests.fuzz.seeds import APP, CHUNKED, EVIL, HOST, SOCKET

MIB = 1 << 20
BOUND = MIB
OWN = {False: MIB // 4, True: MIB // 2}  # bytes that the harness itself holds, without and with TLS
ROOM = 4096  # bytes of the client's receive buffer
STALL = 300  # turns of the loop without a byte anywhere


class Flood(NamedTuple):
    """`first` once, then `again` as long as it is taken, at most `times`.

    `status` is that of each answer; 0 if `again` is no request."""

    first: bytes
    again: bytes
    times: int
    status: int = 0


def head(method: bytes, target: bytes, *lines: bytes) -> bytes:
    return b"%b %b HTTP/1.1\r\n%b%b\r\n" % (method, target, HOST, b"".join(lines))


HANDSHAKE = head(b"GET", b"/stop/socket", APP, SOCKET)
FLOODS = {
    "refused": Flood(b"", head(b"GET", b"/stop/x", EVIL), 6_000, 403),
    "preflights": Flood(
        b"", head(b"OPTIONS", b"/stop/x", APP, b"Access-Control-Request-Method: PUT\r\n"), 6_000, 204
    ),
    "downloads": Flood(b"", head(b"GET", b"/stop/big", APP), 60, 200),
    "one huge": Flood(head(b"GET", b"/stop/huge", APP), b"", 0),
    "expecting": Flood(
        b"",
        head(b"POST", b"/stop/x", APP, b"Expect: 100-continue\r\nContent-Length: 5\r\n") + b"hello",
        4_000,
        200,
    ),
    "socket": Flood(HANDSHAKE, b"\x82\x7e\x04\x00" + bytes(1024), 16_000),
    "upload": Flood(head(b"POST", b"/stop/deaf", APP, b"Content-Length: 99999999\r\n"), b"x" * 1024, 16_000),
    "small chunks": Flood(head(b"POST", b"/stop/deaf", APP, CHUNKED), b"1\r\nx\r\n" * 200, 1_000),
    "malformed": Flood(b"GET /stop/x HTTP/1.1\r\nHost : a\r\n\r\n", b"nonsense\r\n\r\n" * 100, 8_000),
    "endless head": Flood(b"GET /stop/x HTTP/1.1\r\n" + HOST, b"X-A: b\r\n" * 100, 8_000),
}


class Pouring:
    """A client that sends a flood as fast as it is taken, and reads only when told to."""

    def __init__(self, line: Line, what: Flood) -> None:
        self.line, self.what = line, what
        self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        try:
            if self.what.first:
                await self.line.push(self.what.first)
            for _ in range(self.what.times):
                await self.line.push(self.what.again)
            if self.what.status:
                await self.line.push(head(b"GET", b"/last", b"Connection: close\r\n"))
        except GONE:
            pass

    async def leave(self, reset: bool) -> None:
        self._sending.cancel()
        await asyncio.wait([self._sending])
        self.line.close(reset)

    def read(self) -> Client:
        return Client(self.line)


async def pour(fuzz: Fuzz, what: Flood) -> tuple[Pouring, int]:
    """The client at rest, and the most bytes that Python held at any time, for both sides."""
    tracemalloc.start(1)
    try:
        pouring = Pouring(await fuzz.line(ROOM), what)
        await fuzz.still(lambda: False, turns=STALL)
        return pouring, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def stop(seed: int, tls: bool) -> None:
    """Runs one of them, of any kind."""
    dice = random.Random(seed)
    async with Fuzz(seed, tls) as running:
        await stop_reading(running, dice.choice([*FLOODS]), dice.random() < 0.5)


async def stop_reading(fuzz: Fuzz, name: str, goes_on: bool) -> None:
    """Raises Broken."""
    what = FLOODS[name]
    pouring, most = await pour(fuzz, what)
    if most > BOUND + OWN[fuzz.secure is not None]:
        await pouring.leave(reset=True)
        raise Broken(f"{name}: {most / MIB:.1f} MiB for one connection that does not read")
    client = pouring.read() if goes_on and what.status else None
    if client is not None:
        method, target, _ = what.again.split(b" ", 2)
        asked = [Meant(method, target, complete=True)] * what.times
        asked.append(Meant(b"GET", b"/last", complete=True))
        await fuzz.until(
            lambda: client.end != "" or (client.data.endswith(b"/last") and fuzz.secure is not None),
            f"{name}: no end",
            60,
        )
        found = read_answers(client.data, client.end, asked)
        if [one.status for one in found] != [what.status] * what.times + [200] or not all(
            one.complete for one in found
        ):
            raise Broken(
                f"{name}: {len(found)} answers to {len(asked)} requests, ended by {client.end}: "
                f"{found[-1:]!r}"
            )
        await client.leave()
    else:
        await pouring.leave(reset=fuzz.dice.random() < 0.5)
    # If the proxy did not read from it either, the clock of the other side has to end it.
    await fuzz.until(lambda: not fuzz.recorder.in_flight, f"{name}: in flight for nobody")
    await fuzz.until(
        lambda: not any(link.busy for link in fuzz.behind.links), f"{name}: an upstream connection for nobody"
    )
    fuzz.behind.take()
    if fuzz.recorder.failures or fuzz.loose:
        raise Broken(f"{name}: {fuzz.recorder.failures!r} {fuzz.loose!r}")
