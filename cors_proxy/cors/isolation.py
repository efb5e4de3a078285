"""Row 11, `without_origin: isolate`: a resource isolation policy for requests without Origin
(https://web.dev/articles/fetch-metadata).

What another site's page causes is refused, safe methods too: images, scripts, frames.  A navigation
of the user and the listed embeds may pass, for GET and HEAD alone."""

from typing import Final

from .request import Request
from .site import Route

VARY: Final = (b"Sec-Fetch-Site", b"Sec-Fetch-Mode", b"Sec-Fetch-Dest", b"Sec-Purpose")
_READING: Final = (b"GET", b"HEAD")
# https://fetch.spec.whatwg.org/#concept-request-destination of a navigation in a frame
_FRAMES: Final = (b"iframe", b"frame", b"embed", b"object")


def refuses(route: Route, request: Request) -> bool:
    """Whether it comes from another site, and no exception lets it pass.

    Without Sec-Fetch-Site it comes from no browser of today, or over plain HTTP, where none is
    sent (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header)."""
    site = request.fetch_site
    if site is None or site == b"same-origin" or site == b"none":
        return False
    isolation = route.cors.isolation
    if site == b"same-site" and isolation.same_site:
        return False
    if request.method not in _READING:
        return True
    destination = request.fetch_dest
    if isolation.navigate and request.fetch_mode == b"navigate" and destination in (None, b"document"):
        # A prefetch is refused: the browser asks again when the user really goes there
        return request.purpose
    return destination not in route.embeds


def is_embedded(request: Request) -> bool:
    """Row 8b: whether a browser sends Origin with this request although it is not CORS.

    It does so with embeds whose page may get its cookies, but has not asked for them yet
    (https://privacycg.github.io/storage-access-headers/).  An attacker gains nothing by it: a
    request without Origin would be judged alike."""
    if request.storage_access != b"inactive" or request.method not in _READING or request.websocket:
        return False
    mode = request.fetch_mode
    return mode == b"no-cors" or (mode == b"navigate" and request.fetch_dest in _FRAMES)
