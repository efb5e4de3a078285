"""`healthcheck` against a real listener, and by the policy of a proxy; and what it loads."""

import io
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from cors_proxy.cli.healthcheck import PROXY_LOCAL
from cors_proxy.cli.main import main

from ..ports import unused_port
from ..processes import process

Handler = Callable[[web.Request], Awaitable[web.Response]]


async def healthcheck(*words: str) -> tuple[int, str]:
    import asyncio

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cors_proxy",
        "healthcheck",
        *words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


def application(status: int) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status if request.path == "/healthz" else 404)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    return app


@pytest.mark.parametrize(("status", "code", "said"), [(200, 0, ""), (503, 1, "answered 503")])
async def test_exit_code_is_the_answer(status: int, code: int, said: str) -> None:
    async with TestServer(application(status), host="127.0.0.1") as server:
        found, out = await healthcheck("--url", f"http://127.0.0.1:{server.port}")
    assert found == code and said in out


async def test_a_path_of_its_own() -> None:
    async with TestServer(application(200), host="127.0.0.1") as server:
        assert (await healthcheck("--url", f"http://127.0.0.1:{server.port}/nowhere"))[0] == 1


async def test_a_unix_socket(tmp_path: Path) -> None:
    runner = web.AppRunner(application(200))
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "admin.sock")).start()
    assert await healthcheck("--url", f"unix:{tmp_path}/admin.sock") == (0, "")
    await runner.cleanup()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "https://127.0.0.1", "nonsense", "unix:/nowhere.sock", "http://127.0.0.1:99999"],
)
async def test_no_answer_is_one_line(url: str) -> None:
    code, out = await healthcheck("--url", url)
    assert code == 1 and out.startswith(f"{url}: ") and out.count("\n") == 1


def test_it_loads_nothing_that_serves() -> None:
    script = "import sys; from cors_proxy.cli.main import main; main(['healthcheck', '--url', 'nonsense']); print(*sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {
        "aiohttp",
        "asyncio",
        "prometheus_client",
        "uvloop",
        "cors_proxy.operate",
    } & set(out)


def check(*words: str, **environment: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment.items():
            patch.setenv(name, value)
        code = main(["healthcheck", *words])
    assert out.getvalue() == ""
    return code, err.getvalue()


ADMIN_OFF = "admin: off\nhosts: [api.example.com, other.example.com]\n"
TLS = "server: {tls: {certificate: cert.pem, key: key.pem}}\n"


@pytest.mark.parametrize(
    "text",
    [
        "admin: 127.0.0.1:{admin}\nlisten: 127.0.0.1:{port}\n",
        "admin: {{listen: 0.0.0.0:{admin}, hosts: [admin.example.com]}}\nlisten: 127.0.0.1:{port}\n",
        "admin: unix:{folder}/admin.sock\nlisten: 127.0.0.1:{port}\n",
        ADMIN_OFF + "listen: 127.0.0.1:{port}\n",
        ADMIN_OFF + "listen: 0.0.0.0:{port}\n",
        ADMIN_OFF + "listen: unix:{folder}/p.sock\n",
        "admin: off\nlisten: 127.0.0.1:{port}\n",
        ADMIN_OFF + "listen: 127.0.0.1:{port}\nserver: {{proxy_protocol: [127.0.0.0/8]}}\n",
        ADMIN_OFF + "listen: 127.0.0.1:{port}\nserver: {{proxy_protocol: [10.0.0.0/8]}}\n",
        ADMIN_OFF + "listen: unix:{folder}/p.sock\nserver: {{proxy_protocol: [unix]}}\n",
        ADMIN_OFF + "listen: 127.0.0.1:{port}\n" + TLS.replace("{", "{{").replace("}", "}}"),
    ],
)
def test_it_asks_the_proxy_of_the_policy_and_is_not_logged(text: str, tmp_path: Path) -> None:
    authority = trustme.CA().issue_cert("api.example.com")
    authority.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.private_key_pem.write_to_path(tmp_path / "key.pem")
    policy = tmp_path / "policy.yaml"
    filled = text.format(folder=tmp_path, port=unused_port(), admin=unused_port())
    policy.write_text(f"version: 1\nupstream: http://127.0.0.1:9\n{filled}")
    command = [sys.executable, "-m", "cors_proxy", "run", "-c", str(policy)]
    with process(command, '"listening"', tmp_path / "log"):
        assert check("-c", str(policy)) == (0, "")
        assert check(CORS_PROXY_POLICY=str(policy)) == (0, "")
        # An edit that is wrong elsewhere changes nothing: the proxy runs with the old policy.
        policy.write_text(f"{policy.read_text()}nonsense: true\n")
        assert check("-c", str(policy)) == (0, "")
    assert check("-c", str(policy))[0] == 1
    log = (tmp_path / "log").read_text()
    assert "malformed" not in log and "OPTIONS" not in log


def test_any_http_answer_is_healthy_and_nothing_else(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    for answer, code in (
        (b"HTTP/1.1 421 Misdirected Request\r\n\r\n", 0),
        (b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", 0),  # SETTINGS of HTTP/2
        (b"SSH-2.0-x\r\n", 1),
        (b"", 1),
    ):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(20)
            asked: list[bytes] = []

            def serve(
                listener: socket.socket = listener, answer: bytes = answer, asked: list[bytes] = asked
            ) -> None:
                client, _ = listener.accept()
                with client:
                    asked.append(client.recv(1000))
                    client.sendall(answer)

            thread = threading.Thread(target=serve)
            thread.start()
            port = listener.getsockname()[1]
            policy.write_text(f"version: 1\nupstream: http://a\nlisten: 127.0.0.1:{port}\n{ADMIN_OFF}")
            assert check("-c", str(policy))[0] == code
            thread.join()
            assert asked == [b"OPTIONS * HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nadmin: nowhere\n", "E204"),
        ("version: 1\nadmin: 127.0.0.1:0\n", "port 0 is any free port"),
        ("- a list", "E105"),
        (None, "No such file"),
    ],
)
def test_a_policy_that_does_not_tell(text: str | None, said: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    if text is not None:
        policy.write_text(text)
    code, out = check("-c", str(policy))
    assert code == 1 and said in out and "Traceback" not in out


def test_without_a_policy_it_asks_the_default(tmp_path: Path) -> None:
    """`run --upstream` in a container: the image's variable names a file that is not there."""
    script = "from cors_proxy.cli.healthcheck import _reach; reach = _reach(None); print(reach.admin, reach.listen)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"CORS_PROXY_POLICY": str(tmp_path / "none.yaml")},
    )
    assert done.stdout == "127.0.0.1:9901 127.0.0.1:8080\n"


def test_the_proxy_header_is_local() -> None:
    assert PROXY_LOCAL[12] == 0x20 and PROXY_LOCAL[13:] == b"\0\0\0"
