"""`python -m tests.engines.cost [--command CORS-PROXY] [ENGINE…]`: what an ask costs the decision service.

CPU is user and system time of the service for one request, over one connection.  Every request differs,
as those of browsers do.  `of a GET` is the ratio to a GET that cors-proxy forwards, in the same run."""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing import Process
from pathlib import Path

from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.read import parse_policy

from . import binary, caddy, envoy, haproxy, nginx, traefik
from .running import Setup, engine, free_port, reachable

SETUPS: dict[str, Setup] = {
    "nginx": nginx.setup, "haproxy": haproxy.setup, **envoy.SETUPS,
    "caddy": caddy.setup, "traefik": traefik.setup,
}  # fmt: skip
RESPONSE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n"
    b"Access-Control-Allow-Origin: *\r\n\r\n" + b'{"items":[]}'
)
TICK = os.sysconf("SC_CLK_TCK")


def head(number: int, line: str, more: str = "") -> bytes:
    return (
        f"{line} HTTP/1.1\r\nHost: api.example.com\r\n{more}"
        f"User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/{140 + number % 12}.0.0.0 Safari/537.36\r\n"
        f"Authorization: Bearer {number:064x}\r\nCookie: session={number:020x}; theme=dark\r\n"
        f"Origin: https://pr-{number % 97}.preview.example.com\r\n"
        f"Referer: https://pr-{number % 97}.preview.example.com/{number}\r\n"
        "Accept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n"
        "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n\r\n"
    ).encode()


def get(number: int) -> bytes:
    return head(number, f"GET /v1/items/{number}?page={number % 7}")


def described(number: int) -> bytes:
    more = f"X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /v1/items/{number}?page={number % 7}\r\n"
    return head(number, "GET /", f"{more}X-Forwarded-Host: api.example.com\r\n")


def serve(listening: socket.socket) -> None:
    """The API: it answers each head."""

    async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(RESPONSE)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def forever() -> None:
        await (await asyncio.start_server(exchange, sock=listening)).serve_forever()

    asyncio.run(forever())


def cpu(pid: int) -> float:
    """Seconds of a process and its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICK + sum(cpu(int(child)) for child in children)


def whole(answer: bytes) -> bool:
    """A proxied response has the API's body, in whatever pieces; an answer to an ask has none."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end or b"content-length: 0\r\n" in head.lower() + b"\r\n":
        return bool(end)
    return body.endswith((b"]}", b"\r\n0\r\n\r\n"))


def measure(pid: int, port: int, make: Callable[[int], bytes], count: int) -> tuple[float, float]:
    """CPU for one request, and the median until its response; both in microseconds."""
    times: list[float] = []
    before, client = 0.0, socket.create_connection(("127.0.0.1", port))
    for number in range(-count // 10, count):
        if number % 500 == 0:  # nginx closes a connection after 1000 requests
            client.close()
            client = socket.create_connection(("127.0.0.1", port))
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if number == 0:
            before = cpu(pid)
        data = make(number % 100_003)
        start = time.perf_counter()
        client.sendall(data)
        answer = client.recv(65536)
        if number >= 0:
            times.append(time.perf_counter() - start)
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        while not whole(answer):
            answer += client.recv(65536)
    client.close()
    return (cpu(pid) - before) / count * 1e6, statistics.median(times) * 1e6


def dialects(engines: list[str]) -> Iterator[tuple[str, list[str]]]:
    for dialect in ("mirror", "forwarded", "grpc"):
        asking = [name for name in engines if DIALECTS[name] == dialect]
        if asking or dialect != "grpc":
            yield dialect, asking


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("engines", nargs="*", choices=[*SETUPS, []])
    parser.add_argument("--command", default=".venv/bin/cors-proxy")
    parser.add_argument("--count", type=int, default=5000)
    args = parser.parse_args()
    installed = [name for name in args.engines or SETUPS if binary(name.partition("-")[0])]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        upstream = int(listening.getsockname()[1])
        api = Process(target=serve, args=(listening,))
        api.start()
    try:
        print("| asked by | CPU of the service | of a GET | p50 |\n|--|--|--|--|")
        for dialect, engines in dialects(installed):
            await table(args.command, args.count, dialect, engines, upstream)
    finally:
        api.terminate()
        api.join()


async def table(command: str, count: int, dialect: str, engines: list[str], upstream: int) -> None:
    asked, listen = free_port(), free_port()
    text = (
        f"version: 1\nadmin: off\nlisten: 127.0.0.1:{listen}\nupstream: http://127.0.0.1:{upstream}\n"
        f"server: {{workers: 1}}\ndecide: {{listen: 127.0.0.1:{asked}, dialect: {dialect}}}\n"
        "cors: {origins: ['https://*.preview.example.com'], credentials: true}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "policy.yaml")
        path.write_text(text)
        words, nowhere = [command, "run", "-c", str(path)], subprocess.DEVNULL
        process = subprocess.Popen(words, stdout=nowhere, stderr=nowhere)
        try:
            while not await reachable(asked):
                assert process.poll() is None
                await asyncio.sleep(0.05)
            whole, median = measure(process.pid, listen, get, count)
            print(f"| (a proxied GET, `{dialect}`) | {whole:.0f} µs | 1 | {median:.0f} µs |", flush=True)
            if dialect != "grpc":
                make = get if dialect == "mirror" else described
                show(f"(directly, `{dialect}`)", measure(process.pid, asked, make, count), whole)
            policy = parse_policy(text, "p", "")[0]
            for name in engines:
                async with engine(SETUPS[name], policy) as port:
                    found = await asyncio.to_thread(measure, process.pid, port, get, count)
                    show(f"`{name}`", found, whole)
        finally:
            process.terminate()
            process.wait()


def show(name: str, found: tuple[float, float], whole: float) -> None:
    print(f"| {name} | {found[0]:.0f} µs | {found[0] / whole:.2f} | {found[1]:.0f} µs |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
