"""The decision listener of real processes."""

import asyncio
import signal
import sys

from .conftest import APP, Start

EVIL = "https://evil.example"

DECIDE = "decide: {listen: 127.0.0.1:0}\n"


async def test_the_workers_share_it_and_a_reload_counts_for_it(start: Start) -> None:
    proxy = await start(f"{DECIDE}server: {{workers: 2}}\n")
    assert (await proxy.ask(headers={"Origin": APP}))[0] == 200
    (decider,) = (await proxy.event("listening"))["decide"]
    traffic, proxy.url = proxy.url, decider
    statuses = await asyncio.gather(*(proxy.ask(f"/{n}", headers={"Origin": EVIL}) for n in range(20)))
    assert {status for status, _ in statuses} == {403}
    assert (await proxy.ask(headers={"Origin": APP})) == (200, "")  # no answer of the API
    assert await proxy.count("cors_proxy_requests_total") == 22
    text = proxy.path.read_text()
    proxy.path.write_text(text.replace(APP, EVIL))
    assert (await proxy.ask_admin("/reload", "POST"))[0] == 200
    assert [(await proxy.ask(headers={"Origin": each}))[0] for each in (EVIL, APP)] == [200, 403]
    # Another address, and the end of forwarding, take a restart: nothing changes.
    for other in (text.replace("127.0.0.1:0}", "127.0.0.1:1}"), text.replace(DECIDE, "")):
        proxy.path.write_text(other)
        assert "E701" in (await proxy.ask_admin("/reload", "POST"))[1]
    proxy.url = traffic
    assert (await proxy.ask(headers={"Origin": EVIL}))[0] == 200
    proxy.signal(signal.SIGTERM)
    assert await proxy.end() == 0


async def test_without_an_upstream(start: Start) -> None:
    policy = f"version: 1\nadmin: off\n{DECIDE}cors: {{origins: [{APP}]}}\n"
    decider = await start(
        wait=False,
        command=(sys.executable, "-m", "cors_proxy", "run"),
        environment={"CORS_PROXY_POLICY": policy},
    )
    said = await decider.event("listening")
    (decider.url,) = said["decide"]
    assert (said["listen"], said["upstream"]) == ([], [])
    assert [(await decider.ask(headers={"Origin": each}))[0] for each in (APP, EVIL)] == [200, 403]
    here = policy.replace("127.0.0.1:0", decider.url.removeprefix("http://"))
    health = await start(
        wait=False,
        command=(sys.executable, "-m", "cors_proxy", "healthcheck"),
        environment={"CORS_PROXY_POLICY": here},
    )
    assert await health.end() == 0
    decider.signal(signal.SIGTERM)
    assert await decider.end() == 0
