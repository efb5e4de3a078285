"""AMP pages of websites (rows 2c, 3): the origins they come from, and `__amp_source_origin`.

https://amp.dev/documentation/guides-and-tutorials/learn/amp-caches-and-cors/amp-cors-requests/"""

from collections.abc import Iterable
from typing import Final

from . import percent
from .amp_label import labels
from .decision import Refuse
from .pattern import Pattern
from .reason import Reason
from .request import Request
from .site import Amp, Route

# A snapshot of https://cdn.ampproject.org/caches.json (google, bing), and the earlier name of the
# Bing cache, which is still in use
CACHES: Final = ("cdn.ampproject.org", "www.bing-amp.com", "bing-amp.com")
SOURCE_ORIGIN: Final = b"__amp_source_origin"


def publisher_origins(publisher: Pattern, caches: Iterable[str] | None = None) -> tuple[str, ...]:
    """A publisher's origin, and the origins of its pages in the caches (None: the snapshot)."""
    of_host = labels(publisher.host.decode("ascii"))
    return (
        publisher.text,
        *(
            f"https://{label}.{cache}"
            for cache in (CACHES if caches is None else caches)
            for label in of_host
        ),
    )


def check_source_origin(route: Route, amp: Amp, request: Request) -> Refuse | None:
    """Row 2c: under `source_origin: check`, `__amp_source_origin` is missing or names one
    publisher."""
    if not amp.check_source_origin:
        return None
    values = source_origins(request.query)
    if not values or (len(values) == 1 and values[0] in amp.names):
        return None
    return Refuse(Reason.AMP_SOURCE_ORIGIN, "request", route.amp_place, route.grant_for_anyone)


def source_origins(query: bytes | None) -> list[bytes]:
    """The values of `__amp_source_origin`, percent-decoded."""
    if query is None:
        return []
    pairs = (parameter.partition(b"=") for parameter in query.split(b"&"))
    return [percent.decode(value) for name, _, value in pairs if percent.decode(name) == SOURCE_ORIGIN]


def without_source_origin(request: Request) -> bytes | None:
    """The target without `__amp_source_origin`, and the rest of its query byte for byte.

    None if there is none."""
    if request.query is None:
        return None
    parameters = request.query.split(b"&")
    kept = [
        parameter for parameter in parameters if percent.decode(parameter.partition(b"=")[0]) != SOURCE_ORIGIN
    ]
    if len(kept) == len(parameters):
        return None
    return request.path + b"?" + b"&".join(kept) if kept else request.path
