"""Every step of docs/amp.md against the real process, with an API that counts its requests."""

import json
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.transcripts import PROGRAM, Document, matches, run

GUIDE = Document("docs/amp.md")
(POLICY,) = GUIDE.blocks("yaml")


class Api(ThreadingHTTPServer):
    """Answers everything with the same document."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        body = b'{"items": []}'
        self.server.seen.append(f"{self.command} {self.path}")
        self.send_response(200)
        # An API's own CORS headers must not pass. AMP's names mean nothing on a route without
        # `amp`.
        amp = (
            ()
            if self.path.startswith("/fonts/")
            else ("AMP-Access-Control-Allow-Source-Origin", "AMP-Email-Allow-Sender")
        )
        for name in ("Access-Control-Allow-Origin", *amp):
            self.send_header(name, "https://upstream.example")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def address(api: Api, tmp_path: Path) -> Iterator[str]:
    """The address that the guide calls localhost:8080."""
    path = tmp_path / "policy.yaml"
    path.write_text(
        POLICY.replace("0.0.0.0:8080", "127.0.0.1:0").replace(
            "127.0.0.1:3000", f"127.0.0.1:{api.server_port}"
        )
        + "admin: off\n"
    )
    words = [*shlex.split(PROGRAM), "run", "-c", str(path)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        (listen,) = json.loads(process.stderr.readline())["listen"]
        yield listen.removeprefix("http://")
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        assert process.wait(20) == 0


def test_every_step(api: Api, address: str) -> None:
    tried = [(command, output) for command, output in GUIDE.commands() if command.startswith("curl ")]
    for command, output in tried:
        found = run(command.replace("localhost:8080", address))
        assert output and matches(output, found), f"{command}\n{found}"
        assert "upstream.example" not in found
    # in order, without the refused ones
    assert api.seen == [
        "GET /data.json",
        "GET /data.json",
        "HEAD /static/samples/json/examples.json",
        "HEAD /static/samples/json/examples.json",
        "HEAD /fonts/open.woff2",
        "HEAD /fonts/open.woff2",
        "GET /data.json?page=2",
        "GET /email/offers",
        "GET /email/offers",
    ]


def test_its_other_commands(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    others = [(command, output) for command, output in GUIDE.commands() if not command.startswith("curl ")]
    assert len(others) == 3
    for command, output in others:
        assert re.match(r"\.venv/bin/cors-proxy (check|run|amp-origins) ", command)
        if " run " not in command:
            assert run(command, tmp_path) == output


def test_links_lead_somewhere() -> None:
    assert not GUIDE.dead_links()
