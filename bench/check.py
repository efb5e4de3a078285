"""Before anything is measured: does the subject answer as the policy means, and does it keep its connections?"""

import contextlib
import http.client
import socket

from bench import upstream
from bench.process import Refused
from bench.subjects import Running
from bench.works import Work

TRIES = 20  # requests on one connection


def ask(client: socket.socket, work: Work) -> tuple[int, str, int]:
    """Sends the request's bytes; its status, who may read it (`""` for nobody), and its length."""
    client.sendall(work.request)
    answer = http.client.HTTPResponse(client, method=work.request.split(b" ", 1)[0].decode())
    answer.begin()
    body = answer.read()
    return answer.status, answer.headers.get("Access-Control-Allow-Origin", ""), len(body)


def check_upstream(api: int, work: Work) -> None:
    """It has to answer after the body and not before: a subject would be spared the rest of it.  Raises `Refused`."""
    with socket.create_connection(("127.0.0.1", api), 10) as client:
        client.sendall(work.request[:-1])
        client.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            client.recv(1)
            raise Refused("the upstream answers before it has read the body")
        client.settimeout(10)
        client.sendall(work.request[-1:])
        if not client.recv(100).startswith(b"HTTP/1.1 204"):
            raise Refused("the upstream does not take the body")


def check(running: Running, work: Work, api: int) -> None:
    """`api` is the upstream's port.  Raises `Refused`."""
    subject = running.subject
    before = upstream.seen(api)
    with socket.create_connection(("127.0.0.1", running.port), 10) as client:
        for _ in range(TRIES):
            try:
                status, reader, size = ask(client, work)
            except (OSError, http.client.HTTPException) as error:
                raise Refused(f"{subject.title}, {work.title}: {error!r}") from error
            wanted = (subject.status(work), "" if work.name == "refused" else work.origin, work.size)
            if (status, reader) != wanted[:2] or size != work.size >= 0:
                raise Refused(
                    f"{subject.title}, {work.title}: answered {(status, reader, size)}, and {wanted} was wanted"
                )
    after = upstream.seen(api)
    # The call of `seen` itself is one of each.
    requests, connections = after.requests - before.requests - 1, after.connections - before.connections - 1
    if requests != (TRIES if subject.forwards(work) else 0):
        raise Refused(f"{subject.title}, {work.title}: {requests} of {TRIES} requests came to the upstream")
    if connections > 1:
        raise Refused(
            f"{subject.title}, {work.title}: {connections} connections to the upstream for {requests} requests in turn"
        )
