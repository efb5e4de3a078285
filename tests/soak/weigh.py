"""The memory of a hundred clients of one kind: the maximum of a fresh process above its start."""

import asyncio
import contextlib
import re
from pathlib import Path

from tests.fuzz.line import Line, Pulse
from tests.proxy.conftest import request
from tests.proxy.test_tunnel import HANDSHAKE
from tests.soak.process import Process
from tests.soak.siege import FLOODS, HELLO, pour
from tests.soak.traffic import OWN
from tests.soak.upstream import Api

CLIENTS = 100
BOUND = 64 << 20
STILL = 0.5  # seconds in which no client can send a byte
MOST = 4.0  # seconds for the clients: less than the timeout of those that do not read
Flood = tuple[bytes, bytes, int]

WEIGHED: dict[str, Flood] = {
    **FLOODS,
    "tunnel": (request("GET /endless-socket", OWN, *HANDSHAKE), b"\x82\x7e\x04\x00" + bytes(1024), 400),
    "malformed": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"nonsense\r\n\r\n" * 1000, 400),
    "small_chunks": (request("POST /stuck", OWN, "Transfer-Encoding: chunked"), b"1\r\nx\r\n" * 2000, 50),
}


async def weigh(api: Api, floods: list[Flood], tls: bool = False, plain: bool = False) -> int:
    """The memory in bytes; the clients alternate between the given behaviours.

    `plain`: they send without TLS even to a TLS listener."""
    async with Process(api, 1, tls) as process:
        before = _most(process.pid)
        pulse = Pulse()
        context = None if plain else process.context
        lines = [await Line.dial(process.address, pulse, context, 4096) for _ in range(CLIENTS)]
        pouring = [
            asyncio.create_task(pour(line, *floods[number % len(floods)]))
            for number, line in enumerate(lines)
        ]
        count, turns = -1, 0
        while count != pulse.count and turns < MOST / STILL:
            count, turns = pulse.count, turns + 1
            await asyncio.sleep(STILL)
        most = _most(process.pid)
        for task in pouring:
            task.cancel()
        await asyncio.wait(pouring)
        for line in lines:
            with contextlib.suppress(OSError):
                line.close(reset=True)
    assert not process.errors, process.errors
    return most - before


async def weigh_all(api: Api) -> list[str]:
    """Prints the memory of each kind; returns the kinds that use too much."""
    wrong = []
    for tls in (False, True):
        kinds = {name: ([flood], False) for name, flood in WEIGHED.items()}
        if tls:
            kinds |= {"silent_tls": ([(b"", b"", 0)], True), "half_hello": ([(HELLO, b"", 0)], True)}
        for name, (floods, plain) in kinds.items():
            title = f"{CLIENTS} x {name}{' in TLS' if tls else ''}"
            size = await weigh(api, floods, tls, plain)
            print(f"{title:36}{size / (1 << 20):8.1f} MiB", flush=True)
            if size > BOUND:
                wrong.append(f"{title}: {size / (1 << 20):.1f} MiB, {BOUND >> 20} are allowed")
    return wrong


def _most(pid: int) -> int:
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) << 10
