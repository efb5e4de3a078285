"""What a request means for a person: what it may do, and what else can be observed.

The product's own `judge` decides, and Fetch's own checks say what a browser makes of the answer."""

from collections.abc import Iterable
from enum import Enum
from typing import Final, NamedTuple

from ..cors import request_headers
from ..cors.decision import Answer, Decision, Forward, Lines, Refuse
from ..cors.fetch import cors_check, preflight_check
from ..cors.judge import Judgement
from ..cors.modes import names_rule
from ..cors.request import Request
from ..cors.site import Site


class Ability(Enum):
    """What a request, or the page that makes it, can do.  The value is for machines."""

    SEND = "send"  # the request reaches the API
    SEND_WITHOUT_ORIGIN = "send-without-origin"
    READ = "read"  # the page can read the API's response
    READ_WITH_COOKIES = "read-with-cookies"
    EXPOSE = "expose"  # a header of the response
    SOCKET = "socket"  # a WebSocket opens
    SOCKET_WITHOUT_ORIGIN = "socket-without-origin"
    UPGRADE = "upgrade"  # a request with `Upgrade: websocket` that opens none reaches the API
    PREFLIGHT = "preflight"  # the browser may send what it asked for
    PREFLIGHT_WITH_COOKIES = "preflight-with-cookies"
    PRIVATE_NETWORK = "private-network"
    API_DECIDES = "api-decides"  # the API's own CORS headers come back as they are
    EMBED = "embed"  # pages of other sites can embed the response
    TIMING = "timing"  # pages of this origin can measure it
    RETRY = "retry"  # the browser asks again with cookies


Permission = tuple[Ability, str]  # the text says of what, "" where the ability says it all


class Outcome(NamedTuple):
    """`also` has what gives nobody an ability: statuses, reasons, headers for caches.

    Equal for two requests of one class, whatever origin, method and header stand for it."""

    may: frozenset[Permission]
    also: frozenset[tuple[str, str]]


_EMBEDS: Final = {  # what each value of Cross-Origin-Resource-Policy allows
    b"same-origin": (),
    b"same-site": ("same-site",),
    None: ("same-site", "cross-site"),
    b"cross-origin": ("same-site", "cross-site", "isolated"),
}


def outcome(site: Site, request: Request, judgement: Judgement) -> Outcome:
    """`judgement` is what `judge` says about the request."""
    action, decision = judgement.action, judgement.decision
    also = set(_observed(site, request, judgement))
    if action is not decision:
        # What the mode keeps from happening is logged
        logged = _permissions(request, decision)
        also |= {("logged", f"{ability.value} {of}".strip()) for ability, of in logged}
        also.add(("logged", decision.reason.value))
    return Outcome(frozenset(_permissions(request, action)), frozenset(also))


def _permissions(request: Request, action: Decision) -> Iterable[Permission]:
    if action.kind == "preflight":
        yield from _asked(request, action)
    elif isinstance(action, Forward):
        yield from _sent(request, action)


def _asked(request: Request, action: Decision) -> Iterable[Permission]:
    """Of a preflight."""
    if isinstance(action, Forward):
        yield Ability.API_DECIDES, "preflight"
        return
    if not isinstance(action, Answer):
        return
    names = request_headers.parse(request.acrh) or []
    for credentials, ability in ((False, Ability.PREFLIGHT), (True, Ability.PREFLIGHT_WITH_COOKIES)):
        lines = action.grant.lines
        if not preflight_check(
            request.origin or b"", credentials, request.acrm or b"", names, action.status, lines
        ):
            yield ability, ""
    if any(name == b"Access-Control-Allow-Private-Network" for name, _ in action.grant.lines):
        yield Ability.PRIVATE_NETWORK, ""


def _sent(request: Request, action: Forward) -> Iterable[Permission]:
    origin, grant = request.origin, action.grant
    if action.kind == "websocket" and request.method != b"GET":
        # It opens no socket, and is forwarded without its Upgrade (RFC 6455 §4.1)
        yield Ability.UPGRADE, ""
        return
    if action.kind == "websocket":
        yield (Ability.SOCKET if origin is not None else Ability.SOCKET_WITHOUT_ORIGIN), ""
        return
    yield (Ability.SEND if origin is not None else Ability.SEND_WITHOUT_ORIGIN), ""
    if grant.hands_off:
        yield Ability.API_DECIDES, ""
        return
    if origin is None:
        for by in _EMBEDS[grant.resource_policy]:
            yield Ability.EMBED, by
    for listed in (grant.timing or b"").split(b", ") if grant.timing else ():
        yield Ability.TIMING, listed.decode("ascii")
    # AMP for Email without Origin: the mail service is asked, and its name is in the answer
    if origin is None or cors_check(origin, False, grant.lines) is not None:
        return
    yield Ability.READ, ""
    credentials = cors_check(origin, True, grant.lines) is None
    if credentials:
        yield Ability.READ_WITH_COOKIES, ""
    if grant.expose_all:
        yield Ability.EXPOSE, "*"
    for name in _members(grant.lines, b"access-control-expose-headers"):
        yield Ability.EXPOSE, name
    if _members(grant.lines, b"activate-storage-access"):
        yield Ability.RETRY, ""


def _members(lines: Lines, wanted: bytes) -> list[str]:
    return [
        member.strip().lower().decode("latin-1")
        for name, value in lines
        if name.lower() == wanted
        for member in value.split(b",")
    ]


def _observed(site: Site, request: Request, judgement: Judgement) -> Iterable[tuple[str, str]]:
    action, grant = judgement.action, judgement.action.grant
    yield "answer", type(action).__name__.lower()
    if isinstance(action, Answer | Refuse):
        yield "status", str(action.status)
        yield "reason", action.reason.value
        yield "rule shown", str(names_rule(site, judgement.route, action)).lower()
    if isinstance(action, Forward) and action.target is not None:
        yield "query", "without __amp_source_origin"
    for name in grant.vary:
        yield "vary", name.decode("ascii").lower()
    asked = {b"access-control-allow-methods": request.acrm, b"access-control-allow-headers": None}
    for name, value in grant.lines:
        lower = name.lower()
        if lower == b"access-control-allow-origin":
            yield "allow-origin", "the origin" if value == request.origin else value.decode("ascii")
        elif lower in asked:
            yield lower.decode("ascii"), _list_of(value, request, lower)
        elif lower in (b"access-control-expose-headers", b"activate-storage-access"):
            continue
        elif lower.startswith(b"amp-"):
            yield lower.decode("ascii"), "the sender"
        elif lower == b"cors-proxy-rule":
            yield lower.decode("ascii"), "a place"
        else:
            yield lower.decode("ascii"), value.decode("latin-1")
    if isinstance(action, Forward):
        yield "cross-origin-resource-policy", (grant.resource_policy or b"the API's").decode("ascii")
    for flag in ("amp", "storage_access"):
        if getattr(grant, flag):
            yield "removes", flag


def _list_of(value: bytes, request: Request, name: bytes) -> str:
    """How a preflight's answer lists methods or headers: their names are other requests' matter."""
    listed = {member.strip().lower() for member in value.split(b",")}
    if name.endswith(b"methods"):
        asked = {(request.acrm or b"").lower()}
    else:
        asked = set(request_headers.parse(request.acrh) or [])
    return "*" if listed == {b"*"} else "what was asked" if listed <= asked else "all"
