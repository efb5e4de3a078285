"""Asks as Envoy makes them, and what it makes of the answers."""

from typing import Any, cast

from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.ask import AskContext
from cors_proxy.proxy.bounds import bounds_by_route
from cors_proxy.proxy.grpc_messages import CheckRequest, ProcessingRequest
from cors_proxy.proxy.outbox import Outbox
from tests.casebook import Case, Line

from .conftest import CORS, Notes

DECIDE = "decide: {listen: 127.0.0.1:0, dialect: grpc}\n"
APP = b"origin", b"https://app.example"
EVIL = b"origin", b"https://evil.example"


def context(text: str = CORS, notes: Notes | None = None) -> AskContext:
    policy = parse_policy(f"version: 1\nadmin: off\n{text}{DECIDE}", "policy.yaml", "")[0]
    notes = notes or Notes()
    made = AskContext(policy, notes, Outbox(cast(Any, None), notes.failure))  # nothing is written
    put(made, policy)
    return made


def put(made: AskContext, policy: Policy) -> None:
    made.update(policy, [], bounds_by_route(policy), None)


def request(*lines: Line, method: bytes = b"GET", target: bytes = b"/r") -> list[Line]:
    """The headers of a request, as Envoy lists them."""
    given = [(b":method", method), (b":path", target), (b":scheme", b"http")]
    return [*given, (b":authority", b"api.example"), *lines]


def of_case(case: Case) -> list[Line]:
    """Envoy joins these lines, and frames the message itself."""
    joined: dict[bytes, bytes] = {}
    lines: list[Line] = []
    for name, value in ((name.lower(), value.strip(b" \t")) for name, value in case.lines):
        if name in (b"origin", b"access-control-request-method"):
            joined[name] = b"%b,%b" % (joined[name], value) if name in joined else value
        elif name != b"host":
            lines.append((name, value))
    (host,) = [value for name, value in case.lines if name.lower() == b"host"]
    about = [(b":method", case.method), (b":path", case.target), (b":authority", host)]
    return [*about, *joined.items(), *lines]


def check_request(lines: list[Line]) -> bytes:
    message = CheckRequest()
    for name, value in lines:
        message.attributes.request.http.header_map.headers.add(key=name, raw_value=value)
    return bytes(message.SerializeToString())


def processing_request(lines: list[Line], kind: str = "request_headers") -> bytes:
    message = ProcessingRequest()
    getattr(message, kind).SetInParent()
    for name, value in lines:
        getattr(message, kind).headers.headers.add(key=name, raw_value=value)
    return bytes(message.SerializeToString())


def changed(mutation: Any, lines: list[Line]) -> list[Line]:
    """The lines after a HeaderMutation: Envoy removes, then it sets."""
    return with_options(
        mutation.set_headers, [line for line in lines if line[0] not in mutation.remove_headers]
    )


def with_options(options: Any, lines: list[Line]) -> list[Line]:
    """The lines after a list of HeaderValueOption."""
    for option in options:
        name, value = option.header.key.lower(), option.header.raw_value or option.header.value
        there = any(line[0] == name for line in lines)
        if option.append_action in (2, 3) and (there or option.append_action == 2):
            lines = [line for line in lines if line[0] != name]
            there = False
        elif option.append_action == 3:
            continue
        if option.append_action != 1 or not there:
            lines = [*lines, (name, value)]
    return lines
