"""One process from its start to its end."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme

from cors_proxy.operate.admin_listener import MAX_CONNECTIONS

from .conftest import APP, Running, Start, Upstream

EVIL = {"Origin": "https://evil.example"}


async def test_it_serves_and_refuses_and_says_why(start: Start, upstream: Upstream) -> None:
    proxy = await start()
    assert await proxy.ask("/fine", headers={"Origin": APP}) == (200, "/fine")
    status, text = await proxy.ask("/never", headers=EVIL)
    assert status == 403 and json.loads(text)["reason"] == "origin-not-allowed"
    assert upstream.seen == ["/fine"]
    await proxy.until(lambda: len(proxy.access) == 2)
    first, second = map(json.loads, proxy.access)
    assert (first["cors.decision"], second["cors.decision"], second["cors.reason"]) == (
        "forward",
        "refuse",
        "origin-not-allowed",
    )
    assert await proxy.count("cors_proxy_requests_total") == 2
    assert await proxy.ask_admin("/readyz") == (200, "ready\n")


async def test_sigterm_finishes_what_is_in_flight(start: Start, upstream: Upstream) -> None:
    proxy = await start()
    held = asyncio.create_task(proxy.ask("/hold"))
    await upstream.arrived.get()
    proxy.signal(signal.SIGTERM)
    await proxy.event("draining")
    assert (await proxy.ask_admin("/readyz"))[0] == 503
    upstream.gate.set()
    assert await held == (200, "/hold")
    assert await proxy.end() == 0
    assert proxy.events[-1]["event.name"] == "stopped"
    assert len(proxy.access) == 1


async def test_a_delayed_drain_still_serves(start: Start) -> None:
    proxy = await start("server: {drain: {delay: 60s}}\n")
    proxy.signal(signal.SIGTERM)
    await proxy.event("draining")
    assert (await proxy.ask_admin("/readyz"))[0] == 503
    assert (await proxy.ask("/during"))[0] == 200
    proxy.signal(signal.SIGTERM)  # a second signal ends at once
    assert await proxy.end() == 0


async def test_a_second_signal_cuts_what_is_in_flight(start: Start, upstream: Upstream) -> None:
    proxy = await start()
    held = asyncio.create_task(proxy.ask("/hold"))
    await upstream.arrived.get()
    proxy.signal(signal.SIGINT)
    await proxy.event("draining")
    proxy.signal(signal.SIGINT)
    assert await proxy.end() == 0
    with pytest.raises(OSError):
        await held


async def test_reload_by_signal_by_request_and_by_content(start: Start) -> None:
    proxy = await start()
    text = proxy.path.read_text()
    assert (await proxy.ask(headers=EVIL))[0] == 403
    proxy.path.write_text(text.replace(APP, EVIL["Origin"]))
    proxy.signal(signal.SIGHUP)
    await proxy.event("policy-reloaded")
    assert (await proxy.ask(headers=EVIL))[0] == 200
    proxy.path.write_text(text)
    assert (await proxy.ask_admin("/reload", "POST"))[0] == 200
    assert (await proxy.ask(headers=EVIL))[0] == 403
    proxy.path.write_text(text + "nonsense: 1\n")
    status, problems = await proxy.ask_admin("/reload", "POST")
    assert status == 422 and "nonsense" in problems
    assert (await proxy.ask(headers=EVIL))[0] == 403
    proxy.path.write_text(text.replace(APP, EVIL["Origin"]))

    async def noticed() -> bool:
        return (await proxy.ask(headers=EVIL))[0] == 200

    await proxy.until(noticed)


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_takes_a_restart_is_said_and_changes_nothing(
    start: Start, tmp_path: Path, workers: int
) -> None:
    leaf = trustme.CA().issue_cert("api.example.com")
    leaf.private_key_pem.write_to_path(tmp_path / "tls.key")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "tls.crt")
    proxy = await start(f"server: {{workers: {workers}}}\n")
    text = proxy.path.read_text()
    server = (
        f"server: {{workers: {workers}, tls: {{certificate: {tmp_path}/tls.crt, key: {tmp_path}/tls.key}}}}\n"
    )
    proxy.path.write_text(
        text.replace(f"server: {{workers: {workers}}}\n", server).replace(APP, EVIL["Origin"])
    )
    status, problems = await proxy.ask_admin("/reload", "POST")
    assert status == 422 and "server.tls" in problems and "restart the proxy" in problems
    assert "server.tls" in (await proxy.event("policy-refused"))["problems"][0]
    assert (await proxy.ask(headers=EVIL))[0] == 403


async def test_a_taken_port_is_exit_code_3_with_the_address(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        proxy = await start(listen=f"127.0.0.1:{port}", wait=False)
        assert await proxy.end() == 3
        (event,) = [each for each in proxy.events if each["event.name"] == "cannot-listen"]
        assert str(port) in event["listen"]


@pytest.mark.parametrize("text", ["cors: {max_age: ten}\n", "nonsense: 1\n", "server: {workers: 0}\n"])
async def test_a_wrong_policy_is_exit_code_1_and_every_problem(start: Start, text: str) -> None:
    proxy = await start(text, wait=False)
    assert await proxy.end() == 1
    assert any(proxy.path.name in each.get("text", "") for each in proxy.events) and not proxy.access


async def test_nobody_reads_the_log(start: Start) -> None:
    reader, writer = os.pipe()
    proxy = await start(stdout=writer)
    os.close(writer)
    for _ in range(2000):  # far more than a pipe holds
        assert (await proxy.ask("/x" * 100))[0] == 200
    os.close(reader)
    for _ in range(20):
        assert (await proxy.ask("/y"))[0] == 200
    proxy.signal(signal.SIGTERM)
    assert await proxy.end() == 0


async def test_a_full_disk_and_a_closed_stdout(start: Start) -> None:
    with open("/dev/full", "wb") as full:
        proxy = await start(stdout=full)
    assert (await proxy.ask())[0] == 200

    async def dropped() -> bool:
        return await proxy.count("cors_proxy_log_lines_dropped_total") == 1

    await proxy.until(dropped)
    closed = await start(
        command=("sh", "-c", f'exec "{sys.executable}" -m cors_proxy run -c "{proxy.path}" >&-'), stdout=None
    )
    assert (await closed.ask())[0] == 200


async def test_sockets_from_systemd(start: Start, tmp_path: Path) -> None:
    traffic, admin = socket.socket(), socket.socket()
    for each in (traffic, admin):
        each.bind(("127.0.0.1", 0))
        each.listen()
        os.set_inheritable(each.fileno(), True)
    script = (
        f"import os; os.dup2({traffic.fileno()}, 103); os.dup2({admin.fileno()}, 104); os.dup2(103, 3); "
        f"os.dup2(104, 4); "
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='2', LISTEN_FDNAMES='traffic:admin'); "
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'cors_proxy', 'run', '-c', "
        f"{str(tmp_path / 'policy0.yaml')!r}])"
    )
    proxy = await start(command=(sys.executable, "-c", script), pass_fds=(traffic.fileno(), admin.fileno()))
    assert (
        proxy.url == f"http://127.0.0.1:{traffic.getsockname()[1]}"
        and proxy.admin == f"http://127.0.0.1:{admin.getsockname()[1]}"
    )
    traffic.close()
    admin.close()
    assert (await proxy.ask("/by-activation"))[0] == 200
    assert (await proxy.ask_admin("/readyz"))[0] == 200


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_flood_of_the_admin_listener_leaves_the_traffic_alone(start: Start, workers: int) -> None:
    proxy = await start(f"server: {{workers: {workers}, access_log: off}}\n")
    assert (await proxy.ask())[0] == 200
    before = len(os.listdir(f"/proc/{proxy.pid}/fd"))
    host, port = proxy.admin.removeprefix("http://").split(":")
    held, most = [], before
    sent = (
        b"",
        b"GET /he",
        b"GET /decisions HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
    )
    for number in range(300):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent[number % len(sent)])
        held.append(writer)
        most = max(most, len(os.listdir(f"/proc/{proxy.pid}/fd")))
    assert (await proxy.ask())[0] == 200
    assert await proxy.ask_admin("/healthz") == (200, "ok\n")
    for writer in held:
        writer.transport.abort()
    # Beyond the bound: the old process, the new one, and what the proxy holds for this test.
    assert most - before <= MAX_CONNECTIONS + 6


async def test_memory_after_the_start(start: Start) -> None:
    proxy = await start()
    resident = int(Path(f"/proc/{proxy.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert resident < 60 << 20


def only(running: Running, name: str) -> list[dict[str, Any]]:
    return [each for each in running.events if each.get("event.name") == name]
