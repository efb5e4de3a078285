"""The request that shows a finding, as commands for a person to replay."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from ..cors.decision import Decision
from ..cors.names import SAFELISTED_METHODS
from ..cors.request import Request
from ..partition.cases import Case, Lines
from ..partition.describe import decided, request_line
from ..partition.outcome import Ability, Permission
from ..policy.model import Address, Policy
from .difference import Difference

_HEAD = "HEAD"
_COOKIES = frozenset((Ability.READ_WITH_COOKIES, Ability.PREFLIGHT_WITH_COOKIES))


@dataclass(frozen=True, slots=True)
class Witness:
    """`explain` and `curl` are commands; `before` and `after` are what the proxy decides."""

    request: str
    explain: str
    curl: str
    before: str
    after: str


def witness_of(difference: Difference, new: Policy, name: str) -> Witness:
    """`name` is the file of the new policy."""
    request = difference.case.request
    before, after = difference.decisions
    cookies = bool({ability for ability, _ in difference.gained | difference.lost} & _COOKIES)
    return Witness(
        request_line(request),
        *commands(difference.case, new, name, cookies),
        _side(before, difference.lost),
        _side(after, difference.gained),
    )


def commands(case: Case, policy: Policy, name: str, cookies: bool) -> tuple[str, str]:
    """`explain` and `curl` for the request of a case.  `name` is the file of the policy; `cookies`:
    the point is that the response can be read although the request has cookies."""
    request, lines = case.request, case.lines
    if cookies and not request.preflight:
        lines = (*lines, (b"Cookie", b"a=b"))
    return _explain(request, lines, name, cookies), _curl(policy, request, lines)


def _side(decision: Decision, may: frozenset[Permission]) -> str:
    """A decision, with what it alone allows."""
    words = sorted({ability.value for ability, _ in may})
    return decided(decision) + (f" [{', '.join(words)}]" if words else "")


def _explain(request: Request, lines: Lines, name: str, cookies: bool) -> str:
    """The command that explains it.  A page makes the request, so its Origin is what `explain`
    takes; without Origin it takes the curl command."""
    words = ["cors-proxy", "explain", "-c", name]
    url = f"https://{request.host.decode('ascii')}{request.target.decode('ascii')}"
    if request.origin is None or not request.origin.decode("latin-1").isprintable() or not request.origin:
        return _joined([*words, "--curl", _joined(_curl_words(url, request, lines))])
    method = (request.acrm if request.preflight else request.method) or b"GET"
    words += ["--origin", request.origin.decode("latin-1")]
    if method != b"GET":
        words += ["--method", method.decode("latin-1")]
    for value in request.acrh:
        for header in value.decode("latin-1").split(","):
            words += ["--header", header.strip()]
    if cookies:
        words.append("--credentials")
    if request.preflight and method in SAFELISTED_METHODS and not request.acrh:
        words.append("--upload-listener")  # which needs a preflight
    if request.websocket and not request.preflight:
        url = "wss" + url.removeprefix("https")
    return _joined([*words, url])


def _curl(new: Policy, request: Request, lines: Lines) -> str:
    scheme = "https" if new.server.tls else "http"
    words = _curl_words(
        f"{scheme}://{_authority(new.listen)}{request.target.decode('ascii')}", request, lines
    )
    if new.listen.path:
        words[1:1] = ["--unix-socket", new.listen.path]
    if new.server.tls:
        words[1:1] = ["--insecure"]
    return _joined(words)


def _authority(listen: Address) -> str:
    if listen.path:
        return "localhost"
    host = listen.host if listen.host not in ("", "0.0.0.0", "::") else "127.0.0.1"
    return str(Address(host, listen.port or 8080))


def _curl_words(url: str, request: Request, lines: Lines) -> list[str]:
    method = request.method.decode("ascii")
    words = ["curl", "-i", "--path-as-is"]
    if method == _HEAD:
        words[1] = "-I"
    elif method != "GET":
        words += ["-X", method]
    for name, value in lines:
        text = f"{name.decode('ascii')}: {value.decode('latin-1')}"
        words += ["-H", text if value else f"{name.decode('ascii')};"]  # a header without a value
    if request.websocket:
        words += ["-H", "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    return [*words, url]


def _joined(words: Sequence[str]) -> str:
    return " ".join(map(shlex.quote, words))
