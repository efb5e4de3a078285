"""Every way of a page in both browsers, from pages of the same origin, the same site and another site,
over HTTPS and on localhost, under four policies: what is allowed reaches the API, what is refused
does not, and `explain --via` says so in every cell."""

import json
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from cors_proxy.explain.matrix import POLICIES, policy_text
from cors_proxy.explain.question import parse_question
from cors_proxy.explain.via import Request, explain_via
from cors_proxy.explain.ways import WAYS
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy
from tests.browser.conftest import NAMES
from tests.browser.consoles import Console
from tests.browser.ways import SCRIPTS, SERVICE_WORKER
from tests.processes import process, until

pytestmark = pytest.mark.browser

API, SAME_SITE, OTHER = NAMES
PAGE = "<!doctype html><link rel=icon href='data:,'><title>page</title><body>"
TOLD = ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Purpose")
WINDOWS = ("link", "form-get", "form-post", "window-open")  # hide the page, and media wait until it shows
LAST = ("favicon",)  # a page has one at a time


class Server(ThreadingHTTPServer):
    """The API, and the server of other pages."""

    daemon_threads = True  # a browser may hold a connection that it has no use for yet

    def __init__(self, secure: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.arrived: dict[str, dict[str, str]] = {}
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
        elif path == "/page/worker.js":
            lines, body = {"Content-Type": "text/javascript"}, SERVICE_WORKER
        elif path == "/page/reporting":
            lines |= {"Content-Security-Policy": f"img-src 'none'; report-uri {query}"}
            body = "<!doctype html><img src='/page/blocked'>"
        else:
            self.server.arrived[path] = {
                "method": self.command,
                **{name: self.headers[name] for name in TOLD if name in self.headers},
            }
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


class Setup:
    """Proxies over HTTPS and HTTP in front of one API, and servers of foreign pages."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        authority = trustme.CA()
        self.authority = authority.cert_pem.bytes()
        leaf = authority.issue_cert(*NAMES)
        leaf.private_key_pem.write_to_path(str(folder / "tls.key"))
        (folder / "tls.crt").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        leaf.configure_cert(secure)
        self.api = Server()
        text = policy_text(f"http://127.0.0.1:{stack.enter_context(serving(self.api))}")
        tls = f"server: {{tls: {{certificate: {folder}/tls.crt, key: {folder}/tls.key}}}}\n"
        self.policy: Policy = parse_policy(text, "policy.yaml", "")[0]
        self.logs: list[Path] = []
        self.allowed: set[str] = set()
        https = self._proxy(stack, folder / "https", text + tls)
        http = self._proxy(stack, folder / "http", text)
        foreign = stack.enter_context(serving(Server(secure)))
        plain = stack.enter_context(serving(Server()))
        # By name: the API, and a page
        self.pages = {
            "https same-origin": (f"https://{API}:{https}", f"https://{API}:{https}"),
            "https same-site": (f"https://{API}:{https}", f"https://{SAME_SITE}:{foreign}"),
            "https cross-site": (f"https://{API}:{https}", f"https://{OTHER}:{foreign}"),
            "localhost same-origin": (f"http://localhost:{http}", f"http://localhost:{http}"),
            "localhost same-site": (f"http://localhost:{http}", f"http://localhost:{plain}"),
            "localhost cross-site": (f"http://localhost:{http}", f"http://127.0.0.1:{plain}"),
        }

    def _proxy(self, stack: ExitStack, folder: Path, text: str) -> str:
        folder.mkdir()
        (folder / "policy.yaml").write_text(f"{text}listen: 127.0.0.1:0\nadmin: off\n")
        command = [sys.executable, "-m", "cors_proxy", "run", "-c", str(folder / "policy.yaml")]
        self.logs.append(folder / "log")
        log = stack.enter_context(self.logs[-1].open("wb"))
        found = stack.enter_context(
            process(command, r'"listen": \["https?://127.0.0.1:(\d+)"\]', folder / "err", log)
        )
        return found[1]

    def seen(self) -> set[str]:
        """The paths that came to a proxy, refused ones too."""
        lines = b"".join(log.read_bytes() for log in self.logs).splitlines(keepends=True)
        return {str(json.loads(line)["url.path"]) for line in lines if line.endswith(b"\n")}


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with ExitStack() as stack:
        yield Setup(stack, tmp_path_factory.mktemp("ways"))


def expected(setup: Setup, browser: str, page: str, api: str, run: str) -> dict[str, Request]:
    """What `explain --via` says, by path."""
    found = {}
    for name in POLICIES:
        for way in WAYS:
            path = f"/{name}/{run}/{way.name}"
            via = explain_via(setup.policy, way, parse_question(setup.policy, api + path, page))
            (found[path],) = (each for each in via.requests if browser in each.browsers)
    return found


@pytest.mark.parametrize("kind", ["same-origin", "same-site", "cross-site"])
@pytest.mark.parametrize("scheme", ["https", "localhost"])
def test_every_way(console: Console, setup: Setup, scheme: str, kind: str) -> None:
    console.trust(setup.authority)
    api, page = setup.pages[f"{scheme} {kind}"]
    run = f"{console.name}-{scheme}-{kind}"
    wanted = expected(setup, console.name, page, api, run)
    setup.allowed |= {path for path, request in wanted.items() if request.reaches_api}
    sent = {path for path, request in wanted.items() if request.exchange is not None}

    def ask(names: list[str], policies: list[str]) -> None:
        paths = [f"/{name}/{run}/{way}" for name in policies for way in names]
        script = "".join(
            f"{{ const u = {json.dumps(api + path)}; {SCRIPTS[path.rpartition('/')[2]]} }}" for path in paths
        )
        console.run(script)
        due = sent & set(paths)
        until(lambda: due <= setup.seen(), f"{due - setup.seen()}")

    console.get(f"{page}/page/")
    ask([way for way in SCRIPTS if way not in (*WINDOWS, *LAST)], list(POLICIES))
    ask(list(WINDOWS), list(POLICIES))
    console.close_others()
    for name in POLICIES:
        ask(list(LAST), [name])
    mine = {path for path in setup.seen() if f"/{run}/" in path}
    assert mine == sent
    until(lambda: setup.allowed <= setup.api.arrived.keys(), "the API gets all that is allowed")
    assert {path for path in setup.api.arrived if f"/{run}/" in path} == setup.allowed & mine
    for path in setup.allowed & mine:
        exchange = wanted[path].exchange
        assert exchange is not None
        lines = {name.decode(): value.decode() for name, value in exchange.request_lines}
        told = {name: lines[name] for name in TOLD if name in lines}
        assert setup.api.arrived[path] == {"method": exchange.request.method.decode(), **told}, path


def test_nothing_came_late(setup: Setup) -> None:
    """Runs last: no refused request has reached the API since."""
    arrived = {path for path in setup.api.arrived if path.split("/")[1] in POLICIES}
    assert arrived == setup.allowed
