"""The own origin: what browsers call this API.  It is never refused for its Origin, and needs no grant."""

from .hosts import HostList
from .origin import parse_origin
from .place import Place
from .request import Request
from .site import Site

HINT = "if this is the API's own origin, name it in self_origins, or its Host in hosts"


def is_own(site: Site, request: Request) -> bool:
    """One of `self_origins`; where those are not set, an Origin whose host and port are exactly Host's, if a browser says same-origin.

    Without fetch metadata (plain HTTP sends none) Host has to be one of `hosts`: a page that rebinds its name could send all the rest."""
    if site.self_origins is not None:
        return request.origin in site.self_origins
    if request.fetch_site != b"same-origin" and (
        request.fetch_site is not None or not _named(site.hosts, request.host)
    ):
        return False
    return equals_host(request) and parse_origin(request.origin or b"") is not None


def equals_host(request: Request) -> bool:
    """Byte for byte, under http or https."""
    return bool(request.host) and request.origin in (b"https://" + request.host, b"http://" + request.host)


def place(site: Site, request: Request) -> Place | None:
    """Which line makes an own origin one."""
    if site.self_origins is None or request.origin is None:
        return site.hosts_place
    return site.self_origins[request.origin].place


def _named(hosts: HostList | None, host: bytes) -> bool:
    return hosts is not None and hosts.names(host)
