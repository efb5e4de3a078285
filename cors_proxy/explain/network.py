"""Local Network Access: from version 142 on Chromium asks its user before a public page may reach a
local address.  No response header grants or denies it.

https://wicg.github.io/local-network-access/
"""

from ipaddress import ip_address
from typing import Final

from ..cors.hosts import is_loopback
from .question import Question, host_name

LOOPBACK, LOCAL, PUBLIC = "loopback", "local", "public"
_RANK: Final = {LOOPBACK: 0, LOCAL: 1, PUBLIC: 2}


def address_space(host: str) -> str:
    """Of an address without brackets, or of a name.

    Nothing is resolved, so a name counts as public unless it ends in `localhost` or `.local`.
    """
    host = host.lower().removesuffix(".")
    if is_loopback(host):
        return LOOPBACK
    if host.endswith(".local"):
        return LOCAL
    try:
        address = ip_address(host)
    except ValueError:
        return PUBLIC
    return PUBLIC if address.is_global else LOCAL


def local_network_note(question: Question) -> str:
    """What Local Network Access does to the request, "" where it does not apply."""
    page = question.origin or b""
    url_space, page_space = address_space(host_name(question.url_origin)), address_space(host_name(page))
    if question.origin is None or question.same_origin or _RANK[url_space] >= _RANK[page_space]:
        return ""
    if page_space == PUBLIC and page.startswith(b"http://"):
        return (
            f"Local Network Access: the URL has a {url_space} address, and the page is not a secure"
            " context."
            " Chromium 142 and later blocks such a request, whatever the proxy answers"
            " (“Permission was denied … address space”)"
        )
    return (
        f"Local Network Access: the URL has a {url_space} address. If the page comes from a {page_space}"
        " address,"
        " Chromium 142 and later asks its user first. No header allows it, and a refusal looks like a"
        " CORS error"
        " (“blocked by CORS policy: Permission was denied … address space”)"
    )
