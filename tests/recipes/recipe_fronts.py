"""Behind nginx, Caddy, Traefik and, as a stand-in, an ALB: `make recipes`."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.processes import until
from tests.recipes.calls import answer, call, preflight, status
from tests.recipes.document import RECIPES
from tests.recipes.servers import environment_path, free_port, program, proxy
from tests.recipes.standins import CLIENT, Alb, standin

PAGE = "http://localhost:5173"
EVIL = "https://evil.example"
SPOOFED = {"X-Forwarded-For": "203.0.113.66"}  # by the client itself


def _found(command: list[str]) -> list[str]:
    path = shutil.which(command[0], path=environment_path())
    assert path is not None, f"{command[0]} is missing: make recipes installs it"
    return [path, *command[1:]]


NGINX = """\
daemon off; pid {folder}/pid; error_log {folder}/error; worker_processes 1;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    map $http_upgrade $connection_upgrade {{ "" ""; default upgrade; }}
    server {{
        listen {port};
        {location}
    }}
}}
"""


@contextmanager
def nginx(behind: int, folder: Path) -> Iterator[int]:
    port = free_port()
    location = RECIPES["Behind nginx"].blocks["nginx"].replace("localhost:8080", f"localhost:{behind}")
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, location=location))
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error"), "-c", str(folder / "nginx.conf")]
    with program(_found(command), port, folder / "front"):
        yield port


@contextmanager
def caddy(behind: int, folder: Path) -> Iterator[int]:
    port = free_port()
    site = RECIPES["Behind Caddy"].blocks["caddyfile"].replace("localhost:8080", f"localhost:{behind}")
    # No name of this machine, so over plain HTTP.
    site = re.sub(r"^api\.example\.com", f"http://localhost:{port}", site)
    (folder / "Caddyfile").write_text(f"{{\n    admin off\n    persist_config off\n}}\n{site}")
    command = ["caddy", "run", "--config", str(folder / "Caddyfile")]
    with program(_found(command), port, folder / "front"):
        yield port


# Traefik's own, instead of the proxy's: what the recipe advises against.
OWN_CORS = """
[http.middlewares.own.headers]
accessControlAllowMethods = ["PUT"]
accessControlAllowOriginList = ["*"]
"""


@contextmanager
def traefik(behind: int, folder: Path, own_cors: bool = False) -> Iterator[int]:
    port = free_port()
    routes = RECIPES["Behind Traefik"].blocks["toml"]
    routes = routes.replace("localhost:8080", f"localhost:{behind}").replace("api.example.com", "localhost")
    if own_cors:
        routes = routes.replace('service = "', 'middlewares = ["own"]\nservice = "') + OWN_CORS
    (folder / "routes.toml").write_text(routes)
    command = [
        "traefik",
        f"--entrypoints.web.address=127.0.0.1:{port}",
        f"--providers.file.filename={folder / 'routes.toml'}",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
    ]
    with program(_found(command), port, folder / "front"):
        until(lambda: status(port, PAGE) != 404, "the routes")
        yield port


def logged(folder: Path) -> list[dict[str, Any]]:
    """The access log.  The proxy has ended, and so written all of it."""
    return [json.loads(line) for line in (folder / "access").read_text().splitlines()]


@pytest.mark.parametrize("front", [nginx, caddy, traefik])
def test_behind_another_proxy(
    front: Callable[[int, Path], AbstractContextManager[int]], express: int, tmp_path: Path
) -> None:
    with proxy("Behind nginx", tmp_path, express) as behind, front(behind, tmp_path) as port:
        code, allowed, seen = answer(port, PAGE)
        assert (code, allowed) == (200, PAGE)
        assert (seen["host"], seen["proto"]) == (f"localhost:{port}", "http")
        # The client's address, and that of the proxy in front.
        assert seen["forwarded"] == "127.0.0.1, 127.0.0.1"
        assert status(port, EVIL) == 403
        assert preflight(port, PAGE)[:2] == (204, PAGE)
        assert preflight(port, EVIL)[:2] == (403, None)
    lines = logged(tmp_path)
    assert {line["server.address"] for line in lines} <= {f"localhost:{port}", "localhost"}
    preflights = [line["cors.decision"] for line in lines if line["http.request.method"] == "OPTIONS"]
    assert preflights == ["answer", "refuse"]


def test_cors_headers_of_traefik_answer_preflights_before_the_policy(express: int, tmp_path: Path) -> None:
    with (
        proxy("Behind nginx", tmp_path, express) as behind,
        traefik(behind, tmp_path, own_cors=True) as port,
    ):
        assert preflight(port, EVIL).allowed == "*"
        assert answer(port, PAGE, **SPOOFED).seen["forwarded"] == "127.0.0.1, 127.0.0.1"
        assert status(port, EVIL) == 403
    assert "OPTIONS" not in {line["http.request.method"] for line in logged(tmp_path)}


def test_behind_an_alb(express: int, tmp_path: Path) -> None:
    with proxy("Behind an ALB", tmp_path, express) as behind, standin(Alb, behind) as alb:
        port = alb.server_port
        host = {"Host": "api.example.com"}
        code, allowed, seen = answer(port, PAGE, **host, **SPOOFED)
        assert (code, allowed) == (200, PAGE)
        assert (seen["host"], seen["proto"]) == ("api.example.com", "https")
        # An ALB keeps what the client says, and the proxy adds the ALB's address.
        assert seen["forwarded"] == f"203.0.113.66, {CLIENT}, 127.0.0.1"
        assert seen["trace"].startswith("Root=1-")
        for origin, expected in ((PAGE, (204, PAGE)), (EVIL, (403, None))):
            asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", **host}
            assert call(port, "OPTIONS", "/items", asked)[:2] == expected
        assert answer(port, EVIL, **host).status == 403
        assert answer(port, PAGE, Host="rebound.example").status == 421
        assert len(alb.connections) == 1  # refusals keep it, too
        health = {"Host": f"127.0.0.1:{behind}", "User-Agent": "ELB-HealthChecker/2.0"}
        assert call(behind, "GET", "/items", health).status == 200
    # Not what the client says, and not the ALB.
    assert {line["client.address"] for line in logged(tmp_path)} == {CLIENT, "127.0.0.1"}
    assert [line["client.address"] for line in logged(tmp_path)].count("127.0.0.1") == 1
