"""The access log: one line for each request, on stdout, as JSON under OpenTelemetry's names or as text for people.

The query is not written: it is where tokens stand. Nor is any header but Origin, Host, User-Agent and X-Request-ID."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ..cors.decision import Answer, Decision, Refuse
from ..cors.escape import escaped
from ..cors.place import Place
from ..proxy.recorder import Exchange

KINDS: Final = {Answer: "answer", Refuse: "refuse"}

# Reasons are read by `_value_`: `value` is a Python function, called several times a line.

Format = Callable[[Exchange], bytes]


def verdict(decision: Decision | None) -> str:
    """`answer`, `refuse` or `forward`; `none` where the request could not be read as far as a decision."""
    return "none" if decision is None else KINDS.get(type(decision), "forward")


def chosen(name: str) -> Format | None:
    """By `server.access_log`: json, text, or off."""
    return {"json": json_line, "text": text_line}.get(name)


@lru_cache(4096)
def _rule(place: Place) -> str:
    """From the policy: as many as its lines."""
    return escaped(str(place).encode())


@lru_cache(4096)
def _name(route: str) -> str:
    return escaped(route.encode())


class _Clock:
    """The time of day to the millisecond; the text of its second is made once."""

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def now(self) -> str:
        seconds = time.time()
        whole = int(seconds)
        if whole != self._second:
            self._second = whole
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(whole))
        return f"{self._text}{int((seconds - whole) * 1000):03d}Z"


_clock = _Clock()


def json_line(exchange: Exchange) -> bytes:
    """Flat names of OpenTelemetry's HTTP conventions, and `cors.*`; what is empty is left out."""
    decision = exchange.decision
    parts = [
        f'{{"timestamp":"{_clock.now()}","http.request.method":"{escaped(exchange.method)}"'
        f',"url.path":"{escaped(exchange.target.partition(b"?")[0])}","http.response.status_code":{exchange.status}'
        f',"http.route":"{_name(exchange.route)}","cors.decision":"{verdict(decision)}","cors.mode":"{exchange.mode or "off"}"'
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
    elif exchange.fault is not None:
        add(f',"cors.reason":"{exchange.fault._value_}"')
    if exchange.difference is not None:
        add(f',"cors.difference":"{exchange.difference._value_}"')
    if exchange.fault is not None:
        add(f',"error.type":"{exchange.fault._value_}"')
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
    if exchange.upstream_seconds is not None:
        add(f',"upstream.duration":{exchange.upstream_seconds:.6f}')
    add(
        f',"http.request.body.size":{exchange.received},"http.response.body.size":{exchange.sent}'
        f',"http.server.request.duration":{exchange.ended - exchange.started:.6f}}}\n'
    )
    return "".join(parts).encode("ascii")


def text_line(exchange: Exchange) -> bytes:
    """Status, method, path and origin, then what was decided and where the rule stands."""
    decision = exchange.decision
    said = [exchange.fault._value_] if exchange.fault is not None else []
    if decision is not None:
        said = [decision.reason._value_, *(word for word in said if word != decision.reason._value_)]
        if decision.detail is not None:
            said[0] += f" ({escaped(decision.detail)})"
        if decision.rule is not None:
            said.append(f"[{_rule(decision.rule)}]")
        if type(decision) is Refuse and decision.hint:
            said.append(escaped(decision.hint.encode()))
        if type(decision) is Refuse and not exchange.enforced:
            said.append(f"let pass: mode {exchange.mode}")
    if exchange.difference is not None:
        said.append(f"differs: {exchange.difference._value_}")
    origin = "-" if exchange.origin is None else escaped(exchange.origin)
    return (
        f"{_clock.now()} {exchange.status or '---'} {escaped(exchange.method)} {escaped(exchange.target.partition(b'?')[0])}"
        f" origin={origin} {verdict(decision)}: {' '.join(said)} {(exchange.ended - exchange.started) * 1000:.1f}ms\n"
    ).encode("ascii")
