"""Servers of pages and of an API, and proxies in front of it, for both browsers, over HTTPS too."""

import ssl
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

from tests.browser.conftest import NAMES
from tests.browser.ways import SERVICE_WORKER
from tests.processes import process

PAGE = "<!doctype html><link rel=icon href='data:,'><title>page</title><body>"
IMAGE = "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/>"


class Server(ThreadingHTTPServer):
    """The API, and the server of other pages."""

    daemon_threads = True  # a browser may hold a connection that it has no use for yet

    def __init__(self, secure: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.arrived: dict[str, list[tuple[str, Message]]] = defaultdict(list)
        if secure is not None:
            self.socket = secure.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser has closed a connection that it did not use."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        lines, body, status = {"Content-Type": "text/html"}, "", 200
        if path == "/page/":
            body = PAGE
        elif path == "/page/isolated":
            lines |= {"Cross-Origin-Embedder-Policy": "require-corp"}
            body = PAGE
        elif path == "/page/worker.js":
            lines, body = {"Content-Type": "text/javascript"}, SERVICE_WORKER
        elif path == "/page/reporting":
            lines |= {"Content-Security-Policy": f"img-src 'none'; report-uri {query}"}
            body = "<!doctype html><img src='/page/blocked'>"
        else:
            self.server.arrived[path].append((self.command, self.headers))
            if path.endswith(".svg"):
                lines, body = {"Content-Type": "image/svg+xml"}, IMAGE
            elif path.endswith(".js"):
                lines, body = {"Content-Type": "text/javascript"}, "document.title = 'it runs';"
            elif path == "/cookie":
                lines |= {"Set-Cookie": "user=7; SameSite=None; Secure; Path=/"}
            else:
                status = 204  # by which a window stays what it was
        self.send_response(status)
        for name, value in lines.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def serving(server: Server) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, str, bytes]:
    """For NAMES: a server's context, the lines of a policy, and the authority."""
    authority = trustme.CA()
    leaf = authority.issue_cert(*NAMES)
    leaf.private_key_pem.write_to_path(str(folder / "tls.key"))
    (folder / "tls.crt").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf.configure_cert(secure)
    lines = f"server: {{tls: {{certificate: {folder}/tls.crt, key: {folder}/tls.key}}}}\n"
    return secure, lines, authority.cert_pem.bytes()


@contextmanager
def proxy(folder: Path, text: str) -> Iterator[str]:
    """A policy without `listen`: the port.  Its access log is the file `log` in the folder."""
    folder.mkdir()
    (folder / "policy.yaml").write_text(f"{text}listen: 127.0.0.1:0\nadmin: off\n")
    command = [sys.executable, "-m", "cors_proxy", "run", "-c", str(folder / "policy.yaml")]
    ready = r'"listen": \["https?://127.0.0.1:(\d+)"\]'
    with (folder / "log").open("wb") as log, process(command, ready, folder / "err", log) as found:
        yield found[1]
