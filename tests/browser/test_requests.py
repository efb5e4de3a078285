"""What a page's requests say of themselves: Origin and Sec-Fetch-*, read at a bare socket.

Chromium and Firefox send the same, with one difference that matters: Chromium sends no Sec-Fetch-*
header on a WebSocket handshake.  So nothing but `Origin` and `Host` tells whether a page of the
proxy's own origin asks.

Both also send `Origin` on images and frames where the embedded site may use its cookies but has
not asked for them yet (`Sec-Fetch-Storage-Access: inactive`)."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Queue

import pytest

from tests.browser.conftest import PLAIN
from tests.browser.consoles import Console

pytestmark = pytest.mark.browser

PAGE = b"<!doctype html><link rel=icon href='data:,'><title>page</title>"


@dataclass(frozen=True)
class Kind:
    """A request that a page makes: `u` is its URL in the script."""

    script: str
    method: str
    mode: str
    dest: str
    origin: str  # "always", "never" or "cross": only where the page has another origin
    cookies: bool  # it takes cookies along, and so says whether it may on another site


ELEMENT = "const e = document.body.appendChild(document.createElement('{}')); "
FRAME, LINK, FORM = (ELEMENT.format(name) for name in ("iframe", "a", "form"))
KINDS = {
    "fetch": Kind("fetch(u).catch(() => 0)", "GET", "cors", "empty", "cross", False),
    "fetch with cookies": Kind("fetch(u, {credentials: 'include'}).catch(() => 0)", "GET", "cors", "empty", "cross", True),
    "fetch POST": Kind("fetch(u, {method: 'POST'}).catch(() => 0)", "POST", "cors", "empty", "always", False),
    "fetch no-cors": Kind("fetch(u, {mode: 'no-cors'}).catch(() => 0)", "GET", "no-cors", "empty", "never", False),
    "beacon": Kind("navigator.sendBeacon(u, 'x')", "POST", "no-cors", "empty", "always", True),
    "image": Kind("new Image().src = u", "GET", "no-cors", "image", "never", True),
    "iframe": Kind(FRAME + "e.src = u", "GET", "navigate", "iframe", "never", True),
    "link": Kind(LINK + "e.href = u; e.click()", "GET", "navigate", "document", "never", False),
    "form POST": Kind(FORM + "e.method = 'post'; e.action = u; e.submit()", "POST", "navigate", "document", "always", False),
    "WebSocket": Kind("new WebSocket(u.replace('http', 'ws'))", "GET", "websocket", "empty", "always", True),
    "preflight": Kind("fetch(u, {method: 'PUT'}).catch(() => 0)", "OPTIONS", "cors", "empty", "always", False),
}  # fmt: skip


class Server(socketserver.ThreadingTCPServer):
    """Keeps what it reads, except of the page."""

    daemon_threads = True  # a browser may hold a connection that it has no use for yet

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heads: Queue[list[str]] = Queue()
        self.port = self.server_address[1]


class Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        head, length = [], 0
        while line := self.rfile.readline().decode("latin-1").strip():
            head.append(line)
            if line.lower().startswith("content-length:"):
                length = int(line.partition(":")[2])
        if not head:
            return
        self.rfile.read(length)  # a close with unread bytes resets the connection
        if head[0].split()[1] == "/page":
            lines = ["HTTP/1.1 200 OK", "Content-Type: text/html", f"Content-Length: {len(PAGE)}"]
            body = PAGE
        else:
            self.server.heads.put(head)
            lines, body = ["HTTP/1.1 204 No Content"], b""  # by which a link or form does not leave the page
        self.wfile.write("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    with Server() as first, Server() as second:
        threads = [threading.Thread(target=server.serve_forever, args=(0.05,)) for server in (first, second)]
        for thread in threads:
            thread.start()
        yield first, second
        for server, thread in zip((first, second), threads, strict=True):
            server.shutdown()
            thread.join(20)


def expected(browser: str, kind: Kind, page: str, site: str) -> dict[str, str]:
    """`site` is the relation of the URL's origin to the page's.

    "plain" is same-site, over HTTP to a name that is not localhost.  "inactive" is cross-site, where
    the embedded site may use its cookies as soon as it asks for them."""
    found = {}
    if kind.origin == "always" or (kind.origin == "cross" and site != "same-origin"):
        found["origin"] = page
    if site == "plain":
        # Chromium's preflight keeps one of them.
        preflight = browser == "chromium" and kind.method == "OPTIONS"
        return found | ({"sec-fetch-mode": kind.mode} if preflight else {})
    if browser == "chromium" and kind.mode == "websocket":
        return found
    relation = "cross-site" if site == "inactive" else site
    found |= {"sec-fetch-mode": kind.mode, "sec-fetch-dest": kind.dest, "sec-fetch-site": relation}
    if kind.cookies and relation == "cross-site":
        found["sec-fetch-storage-access"] = "inactive" if site == "inactive" else "none"
    if kind.cookies and site == "inactive":
        found["origin"] = page  # also where the request is not CORS
    return found


@pytest.mark.parametrize("site", ["same-origin", "same-site", "cross-site", "plain", "inactive"])
def test_what_it_sends(console: Console, servers: tuple[Server, Server], site: str) -> None:
    first, second = servers
    host = {"plain": PLAIN, "inactive": "app.localhost"}.get(site, "localhost")
    page = f"http://{host}:{first.port}"
    at, url = {
        "same-origin": (first, page),
        "same-site": (second, f"http://localhost:{second.port}"),
        "cross-site": (first, f"http://127.0.0.1:{first.port}"),
        "inactive": (first, f"http://127.0.0.1:{first.port}"),
        "plain": (second, f"http://{PLAIN}:{second.port}"),
    }[site]
    if site == "inactive":
        console.allow_storage(page, url)
    console.get(page + "/page")
    for number, (name, kind) in enumerate(KINDS.items()):
        if name == "preflight" and site == "same-origin":
            continue
        console.run(f"const u = arguments[0]; {kind.script}", f"{url}/{number}")
        request, *lines = at.heads.get(timeout=20)
        assert request == f"{kind.method} /{number} HTTP/1.1", name
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        told = {
            key: value for key, value in headers.items() if key == "origin" or key.startswith("sec-fetch-")
        }
        assert told == expected(console.name, kind, page, site), name
        assert headers["host"] == url.removeprefix("http://")
