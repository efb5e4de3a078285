"""Processes that a synchronous test starts, and an API for them to stand in front of."""

import contextlib
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

PATIENCE = 20.0  # seconds until a step gives up; never waited for
# What `cors-proxy run` says on stderr once it serves: its port, and the URL of its admin listener.
SERVING = r'"listen": \["http://127.0.0.1:(\d+)"\], "admin": \["([^"]+)"\]'


def until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.05)


class _Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def api_server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def process(
    command: list[str], ready: str, out: Path, log: BinaryIO | None = None
) -> Iterator[re.Match[str]]:
    """Until its stderr has a line like `ready`.  `out` keeps what it wrote, `log` its stdout."""
    with out.open("wb") as stream:
        running = subprocess.Popen(command, stdout=log or subprocess.DEVNULL, stderr=stream)
    try:
        until(lambda: re.search(ready, out.read_text()) or running.poll() is not None, str(command))
        found = re.search(ready, out.read_text())
        assert found, out.read_text()
        yield found
    finally:
        running.terminate()
        running.wait(PATIENCE)
