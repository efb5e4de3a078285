"""`healthcheck` against a real listener; and what it loads."""

import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cors_proxy.cli.healthcheck import DEFAULT_URL
from cors_proxy.policy.model import DEFAULT_ADMIN

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


def test_its_default_is_the_admin_listeners() -> None:
    assert f"http://{DEFAULT_ADMIN}" == DEFAULT_URL


def test_it_loads_next_to_nothing() -> None:
    script = "import sys; from cors_proxy.cli.main import main; main(['healthcheck', '--url', 'nonsense']); print(*sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {
        "aiohttp",
        "yaml",
        "asyncio",
        "prometheus_client",
        "uvloop",
        "cors_proxy.policy",
        "cors_proxy.operate",
    } & set(out)
