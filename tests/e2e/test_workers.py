"""Several workers: one socket, one set of numbers, one policy."""

import asyncio
import os
import signal
from pathlib import Path

from .conftest import APP, Running, Start, Upstream

TWO = "server: {workers: 2, drain: {timeout: 10s}}\n"
EVIL = {"Origin": "https://evil.example"}


async def replaced(proxy: Running, before: list[int]) -> None:
    await proxy.until(
        lambda: len(set(proxy.children()) - set(before)) >= 1 and len(proxy.children()) == len(before)
    )


async def test_the_children_are_the_workers_and_both_serve(start: Start) -> None:
    proxy = await start(TWO)
    assert len(proxy.children()) == 2
    for child in proxy.children():
        assert not Path(f"/proc/{child}/task/{child}/children").read_text()
    await asyncio.gather(*(proxy.ask(f"/{n}") for n in range(100)))
    assert await proxy.count("cors_proxy_requests_total") == 100
    await proxy.until(lambda: len(proxy.access) == 100)


async def test_a_killed_worker_is_replaced_and_its_counts_stay(start: Start) -> None:
    proxy = await start(TWO)
    before = proxy.children()
    await asyncio.gather(*(proxy.ask() for _ in range(50)))
    assert await proxy.count("cors_proxy_requests_total") == 50
    for child in before:
        os.kill(child, signal.SIGKILL)
    await proxy.until(lambda: not set(before) & set(proxy.children()))
    # it waits in the shared socket until a worker accepts it
    assert (await proxy.ask("/again"))[0] == 200
    assert await proxy.count("cors_proxy_requests_total") == 51
    assert await proxy.count("cors_proxy_worker_restarts_total") == 2


async def test_a_worker_that_is_asked_to_leave_drains_first(start: Start, upstream: Upstream) -> None:
    proxy = await start("server: {workers: 2}\n")
    held = asyncio.create_task(proxy.ask("/hold"))
    await upstream.arrived.get()
    before = proxy.children()
    for child in before:
        os.kill(child, signal.SIGTERM)
    upstream.gate.set()
    assert await held == (200, "/hold")
    await proxy.until(lambda: not set(before) & set(proxy.children()) and len(proxy.children()) == 2)
    await proxy.until(lambda: _counted(proxy, 1))


async def _counted(proxy: Running, number: int) -> bool:
    return await proxy.count("cors_proxy_requests_total") == number


async def test_a_reload_reaches_all_and_also_those_that_come_later(start: Start) -> None:
    proxy = await start(TWO)
    text = proxy.path.read_text()
    proxy.path.write_text(text.replace(APP, EVIL["Origin"]))
    assert (await proxy.ask_admin("/reload", "POST"))[0] == 200
    assert {(await proxy.ask(headers=EVIL))[0] for _ in range(20)} == {200}
    proxy.path.write_text("broken")
    assert (await proxy.ask_admin("/reload", "POST"))[0] == 422
    before = proxy.children()
    os.kill(before[0], signal.SIGKILL)
    await replaced(proxy, before)
    assert {(await proxy.ask(headers=EVIL))[0] for _ in range(20)} == {200}


async def test_drain(start: Start, upstream: Upstream) -> None:
    proxy = await start(TWO)
    held = [asyncio.create_task(proxy.ask("/hold")) for _ in range(6)]
    for _ in held:
        await upstream.arrived.get()
    proxy.signal(signal.SIGTERM)
    await proxy.event("draining")
    assert (await proxy.ask_admin("/readyz"))[0] == 503
    upstream.gate.set()
    assert await asyncio.gather(*held) == [(200, "/hold")] * 6
    assert await proxy.end() == 0


async def test_a_second_signal_ends_all(start: Start, upstream: Upstream) -> None:
    proxy = await start(TWO)
    held = asyncio.create_task(proxy.ask("/hold"))
    await upstream.arrived.get()
    children = proxy.children()
    proxy.signal(signal.SIGTERM)
    await proxy.event("draining")
    proxy.signal(signal.SIGTERM)
    assert await proxy.end() == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert isinstance((await asyncio.gather(held, return_exceptions=True))[0], OSError)


async def test_workers_do_not_outlive_their_supervisor(start: Start) -> None:
    proxy = await start(TWO)
    children = proxy.children()
    proxy.signal(signal.SIGKILL)
    await proxy.process.wait()
    await proxy.until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
