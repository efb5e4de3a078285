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
from ..cors.escape import LIMIT, escaped, is_plain
from ..cors.place import Place
from ..cors.request import JudgedHeaders
from ..cors.request_headers import MAX_BYTES, MAX_NAMES, parse
from ..proxy.recorder import Exchange
from ..proxy.trace_context import parse as parse_traceparent
from ..proxy.trace_context import span_id as own_span_id
from ..proxy.trace_context import trace_id as own_trace_id

_ALLOW_ORIGIN: Final = b"access-control-allow-origin"
_UPSTREAM_LISTS: Final = (
    (b',"cors.upstream.allow_methods":[', b"access-control-allow-methods"),
    (b',"cors.upstream.allow_headers":[', b"access-control-allow-headers"),
    (b',"cors.upstream.expose_headers":[', b"access-control-expose-headers"),
)
_DIGITS: Final = tuple(b"%03d" % number for number in range(1000))
_NUMBERS: Final = tuple(b"%d" % number for number in range(1000))
_REMEMBERED: Final = 1024  # bytes of what a preflight asks for
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
def _rule(place: Place) -> bytes:
    """Cached: there are as many places as lines of the policy."""
    return _value(str(place).encode())


def _value(value: bytes) -> bytes:
    """The inside of a JSON string.  Most values stay as they are."""
    return value if len(value) <= LIMIT and is_plain(value) else escaped(value).encode("ascii")


def _number(value: int) -> bytes:
    """Of a number that is not negative."""
    return _NUMBERS[value] if value < 1000 else str(value).encode("ascii")


class _Clock:
    """The current time as RFC 3339, UTC, with milliseconds; formats each second once."""

    __slots__ = ("_prefix", "_second")

    def __init__(self) -> None:
        self._second = -1
        self._prefix = b""

    def now(self) -> tuple[bytes, bytes]:
        """In two pieces."""
        seconds = time.time()
        second = int(seconds)
        if second != self._second:
            self._second = second
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second)).encode("ascii")
        return self._prefix, _DIGITS[int((seconds - second) * 1000)]


def _add_seconds(parts: list[bytes], key: bytes, value: float) -> None:
    """With six digits after the point.  `format` costs four times as much."""
    micros = int(value * 1e6 + 0.5)
    millis = micros // 1000
    parts += (key, _number(millis // 1000), b".", _DIGITS[millis % 1000], _DIGITS[micros % 1000])


_clock = _Clock()


def asked_headers(values: Sequence[bytes]) -> list[bytes]:
    """The names that a preflight asks for, at most as many as one may ask for.

    Of a malformed list, what stands between its commas."""
    names = parse(values)
    if names is not None:
        return names
    return _members(values)


def _asked(judged: JudgedHeaders, decision: Decision) -> bytes:
    """Of a preflight, as JSON members.  From these fields `explain` rebuilds the page's request."""
    members = [b',"cors.asked.method":"', _value(judged.acrm or b""), b'","cors.asked.headers":[']
    members += (_array(asked_headers(judged.acrh)), b"]")
    if judged.acrpn == b"true":
        members.append(b',"cors.asked.private_network":true')
    if type(decision) is Refuse:
        members += (b',"cors.refused":[', _array(decision.refused), b"]")
    return b"".join(members)


def _granted(lines: Sequence[Line]) -> bytes:
    """What the API itself granted, as JSON members.  From these fields `learn` proposes a policy.

    The first is there without Allow-Origin too: its absence tells that the API refused."""
    allow_origin = b", ".join(value for name, value in lines if name.lower() == _ALLOW_ORIGIN)
    members = [b',"cors.upstream.allow_origin":"', _value(allow_origin), b'"']
    for name, value in lines:
        lower = name.lower()
        if lower == b"access-control-allow-credentials" and value.strip(b" \t") == b"true":
            members.append(b',"cors.upstream.allow_credentials":true')
    for key, header in _UPSTREAM_LISTS:
        values = [value for name, value in lines if name.lower() == header]
        if values:
            members += (key, _array(_members(values)), b"]")
    return b"".join(members)


def _members(values: Sequence[bytes]) -> list[bytes]:
    """What stands between the commas, at most as many as a preflight may ask for."""
    members = b",".join(values)[:MAX_BYTES].split(b",", MAX_NAMES)[:MAX_NAMES]
    return [member.strip(b" \t") for member in members]


def _array(values: Sequence[bytes]) -> bytes:
    """The inside of a JSON array.  A list of headers that is well formed is never cut: explaining
    it needs all of it."""
    parts: list[bytes] = []
    size = 0
    for value in values:
        part = value if is_plain(value) else escaped(value, MAX_BYTES).encode("ascii")
        size += len(part)
        if size > MAX_BYTES:
            break
        parts.append(part)
    return b'"%b"' % b'","'.join(parts) if parts else b""


def _trace(exchange: Exchange) -> bytes:
    """`trace_id` and `span_id` as JSON members: of the proxy's own span, or without tracing those of
    a valid traceparent.

    https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/"""
    own = exchange.trace
    if own:
        trace_id, span_id = own_trace_id(own), own_span_id(own)
    else:
        parent = None if exchange.traceparent is None else parse_traceparent(exchange.traceparent)
        if parent is None:
            return b""
        trace_id, span_id = parent.trace_id, parent.span_id
    return b"".join((b',"trace_id":"', trace_id, b'","span_id":"', span_id, b'"'))


class _Logged:
    """What `_decided` wrote, and for what: a decision may be shared by routes and requests."""

    __slots__ = ("acrh", "acrm", "acrpn", "enforced", "mode", "route", "text")

    def __init__(self, exchange: Exchange, judged: JudgedHeaders, text: bytes) -> None:
        self.route, self.mode, self.enforced = exchange.route, exchange.mode, exchange.enforced
        self.acrm, self.acrh, self.acrpn = judged.acrm, judged.acrh, judged.acrpn
        self.text = text

    def holds(self, exchange: Exchange, judged: JudgedHeaders) -> bool:
        """Whether `_decided` would write the same for an exchange with the same decision."""
        return (
            self.route == exchange.route
            and self.mode == exchange.mode
            and self.enforced is exchange.enforced
            and self.acrm == judged.acrm
            and self.acrh == judged.acrh
            and self.acrpn == judged.acrpn
        )


def _about(exchange: Exchange) -> bytes:
    """`_decided`, but short texts are written once for a decision that is kept."""
    decision, judged = exchange.decision, exchange.judged
    if decision is None or judged is None:
        return _decided(exchange)
    logged = decision.logged
    if isinstance(logged, _Logged) and logged.holds(exchange, judged):
        return logged.text
    text = _decided(exchange)
    if len(judged.acrm or b"") + sum([len(value) for value in judged.acrh]) <= _REMEMBERED:
        object.__setattr__(decision, "logged", _Logged(exchange, judged, text))  # it is frozen
    return text


def _decided(exchange: Exchange) -> bytes:
    """The route, and the decision with what was asked, as JSON members."""
    decision = exchange.decision
    parts = [
        b',"http.route":"', _value(exchange.route.encode()),
        b'","cors.decision":"', decision_label(decision).encode("ascii"),
        b'","cors.mode":"', (exchange.mode or "off").encode("ascii"), b'"',
    ]  # fmt: skip
    if decision is not None:
        parts += (b',"cors.kind":"', decision.kind.encode("ascii"))
        parts += (b'","cors.reason":"', decision.reason._value_.encode("ascii"), b'"')
        if decision.rule is not None:
            parts += (b',"cors.rule":"', _rule(decision.rule), b'"')
        if decision.detail is not None:
            parts += (b',"cors.detail":"', _value(decision.detail), b'"')
        if type(decision) is Refuse:
            if decision.hint:
                parts += (b',"cors.hint":"', _value(decision.hint.encode()), b'"')
            if not exchange.enforced:
                parts.append(b',"cors.enforced":false')
        if decision.kind == "preflight" and exchange.judged is not None:
            parts.append(_asked(exchange.judged, decision))
    return b"".join(parts)


def json_line(exchange: Exchange) -> bytes:
    """OpenTelemetry's names and `cors.*`, flat; a key without a value is left out."""
    target = exchange.target
    query = target.find(b"?")
    second, millis = _clock.now()
    parts = [
        b'{"timestamp":"', second, millis,
        b'Z","http.request.method":"', _value(exchange.method),
        b'","url.path":"', _value(target if query < 0 else target[:query]),
        b'","http.response.status_code":', _number(exchange.status),
        _about(exchange),
    ]  # fmt: skip
    if exchange.decision is None and exchange.fault is not None:
        parts += (b',"cors.reason":"', exchange.fault._value_.encode("ascii"), b'"')
    if exchange.difference is not None:
        parts += (b',"cors.difference":"', exchange.difference._value_.encode("ascii"), b'"')
    if exchange.upstream_lines is not None:
        parts.append(_granted(exchange.upstream_lines))
        if exchange.judged is not None and exchange.judged.cookie:
            parts.append(b',"cors.cookie":true')
    if exchange.fault is not None:
        parts += (b',"error.type":"', exchange.fault._value_.encode("ascii"), b'"')
        if exchange.detail:
            parts += (b',"error.detail":"', _value(exchange.detail.encode()), b'"')
    if exchange.origin is not None:
        parts += (b',"http.request.header.origin":"', _value(exchange.origin), b'"')
    parts += (
        b',"server.address":"', _value(exchange.host),
        b'","client.address":"', _value(exchange.peer.encode()),
        b'","url.scheme":"', exchange.scheme.encode("ascii"),
        b'","network.protocol.version":"', exchange.version.encode("ascii"), b'"',
    )  # fmt: skip
    if exchange.user_agent is not None:
        parts += (b',"user_agent.original":"', _value(exchange.user_agent), b'"')
    if exchange.request_id:
        parts += (b',"request.id":"', _value(exchange.request_id), b'"')
    if exchange.traceparent is not None or exchange.trace:
        parts.append(_trace(exchange))
    if exchange.upstream_seconds is not None:
        _add_seconds(parts, b',"upstream.duration":', exchange.upstream_seconds)
    parts += (
        b',"http.request.body.size":', _number(exchange.received),
        b',"http.response.body.size":', _number(exchange.sent),
    )  # fmt: skip
    _add_seconds(parts, b',"http.server.request.duration":', exchange.ended - exchange.started)
    parts.append(b"}\n")
    return b"".join(parts)


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
            words.append(f"[{_rule(decision.rule).decode('ascii')}]")
        if type(decision) is Refuse and decision.hint:
            words.append(escaped(decision.hint.encode()))
        if type(decision) is Refuse and not exchange.enforced:
            words.append(f"let pass: mode {exchange.mode}")
    if exchange.difference is not None:
        words.append(f"differs: {exchange.difference._value_}")
    origin = "-" if exchange.origin is None else escaped(exchange.origin)
    return (
        f"{b''.join(_clock.now()).decode('ascii')}Z {exchange.status or '---'} {escaped(exchange.method)}"
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
