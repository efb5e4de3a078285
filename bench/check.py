"""Checks a subject before it is measured: it answers as the policy says, and keeps connections."""

import contextlib
import http.client
import socket
import time

from bench import frames, upstream
from bench.process import START, BenchError
from bench.subjects import Running
from bench.works import WORKS, Work, origin

TRIES = 20  # requests on one connection


def ask(client: socket.socket, request: bytes) -> tuple[int, str, int]:
    """Sends a request; returns the status, the allowed origin (`""`: none) and the body's
    length."""
    client.sendall(request)
    answer = http.client.HTTPResponse(client, method=request.split(b" ", 1)[0].decode())
    answer.begin()
    body = answer.read()
    return answer.status, answer.headers.get("Access-Control-Allow-Origin", ""), len(body)


def check_upstream(api: int, work: Work) -> None:
    """Checks that the API answers after the body, not before it; raises `BenchError`.

    Else a subject would not have to forward the rest of the body."""
    (request,) = work.requests
    with socket.create_connection(("127.0.0.1", api), 10) as client:
        client.sendall(request[:-1])
        client.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            client.recv(1)
            raise BenchError("the upstream answers before it has read the body")
        client.settimeout(10)
        client.sendall(request[-1:])
        if not client.recv(100).startswith(b"HTTP/1.1 204"):
            raise BenchError("the upstream does not take the body")


def await_answer(running: Running) -> float:
    """Waits for the first answer; returns the seconds since the subject was started."""
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException), running.client() as client:
            if ask(client, WORKS["varied-get"].requests[0])[0] == 200:
                return time.monotonic() - running.began
        if time.monotonic() - running.began > START:
            raise BenchError(f"{running.subject.title} does not answer")
        time.sleep(0.002)


def check(running: Running, work: Work, api: int) -> None:
    """Checks one subject and one work; raises `BenchError`. `api` is the upstream's port."""
    subject = running.subject
    if work.frames:
        with frames.opened(running.port, work._replace(connections=1)) as drive:
            if drive(0.1).errors:
                raise BenchError(f"{subject.title}, {work.title}: frames do not come back")
        return
    before = upstream.seen(api)
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(running.client())
        for number in range(TRIES):
            request = work.requests[number % len(work.requests)]
            if number and work.closes:
                client = stack.enter_context(running.client())
            try:
                status, reader, size = ask(client, request)
            except (OSError, http.client.HTTPException) as error:
                raise BenchError(f"{subject.title}, {work.title}: {error!r}") from error
            wanted = (subject.status(work), "" if work.refused else origin(request), work.size)
            if (status, reader) != wanted[:2] or size != work.size >= 0:
                raise BenchError(
                    f"{subject.title}, {work.title}: expected {wanted}, got {(status, reader, size)}"
                )
    after = upstream.seen(api)
    # One request and one connection are those of `seen` itself.
    requests, connections = after.requests - before.requests - 1, after.connections - before.connections - 1
    if requests != (TRIES if subject.forwards(work) else 0):
        raise BenchError(
            f"{subject.title}, {work.title}: {requests} of {TRIES} requests came to the upstream"
        )
    if connections > 1:
        raise BenchError(
            f"{subject.title}, {work.title}: {requests} requests, one after the other,"
            f" used {connections} connections to the upstream"
        )
