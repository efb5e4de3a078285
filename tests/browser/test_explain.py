"""What `explain` foretells is what Chromium and Firefox do: the verdict of every fetch, and the
words on their consoles."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cors_proxy.cors.fetch import Failure, cors_check, preflight_check, unsafe_names
from cors_proxy.explain.browser import Verdict, explain
from cors_proxy.explain.messages import handshake, messages
from cors_proxy.explain.question import Question, parse_question
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from tests.browser.consoles import Ask, Console

pytestmark = pytest.mark.browser

POLICY = """version: 1
listen: 127.0.0.1:0
admin: off
upstream: http://127.0.0.1:{api}
mode: {mode}
dangerously_allow: [insecure-origins]
cors:
  origins: ["http://app.localhost:{page}", "http://*.apps.localhost:*"]
  methods: [GET, HEAD, PUT]
  headers: [X-Foo, Content-Type]
  credentials: true
  accept_from: ["http://idp.localhost:{page}"]
routes:
  - path: /public/**
    cors: {{origins: "*", credentials: false, headers: "*", methods: [GET, PUT]}}
  - path: /plain/**
    cors: {{credentials: false}}
server: {{debug: {debug}}}
"""
# Answers of an API that the proxy does not touch, by path: preflight's status and lines, the
# request's lines.
ORIGIN = ("Access-Control-Allow-Origin", "@")
METHODS = ("Access-Control-Allow-Methods", "PUT")
ODD: dict[str, tuple[int, list[tuple[str, str]], list[tuple[str, str]]]] = {
    "none": (204, [ORIGIN], []),
    "twice": (204, [ORIGIN], [ORIGIN, ORIGIN]),
    "list": (204, [ORIGIN], [("Access-Control-Allow-Origin", "@, http://x.test")]),
    "other": (204, [ORIGIN], [("Access-Control-Allow-Origin", "http://x.test")]),
    "slash": (204, [ORIGIN], [("Access-Control-Allow-Origin", "@/")]),
    "no-origin": (204, [ORIGIN], [("Access-Control-Allow-Origin", "app.localhost")]),
    "empty": (204, [ORIGIN], [("Access-Control-Allow-Origin", "")]),
    "star": (204, [ORIGIN], [("Access-Control-Allow-Origin", "*")]),
    "true": (204, [ORIGIN], [ORIGIN, ("Access-Control-Allow-Credentials", "True")]),
    "preflight-none": (204, [], [ORIGIN]),
    "preflight-404": (404, [ORIGIN], [ORIGIN]),
    "preflight-302": (302, [ORIGIN, ("Access-Control-Allow-Credentials", "true"), ("Location", "/x")],
        [ORIGIN]),
    "preflight-methods": (204, [ORIGIN, ("Access-Control-Allow-Methods", "GET; PUT")], [ORIGIN]),
    "preflight-headers": (204, [ORIGIN, METHODS, ("Access-Control-Allow-Headers", "X-Foo; X-Bar")], [ORIGIN]),
    "preflight-case": (204, [ORIGIN, ("Access-Control-Allow-Methods", "put")], [ORIGIN]),
    "preflight-lacks": (204, [ORIGIN, METHODS, ("Access-Control-Allow-Headers", "x-bar")], [ORIGIN]),
    "preflight-star": (204, [("Access-Control-Allow-Origin", "*")], [ORIGIN]),
    "preflight-credentials": (204, [ORIGIN, ("Access-Control-Allow-Credentials", "yes")], [ORIGIN]),
}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """Pages at `/page`; elsewhere the API, odd at `/odd/NAME`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status = 200
        lines: list[tuple[str, str]] = []
        if self.path.startswith("/odd/"):
            preflight_status, preflight, answer = ODD[self.path.split("/")[2]]
            status, lines = (preflight_status, preflight) if self.command == "OPTIONS" else (200, answer)
        body = b"" if self.command in ("OPTIONS", "HEAD") else b"<!doctype html><title>page</title>"
        self.send_response(status)
        for name, value in [*lines, ("Content-Type", "text/html")]:
            self.send_header(name, value.replace("@", self.headers["Origin"] or ""))
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = do_DELETE = do_OPTIONS = do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None: ...


class Silent:
    """A recorder."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


@dataclass
class World:
    policy: Policy
    port: int
    page: int


@pytest.fixture(scope="module", params=["enforce", "enforce debug", "headers"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A proxy in a thread of its own, in front of an API that is also the pages' server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    page = server.server_address[1]
    mode, _, debug = request.param.partition(" ")
    text = POLICY.format(api=page, page=page, mode=mode, debug="true" if debug else "false")
    policy = parse_policy(text, "policy.yaml", "")[0]
    loop = asyncio.new_event_loop()
    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=loop.run_forever)]
    for thread in threads:
        thread.start()

    async def start() -> Edge:
        edge = Edge(policy, Silent())  # type: ignore[arg-type]
        await edge.start()
        return edge

    edge = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    yield World(policy, edge._runner.addresses[0][1], page)
    asyncio.run_coroutine_threadsafe(edge.close(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    server.shutdown()
    server.server_close()
    for thread in threads:
        thread.join(20)
    loop.close()


PAGES = ("app", "x.apps", "evil", "idp")
PATHS = ("/r", "/public/x", "/plain/x")
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"X-Foo": "1"},
    {"X-Bar": "1"},
    {"Authorization": "x"},
    {"Content-Type": "text/plain"},
)


@pytest.mark.parametrize("page", PAGES)
def test_every_fetch(console: Console, world: World, page: str) -> None:
    origin, api = f"http://{page}.localhost:{world.page}", f"http://api.localhost:{world.port}"
    kinds = itertools.product(PATHS, ("GET", "POST", "PUT", "DELETE"), HEADERS, (False, True))
    asks = [
        Ask(f"{api}{path}?{number}", method, headers, credentials)
        for number, (path, method, headers, credentials) in enumerate(kinds)
    ]
    for asked, (status, said) in zip(asks, console.fetches(origin + "/page", asks), strict=True):
        explanation = explain(world.policy, question(world, origin, asked))
        found = (status == 200, status != 0)
        assert found == (explanation.allowed, explanation.verdict is not Verdict.BLOCKED), (origin, asked)
        assert said == console.told(list(explanation.console)), (origin, asked)


def test_a_failed_handshake(console: Console, world: World) -> None:
    origin, url = f"http://evil.localhost:{world.page}", f"ws://api.localhost:{world.port}/r"
    explanation = explain(world.policy, parse_question(world.policy, url, origin, "GET", [], True))
    # In the mode `headers` it reaches the API, which speaks no WebSocket.
    told = list(explanation.console) if explanation.verdict is Verdict.BLOCKED else handshake(url, 200)
    assert console.socket(origin + "/page", url) == [
        each.text for each in told if each.browser == console.name
    ]


def question(world: World, origin: str, asked: Ask) -> Question:
    headers = [f"{name}: {value}" for name, value in asked.headers.items()]
    return parse_question(world.policy, asked.url, origin, asked.method, headers, asked.credentials)


def odd_failure(question: Question, name: str) -> tuple[Failure | None, int, bool, bool]:
    """The browser's checks on the API's own answers: the failure, the status, on which answer, and
    whether Allow-Origin stands twice."""
    origin = question.origin or b""
    status, preflight, answer = ODD[name]

    def lines(of: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
        return [(key.encode(), value.encode().replace(b"@", origin)) for key, value in of]

    unsafe = unsafe_names(question.headers)
    if unsafe or question.method not in (b"GET", b"HEAD", b"POST"):
        failure = preflight_check(
            origin, question.credentials, question.method, unsafe, status, lines(preflight)
        )
        if failure is not None:
            return failure, status, True, False
    return cors_check(origin, question.credentials, lines(answer)), 200, False, answer == [ORIGIN, ORIGIN]


def test_the_words_for_odd_answers(console: Console, world: World) -> None:
    """Straight from the API: answers that this proxy never gives."""
    origin, kinds = f"http://app.localhost:{world.page}", set()
    asks = [
        Ask(
            f"http://api.localhost:{world.page}/odd/{name}/{method}{len(headers)}{credentials}",
            method, headers, credentials,
        )
        for name, method, headers, credentials
        in itertools.product(ODD, ("GET", "PUT"), ({}, {"X-Foo": "1"}), (False, True))
        if name.startswith("preflight") or (method == "GET" and not headers)
    ]  # fmt: skip
    for asked, (seen, said) in zip(asks, console.fetches(origin + "/page", asks), strict=True):
        failure, status, preflight, twice = odd_failure(
            question(world, origin, asked), asked.url.split("/")[4]
        )
        told = [] if failure is None else messages(failure, asked.url, origin, status, preflight, twice)
        assert said == console.told(told), asked
        assert (seen == 0) is (failure is not None)
        kinds |= {each.name for each in told if each.browser == console.name}
    assert len(kinds) >= {"chromium": 14, "firefox": 12}[console.name]
