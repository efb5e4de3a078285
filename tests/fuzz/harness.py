"""One round: a mutated request and response, sent whole and cut; then both sides are checked."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import Any, Self

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from tests.fuzz.answers import Malformed, read_answers
from tests.fuzz.behind import Behind
from tests.fuzz.line import GONE, Line, Piece, Pulse, cut, whole
from tests.fuzz.outcome import Outcome, differ
from tests.fuzz.reading import Meant, read_requests
from tests.fuzz.secure import secure
from tests.fuzz.seeds import ANSWERS, BITS, HOST, POISON, REQUESTS

POLICY = """
version: 1
listen: 127.0.0.1:0
admin: off
upstream: {scheme}://127.0.0.1:{port}
cors:
  origins: ['https://app.example']
  methods: [GET, HEAD, POST, PUT]
  credentials: true
  without_origin: allow
server:
  timeouts: {{request_header: 4s, body_idle: 4s, response: 4s, response_idle: 4s, write_idle: 10s}}
  {tls}
"""
STILL = 60  # turns of the loop without a byte anywhere, after which all is at rest
PATIENT = 0.25  # seconds without a byte, after a difference was seen


class Broken(AssertionError):
    """A check failed."""


class Quiet:
    """A recorder that keeps only failures."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.in_flight = 0
        self.open = 0

    def begin(self, exchange: Any) -> None:
        self.in_flight += 1

    def end(self, exchange: Any) -> None:
        self.in_flight -= 1

    def malformed(self, *_: Any, **__: Any) -> None: ...

    def replaced_forwarding(self, peer: str) -> None: ...
    def span_dropped(self, reason: str, count: int = 1) -> None: ...
    def upstream_fault(self, upstream: str, address: str, detail: str) -> None: ...

    def connections(self, change: int) -> None:
        self.open += change

    def failure(self, error: BaseException) -> None:
        self.failures.append(error)


class Client:
    """One connection to the edge that reads all it can get, and keeps it."""

    def __init__(self, line: Line) -> None:
        self.line, self.data, self.end = line, b"", ""
        self._reading = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        try:
            while data := await self.line.receive():
                self.data += data
            self.end = "FIN"
        except GONE:
            self.end = "RST"

    async def send(self, pieces: list[Piece]) -> None:
        with contextlib.suppress(*GONE):  # the bytes that it got tell why
            await self.line.send(pieces)

    async def leave(self, reset: bool = True) -> None:
        self._reading.cancel()
        await asyncio.wait([self._reading])
        self.line.close(reset)


class Fuzz:
    """The real edge in front of a recording upstream, with TLS on both sides or none.

    `run(rounds)` raises Broken with the bytes in question."""

    def __init__(self, seed: int, tls: bool = False) -> None:
        self.dice = random.Random(seed)
        self.secure = secure() if tls else None
        self.pulse = Pulse()
        self.behind = Behind(self.pulse, self.secure.behind if self.secure else None)
        self.canary = b"/canary"
        self.recorder = Quiet()
        self.loose: list[dict[str, Any]] = []
        self._canary: Client | None = None

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.loose.append(context))
        tls = f"{self.secure.edge}\n  {self.secure.upstream}" if self.secure else ""
        text = POLICY.format(scheme="https" if tls else "http", port=await self.behind.start(), tls=tls)
        policy, _ = parse_policy(text, "policy.yaml", ".")
        self.edge = Edge(policy, self.recorder)
        await self.edge.start()
        self.address = self.edge._runner.addresses[0]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._canary is not None:
            await self._canary.leave()
        await self.edge.close()
        await self.behind.stop()

    async def dial(self) -> Client:
        return Client(await self.line())

    async def line(self, room: int = 0) -> Line:
        return await Line.dial(self.address, self.pulse, self.secure.client if self.secure else None, room)

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
            answer = self.mutate(dice.choice(ANSWERS)) if dice.random() < 0.5 else None
            self.canary = b"/canary%d" % number
            if dice.random() < 0.05:
                await self.unasked()
            try:
                await self.round(raw, answer)
            except (Broken, Malformed) as broken:
                raise Broken(f"round {number}: {broken}\nrequest {raw!r}\nanswer {answer!r}") from None

    async def round(self, raw: bytes, answer: bytes | None) -> None:
        """Sends the same bytes whole and in pieces; checks each, and compares them."""
        raw += b"GET %b-behind HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (self.canary, HOST)
        asked, sound = read_requests(raw)
        # Everything was sent and can be answered: wait for the end of the connection.
        ends = sound and answer is None and all(meant.complete for meant in asked)
        pieces = cut(self.dice, raw)
        reply, replies = (None, None) if answer is None else (whole(answer), cut(self.dice, answer))
        one = await self.exchange(whole(raw), reply, asked, ends)
        self.judge(raw, asked, answer, one)
        two = await self.exchange(pieces, replies, asked, ends, self.ask_canary)
        self.judge(raw, asked, answer, two)
        what, waits = differ(one, two, asked)
        if what and waits:
            # The machine may have been slow: it is a difference only if more time does not remove
            # it.
            one = await self.exchange(whole(raw), reply, asked, ends, None, PATIENT)
            two = await self.exchange(pieces, replies, asked, ends, None, PATIENT)
            what, _ = differ(one, two, asked)
        if what:
            raise Broken(
                f"the cut makes a difference: {what}\npieces {pieces}\nof the answer {replies}\n{one}\n{two}"
            )
        await self.ask_canary()

    async def unasked(self) -> None:
        """An answer, or half of one, before any request: no client gets it."""
        self.behind.answer = lambda meant: None
        self.behind.speak(POISON, self.dice.choice((len(POISON) * 2, self.dice.randrange(1, len(POISON)))))
        for _ in range(self.dice.randrange(6)):
            await asyncio.sleep(0)
        await self.ask_canary()

    async def exchange(
        self,
        pieces: list[Piece],
        reply: list[Piece] | None,
        asked: list[Meant],
        ends: bool,
        beside: Callable[[], Awaitable[None]] | None = None,
        patience: float = 0,
    ) -> Outcome:
        """The outcome of a client that sends these pieces, with an upstream that answers in
        those."""
        self.behind.take()
        self.behind.answer = lambda meant: None if meant.target.startswith(self.canary) else reply
        client = await self.dial()
        other = asyncio.ensure_future(beside()) if beside else None
        await client.send(pieces)
        if ends:
            await self.until(
                lambda: client.end != "" or self.parted(client, asked), "the connection does not end"
            )
        await self.still(lambda: client.end != "", patience)
        if other is not None:
            await other
        await client.leave()
        await self.still(lambda: not self.recorder.in_flight)
        if self.recorder.in_flight:
            # The proxy need not watch the client while it waits for the upstream: end that.
            self.behind.drop()
        await self.until(lambda: not self.recorder.in_flight, "requests are in flight for nobody")
        if self.recorder.failures:
            raise Broken(f"a failure: {self.recorder.failures!r}")
        if self.loose:
            raise Broken(f"an unhandled exception: {self.loose!r}")
        seen, sent = self.behind.take()
        return Outcome(client.data, client.end, [one for one in seen if one.target != self.canary], sent)

    def parted(self, client: Client, asked: list[Meant]) -> bool:
        """TLS has no half-close: the client learns which answer is the last, and the proxy
        lingers."""
        if self.secure is None or b"\r\nConnection: close\r\n" not in client.data:
            return False
        answers = read_answers(client.data, client.end, asked)
        return answers[-1].complete and answers[-1].closes

    async def until(self, condition: Callable[[], bool], otherwise: str, seconds: float = 20) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await asyncio.sleep(0)
        except TimeoutError:
            raise Broken(otherwise) from None

    async def still(self, done: Callable[[], bool], patience: float = 0, turns: int = STILL) -> None:
        """Waits until nothing moves: all runs on this loop, and loopback delivers at once."""
        clock = asyncio.get_running_loop().time
        count, passed, since = self.pulse.count, 0, clock()
        while not done() and (passed < turns or clock() - since < patience):
            await asyncio.sleep(0)
            passed += 1
            if self.pulse.count != count:
                count, passed, since = self.pulse.count, 0, clock()

    async def ask_canary(self) -> None:
        """Another client on a kept connection at the same time: it gets only its own answers."""
        client = self._canary = self._canary or await self.dial()
        before = len(client.data)
        await client.send(whole(b"GET %b HTTP/1.1\r\n%b\r\n" % (self.canary, HOST)))
        last = self.canary, b"poison"
        await self.until(
            lambda: client.end != "" or client.data[before:].endswith(last), "the canary gets no answer", 10
        )
        answer, client.data = client.data[before:], b""
        if (
            client.end
            or not answer.startswith(b"HTTP/1.1 200 OK\r\n")
            or b"X-Poison" in answer
            or answer.count(b"HTTP/1.1") > 1
        ):
            raise Broken(f"the canary's answer is {answer!r} {client.end}")

    def judge(self, raw: bytes, asked: list[Meant], answer: bytes | None, outcome: Outcome) -> None:
        """Checks both sides; raises Broken.

        The upstream got valid requests that were meant and allowed. The client got well-formed
        answers of its own, each whole or visibly broken off."""
        allowed = [(one.method, one.target, one.body, one.complete) for one in asked]
        for upstream in outcome.sent:
            seen, sound = read_requests(upstream)
            if not sound:
                raise Broken(
                    f"bytes that are no requests reached the upstream: {upstream!r}\nrequest {raw!r}"
                )
            for one in seen:
                if one.target == self.canary:
                    continue
                self.check_origin(one)
                if one.complete and (one.method, one.target, one.body, True) not in allowed:
                    raise Broken(f"nobody meant {one!r}\nrequest {raw!r}")
        whole_one = answer is not None and self.is_whole(answer)
        for number, got in enumerate(outcome.answers(asked)):
            echo = got.status == 200 and answer is None and got.complete and asked[number].method != b"HEAD"
            if echo and not asked[number].target.endswith(got.body):
                raise Broken(f"{got.body!r} is the answer to {asked[number].target!r}")
            if got.until_close and got.complete and got.status < 400 and answer is not None and not whole_one:
                raise Broken(f"an answer that broke off looks whole: {got!r}")

    @staticmethod
    def is_whole(answer: bytes) -> bool:
        """Whether the upstream sent one whole answer, and ended by FIN."""
        try:
            found = read_answers(answer.replace(b"HTTP/1.0", b"HTTP/1.1"), "FIN", [Meant(b"GET", b"/")])
        except Malformed:
            return True  # cannot be decided
        return bool(found) and found[0].complete

    @staticmethod
    def check_origin(one: Meant) -> None:
        if one.all(b"origin") not in ([], [b"https://app.example"]):
            raise Broken(f"a refused origin reached the upstream: {one!r}")
        if (
            len(one.all(b"host")) != 1
            or one.all(b"proxy")
            or one.all(b"http2-settings")
            or one.all(b"trailer")
        ):
            raise Broken(f"a head that should not be: {one!r}")


async def fuzz(seed: int, rounds: int, tls: bool = False) -> None:
    async with Fuzz(seed, tls) as running:
        await running.run(rounds)
