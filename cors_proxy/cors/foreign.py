"""Row 9: every other Origin is refused, whatever else the request carries.

The reason says what it is: foreign, `null`, or malformed (empty, a list, the text of a pattern)."""

from .decision import Grant, Refuse
from .literals import Kind
from .origin import parse_origin
from .own_origin import HINT, equals_host
from .reason import Reason
from .request import Request
from .site import Route


def refuse(route: Route, request: Request, kind: Kind, grant: Grant) -> Refuse:
    """403 for an Origin that nothing allows."""
    origin = request.origin or b""
    rule = route.where("origins")
    if origin == b"null":
        return Refuse(Reason.ORIGIN_NULL, kind, rule, grant)
    if parse_origin(origin) is None:
        return Refuse(Reason.ORIGIN_MALFORMED, kind, rule, grant)
    if request.fetch_site == b"same-origin" or equals_host(request):
        return Refuse(Reason.ORIGIN_LOOKS_OWN, kind, rule, grant, hint=HINT)
    return Refuse(Reason.ORIGIN_NOT_ALLOWED, kind, rule, grant)
