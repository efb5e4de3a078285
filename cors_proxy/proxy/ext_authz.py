"""Envoy's `ext_authz` (envoy.service.auth.v3.Authorization/Check): a request in, the decision out.

`ext_authz` can add lines to the API's response, but remove none.  So the answer also says in its
dynamic metadata what is to be removed, for a filter after it.  Where there is no such filter, the
API's own CORS headers are overwritten: with the grant, or with nothing."""

from typing import Any, Final

from ..cors.decision import Forward, Grant, Line
from ..cors.reason import Reason
from ..cors.response import removed_names
from . import answers
from .ask_verdict import Verdict, problem, verdict
from .context import Context
from .grpc_head import JOINED, JOINED_IN_MAP, asked
from .grpc_messages import (
    ADD_IF_ABSENT,
    APPEND,
    INVALID_ARGUMENT,
    OVERWRITE,
    OVERWRITE_IF_EXISTS,
    PERMISSION_DENIED,
    CheckRequest,
    CheckResponse,
    GrpcError,
    decoded,
)
from .request_head import HeadError

# What a browser reads of the response to a request that is no preflight.
_READ: Final = (
    b"Access-Control-Allow-Origin",
    b"Access-Control-Allow-Credentials",
    b"Access-Control-Expose-Headers",
)
# Lines of the proxy's own responses that Envoy writes itself.
_ENVOYS: Final = frozenset((b"content-length", b"connection", b"date"))


def check(context: Context, peer: str, data: bytes) -> bytes:
    """Answers one ask.  Raises GrpcError, which Envoy takes for a refusal."""
    message = decoded(CheckRequest, data)
    http = message.attributes.request.http
    response = CheckResponse()
    lines: list[Line] = [(each.key, each.raw_value or each.value) for each in http.header_map.headers]
    joined = JOINED
    if not lines:
        # Without `encode_raw_headers` Envoy joins the lines of every name.
        lines, joined = [(each.key, each.value) for each in http.headers], JOINED_IN_MAP
    if not any(name == b":method" for name, _ in lines):
        lines += [(b":method", http.method), (b":path", http.path), (b":authority", http.host)]
    try:
        about, head = asked(lines, context.head_limits, joined)
    except HeadError as bad:
        status, own, body = refused_head(context, peer, bad)
        _deny(response, status, own, body)
        return bytes(response.SerializeToString())
    found = verdict(context, about, head, peer, "2")
    action = found.action
    if isinstance(action, Forward):
        found.record.status = 200
        _allow(response, action)
    else:
        status, own, body = reply(context, found)
        _deny(response, status, own, body)
    context.end(found.record)
    return bytes(response.SerializeToString())


def refused_head(context: Context, peer: str, bad: HeadError) -> tuple[int, list[Line], bytes]:
    """The response to a request that is not even judged.  Raises GrpcError if the engine is at
    fault."""
    if bad.reason is Reason.ASK_MALFORMED:
        raise GrpcError(INVALID_ARGUMENT, bad.detail)
    context.recorder.malformed(peer, bad)
    return bad.status, *_parts(answers.problem(bad.status, bad.reason, b"", False)[0])


def reply(context: Context, found: Verdict) -> tuple[int, list[Line], bytes]:
    """Status, lines and body of the response to a request that is not forwarded."""
    record, status = found.record, found.status
    record.status = status
    own = found.action.grant.local_bytes + context.own_lines(record)
    if found.preflight:
        data = answers.preflight(status, own, False)
    else:
        data, record.sent = problem(context, found, own, False, record.method == b"HEAD")
    return status, *_parts(data)


def _parts(data: bytes) -> tuple[list[Line], bytes]:
    """The lines and the body of a response of the proxy's own."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines: list[Line] = []
    for raw in head.split(b"\r\n")[1:]:
        name, _, value = raw.partition(b": ")
        if name.lower() not in _ENVOYS:
            lines.append((name, value))
    return lines, body


def _deny(response: Any, status: int, lines: list[Line], body: bytes) -> None:
    response.status.code = PERMISSION_DENIED
    denied = response.denied_response
    denied.status.code, denied.body = status, body
    for name, value in lines:
        _add(denied.headers, name, value, OVERWRITE)


def _allow(response: Any, action: Forward) -> None:
    grant = action.grant
    allowed = response.ok_response
    allowed.SetInParent()
    response.status.code = 0
    _say(response, b"decision", b"forward")
    if action.target is not None:
        _add(allowed.headers, b":path", action.target, OVERWRITE)
    if grant.hands_off:
        _say(response, b"hands-off", b"true")
        return
    _say(response, b"remove", b", ".join(removed_names(grant)))
    if grant.expose_all:
        more = [b"Vary"] if grant.vary else []
        _say(response, b"expose-all", b", ".join([*more, *[name for name, _ in grant.lines]]))
    add, names = allowed.response_headers_to_add, set()
    if grant.expose_all:
        names.add(b"access-control-expose-headers")
    # A page reads nothing of a handshake, and a 101 has no lines of CORS.
    handshake = action.kind == "websocket"
    for name, value in () if handshake else _lines(grant):
        names.add(name.lower())
        _add(add, name, value, OVERWRITE)
    for name in (*_READ, *removed_names(grant)[1:]):
        if name.lower() not in names:
            _add(add, name, b"", OVERWRITE_IF_EXISTS)
    if grant.vary and not handshake:
        _add(add, b"Vary", b", ".join(grant.vary), APPEND)
    if grant.resource_policy is not None and not handshake:
        _add(add, b"Cross-Origin-Resource-Policy", grant.resource_policy, ADD_IF_ABSENT)


def _lines(grant: Grant) -> list[Line]:
    if grant.timing is None:
        return list(grant.lines)
    return [*grant.lines, (b"Timing-Allow-Origin", grant.timing)]


def _add(headers: Any, name: bytes, value: bytes, action: int) -> None:
    option = headers.add()
    option.header.key, option.header.value = name, value
    option.append_action = action


def _say(response: Any, key: bytes, value: bytes) -> None:
    """In the metadata."""
    entry = response.dynamic_metadata.fields.add()
    entry.key, entry.value.string_value = key, value
