"""The corpus against one running proxy, which reloads for each policy."""

import asyncio
import json
from itertools import groupby

from ..casebook import Case, cases, of_interest
from ..wire import Client, Head, Link, Upstream
from .conftest import Start


async def test_live(start: Start) -> None:
    upstream = Upstream()
    await upstream.start()
    running = await start()
    wrong = []
    for policy, block in groupby(cases(), key=lambda case: case.policy):
        head = f"listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nupstream: http://127.0.0.1:{upstream.port}\n"
        running.path.write_text(policy.text + head)
        status, text = await running.ask_admin("/reload", "POST")
        assert status == 200, (policy.name, text)
        for case in block:
            wrong += [f"{case.id}: {fault}" for fault in await faults(case, running.url, upstream)]
    await upstream.stop()
    assert not wrong, "\n".join(wrong)


async def faults(case: Case, url: str, upstream: Upstream) -> list[str]:
    """All differences between the exchange and what the case expects."""
    upstream.requests.clear()
    upstream.script = lambda link, seen: answer(case, link)
    host, port = url.removeprefix("http://").split(":")
    client = Client(*await asyncio.open_connection(host, int(port)))
    body = b"Content-Length: 0\r\n" if case.method not in (b"GET", b"HEAD", b"OPTIONS") else b""
    await client.send(
        b"%b %b HTTP/1.1\r\n%b%b\r\n"
        % (case.method, case.target, b"".join(b"%b: %b\r\n" % line for line in case.lines), body)
    )
    response = await client.answer(case.method.decode())
    client.close()
    found = []
    if response.status != case.status:
        found.append(f"status {response.status}, not {case.status}")
    lines = of_interest([(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.lines])
    if lines != case.expected:
        found.append(f"lines {lines}, not {case.expected}")
    hits = [seen.target.encode("latin-1") for seen in upstream.requests]
    if hits != ([case.upstream_target] if case.verb == "forward" else []):
        found.append(f"the upstream saw {hits}")
    if case.verb == "refuse" and reason(response) != case.reason:
        found.append(f"reason {reason(response)}, not {case.reason}")
    return found


def reason(response: Head) -> str:
    """The reason in the body, or in the head if there is no body."""
    return str(json.loads(response.body)["reason"]) if response.body else response.all("cors-proxy-reason")[0]


async def answer(case: Case, link: Link) -> None:
    lines = b"".join(b"%b: %b\r\n" % line for line in case.upstream_lines)
    length = b"" if case.upstream_status in (101, 204) else b"Content-Length: 0\r\n"
    await link.send(b"HTTP/1.1 %d OK\r\n%b%b\r\n" % (case.upstream_status, lines, length))
    if case.upstream_status == 101:
        await link.ended()
