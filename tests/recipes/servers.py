"""A page server, the programs in apps/, and the proxy with a policy of docs/recipes.md."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.processes import PATIENCE, process, until
from tests.recipes.document import RECIPES, ROOT

NODE = ROOT / ".recipes/node"
FONT = NODE / "node_modules/@fontsource/press-start-2p/files/press-start-2p-latin-400-normal.woff2"
PAGE = (
    b"<!doctype html><link rel=icon href='data:,'><title>page</title><body><script src=/clients.js></script>"
)
SWAGGER = b"""<!doctype html><link rel=icon href='data:,'><title>swagger</title><div id=ui></div>
<script src=/node_modules/swagger-ui-dist/swagger-ui-bundle.js></script>
<script>SwaggerUIBundle({
  url: location.hash.slice(1) + '/openapi.json', dom_id: '#ui', tryItOutEnabled: true, docExpansion: 'full',
});</script>"""
PAGES = {"/": PAGE, "/swagger": SWAGGER}


class _Pages(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments, directory=str(NODE))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        page = PAGES.get(self.path)
        if page is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def pages() -> Iterator[int]:
    """The port of the page server, which other origins reach too: 127.0.0.1 is not localhost."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        server.daemon_threads = True  # a browser may hold a connection that it has no use for yet
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _takes_connections(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), 1):
        return True
    return False


@contextlib.contextmanager
def program(command: list[str], port: int, log: Path) -> Iterator[int]:
    """A server, from when it takes connections at the port."""
    with log.open("wb") as stream:
        running = subprocess.Popen(command, stdout=stream, stderr=stream, cwd=ROOT)
    try:
        until(lambda: running.poll() is not None or _takes_connections(port), str(command))
        assert running.poll() is None, log.read_text()
        yield port
    finally:
        running.terminate()
        running.wait(PATIENCE)


@contextlib.contextmanager
def node(name: str, log: Path, *arguments: object) -> Iterator[int]:
    port = free_port()
    flags = ["--preserve-symlinks", "--preserve-symlinks-main"]
    file = NODE / f"apps/{name}.mjs"
    command = ["node", *flags, str(file), str(port), *map(str, arguments)]
    with program(command, port, log):
        yield port


@contextlib.contextmanager
def ruby(name: str, log: Path) -> Iterator[int]:
    port = free_port()
    # Debian's, which has Debian's packages.
    with program(["/usr/bin/ruby", str(ROOT / f"tests/recipes/apps/{name}.rb"), str(port)], port, log):
        yield port


@contextlib.contextmanager
def uvicorn(name: str, log: Path) -> Iterator[int]:
    port = free_port()
    app = f"tests.recipes.apps.{name}:app"
    command = [sys.executable, "-m", "uvicorn", "--lifespan=off", f"--port={port}", "--host=localhost", app]
    with program(command, port, log):
        yield port


@contextlib.contextmanager
def proxy(title: str, folder: Path, api: int, page: int = 5173, front: int = 443) -> Iterator[int]:
    """The policy of a section: with the ports of this run, otherwise as it is."""
    with proxy_by(RECIPES[title].policy, folder, api, page, front) as port:
        yield port


@contextlib.contextmanager
def proxy_by(text: str, folder: Path, api: int, page: int = 5173, front: int = 443) -> Iterator[int]:
    port = free_port()
    shown = {"upstream: http://localhost:4180": api, "localhost:4180": front, "localhost:3000": api}
    shown |= {"localhost:5173": page, "localhost:8080": port}
    for each, real in shown.items():
        text = text.replace(each, f"{each.rpartition(':')[0]}:{real}")
    policy = folder / "policy.yaml"
    policy.write_text(f"{text}listen: localhost:{port}\nadmin: off\n")
    command = [sys.executable, "-m", "cors_proxy", "run", "-c", str(policy)]
    with (folder / "access").open("wb") as log, process(command, '"listening"', folder / "events", log):
        yield port


def environment_path() -> str:
    """Where Debian has nginx, and the environment has caddy."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"])
