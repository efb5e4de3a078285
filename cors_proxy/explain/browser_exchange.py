"""One request of the browser and the proxy's response to it, without a network.

The proxy's own code decides, acts and writes the response headers.
"""

from dataclasses import dataclass
from typing import Final

from ..cors import hosts
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
from .question import Header, Question, host_name

UNKNOWN_VALUE: Final = b"..."  # stands for the value of a header that the question leaves open
EXAMPLE_KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="  # Sec-WebSocket-Key of RFC 6455 §1.3


@dataclass(frozen=True, slots=True)
class BrowserExchange:
    """`decision` follows from the policy alone; `action` is what the route's mode makes of it."""

    request: Request
    request_lines: tuple[Line, ...]
    route: Route
    decision: Decision
    action: Decision
    status: int
    response_lines: tuple[Line, ...]
    answered_by_proxy: bool

    @property
    def headers_known(self) -> bool:
        """False where the API's own CORS headers pass unchanged."""
        return not self.action.grant.hands_off

    @property
    def refused(self) -> bool:
        return isinstance(self.action, Refuse)


def simulate(
    policy: Policy,
    method: bytes,
    target: bytes,
    lines: tuple[Line, ...],
    api_answer: tuple[int, tuple[Line, ...]],
) -> BrowserExchange:
    """`lines` are the request's header lines; `api_answer` is the API's status and header lines."""
    request = read(method, target, lines)
    judgement = judge(policy.site, request)
    route, decision, action = judgement.route, judgement.decision, judgement.action
    answered_by_proxy = isinstance(action, Answer | Refuse)
    if isinstance(action, Answer) or (isinstance(action, Refuse) and action.readable):
        status, response = (
            action.status,
            _header_lines(preflight(action.status, action.grant.local_bytes, False)),
        )
    elif isinstance(action, Refuse):
        status = action.status
        debug = names_rule(policy.site, route, action)
        rule = str(action.rule) if debug and action.rule is not None else ""
        response = _header_lines(
            problem(status, action.reason, action.grant.local_bytes, False, rule=rule, debug=debug)[0]
        )
    else:
        status, api_lines = api_answer
        # 101 ends HTTP on the connection, so only the API's CORS headers are removed from it.
        response = tuple(
            strip(api_lines, action.grant) if status == 101 else rewrite(action.grant, api_lines)
        )
    return BrowserExchange(request, lines, route, decision, action, status, response, answered_by_proxy)


def _header_lines(response: bytes) -> tuple[Line, ...]:
    """The header lines of a response in the proxy's own layout."""
    lines = response.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))


def preflight_lines(question: Question, unsafe: list[bytes]) -> tuple[Line, ...]:
    """https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, steps 1 to 6: no credentials, ever.

    `unsafe` are the names of the headers that are not safelisted, sorted.
    """
    names: tuple[Line, ...] = ((b"Access-Control-Request-Headers", b",".join(unsafe)),) if unsafe else ()
    # https://wicg.github.io/private-network-access/#cors-preflight
    network: tuple[Line, ...] = (
        ((b"Access-Control-Request-Private-Network", b"true"),) if question.private_network else ()
    )
    return (
        (b"Host", question.host),
        (b"Accept", b"*/*"),
        (b"Access-Control-Request-Method", question.method),
        *names,
        *network,
        *_origin(question),
        *_fetch_metadata(question),
    )


def request_lines(question: Question, page_headers: list[Header], metadata: bool = True) -> tuple[Line, ...]:
    """`page_headers` are the headers that the page sets; `metadata`: the browser sends Sec-Fetch-*.

    A browser sends Origin with each request except same-origin GET and HEAD:
    https://fetch.spec.whatwg.org/#append-a-request-origin-header
    """
    cookie: tuple[Line, ...] = ((b"Cookie", UNKNOWN_VALUE),) if question.credentials else ()
    if question.websocket:
        upgrade = (
            (b"Connection", b"Upgrade"),
            (b"Upgrade", b"websocket"),
            (b"Sec-WebSocket-Version", b"13"),
            (b"Sec-WebSocket-Key", EXAMPLE_KEY),
        )
        return (
            (b"Host", question.host),
            *upgrade,
            *_origin(question),
            *(_fetch_metadata(question) if metadata else ()),
            *cookie,
        )
    no_origin = question.same_origin and question.method in (b"GET", b"HEAD")
    return (
        (b"Host", question.host),
        *(() if no_origin else _origin(question)),
        *((name, UNKNOWN_VALUE if value is None else value) for name, value in page_headers),
        *_fetch_metadata(question),
        *cookie,
    )


def _origin(question: Question) -> tuple[Line, ...]:
    return () if question.origin is None else ((b"Origin", question.origin),)


def _fetch_metadata(question: Question) -> tuple[Line, ...]:
    """https://www.w3.org/TR/fetch-metadata/#abstract-opdef-set-site: for trustworthy URLs only."""
    if question.origin is None or not trustworthy(question):
        return ()
    site = b"same-origin" if question.same_origin else b"same-site" if same_site(question) else b"cross-site"
    return ((b"Sec-Fetch-Site", site),)


def trustworthy(question: Question) -> bool:
    """Whether the URL is https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy."""
    return question.scheme in ("https", "wss") or hosts.is_loopback(host_name(question.url_origin))


def same_site(question: Question) -> bool:
    """https://html.spec.whatwg.org/#same-site: equal schemes and registrable domains."""
    page = parse_origin(question.origin or b"")
    if page is None or page.scheme != question.url_origin.partition(b":")[0]:
        return False
    url_host, page_host = host_name(question.url_origin), host_name(bytes(page))
    if url_host == page_host:
        return True
    domain = registrable_domain(url_host)
    return bool(domain) and domain == registrable_domain(page_host)
