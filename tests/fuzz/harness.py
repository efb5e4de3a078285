"""One round: a mutated request and a mutated answer, cut anywhere; then what reached either side is held against the promise."""

import asyncio
import contextlib
import random
from typing import Any

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from tests.fuzz.reading import Meant, read_requests
from tests.fuzz.seeds import ANSWERS, BITS, HOST, REQUESTS

POLICY = """
version: 1
listen: 127.0.0.1:0
admin: off
upstream: http://127.0.0.1:{port}
cors: {{origins: ['https://app.example'], methods: [GET, HEAD, POST, PUT], credentials: true, without_origin: allow}}
server: {{timeouts: {{request_header: 2s, body_idle: 2s, response: 2s, response_idle: 2s, write_idle: 2s}}}}
"""


class Broken(AssertionError):
    """The promise did not hold."""


class Quiet:
    """A recorder that keeps failures alone."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.in_flight = 0

    def begin(self, exchange: Any) -> None:
        self.in_flight += 1

    def end(self, exchange: Any) -> None:
        self.in_flight -= 1

    def malformed(self, *_: Any) -> None: ...

    def replaced_forwarding(self, peer: str) -> None: ...

    def connections(self, change: int) -> None: ...

    def failure(self, error: BaseException) -> None:
        self.failures.append(error)


class Behind(asyncio.Protocol):
    """The upstream's side of one connection: keeps every byte, answers each whole request once."""

    def __init__(self, fuzz: "Fuzz") -> None:
        self.fuzz, self.data, self.answered = fuzz, b"", 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.fuzz.links.append(self)

    def data_received(self, data: bytes) -> None:
        self.data += data
        found, _ = read_requests(self.data)
        for meant in found[self.answered :]:
            if not meant.complete:
                break
            self.answered += 1
            answer = self.fuzz.answer if self.fuzz.canary not in meant.target else None
            if answer is None:
                answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(meant.target), meant.target)
            self.transport.write(answer)
            if b"\r\n\r\n" not in answer or b"HTTP/1.0" in answer:
                self.transport.close()


class Fuzz:
    """The real edge before a recording upstream; `run(rounds)` raises Broken with the bytes that broke it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.links: list[Behind] = []
        self.answer: bytes | None = None
        self.canary = b"/canary"
        self.recorder = Quiet()
        self.loose: list[dict[str, Any]] = []

    async def __aenter__(self) -> "Fuzz":
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.loose.append(context))
        self.server = await loop.create_server(lambda: Behind(self), "127.0.0.1", 0)
        policy, _ = parse_policy(POLICY.format(port=self.server.sockets[0].getsockname()[1]), "policy.yaml", ".")
        self.edge = Edge(policy, self.recorder)
        await self.edge.start()
        self.address = self.edge._runner.addresses[0]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.edge.close()
        self.server.close()

    def mutate(self, raw: bytes) -> bytes:
        data, dice = bytearray(raw), self.dice
        for _ in range(dice.choice((0, 1, 1, 2, 3))):
            at = dice.randrange(len(data) + 1)
            match dice.randrange(4):
                case 0:
                    data[at:at] = dice.choice(BITS)
                case 1:
                    del data[at : at + dice.randrange(1, 4)]
                case 2:
                    data[at : at + 1] = dice.choice(BITS)
                case 3:
                    data[at : at + 1] = bytes([dice.randrange(256)])
        return bytes(data)

    async def run(self, rounds: int) -> None:
        for number in range(rounds):
            dice = self.dice
            path = b"/f%d" % number
            parts = [self.mutate(dice.choice(REQUESTS)) for _ in range(dice.choice((1, 1, 2)))]
            raw = b"".join(part.replace(b"@", path) for part in parts)
            self.answer = self.mutate(dice.choice(ANSWERS)) if dice.random() < 0.5 else None
            self.canary = b"/canary%d" % number
            del self.links[:-4]
            before = {id(link): len(link.data) for link in self.links}
            try:
                await self.round(raw)
            except Broken as broken:
                raise Broken(f"round {number}: {broken}\nrequest {raw!r}\nanswer {self.answer!r}") from None
            for link in self.links:
                self.judge(raw, link.data[before.get(id(link), 0) :])

    async def round(self, raw: bytes) -> None:
        reader, writer = await asyncio.open_connection(*self.address, limit=1 << 20)
        cut = self.dice.randrange(len(raw) + 1)
        for piece in (raw[:cut], raw[cut:]):
            writer.write(piece)
            await asyncio.sleep(0)
        behind = asyncio.create_task(self.ask_canary())
        with contextlib.suppress(ConnectionError):
            writer.write(b"GET %b-behind HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (self.canary, HOST))
            # Whatever comes back comes within the proxy's own timeouts; what is left unsaid is ended here.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await reader.read()
            writer.transport.abort()
        await behind
        await self.ask_canary()
        if self.recorder.failures:
            raise Broken(f"a failure: {self.recorder.failures!r}")
        if self.loose:
            raise Broken(f"an unhandled exception: {self.loose!r}")

    async def ask_canary(self) -> None:
        """Another client, at the same time: it gets its own answer and no other."""
        reader, writer = await asyncio.open_connection(*self.address)
        writer.write(b"GET %b HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (self.canary, HOST))
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200 OK\r\n") or b"X-Poison" in answer or not answer.endswith(b"\r\n\r\n" + self.canary):
            raise Broken(f"the canary's answer is {answer!r}")

    def judge(self, raw: bytes, upstream: bytes) -> None:
        """What the upstream was sent: well formed, meant, and allowed."""
        seen, sound = read_requests(upstream)
        if not sound:
            raise Broken(f"bytes that are no requests reached the upstream: {upstream!r}\nrequest {raw!r}")
        meant, _ = read_requests(raw + b"GET %b-behind HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (self.canary, HOST))
        allowed = [(one.method, one.target, one.body, one.complete) for one in meant]
        for one in seen:
            if one.target == self.canary:
                continue
            self.check_origin(one)
            if one.complete and (one.method, one.target, one.body, True) not in allowed:
                raise Broken(f"nobody meant {one!r}\nrequest {raw!r}")

    @staticmethod
    def check_origin(one: Meant) -> None:
        if one.all(b"origin") not in ([], [b"https://app.example"]):
            raise Broken(f"a refused origin reached the upstream: {one!r}")
        if len(one.all(b"host")) != 1 or one.all(b"proxy") or one.all(b"http2-settings") or one.all(b"trailer"):
            raise Broken(f"a head that should not be: {one!r}")


async def fuzz(seed: int, rounds: int) -> None:
    async with Fuzz(seed) as running:
        await running.run(rounds)
