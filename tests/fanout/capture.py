"""The exact bytes that the real edge sends upstream for a case, by connection."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from tests.fanout.corpus import BEHIND, Case, Read
from tests.fuzz.harness import Quiet
from tests.fuzz.reading import read_requests
from tests.fuzz.seeds import HOST

POLICY = """
version: 1
listen: 127.0.0.1:0
admin: off
upstream: http://127.0.0.1:{port}
dangerously_allow: [encoded-slashes, empty-segments]
cors:
  origins: ['https://app.example']
  methods: [GET, HEAD, POST, PUT]
  credentials: true
  without_origin: allow
"""
_BEHIND = b"%b %b HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (*BEHIND[:2], HOST)
_SECONDS = 10


class WrongCapture(AssertionError):
    """The edge did not send what was meant."""


@dataclass
class Stream:
    """One connection of the proxy. Each part was sent after the answer to the part before it.
    `whole` is false if the last part is a request that was broken off."""

    group: str
    parts: list[bytes] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    whole: bool = True
    reset: bool = False


class _Behind(asyncio.Protocol):
    """The upstream's side of a connection: keeps every byte, and answers each whole request
    once."""

    def __init__(self, owner: "_Upstream") -> None:
        self._owner, self._data, self._from = owner, b"", 0
        self.stream = Stream("")
        self.ended = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._owner.links.append(self)

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._owner.arrived.set()
        found, _ = read_requests(self._data)
        for one in found[len(self.stream.reads) :]:
            if one.complete:
                self.stream.reads.append((one.method, one.target, one.body))
                self.stream.parts.append(self._data[self._from :])
                self._from = len(self._data)
                self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def connection_lost(self, error: Exception | None) -> None:
        self.stream.reset = error is not None
        rest = self._data[self._from :]
        if rest:
            self.stream.parts.append(rest)
            self.stream.whole = False
        self.ended.set()


class _Upstream:
    def __init__(self) -> None:
        self.links: list[_Behind] = []
        self.arrived = asyncio.Event()


async def capture(case: Case) -> list[Stream]:
    """Raises WrongCapture if the requests upstream are not those that the case means."""
    loop = asyncio.get_running_loop()
    upstream = _Upstream()
    server = await loop.create_server(lambda: _Behind(upstream), "127.0.0.1", 0)
    policy, _ = parse_policy(POLICY.format(port=server.sockets[0].getsockname()[1]), "policy.yaml", ".")
    recorder = Quiet()
    edge = Edge(policy, recorder)
    await edge.start()
    try:
        async with asyncio.timeout(_SECONDS):
            await _send(edge, upstream, case)
    finally:
        await edge.close()
        server.close()
    async with asyncio.timeout(_SECONDS):
        for link in upstream.links:
            await link.ended.wait()
    if recorder.failures:
        raise WrongCapture(f"{case.pieces!r}: {recorder.failures!r}")
    streams = [link.stream for link in upstream.links if link.stream.parts]
    for stream in streams:
        stream.group = case.group
    _check(case, streams)
    return streams


async def _send(edge: Edge, upstream: _Upstream, case: Case) -> None:
    reader, writer = await asyncio.open_connection(*edge._runner.addresses[0])
    for piece in case.pieces[:-1]:
        writer.write(piece)
        await upstream.arrived.wait()
    last = case.pieces[-1]
    if last:
        writer.write(last + _BEHIND)
        with contextlib.suppress(ConnectionError):
            await reader.read()
    # else the client leaves in the middle
    writer.close()
    if not last:
        for link in upstream.links:
            await link.ended.wait()


def _check(case: Case, streams: list[Stream]) -> None:
    reads = [read for stream in streams for read in stream.reads]
    if case.meant is not None:
        fits = reads == list(case.meant)
    else:
        sent, _ = read_requests(b"".join(case.pieces) + _BEHIND)
        rest = iter([(one.method, one.target, one.body) for one in sent if one.complete])
        fits = all(read in rest for read in reads)
    if not fits:
        raise WrongCapture(f"{case.pieces!r}: sent upstream {streams!r}")
    for stream in streams:
        if not stream.whole and not stream.reset:
            raise WrongCapture(
                f"{case.pieces!r}: broken off by a FIN, which some servers take for the end of the body"
            )
        _, sound = read_requests(b"".join(stream.parts))
        if not sound:
            raise WrongCapture(f"{case.pieces!r}: not sound {stream.parts!r}")


async def capture_all(cases: list[Case]) -> list[Stream]:
    """The streams of all cases, each once."""
    found: list[Stream] = []
    for case in cases:
        found += await capture(case)
    return found
