"""Local Network Access: from 142 on Chromium asks the user before a public page may reach a local address; no header has a say in it.

https://wicg.github.io/local-network-access/"""

from ipaddress import ip_address
from typing import Final

from .browser_exchange import host_name
from .question import Question

LOOPBACK, LOCAL, PUBLIC = "loopback", "local", "public"
_ORDER: Final = {LOOPBACK: 0, LOCAL: 1, PUBLIC: 2}


def address_space(name: str) -> str:
    """Of an address, or of what a name tells by itself: no name is looked up, so most are taken for public."""
    name = name.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return LOOPBACK
    if name.endswith(".local"):
        return LOCAL
    try:
        address = ip_address(name)
    except ValueError:
        return PUBLIC
    return LOOPBACK if address.is_loopback else PUBLIC if address.is_global else LOCAL


def prompt(question: Question) -> str:
    """What stands in the way beside CORS, or ""."""
    page = (question.origin or b"").decode("ascii", "replace")
    there, here = address_space(host_name(question.url_origin)), address_space(host_name(page.encode()))
    if question.origin is None or question.same_origin or _ORDER[there] >= _ORDER[here]:
        return ""
    kind = {LOOPBACK: "a loopback", LOCAL: "a local"}[there]
    if here == PUBLIC and page.startswith("http://"):
        return (
            f"Local Network Access: the URL is {kind} address and the page is not from a secure context: Chromium 142 and later blocks "
            "this whatever the proxy answers (“Permission was denied … address space”)"
        )
    return (
        f"Local Network Access: the URL is {kind} address. If the page comes from a {here} one, Chromium 142 and later asks its user "
        "first; no header allows it, and a refusal reads like CORS (“blocked by CORS policy: Permission was denied … address space”)"
    )
