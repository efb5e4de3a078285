"""Requests without Origin, judged by what a browser says of where they come from (Go's net/http.CrossOriginProtection)."""

from .names import SAFE_METHODS


def cross_site(method: bytes, fetch_site: bytes | None) -> bool:
    """Whether an unsafe request is marked as another site's doing.  https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header

    Only `same-origin` and `none` (the user's own doing) pass; without the header it is no browser of today, or came over plain HTTP."""
    return (
        method not in SAFE_METHODS and fetch_site is not None and fetch_site not in (b"same-origin", b"none")
    )
