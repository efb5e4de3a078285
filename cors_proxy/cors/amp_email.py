"""AMP for Email (row 3b): the sender is judged, the Origin of the mail service is not.

https://amp.dev/documentation/guides-and-tutorials/learn/cors-in-email/: version 2
(AMP-Email-Sender) wins over version 1 (Origin and `__amp_source_origin`).

Any site can name a sender.  So credentials are only for Origins that the route itself lists, and
there are no WebSockets."""

from typing import Final

from . import foreign
from .amp import source_origins
from .decision import Forward, Grant, Lines, Refuse
from .names import TCHAR
from .origin import parse_origin
from .place import Place
from .reason import Reason
from .request import Request
from .site import Email, Route

MAX_SENDER: Final = 320  # RFC 5321 §4.5.3.1
_LOCAL: Final = (
    TCHAR.replace(b"*", b"") + b"/=?{}"
)  # RFC 5322 §3.2.3 atext and the dot; no star: a pattern is no sender
_DOMAIN: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-."
_ALLOW_SOURCE: Final = b"AMP-Access-Control-Allow-Source-Origin"
_EXPOSE: Final = b"Access-Control-Expose-Headers"


def decide(route: Route, email: Email, request: Request) -> Forward | Refuse:
    """Forward with the headers of the version that the request uses, or 403."""
    if request.websocket:
        return Refuse(Reason.WEBSOCKET_DENIED, "websocket", route.amp_place, route.no_grant)
    lines: Lines
    if request.email_sender is not None:
        sender, lines = request.email_sender, ((b"AMP-Email-Allow-Sender", request.email_sender),)
    else:
        senders = source_origins(request.query)
        if request.origin is None or len(senders) != 1:
            return Refuse(Reason.AMP_SENDER_NOT_ALLOWED, "request", route.amp_place, route.grant_for_anyone)
        if request.origin != b"null" and parse_origin(request.origin) is None:
            return foreign.refuse(route, request, "request", route.grant_for_anyone)
        sender, lines = senders[0], _first_version(route, request.origin, senders[0])
    rule = find(email, sender)
    if rule is None:
        return Refuse(Reason.AMP_SENDER_NOT_ALLOWED, "request", route.amp_place, route.grant_for_anyone)
    base = route.grant_for_anyone
    grant = Grant(lines, base.vary, timing=base.timing, resource_policy=base.resource_policy, amp=True)
    return Forward(Reason.AMP_EMAIL_SENDER, "request", rule, grant)


def find(email: Email, sender: bytes) -> Place | None:
    """Where the policy lists a sender.

    Case does not matter in the domain (RFC 5321 §2.4); the rest is compared exactly."""
    local, _, domain = sender.partition(b"@")
    domain = domain.lower()
    if (
        len(sender) > MAX_SENDER
        or not local
        or local.translate(None, _LOCAL)
        or not domain
        or domain.translate(None, _DOMAIN)
    ):
        return None
    return email.addresses.get((local, domain)) or email.domains.get(domain)


def _first_version(route: Route, origin: bytes, sender: bytes) -> Lines:
    listed = route.allow(origin) is not None
    credentials = (
        ((b"Access-Control-Allow-Credentials", b"true"),) if listed and route.cors.credentials else ()
    )
    own = [name.encode("ascii") for name in route.cors.expose]
    exposed = b", ".join((_ALLOW_SOURCE, *(name for name in own if name.lower() != _ALLOW_SOURCE.lower())))
    return (
        (b"Access-Control-Allow-Origin", origin),
        *credentials,
        (_ALLOW_SOURCE, sender),
        (_EXPOSE, exposed),
    )
