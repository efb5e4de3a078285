"""Stand-ins for proxies that cannot be installed.

They do to a request what the documentation of an ALB and of oauth2-proxy says, and nothing else."""

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
CLIENT = "198.51.100.7"  # the address of every client of the ALB
COOKIE = "_oauth2_proxy=ada"


class StandIn(ThreadingHTTPServer):
    daemon_threads = True  # a browser may hold a connection that it has no use for yet

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int, target: int) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.target = http.client.HTTPConnection("localhost", target, timeout=20)
        self.lock = threading.Lock()  # one request at a time on it
        self.connections: set[object] = set()  # from which requests went to the target
        self.seen: list[tuple[str, str]] = []  # methods and paths
        self.skip_auth_preflight = True


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def forward(self, replaced: dict[str, str]) -> None:
        """Host as it came, and the connection to the target is kept."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        lost = HOP | {name.lower() for name in replaced}
        kept = [(name, value) for name, value in self.headers.items() if name.lower() not in lost]
        if body:
            kept.append(("Content-Length", str(len(body))))
        target = self.server.target
        with self.server.lock:
            target.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in [*kept, *replaced.items()]:
                target.putheader(name, value)
            target.endheaders(body)
            got = target.getresponse()
            content = got.read()
            if target.sock is not None:
                self.server.connections.add(target.sock.getsockname())
        self.send_response_only(got.status, got.reason)
        for name, value in got.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        if got.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self) -> None:
        raise NotImplementedError

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.path))
        self.answer()

    do_OPTIONS = do_PUT = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class Alb(Front):
    """With an HTTPS listener, and `routing.http.xff_header_processing.mode` at `append`."""

    def answer(self) -> None:
        before = self.headers.get("X-Forwarded-For")
        self.forward(
            {
                "X-Forwarded-For": f"{before}, {CLIENT}" if before else CLIENT,
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Port": "443",
                "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
            }
        )


class OAuth2Proxy(Front):
    """With --skip-provider-button, --api-route=^/api/ and, unless a test says otherwise,
    --skip-auth-preflight.  The identity provider knows everybody as ada."""

    def answer(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/oauth2/start":
            self.short(302, ("Location", parse_qs(url.query)["rd"][0]), ("Set-Cookie", f"{COOKIE}; Path=/"))
        elif url.path == "/identity-provider":
            self.short(200)
        elif self.command == "OPTIONS" and self.server.skip_auth_preflight:
            self.forward({})
        elif COOKIE in self.headers.get("Cookie", ""):
            self.forward({"X-Forwarded-User": "ada"})
        elif url.path.startswith("/api/") or self.headers.get("Accept") == "application/json":
            self.short(401)
        else:
            self.short(302, ("Location", f"http://127.0.0.1:{self.server.server_port}/identity-provider"))

    def short(self, status: int, *lines: tuple[str, str]) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response_only(status)
        for name, value in (*lines, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()


@contextlib.contextmanager
def standin(handler: type[Front], target: int, port: int = 0) -> Iterator[StandIn]:
    with StandIn(handler, port, target) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
            server.target.close()
