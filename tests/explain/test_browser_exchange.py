"""What an explanation says of an exchange is what the core says, and what the running proxy does."""

import asyncio
import itertools
import tempfile
from pathlib import Path

import pytest

from cors_proxy.explain.browser import explain
from cors_proxy.explain.browser_exchange import same_site, simulate, trustworthy
from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.question import Question, parse_question
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from cors_proxy.proxy.recorder import Exchange
from tests.casebook import Policy as Book
from tests.casebook import cases, of_interest
from tests.wire import Client, Link, Seen, Upstream

NAMES = {"Answer": "answer", "Refuse": "refuse", "Forward": "forward"}


def read_book(book: Book, folder: str) -> Policy:
    for name, text in book.files:
        Path(folder, name).write_text(text, "utf-8")
    return parse_policy(f"{book.text}\nupstream: http://127.0.0.1:1\n", "policy.yaml", folder)[0]


def test_corpus() -> None:
    """The verdict, the reason and the headers of every case."""
    books: dict[str, Policy] = {}
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            policy = books.get(case.policy.name) or books.setdefault(
                case.policy.name, read_book(case.policy, folder)
            )
        exchange = simulate(
            policy, case.method, case.target, case.lines, (case.upstream_status, case.upstream_lines)
        )
        found = (
            NAMES[type(exchange.action).__name__],
            exchange.status,
            exchange.decision.reason.value,
            of_interest(list(exchange.response_lines)),
        )
        assert found == (case.verb, case.status, case.reason, case.expected), case.id


class SilentRecorder:
    """A recorder."""

    def begin(self, exchange: Exchange) -> None: ...
    def end(self, exchange: Exchange) -> None: ...
    def malformed(self, peer: str, reason: object, status: int) -> None: ...
    def replaced_forwarding(self, peer: str) -> None: ...
    def span_dropped(self, reason: str, count: int = 1) -> None: ...
    def upstream_fault(self, upstream: str, address: str, detail: str) -> None: ...
    def connections(self, change: int) -> None: ...
    def failure(self, error: BaseException) -> None:
        raise error


async def answer_200(link: Link, seen: Seen) -> None:
    await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


ORIGINS = (
    "https://app.example",
    "https://x.apps.example.com",
    "https://evil.example",
    "null",
    "https://api.example",
    "https://idp.example",
)
PATHS = ("/r", "/public/x", "/mine/x", "/plain/x", "/amp/x", "/old/x", "/a%2fb")
HEADERS: tuple[tuple[str, ...], ...] = ((), ("X-Foo",), ("X-Bar", "content-type: application/json"))


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("mode", ["enforce", "headers", "report"])
async def test_the_live_proxy_agrees(source: PolicyText, mode: str, debug: bool) -> None:
    upstream = Upstream()
    upstream.script = answer_200
    await upstream.start()
    text = source.text.replace("http://127.0.0.1:3000", f"http://127.0.0.1:{upstream.port}").replace(
        ":8080", ":0"
    )
    policy = source.with_text(f"{text}mode: {mode}\nserver: {{debug: {str(debug).lower()}}}\n").read()
    edge = Edge(policy, SilentRecorder())  # type: ignore[arg-type]
    await edge.start()
    try:
        address = edge._runner.addresses[0]
        for origin, path, method, headers in itertools.product(
            ORIGINS, PATHS, ("GET", "POST", "PUT", "DELETE"), HEADERS
        ):
            question = parse_question(
                policy, f"https://api.example{path}", origin, method, headers, credentials=path == "/mine/x"
            )
            for step in explain(policy, question).steps:
                exchange, before = step.exchange, len(upstream.requests)
                client = Client(*await asyncio.open_connection(*address))
                lines = b"".join(b"%b: %b\r\n" % line for line in exchange.request_lines)
                await client.send(
                    b"%b %b HTTP/1.1\r\n%b\r\n" % (exchange.request.method, exchange.request.target, lines)
                )
                answer = await client.answer(exchange.request.method.decode())
                client.close()
                received = [
                    (name.encode(), value.encode())
                    for name, value in answer.lines
                    if name.lower() not in ("date", "x-request-id")
                ]
                api = (
                    {b"content-length", b"connection"} if not exchange.answered_by_proxy else {b"connection"}
                )
                assert answer.status == exchange.status, (question, exchange.decision)
                assert sorted(line for line in received if line[0].lower() not in api) == sorted(
                    exchange.response_lines
                ), question
                assert (len(upstream.requests) == before) is exchange.answered_by_proxy
    finally:
        await edge.close()
        await upstream.stop()


@pytest.mark.parametrize(
    ("page", "scheme", "host", "same", "trusted"),
    [
        ("https://app.example.com", "https", b"api.example.com", True, True),
        ("http://app.example.com", "https", b"api.example.com", False, True),
        ("http://app.example.com", "http", b"api.example.com", True, False),
        ("https://a.github.io", "https", b"b.github.io", False, True),
        ("http://localhost:3000", "http", b"localhost:8080", True, True),
        ("http://localhost:3000", "http", b"127.0.0.1:8080", False, True),
        ("http://[::1]:3000", "http", b"[::1]:8080", True, True),
        ("http://10.0.0.1", "http", b"10.0.0.2", False, False),
        ("null", "http", b"api.localhost", False, True),
    ],
)
def test_fetch_metadata(page: str, scheme: str, host: bytes, same: bool, trusted: bool) -> None:
    question = Question(page.encode(), b"GET", scheme, host, b"/")
    assert (same_site(question), trustworthy(question)) == (same, trusted)
