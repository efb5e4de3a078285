"""`python -m tests.engines.stand_in ENGINE run -c POLICY` serves a policy as `cors-proxy run` does, with
an engine in front that asks: so any test of the command can be run through that engine.  All other
commands are those of `cors-proxy`."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.model import Policy
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import read_policy

from .running import free_port, reachable, routes
from .setups import SETUPS


def main() -> int:
    name, *words = sys.argv[1:]
    proxy = [sys.executable, "-m", "cors_proxy"]
    if words[0] != "run":
        os.execv(sys.executable, [*proxy, *words])
    path = Path(words[words.index("-c") + 1])
    text = re.sub(r"(?m)^listen:.*\n", "", path.read_text("utf-8")).rstrip() + "\n"
    listen = re.search(r"(?m)^listen: *(\S+)", path.read_text("utf-8"))
    assert listen is not None
    decide = f"decide: {{listen: 127.0.0.1:{free_port()}, dialect: {DIALECTS[name]}}}\n"
    asked = path.with_name("asked.yaml")  # beside it, as it may name files
    asked.write_text(f"{text}listen: 127.0.0.1:0\n{decide}", "utf-8")
    decider = subprocess.Popen([*proxy, "run", "-c", str(asked)])
    try:
        policy, _ = read_policy(str(asked))
    except PolicyProblems:
        return decider.wait()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(name, policy, listen[1], Path(folder), decider))
    decider.kill()  # nothing is left to drain
    decider.wait()
    return 0


async def serve(
    name: str, policy: Policy, listen: str, folder: Path, decider: subprocess.Popen[bytes]
) -> None:
    """Until it is told to stop, or one of the two processes ends."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    assert policy.decide is not None
    while decider.poll() is None and not await reachable(policy.decide.listen.port):
        await asyncio.sleep(0.05)
    late = f"127.0.0.1:{free_port()}" if name == "traefik" else ""
    front = subprocess.Popen(
        SETUPS[name](policy, late or listen, folder), cwd=folder, stdout=subprocess.DEVNULL
    )
    if late:
        await relay(listen, int(late.rpartition(":")[2]))
    while decider.poll() is None and front.poll() is None and not stopped.is_set():
        await asyncio.sleep(0.05)
    front.terminate()
    front.wait()


async def relay(listen: str, port: int) -> None:
    """Listens once Traefik has its routes.  It takes connections before, and answers 404."""
    while not await routes(port):
        await asyncio.sleep(0.05)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    host, _, own = listen.rpartition(":")
    await asyncio.start_server(accept, host, int(own))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


raise SystemExit(main())
