"""One request of the browser's, and what the proxy makes of it: its own `read`, `judge`, and the headers of its answer."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from ..cors.decision import Answer, Decision, Line, Refuse
from ..cors.judge import judge
from ..cors.modes import names_rule
from ..cors.origin import parse_origin
from ..cors.request import Request, read
from ..cors.response import rewrite, strip
from ..cors.site import Route
from ..policy.model import Policy
from ..policy.suffixes import registrable_domain
from ..proxy.answers import preflight, problem
from .question import Question

# A header whose value nobody has said.
UNSAID: Final = b"..."


@dataclass(frozen=True, slots=True)
class BrowserExchange:
    """`lines` and `status` are the answer's.  `known` is False where the API's own CORS headers come back untouched."""

    request: Request
    request_lines: tuple[Line, ...]
    route: Route
    decision: Decision
    action: Decision
    status: int
    lines: tuple[Line, ...]
    by_proxy: bool

    @property
    def known(self) -> bool:
        return not self.action.grant.hands_off

    @property
    def refused(self) -> bool:
        return isinstance(self.action, Refuse)


def browser_exchange(
    policy: Policy,
    method: bytes,
    target: bytes,
    lines: tuple[Line, ...],
    upstream: tuple[int, tuple[Line, ...]],
) -> BrowserExchange:
    """`upstream` is what the API would answer: status and header lines."""
    request = read(method, target, lines)
    judged = judge(policy.site, request)
    route, decision, action = judged.route, judged.decision, judged.action
    by_proxy = isinstance(action, Answer | Refuse)
    if isinstance(action, Answer) or (isinstance(action, Refuse) and action.readable):
        status, answer = action.status, _head(preflight(action.status, action.grant.own, False))
    elif isinstance(action, Refuse):
        status = action.status
        debug = names_rule(policy.site, route, action)
        rule = str(action.rule) if debug and action.rule is not None else ""
        answer = _head(problem(status, action.reason, action.grant.own, False, rule=rule, debug=debug)[0])
    else:
        status = upstream[0]
        answer = tuple(
            strip(upstream[1], action.grant) if status == 101 else rewrite(action.grant, upstream[1])
        )
    return BrowserExchange(request, lines, route, decision, action, status, answer, by_proxy)


def _head(answer: bytes) -> tuple[Line, ...]:
    lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))


def preflight_lines(question: Question, unsafe: list[bytes]) -> tuple[Line, ...]:
    """https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, steps 1 to 6: never with credentials."""
    asked: tuple[Line, ...] = ((b"Access-Control-Request-Headers", b",".join(unsafe)),) if unsafe else ()
    method = (b"Access-Control-Request-Method", question.method)
    return (
        (b"Host", question.host),
        (b"Accept", b"*/*"),
        method,
        *asked,
        *_origin(question),
        *_metadata(question),
    )


def request_lines(question: Question, sent: list[tuple[bytes, bytes | None]]) -> tuple[Line, ...]:
    """`sent` are the headers that the page may set.  An Origin goes with all but same-origin GET and HEAD:
    https://fetch.spec.whatwg.org/#append-a-request-origin-header"""
    own: tuple[Line, ...] = tuple((name, UNSAID if value is None else value) for name, value in sent)
    cookie: tuple[Line, ...] = ((b"Cookie", UNSAID),) if question.credentials else ()
    if question.websocket:
        key = b"dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3
        upgrade = (
            (b"Connection", b"Upgrade"),
            (b"Upgrade", b"websocket"),
            (b"Sec-WebSocket-Version", b"13"),
            (b"Sec-WebSocket-Key", key),
        )
        return ((b"Host", question.host), *upgrade, *_origin(question), *_metadata(question), *cookie)
    silent = question.same_origin and question.method in (b"GET", b"HEAD")
    return (
        (b"Host", question.host),
        *(() if silent else _origin(question)),
        *own,
        *_metadata(question),
        *cookie,
    )


def _origin(question: Question) -> tuple[Line, ...]:
    return () if question.origin is None else ((b"Origin", question.origin),)


def _metadata(question: Question) -> tuple[Line, ...]:
    """https://www.w3.org/TR/fetch-metadata/#abstract-opdef-set-site: to potentially trustworthy URLs alone."""
    if question.origin is None or not trustworthy(question):
        return ()
    site = b"same-origin" if question.same_origin else b"same-site" if same_site(question) else b"cross-site"
    return ((b"Sec-Fetch-Site", site),)


def trustworthy(question: Question) -> bool:
    """https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy, of the URL."""
    name = host_name(question.url_origin)
    return (
        question.scheme in ("https", "wss")
        or name == "localhost"
        or name.endswith(".localhost")
        or is_loopback(name)
    )


def same_site(question: Question) -> bool:
    """https://html.spec.whatwg.org/#schemelessly-same-site, with the scheme."""
    page = parse_origin(question.origin or b"")
    if page is None or page.scheme != question.url_origin.partition(b":")[0]:
        return False
    ours, theirs = host_name(question.url_origin), host_name(bytes(page))
    return ours == theirs or (bool(found := registrable_domain(ours)) and found == registrable_domain(theirs))


def host_name(origin: bytes) -> str:
    """Of a serialised origin, without the port and an address's brackets."""
    authority = origin.partition(b"://")[2].decode("ascii", "replace")
    name, colon, port = authority.rpartition(":")
    return (name if colon and port.isdigit() else authority).strip("[]")


def is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
