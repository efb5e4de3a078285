"""The decision listener of real processes."""

import asyncio
import signal
import sys

from grpc import aio

from cors_proxy.proxy.grpc_messages import CheckResponse
from tests.proxy.envoy_asks import check_request, request

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


async def test_workers_share_it_over_grpc(start: Start) -> None:
    policy = (
        "version: 1\nadmin: off\ndecide: {listen: 127.0.0.1:0, dialect: grpc}\nserver: {workers: 2}\n"
        f"cors: {{origins: [{APP}]}}\n"
    )
    decider = await start(
        wait=False,
        command=(sys.executable, "-m", "cors_proxy", "run"),
        environment={"CORS_PROXY_POLICY": policy},
    )
    (url,) = (await decider.event("listening"))["decide"]
    address = url.removeprefix("grpc://")
    codes = []
    for origin in (APP, EVIL) * 3:
        # One connection for each, so that both workers may get some.
        async with aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            check = channel.unary_unary("/envoy.service.auth.v3.Authorization/Check")
            answer = await check(check_request(request((b"origin", origin.encode()))))
            codes.append(CheckResponse.FromString(answer).status.code)
    assert codes == [0, 7] * 3
    health = await start(
        wait=False,
        command=(sys.executable, "-m", "cors_proxy", "healthcheck"),
        environment={"CORS_PROXY_POLICY": policy.replace("127.0.0.1:0", address)},
    )
    assert await health.end() == 0
    decider.signal(signal.SIGTERM)
    assert await decider.end() == 0
