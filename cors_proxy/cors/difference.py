"""`mode: report`: whether a browser decides otherwise by the upstream's own answer than by ours."""

from collections.abc import Sequence

from . import request_headers
from .decision import Answer, Decision, Line, Refuse
from .fetch import Failure, cors_check, preflight_check
from .reason import Reason
from .request import Request
from .site import Route


def difference(
    route: Route, request: Request, decision: Decision, status: int, upstream_lines: Sequence[Line]
) -> Reason | None:
    """The decision's reason if the browser's check of the upstream's answer ends otherwise than the
    check of ours, else None.

    `decision` is what was decided, not what the mode made of it; `status` and `upstream_lines` are
    the upstream's.  A browser makes no check for requests without Origin or of the own origin, so
    those never differ."""
    if decision.kind == "websocket":
        # No check of headers: a handshake is answered with 101, or it failed (RFC 6455 §4.1)
        return decision.reason if (status == 101) is isinstance(decision, Refuse) else None
    if request.origin is None or request.fault is not None or decision.reason is Reason.OWN_ORIGIN:
        return None
    # The credentials mode is not in the request.  A cookie says `include`; without one, a page
    # whose policy has credentials is taken to use them.
    credentials = request.cookie or route.cors.credentials
    ours = decision.status if isinstance(decision, Answer | Refuse) else status
    # A browser may let a readably refused preflight pass (a safelisted method, row 2b).  The
    # request behind it would be refused, so it counts as one that does not pass.
    refused = decision.kind == "preflight" and isinstance(decision, Refuse)
    passes = not refused and _check(request, decision, credentials, ours, decision.grant.lines) is None
    theirs_passes = _check(request, decision, credentials, status, upstream_lines) is None
    return decision.reason if theirs_passes is not passes else None


def _check(
    request: Request, decision: Decision, credentials: bool, status: int, lines: Sequence[Line]
) -> Failure | None:
    origin = request.origin or b""
    if decision.kind == "preflight":
        names = request_headers.parse(request.acrh) or []
        return preflight_check(origin, credentials, request.acrm or b"", names, status, lines)
    return cors_check(origin, credentials, lines)
