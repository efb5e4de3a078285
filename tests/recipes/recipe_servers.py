"""Recipes that a browser does not see: origins from a file, previews, and proxies in front."""

import http.client
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.processes import until
from tests.recipes.document import RECIPES
from tests.recipes.servers import FONT, environment_path, free_port, node, program, proxy

PAGE = "http://localhost:5173"
EVIL = "https://evil.example"


def status(port: int, origin: str) -> int:
    return answer(port, origin)[0]


def answer(port: int, origin: str) -> tuple[int, str | None, dict[str, str]]:
    """Of GET /items: the status, the allowed origin, and what the API has seen."""
    with closing(http.client.HTTPConnection("localhost", port, timeout=20)) as client:
        client.request("GET", "/items", headers={"Origin": origin})
        got = client.getresponse()
        body = json.loads(got.read())
        return got.status, got.getheader("Access-Control-Allow-Origin"), body


@pytest.fixture
def express(tmp_path: Path) -> Iterator[int]:
    with node("express", tmp_path / "api", FONT) as port:
        yield port


def test_tenants_come_and_go_with_the_file(express: int, tmp_path: Path) -> None:
    tenants = tmp_path / "tenants.txt"
    tenants.write_text("https://one.example\n")
    with proxy("Several tenants, from a file", tmp_path, express) as port:
        assert status(port, "https://one.example") == 200
        assert status(port, "https://two.example") == 403
        tenants.write_text("https://two.example\n")
        until(lambda: status(port, "https://two.example") == 200, "the new list")
        assert status(port, "https://one.example") == 403
        tenants.write_text("https://one.example\nno origin\n")
        until(lambda: "policy-refused" in (tmp_path / "events").read_text(), "the event")
        assert "tenants.txt:2" in (tmp_path / "events").read_text()
        assert status(port, "https://two.example") == 200


def test_previews(express: int, tmp_path: Path) -> None:
    with proxy("Preview deployments", tmp_path, express) as port:
        for origin in ("https://app.example.com", "https://pr-7.preview.example.com"):
            assert answer(port, origin)[:2] == (200, origin)
        assert status(port, "https://pr-7.preview.example.com.evil.example") == 403


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


def _found(command: list[str]) -> list[str]:
    path = shutil.which(command[0], path=environment_path())
    assert path is not None, f"{command[0]} is missing: make recipes installs it"
    return [path, *command[1:]]


@pytest.mark.parametrize("front", [nginx, caddy])
def test_behind_another_proxy(front: object, express: int, tmp_path: Path) -> None:
    assert front in (nginx, caddy)
    started = nginx if front is nginx else caddy
    with proxy("Behind nginx", tmp_path, express) as behind, started(behind, tmp_path) as port:
        code, allowed, seen = answer(port, PAGE)
        assert (code, allowed) == (200, PAGE)
        assert seen["host"] == f"localhost:{port}"
        # The client's address, and that of the proxy in front.
        assert len(seen["forwarded"].split(",")) == 2
        assert status(port, EVIL) == 403
    lines = [json.loads(line) for line in (tmp_path / "access").read_text().splitlines()]
    assert {line["server.address"] for line in lines} <= {f"localhost:{port}", "localhost"}
