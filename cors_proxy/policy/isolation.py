"""What `check` says about requests without Origin: `isolate`, and the retry of `storage_access`."""

from typing import Final, get_args

from ..cors.hosts import is_loopback
from ..cors.literals import Embed
from ..cors.spec import CorsSpec, RouteSpec, SiteSpec
from .problems import Findings, quote
from .scalars import ScalarError, parse_choice

# Destinations whose requests carry Origin: their mode is cors wherever they are embedded
# (https://html.spec.whatwg.org/#fetch-a-single-module-script,
# https://drafts.csswg.org/css-fonts/#font-fetching-requirements,
# https://w3c.github.io/manifest/#processing)
_WITH_ORIGIN: Final = ("font", "module", "manifest")
_SPELLINGS: Final = {
    "fonts": "font",
    "modules": "module",
    "module-script": "module",
    "module-scripts": "module",
    "modulepreload": "module",
    "manifests": "manifest",
    "webmanifest": "manifest",
}


def parse_embed(text: str) -> str:
    """A destination that `embed` may list."""
    word = text.lower()
    word = _SPELLINGS.get(word, word)
    if word in _WITH_ORIGIN:
        raise ScalarError(
            "a destination whose requests have no Origin",
            code="E409",
            hint="remove it from embed, and list the page's origin in origins: that allows it",
        )
    return parse_choice(text, get_args(Embed))


def check_storage_access(cors: CorsSpec, findings: Findings) -> None:
    """The second request of a `retry` has cookies, and may have no Origin: Chromium keeps it."""
    if cors.storage_access != "retry":
        return
    if not cors.credentials:
        key, code = "credentials", "E410"
        message = "storage_access: retry without credentials: true: the second request would have no use"
        hint = "write credentials: true, or storage_access: none"
    elif cors.without_origin == "deny":
        key, code = "without_origin", "E411"
        message = "storage_access: retry beside without_origin: deny, which refuses the second request"
        hint = "write without_origin: fetch-metadata, or storage_access: none"
    elif cors.without_origin == "isolate" and not (cors.isolation.embed or cors.isolation.report):
        key, code = "without_origin", "E411"
        message = "storage_access: retry beside an isolate without embed, which refuses the second request"
        hint = "list in embed what pages embed, such as [iframe], or write storage_access: none"
    else:
        return
    # A route may inherit one of the two keys: the fault is then where it sets the other.
    place = retry = cors.places["storage_access"]
    other = cors.places.get(key, retry)
    if other.file == retry.file and other.line > retry.line:
        place = other
        message += f" (storage_access is set in line {retry.line})"
    findings.add(place, code, message, hint)


def warn_about_plain_http(spec: SiteSpec, findings: Findings) -> None:
    """`isolate` depends on fetch metadata, which browsers send to HTTPS and to localhost alone
    (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header)."""
    plain = [
        str(rule.pattern)
        for rule in spec.self_origins or ()
        if rule.pattern.scheme == b"http" and not is_loopback(rule.pattern.host.decode("ascii"))
    ]
    if not plain:
        return
    for route in (*spec.routes, spec.default):
        if _isolates(route) and route.cors is not None:
            message = (
                f"without_origin: isolate has no effect at {quote(plain[0])} (self_origins):"
                " browsers send fetch metadata to HTTPS and localhost only"
            )
            place = route.cors.places["without_origin"]
            findings.add(place, "W406", message, "serve the API over HTTPS")


def _isolates(route: RouteSpec) -> bool:
    return route.cors is not None and route.amp is None and route.cors.without_origin == "isolate"
