"""`demo`: a sample API, the proxy in front of it, and pages of other origins that call it.

It needs no network.
"""

import argparse
import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack
from typing import Final

from aiohttp import web

from ..explain.change import PolicyText
from ..operate.backend import SingleProcess
from ..operate.events import Events
from ..operate.listeners import bind
from ..operate.loop import new_event_loop
from ..operate.process import set_up_process
from ..operate.recorder import Recorder
from ..operate.service import Service
from ..operate.stream import Stream
from ..policy.model import Address
from ..policy.read import parse_policy
from . import demo_pages, demo_playground, sample_api

PORT: Final = 8080
NAMES: Final = ("proxy", "page", "stranger", "api", "admin")

# The stranger is at 127.0.0.1, not localhost, so that it is of another site and gets no cookies.
OUTPUT: Final = """
Open    {page}/          a page that the policy allows; it calls {proxy}
Policy  {page}/policy.yaml
Admin   http://127.0.0.1:{admin_port}/metrics
Play    {page}/playground    send any request, and see what the browser did and the proxy decided

Try     curl -i -H 'Origin: {page}' {proxy}/items
        curl -i -H 'Origin: https://evil.example' {proxy}/items
        curl -i -X OPTIONS -H 'Origin: {page}' -H 'Access-Control-Request-Method: PUT' {proxy}/items/2
        curl -s {proxy}/requests          (how many requests reached the API)

Each request is logged below, with the line of the policy that decided.  Ctrl-C ends the demo.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=_port,
        default=PORT,
        help="the proxy's port; the pages, the API and the admin listener use the next four."
        " 0: any free ports. Default %(default)s",
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65536 - len(NAMES):
        raise ValueError
    return port


def run(args: argparse.Namespace) -> int:
    sockets: list[socket.socket] = []
    try:
        for index, _ in enumerate(NAMES):
            sockets += bind(Address("127.0.0.1", args.port and args.port + index))
    except OSError as error:
        for each in sockets:
            each.close()
        print(
            f"cors-proxy demo: cannot bind port {args.port + len(sockets)}: {error}; try --port 0",
            file=sys.stderr,
        )
        return 3
    access, errors = Stream(1), Stream(2)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_demo(dict(zip(NAMES, sockets, strict=True)), access, Events(errors)))
    finally:
        access.close()
        errors.close()
    return 0


async def _demo(sockets: dict[str, socket.socket], access: Stream, events: Events) -> None:
    set_up_process(events)
    values = {f"{name}_port": str(each.getsockname()[1]) for name, each in sockets.items()}
    values |= {name: f"http://localhost:{values[f'{name}_port']}" for name in ("proxy", "page")}
    values["stranger"] = f"http://127.0.0.1:{values['stranger_port']}"
    text = demo_pages.fill("demo.yaml", values)
    policy, warnings = parse_policy(text, "demo.yaml", os.getcwd())
    recorder = Recorder(access, events, policy.server.access_log)
    source = PolicyText(text, "demo.yaml", os.getcwd())
    exchanges = demo_playground.LastExchanges()
    recorder.observers.append(exchanges.keep)
    service = Service(
        policy,
        lambda: parse_policy(text, "demo.yaml", os.getcwd()),
        SingleProcess(recorder),
        events,
        source,
    )
    async with AsyncExitStack() as stack:
        for name, app in (
            ("api", sample_api.application()),
            (
                "page",
                demo_pages.application(
                    "index",
                    values,
                    text,
                    demo_playground.routes(exchanges, policy, source),
                ),
            ),
            ("stranger", demo_pages.application("stranger", values)),
        ):
            runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.SockSite(runner, sockets[name]).start()
        stack.push_async_callback(service.close)

        async def begin() -> None:
            await service.start([sockets["proxy"]], [sockets["admin"]], warnings)
            print(OUTPUT.format_map(values), flush=True)

        await service.run(begin())
