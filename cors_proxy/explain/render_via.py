"""`explain --via` as text, as a table of all ways, and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Final

from ..cors.escape import shown
from .render import Quote
from .via import Request, Via

_NAMES: Final = {"chromium": "Chromium", "firefox": "Firefox"}
PlainData = dict[str, object]


def render_via(via: Via, quote: Quote) -> str:
    page = shown(via.question.origin or b"")
    lines = [f"{via.way.name}: {via.way.code} in a page of {page} ({via.relation})"]
    for request in via.requests:
        if len(via.requests) > 1:
            lines.append(f"In {_browsers(request)}:")
        lines += _request(via, request, quote)
    return "\n".join(lines) + "\n"


def _request(via: Via, request: Request, quote: Quote) -> Iterator[str]:
    exchange = request.exchange
    if exchange is None:
        yield f"  The browser sends nothing: {request.nothing}."
    else:
        yield f"  {shown(exchange.request.method)} {via.question.url}   route {exchange.route.name}"
        yield from (f"    > {shown(name)}: {shown(value)}" for name, value in exchange.request_lines)
        yield f"  cookies: {_cookies(via)}"
        verb = "answers" if exchange.answered_by_proxy else "forwards it"
        status = f" {exchange.status}" if exchange.answered_by_proxy else ""
        yield f"  The proxy {verb}{status} ({exchange.decision.reason.value})."
        rule = exchange.decision.rule
        if rule is not None:
            line = quote(rule)
            yield f"       {rule}: {line}" if line else f"       {rule}"
    yield f"  Reaches the API: {'yes' if request.reaches_api else 'no'}."
    yield f"  The page learns: {request.learns}."


def _cookies(via: Via) -> str:
    return f"those with SameSite={', '.join(via.cookies)}" if via.cookies else "none"


def render_table(found: Sequence[Via]) -> str:
    """One row for each way, two where browsers differ."""
    page, url = shown(found[0].question.origin or b""), found[0].question.url
    rows: list[tuple[str, ...]] = [
        ("WAY", "REQUEST", "ORIGIN", "SAMESITE", "API", "REASON", "THE PAGE LEARNS")
    ]
    rows += [row for via in found for row in table_rows(via)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    head = f"From a page of {page} ({found[0].relation}) to {url}\n\n"
    return head + "\n".join(line.rstrip() for line in lines) + "\n"


def table_rows(via: Via) -> Iterator[tuple[str, ...]]:
    for request in via.requests:
        exchange = request.exchange
        differs = f" ({_browsers(request)})" if len(via.requests) > 1 else ""
        name = via.way.name + differs
        if exchange is None:
            yield name, "none", "-", "-", "no", "-", request.learns
            continue
        headers = {line[0]: line[1] for line in exchange.request_lines}
        metadata = [shown(headers[key]) for key in (b"Sec-Fetch-Mode", b"Sec-Fetch-Dest") if key in headers]
        sent = " ".join([shown(exchange.request.method), *metadata])
        origin = "yes" if b"Origin" in headers else "no"
        reaches = "yes" if request.reaches_api else "no"
        reason = exchange.decision.reason.value
        yield name, sent, origin, ", ".join(via.cookies) or "-", reaches, reason, request.learns


def _browsers(request: Request) -> str:
    return " and ".join(_NAMES[browser] for browser in request.browsers)


def via_document(via: Via) -> PlainData:
    return {
        "way": via.way.name,
        "page": shown(via.question.origin or b""),
        "url": via.question.url,
        "relation": via.relation,
        "cookies": list(via.cookies),
        "reaches_api": via.reaches_api,
        "requests": [_request_document(request) for request in via.requests],
    }


def _request_document(request: Request) -> PlainData:
    exchange = request.exchange
    head: PlainData = {"browsers": list(request.browsers), "reaches_api": request.reaches_api}
    if exchange is None:
        return head | {"sent": False, "why": request.nothing, "page_learns": request.learns}
    headers = {line[0]: shown(line[1]) for line in exchange.request_lines}
    return head | {
        "sent": True,
        "method": shown(exchange.request.method),
        "mode": headers.get(b"Sec-Fetch-Mode"),
        "destination": headers.get(b"Sec-Fetch-Dest"),
        "site": headers.get(b"Sec-Fetch-Site"),
        "origin": headers.get(b"Origin"),
        "headers": [[shown(name), shown(value)] for name, value in exchange.request_lines],
        "route": exchange.route.name,
        "decision": type(exchange.decision).__name__.lower(),
        "reason": exchange.decision.reason.value,
        "rule": None if exchange.decision.rule is None else str(exchange.decision.rule),
        "status": exchange.status if exchange.answered_by_proxy else None,
        "page_learns": request.learns,
    }
