"""The decision listener, on real sockets: what the corpus decides, who may ask, and what is a yes."""

import itertools
import json
from collections.abc import Iterator
from itertools import groupby

import pytest

from cors_proxy.cors.decision import Forward
from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import read
from cors_proxy.policy.read import parse_policy
from tests.casebook import Case, Line, cases, of_interest
from tests.wire import Client, Head

from .conftest import Proxy, Start, request

APP = "Origin: https://app.example"
EVIL = "Origin: https://evil.example"
FORWARDED = "X-Forwarded-Method: GET", "X-Forwarded-Uri: /r", "X-Forwarded-Host: api.example"
DIALECTS = "dialect: mirror", "dialect: forwarded", "dialect: forwarded, headers: x-original"


def described(dialect: str, method: str, target: str, host: str) -> tuple[str, ...]:
    """The request line and the lines with which an ask describes a request."""
    if "forwarded" not in dialect:
        return f"{method} {target}", f"Host: {host}"
    if "x-original" in dialect:
        return "GET /check", f"Host: {host}", f"X-Original-Method: {method}", f"X-Original-URI: {target}"
    return (
        "GET /check",
        "Host: decider",
        f"X-Forwarded-Method: {method}",
        f"X-Forwarded-Uri: {target}",
        f"x-forwarded-host: {host}",
    )


def raw(first: str, *lines: str) -> bytes:
    return "\r\n".join((f"{first} HTTP/1.1", *lines, "", "")).encode("latin-1")


async def asked(client: Client, data: bytes) -> Head:
    await client.send(data)
    return await client.answer(data.partition(b" ")[0].decode())


# the corpus


def carried(case: Case, answer: Head) -> list[Line]:
    """The response that reaches the client, by an engine that does all that the answer says."""
    lines = list(case.upstream_lines)
    if answer.all("cors-proxy-hands-off"):
        return lines
    (remove,) = answer.all("cors-proxy-remove")
    for name in remove.encode().lower().split(b", "):
        whole = name.removesuffix(b"*")
        lines = [
            line
            for line in lines
            if not (line[0].lower() == name or (whole != name and line[0].lower().startswith(whole)))
        ]
    if case.upstream_status == 101:
        return lines
    have = {name.lower() for name, _ in lines}
    for text, value in of_interest([(name.encode(), value.encode()) for name, value in answer.lines]):
        if text == b"vary":
            lines = with_vary(lines, value)
        elif text != b"cross-origin-resource-policy" or text not in have:
            lines.append((text, value))
    if answer.all("cors-proxy-expose-all"):
        names = dict.fromkeys(name for name, _ in lines if not of_interest([(name, b"")]))
        seen = [name for name in (*names, b"Timing-Allow-Origin", b"Vary") if shown(name, lines)]
        lines.append((b"Access-Control-Expose-Headers", b", ".join(dict.fromkeys(seen))))
    return lines


def shown(name: bytes, lines: list[Line]) -> bool:
    return any(own.lower() == name.lower() for own, _ in lines)


def with_vary(lines: list[Line], value: bytes) -> list[Line]:
    varies = [at for at, line in enumerate(lines) if line[0].lower() == b"vary"]
    have = [member.strip().lower() for at in varies for member in lines[at][1].split(b",")]
    missing = [name for name in value.split(b", ") if name.lower() not in have]
    if not varies:
        return [*lines, (b"vary", value)]
    if b"*" not in have and missing:
        name, old = lines[varies[-1]]
        lines[varies[-1]] = name, b", ".join([*([old] if old else []), *missing])
    return lines


def faults(case: Case, dialect: str, answer: Head) -> Iterator[str]:
    """All differences between an answer and what the case expects."""
    mirrored, (decision,) = "mirror" in dialect, answer.all("cors-proxy-decision")
    if decision != case.verb:
        yield f"{decision}, not {case.verb}"
    status = (
        200 if case.verb == "forward" else 403 if not mirrored else 204 if case.status < 300 else case.status
    )
    if answer.status != status:
        yield f"status {answer.status}, not {status}"
    told = [] if mirrored or case.verb == "forward" else [str(case.status)]
    if answer.all("cors-proxy-status") != told:
        yield f"it says {answer.all('cors-proxy-status')}, not {told}"
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.lines]
    if case.verb == "forward":
        lines = carried(case, answer)
        target = answer.all("cors-proxy-target") or [case.target.decode("latin-1")]
        if target != [case.upstream_target.decode("latin-1")]:
            yield f"target {target}"
    exposed = b"access-control-expose-headers"
    if answer.all("cors-proxy-expose-all"):  # the order of its names is the engine's
        lines = [line for line in lines if line[0].lower() != exposed]
        expected = tuple(line for line in case.expected if line[0] != exposed)
    else:
        expected = case.expected
    if of_interest(lines) != expected:
        yield f"lines {of_interest(lines)}, not {expected}"
    if case.verb == "refuse":
        reason = json.loads(answer.body)["reason"] if answer.body else answer.all("cors-proxy-reason")[0]
        if reason != case.reason:
            yield f"reason {reason}, not {case.reason}"


@pytest.mark.parametrize("dialect", DIALECTS[:2])
async def test_the_corpus(start: Start, dialect: str) -> None:
    proxy = await start(decide=dialect)
    wrong = []
    client = await proxy.dial()
    for policy, block in groupby(cases(), key=lambda case: case.policy):
        text = f"{policy.text}decide: {{listen: 127.0.0.1:0, {dialect}}}\n"
        proxy.edge.swap(parse_policy(text, policy.name, "")[0])
        for case in block:
            # The engine sets these.
            lines = [
                line for line in case.lines if not line[0].lower().startswith((b"host", b"x-forwarded-"))
            ]
            if dialect == "dialect: forwarded" and any(name == b"Sec-WebSocket-Key" for name, _ in lines):
                # As Traefik asks: it removes what is hop-by-hop.
                lines = [line for line in lines if line[0] not in (b"Connection", b"Upgrade")]
            (host,) = [value.decode("latin-1") for name, value in case.lines if name.lower() == b"host"]
            first = described(dialect, case.method.decode(), case.target.decode("latin-1"), host)
            await client.send(raw(*first)[:-2] + b"".join(b"%b: %b\r\n" % line for line in lines) + b"\r\n")
            answer = await client.answer(first[0].partition(" ")[0])
            wrong += [f"{case.id}: {fault}" for fault in faults(case, dialect, answer)]
            if answer.all("connection"):
                client = await proxy.dial()
    assert not wrong, "\n".join(wrong)
    assert not proxy.upstream.links


# a yes


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_2xx_means_forward_and_nothing_else(start: Start, dialect: str) -> None:
    """In `mirror` 204 is the answer to a preflight, which engines do not take for a yes."""
    proxy = await start(
        "hosts: [api.example]\nroutes: [{path: /off/**, cors: off}, {path: /dry/**, mode: report},"
        " {path: /bare/**, cors: {preflight: {status: 200, refusal: bare}}}]\n",
        cors="cors: {origins: ['https://app.example'], methods: [PUT], preflight: {status: 200}}\n",
        decide=dialect,
    )
    site, client, yes = proxy.edge.policy.site, await proxy.dial(), 0
    for method, target, host, *others in itertools.product(
        ("GET", "OPTIONS", "PUT"),
        ("/r", "/off/r", "/dry/r", "/bare/r", "/a/../r"),
        ("api.example", "other.example"),
        ("", APP, EVIL, "Origin: null"),
        ("", "Access-Control-Request-Method: PUT", "Access-Control-Request-Method: PATCH"),
    ):
        lines = [line for line in others if line]
        answer = await asked(client, raw(*described(dialect, method, target, host), *lines))
        pairs = [(name.encode(), value.encode()) for name, _, value in (one.partition(": ") for one in lines)]
        action = judge(
            site, read(method.encode(), target.encode(), [(b"Host", host.encode()), *pairs])
        ).action
        forward = isinstance(action, Forward)
        assert (answer.status == 200) is forward, (method, target, host, lines)
        assert answer.status in (200, 403) if "mirror" not in dialect else answer.status != 200 or forward
        assert not answer.all("connection") and answer.complete
        yes += forward
    assert 60 < yes < 300


# the wire


@pytest.mark.parametrize("dialect", DIALECTS[:2])
@pytest.mark.parametrize("framing", ["Content-Length: 90", "Transfer-Encoding: chunked"])
async def test_no_body_is_read_and_its_connection_ends(start: Start, dialect: str, framing: str) -> None:
    proxy = await start(decide=dialect)
    client = await proxy.dial()
    ask = raw(*described(dialect, "POST", "/r", "api.example"), APP, framing, "Expect: 100-continue")
    answer = await asked(client, ask)
    assert (answer.status, answer.all("connection"), answer.interim) == (200, ["close"], [])
    # What comes now could be a body, or another request of the client.
    await client.send(request("GET /second", APP))
    assert await client.end() == "FIN"
    assert len(proxy.notes.ended) == 1 and not proxy.notes.bad


async def test_a_body_that_came_with_its_head_ends_the_connection_too(start: Start) -> None:
    proxy = await start(decide="dialect: mirror")
    client = await proxy.dial()
    answer = await asked(client, request("POST /r", APP, body=b"ok") + request("GET /second", APP))
    assert answer.all("connection") == ["close"] and await client.end() == "FIN"
    assert [record.target for record in proxy.notes.ended] == [b"/r"]


async def test_a_connection_takes_many_asks(start: Start) -> None:
    proxy = await start(decide="dialect: mirror")
    client = await proxy.dial()
    await client.send(request("POST /1", APP, "Content-Length: 0") + request("GET /2", EVIL))
    assert [(await client.answer()).status, (await client.answer()).status] == [200, 403]
    answer = await asked(client, request("HEAD /3", EVIL))
    assert (answer.status, answer.body, answer.all("content-length")) == (403, b"", ["93"])
    proxy.edge.announce()
    assert (await asked(client, request("GET /4", APP))).all("connection") == ["close"]


# who may ask, and how


@pytest.mark.parametrize("dialect", DIALECTS[:2])
async def test_only_who_is_trusted_may_ask(start: Start, dialect: str) -> None:
    proxy = await start(decide=f"{dialect}, trust: [192.0.2.0/24]")
    for ask in (raw(*described(dialect, "GET", "/r", "api.example"), APP), request("GET r"), b"\x16\x03\r\n"):
        answer = await proxy.ask(ask)
        assert (answer.status, answer.all("connection")) == (403, ["close"])
        assert json.loads(answer.body)["reason"] == "ask-not-trusted"
        assert not answer.all("access-control-allow-origin") and answer.all("cors-proxy-decision") == [
            "refuse"
        ]
    assert [bad.reason for bad in proxy.notes.bad] == [Reason.ASK_NOT_TRUSTED] * 3


async def test_an_ask_has_no_proxy_header_and_no_tls_of_the_traffic(start: Start) -> None:
    proxy = await start("server: {proxy_protocol: [127.0.0.1]}\n", decide="dialect: mirror")
    assert (await proxy.ask(request("GET /r", APP))).status == 200
    assert (await proxy.ask(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + request("GET /r", APP))).status == 400


@pytest.mark.parametrize(
    ("lines", "status", "told", "reason"),
    [
        (FORWARDED[1:], 400, [], "ask-malformed"),
        (FORWARDED[:1] + FORWARDED[2:], 400, [], "ask-malformed"),
        (FORWARDED[:2], 400, [], "ask-malformed"),
        ((*FORWARDED, "X-Forwarded-Method: GET"), 400, [], "ask-malformed"),
        ((*FORWARDED, "x-forwarded-uri: /r"), 400, [], "ask-malformed"),
        ((*FORWARDED, "X-FORWARDED-HOST: api.example"), 400, [], "ask-malformed"),
        # of no effect
        (
            (*FORWARDED, "X-Original-Method: OPTIONS", "X-Original-URI: /x", "X_Forwarded_Uri: /x"),
            200,
            [],
            "",
        ),
        # the client's fault
        (("X-Forwarded-Method: TRACE", *FORWARDED[1:]), 403, ["405"], "method-not-supported"),
        (("X-Forwarded-Method: get", *FORWARDED[1:]), 403, ["400"], "malformed-request"),
        (("X-Forwarded-Method: GET /x HTTP/1.1", *FORWARDED[1:]), 403, ["400"], "malformed-request"),
        ((FORWARDED[0], "X-Forwarded-Uri: http://a/", FORWARDED[2]), 403, ["400"], "malformed-request"),
        ((FORWARDED[0], "X-Forwarded-Uri: /a b", FORWARDED[2]), 403, ["400"], "malformed-request"),
        ((FORWARDED[0], "X-Forwarded-Uri: *", FORWARDED[2]), 403, ["400"], "malformed-request"),
        ((FORWARDED[0], "X-Forwarded-Uri:", FORWARDED[2]), 403, ["400"], "malformed-request"),
        ((*FORWARDED[:2], "X-Forwarded-Host: a, b"), 403, ["400"], "malformed-request"),
        ((*FORWARDED, "Transfer-Encoding: gzip"), 403, ["400"], "malformed-request"),
        ((*FORWARDED, *(f"X-{number}: 1" for number in range(100))), 403, ["431"], "head-too-large"),
        ((*FORWARDED, EVIL, EVIL), 403, ["400"], "repeated-header"),
    ],
)
async def test_each_believed_header_exactly_once_and_as_strict_as_a_request(
    start: Start, lines: tuple[str, ...], status: int, told: list[str], reason: str
) -> None:
    proxy = await start(decide="dialect: forwarded")
    answer = await proxy.ask(request("GET /check", *lines))
    assert (answer.status, answer.all("cors-proxy-status")) == (status, told)
    assert (json.loads(answer.body)["reason"] if answer.body else "") == reason


async def test_what_mirror_does_not_believe(start: Start) -> None:
    """The bypass of GHSA-7x63-xv5r-3p2x: a client describes another request than the one it sends."""
    proxy = await start(decide="dialect: mirror")
    lies = *FORWARDED, "X-Original-Method: OPTIONS", "X-Original-URI: /off"
    assert (await proxy.ask(request("POST /r", EVIL, *lies))).status == 403
    assert [(record.method, record.target) for record in proxy.notes.ended] == [(b"POST", b"/r")]


# the record


async def test_the_record_is_of_the_request_that_was_asked_about(start: Start) -> None:
    proxy = await start("server: {trusted_proxies: [198.51.100.7]}\n", decide="dialect: forwarded")
    lines = "X-Forwarded-For: 203.0.113.9, 192.0.2.1, 198.51.100.7", "X-Forwarded-Proto: https"
    answer = await proxy.ask(
        raw(*described("forwarded", "PATCH", "/r?q", "api.example"), APP, *lines, "X-Request-ID: abc")
    )
    record = proxy.notes.ended[0]
    assert (record.method, record.target, record.host) == (b"PATCH", b"/r?q", b"api.example")
    assert (record.peer, record.scheme, record.status) == ("192.0.2.1", "https", 403)
    assert record.decision is not None and record.decision.reason is Reason.METHOD_NOT_ALLOWED
    assert answer.all("cors-proxy-problem") == [answer.body.decode().rstrip()]
    assert answer.all("x-request-id") == ["abc"] and record.sent == len(answer.body) > 0
    # Readable, as it is when the proxy itself refuses.
    assert answer.all("access-control-allow-origin") == ["https://app.example"]


async def test_report_mode_forwards_and_records_what_would_have_been(start: Start) -> None:
    proxy = await start("mode: report\n", decide="dialect: mirror")
    answer = await proxy.ask(request("GET /r", EVIL))
    assert (answer.status, answer.all("cors-proxy-hands-off")) == (200, ["true"])
    assert not answer.all("vary") + answer.all("cors-proxy-remove")
    record = proxy.notes.ended[0]
    assert record.decision is not None and record.decision.reason is Reason.ORIGIN_NOT_ALLOWED
    assert not record.enforced


async def test_it_listens_beside_the_traffic_and_drains_with_it(start: Start) -> None:
    proxy = await start("decide: {listen: 127.0.0.1:0}\n")
    assert (await proxy.ask(request("GET /r", EVIL))).status == 403
    assert proxy.edge.asks is not None
    beside = Proxy(proxy.edge, proxy.upstream, proxy.notes, proxy.edge.asks._runner.addresses[0])
    client = await beside.dial()
    assert (await asked(client, request("GET /r", EVIL))).status == 403
    assert (await asked(client, request("GET /r", APP))).status == 200
    assert not proxy.upstream.requests
    await proxy.edge.drain()
    assert await client.end() == "FIN"
    with pytest.raises(ConnectionError):
        await beside.dial()
    client.close()
