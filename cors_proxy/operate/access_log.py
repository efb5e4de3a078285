"""The access log: one line for each request, on stdout, as JSON or as text.

The JSON keys are those of OpenTelemetry where it has one:
https://opentelemetry.io/docs/specs/semconv/http/http-spans/

Queries are left out, because they hold tokens.  Of the headers only Origin, Host, User-Agent,
X-Request-ID and traceparent are written, and what a preflight asks for.
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from ..colour import COLOURED
from ..cors.decision import Answer, Decision, Line, Refuse
from ..cors.escape import escaped
from ..cors.place import Place
from ..cors.request import JudgedHeaders
from ..cors.request_headers import MAX_BYTES, MAX_NAMES, parse
from ..proxy.recorder import Exchange
from ..proxy.trace_context import parse as parse_traceparent
from ..proxy.trace_context import span_id as own_span_id
from ..proxy.trace_context import trace_id as own_trace_id

_ALLOW_ORIGIN: Final = b"access-control-allow-origin"
_UPSTREAM_LISTS: Final = (
    ("allow_methods", b"access-control-allow-methods"),
    ("allow_headers", b"access-control-allow-headers"),
    ("expose_headers", b"access-control-expose-headers"),
)
_LABELS: Final = {Answer: "answer", Refuse: "refuse"}

# Enum members are read by `_value_`: `value` is a Python property, which costs a call each time.

Formatter = Callable[[Exchange], bytes]


def decision_label(decision: Decision | None) -> str:
    """`answer`, `refuse` or `forward`; `none` where a fault came before the decision."""
    return "none" if decision is None else _LABELS.get(type(decision), "forward")


def formatter(name: str, coloured: bool = False) -> Formatter | None:
    """For a value of `server.access_log`: json, text, or off (None)."""
    return {"json": json_line, "text": coloured_line if coloured else text_line}.get(name)


@lru_cache(4096)
def _rule(place: Place) -> str:
    """Cached: there are as many places as lines of the policy."""
    return escaped(str(place).encode())


@lru_cache(4096)
def _name(route: str) -> str:
    return escaped(route.encode())


class _Clock:
    """The current time as RFC 3339, UTC, with milliseconds; formats each second once."""

    __slots__ = ("_prefix", "_second")

    def __init__(self) -> None:
        self._second = -1
        self._prefix = ""

    def now(self) -> str:
        seconds = time.time()
        second = int(seconds)
        if second != self._second:
            self._second = second
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
        return f"{self._prefix}{int((seconds - second) * 1000):03d}Z"


_clock = _Clock()


def asked_headers(values: Sequence[bytes]) -> list[bytes]:
    """The names that a preflight asks for, at most as many as one may ask for.

    Of a malformed list, what stands between its commas."""
    names = parse(values)
    if names is not None:
        return names
    return _members(values)


def _asked(judged: JudgedHeaders, decision: Decision) -> str:
    """Of a preflight, as JSON members.  From these fields `explain` rebuilds the page's request."""
    members = (
        f',"cors.asked.method":"{escaped(judged.acrm or b"")}"'
        f',"cors.asked.headers":[{_array(asked_headers(judged.acrh))}]'
    )
    if judged.acrpn == b"true":
        members += ',"cors.asked.private_network":true'
    if type(decision) is Refuse:
        members += f',"cors.refused":[{_array(decision.refused)}]'
    return members


def _granted(lines: Sequence[Line]) -> str:
    """What the API itself granted, as JSON members.  From these fields `learn` proposes a policy.

    The first is there without Allow-Origin too: its absence tells that the API refused."""
    allow_origin = b", ".join(value for name, value in lines if name.lower() == _ALLOW_ORIGIN)
    members = f',"cors.upstream.allow_origin":"{escaped(allow_origin)}"'
    for name, value in lines:
        lower = name.lower()
        if lower == b"access-control-allow-credentials" and value.strip(b" \t") == b"true":
            members += ',"cors.upstream.allow_credentials":true'
    for key, header in _UPSTREAM_LISTS:
        values = [value for name, value in lines if name.lower() == header]
        if values:
            members += f',"cors.upstream.{key}":[{_array(_members(values))}]'
    return members


def _members(values: Sequence[bytes]) -> list[bytes]:
    """What stands between the commas, at most as many as a preflight may ask for."""
    members = b",".join(values)[:MAX_BYTES].split(b",", MAX_NAMES)[:MAX_NAMES]
    return [member.strip(b" \t") for member in members]


def _array(values: Sequence[bytes]) -> str:
    """The inside of a JSON array.  A list of headers that is well formed is never cut: explaining
    it needs all of it."""
    parts: list[str] = []
    size = 0
    for value in values:
        part = escaped(value, MAX_BYTES)
        size += len(part)
        if size > MAX_BYTES:
            break
        parts.append(f'"{part}"')
    return ",".join(parts)


def _trace(exchange: Exchange) -> str:
    """`trace_id` and `span_id` as JSON members: of the proxy's own span, or without tracing those of
    a valid traceparent.

    https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/"""
    own = exchange.trace
    if own:
        trace_id, span_id = own_trace_id(own), own_span_id(own)
    else:
        parent = None if exchange.traceparent is None else parse_traceparent(exchange.traceparent)
        if parent is None:
            return ""
        trace_id, span_id = parent.trace_id, parent.span_id
    return f',"trace_id":"{trace_id.decode("ascii")}","span_id":"{span_id.decode("ascii")}"'


def json_line(exchange: Exchange) -> bytes:
    """OpenTelemetry's names and `cors.*`, flat; a key without a value is left out."""
    decision = exchange.decision
    parts = [
        f'{{"timestamp":"{_clock.now()}","http.request.method":"{escaped(exchange.method)}"'
        f',"url.path":"{escaped(exchange.target.partition(b"?")[0])}"'
        f',"http.response.status_code":{exchange.status},"http.route":"{_name(exchange.route)}"'
        f',"cors.decision":"{decision_label(decision)}","cors.mode":"{exchange.mode or "off"}"'
    ]
    add = parts.append
    if decision is not None:
        add(f',"cors.kind":"{decision.kind}","cors.reason":"{decision.reason._value_}"')
        if decision.rule is not None:
            add(f',"cors.rule":"{_rule(decision.rule)}"')
        if decision.detail is not None:
            add(f',"cors.detail":"{escaped(decision.detail)}"')
        if type(decision) is Refuse:
            if decision.hint:
                add(f',"cors.hint":"{escaped(decision.hint.encode())}"')
            if not exchange.enforced:
                add(',"cors.enforced":false')
        if decision.kind == "preflight" and exchange.judged is not None:
            add(_asked(exchange.judged, decision))
    elif exchange.fault is not None:
        add(f',"cors.reason":"{exchange.fault._value_}"')
    if exchange.difference is not None:
        add(f',"cors.difference":"{exchange.difference._value_}"')
    if exchange.upstream_lines is not None:
        add(_granted(exchange.upstream_lines))
        if exchange.judged is not None and exchange.judged.cookie:
            add(',"cors.cookie":true')
    if exchange.fault is not None:
        add(f',"error.type":"{exchange.fault._value_}"')
        if exchange.detail:
            add(f',"error.detail":"{escaped(exchange.detail.encode())}"')
    if exchange.origin is not None:
        add(f',"http.request.header.origin":"{escaped(exchange.origin)}"')
    add(
        f',"server.address":"{escaped(exchange.host)}","client.address":"{escaped(exchange.peer.encode())}"'
        f',"url.scheme":"{exchange.scheme}","network.protocol.version":"{exchange.version}"'
    )
    if exchange.user_agent is not None:
        add(f',"user_agent.original":"{escaped(exchange.user_agent)}"')
    if exchange.request_id:
        add(f',"request.id":"{escaped(exchange.request_id)}"')
    if exchange.traceparent is not None or exchange.trace:
        add(_trace(exchange))
    if exchange.upstream_seconds is not None:
        add(f',"upstream.duration":{exchange.upstream_seconds:.6f}')
    add(
        f',"http.request.body.size":{exchange.received},"http.response.body.size":{exchange.sent}'
        f',"http.server.request.duration":{exchange.ended - exchange.started:.6f}}}\n'
    )
    return "".join(parts).encode("ascii")


def text_line(exchange: Exchange) -> bytes:
    """Status, method, path and origin, then the decision, its reason and its policy line."""
    decision = exchange.decision
    words = [exchange.fault._value_] if exchange.fault is not None else []
    if exchange.detail:
        words[0] += f" ({escaped(exchange.detail.encode())})"
    if decision is not None:
        words = [decision.reason._value_, *(word for word in words if word != decision.reason._value_)]
        if decision.detail is not None:
            words[0] += f" ({escaped(decision.detail)})"
        if decision.rule is not None:
            words.append(f"[{_rule(decision.rule)}]")
        if type(decision) is Refuse and decision.hint:
            words.append(escaped(decision.hint.encode()))
        if type(decision) is Refuse and not exchange.enforced:
            words.append(f"let pass: mode {exchange.mode}")
    if exchange.difference is not None:
        words.append(f"differs: {exchange.difference._value_}")
    origin = "-" if exchange.origin is None else escaped(exchange.origin)
    return (
        f"{_clock.now()} {exchange.status or '---'} {escaped(exchange.method)}"
        f" {escaped(exchange.target.partition(b'?')[0])} origin={origin}"
        f" client={escaped(exchange.peer.encode())} {decision_label(decision)}:"
        f" {' '.join(words)} {(exchange.ended - exchange.started) * 1000:.1f}ms\n"
    ).encode("ascii")


def coloured_line(exchange: Exchange) -> bytes:
    """The same for a terminal: refusals and failures stand out."""
    line = text_line(exchange).decode("ascii").rstrip("\n")
    if exchange.status >= 500:
        line = COLOURED.error(line)
    elif type(exchange.decision) is Refuse or exchange.status >= 400:
        line = COLOURED.warning(line)
    return f"{line}\n".encode("ascii")
