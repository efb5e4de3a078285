"""`storage_access: retry`: a page of a listed origin embeds the API, and its browser may send the
API's cookies, but has not yet.  The response tells it to ask again with them.

https://privacycg.github.io/storage-access-headers/"""

from typing import Final

from .decision import Line
from .request import Request

VARY: Final = b"Sec-Fetch-Storage-Access"
ACTIVATE: Final = b"activate-storage-access"
_READING: Final = (b"GET", b"HEAD")


def may_retry(request: Request) -> bool:
    """Whether the browser could ask again with cookies, and that is safe.

    The API gets such a request twice, so no method that changes something is repeated."""
    return request.storage_access == b"inactive" and request.method in _READING and not request.websocket


def retry_line(origin: bytes) -> Line:
    """A browser obeys only if the origin is that of the page."""
    return (b"Activate-Storage-Access", b'retry; allowed-origin="%b"' % origin)
