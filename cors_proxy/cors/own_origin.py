"""Row 4, the own origin: what browsers call this API.  It is never refused for its Origin, and it
needs no grant, because its pages make same-origin requests.

Browsers send Origin with same-origin POSTs, module scripts and fonts, so it has to be recognised
(https://fetch.spec.whatwg.org/#append-a-request-origin-header)."""

from typing import Final

from .hosts import HostList
from .origin import parse_origin
from .place import Place
from .request import Request
from .site import Site

HINT: Final = "if this is the API's own origin, name it in self_origins, or its Host in hosts"


def is_own(site: Site, request: Request) -> bool:
    """One of `self_origins`.  Where those are not set: an Origin whose host and port are exactly
    those of Host, if the browser says `same-origin`; or if it sends no fetch metadata, and Host is
    in `hosts`.

    Why `hosts`: browsers send fetch metadata to HTTPS and localhost only.  Over plain HTTP a page
    that rebinds its name (DNS rebinding) to this proxy could send a matching Origin and Host."""
    if site.self_origins is not None:
        return request.origin in site.self_origins
    if request.fetch_site != b"same-origin" and (
        request.fetch_site is not None or not _named(site.hosts, request.host)
    ):
        return False
    return equals_host(request) and parse_origin(request.origin or b"") is not None


def equals_host(request: Request) -> bool:
    """Whether Origin is Host, byte for byte, under http or https."""
    return bool(request.host) and request.origin in (b"https://" + request.host, b"http://" + request.host)


def place(site: Site, request: Request) -> Place | None:
    """The line of the policy that makes an own origin one."""
    if site.self_origins is None or request.origin is None:
        return site.hosts_place
    return site.self_origins[request.origin].place


def _named(hosts: HostList | None, host: bytes) -> bool:
    return hosts is not None and hosts.names(host)
