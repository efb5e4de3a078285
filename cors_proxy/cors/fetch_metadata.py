"""Row 11: a request without Origin is judged by what the browser says about where it comes from
(https://www.w3.org/TR/fetch-metadata/), by the rule of Go's net/http.CrossOriginProtection."""

from .names import SAFE_METHODS


def cross_site(method: bytes, fetch_site: bytes | None) -> bool:
    """Whether an unsafe request comes from another site.

    `same-origin` and `none` (the user typed the address) pass.  So does a request without
    Sec-Fetch-Site: it comes from no browser of today, or over plain HTTP, where none is sent."""
    return (
        method not in SAFE_METHODS and fetch_site is not None and fetch_site not in (b"same-origin", b"none")
    )
