"""What is asked: a page's origin, a method, header lines, credentials and a URL, as a browser would take them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from ..cors.fetch import normalise_method
from ..cors.hosts import valid
from ..cors.names import is_token
from ..cors.origin import DEFAULT_PORTS, parse_origin
from ..policy.model import Policy

Header = tuple[bytes, bytes | None]
SCHEMES: Final = {
    "http": "http",
    "https": "https",
    "ws": "http",
    "wss": "https",
}  # and the scheme of the URL's origin
_ASIS: Final = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Question:
    """One request that a page makes.  A header's value of None is not known."""

    origin: bytes | None  # as the page's browser would send it; None where no page is behind it
    method: bytes  # normalised as browsers do
    scheme: str  # http, https, ws, wss
    host: bytes
    target: bytes
    headers: tuple[Header, ...] = ()
    credentials: bool = False
    upload_listener: bool = False

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host.decode('ascii')}{self.target.decode('ascii')}"

    @property
    def url_origin(self) -> bytes:
        """The serialised origin of the URL: https://url.spec.whatwg.org/#concept-url-origin"""
        scheme = SCHEMES[self.scheme].encode("ascii")
        name, _, port = self.host.lower().rpartition(b":")
        if name and port.isdigit() and int(port) == DEFAULT_PORTS[scheme]:
            return scheme + b"://" + name
        return scheme + b"://" + self.host.lower()

    @property
    def same_origin(self) -> bool:
        return self.origin == self.url_origin

    @property
    def websocket(self) -> bool:
        return self.scheme in ("ws", "wss")


def ask(
    policy: Policy,
    where: str,
    origin: str | None,
    method: str = "GET",
    headers: Iterable[str] = (),
    credentials: bool = False,
    upload_listener: bool = False,
) -> Question:
    """`where` is a path or a URL, `headers` are `NAME` or `NAME: VALUE`.  ValueError where a part is no such thing."""
    scheme, host, target = locate(policy, where)
    if not is_token(method.encode("utf-8")):
        raise ValueError(f"{method!r} is no method")
    if origin is not None and not origin.isprintable():
        raise ValueError("an origin is printable text")
    return Question(
        None if origin is None else origin.encode("utf-8"),
        normalise_method(method.encode("ascii")),
        scheme,
        host,
        target,
        tuple(map(header, headers)),
        credentials,
        upload_listener,
    )


def header(text: str) -> Header:
    """`NAME` or `NAME: VALUE`."""
    name, colon, value = text.partition(":")
    if not is_token(name.encode("utf-8")):
        raise ValueError(f"{text!r} is no header: write NAME or 'NAME: VALUE'")
    if any(character in value for character in "\r\n\0"):
        raise ValueError(f"the value of {name} holds a line end")
    return name.encode("ascii"), value.strip(" \t").encode("utf-8") if colon else None


def locate(policy: Policy, where: str) -> tuple[str, bytes, bytes]:
    """Scheme, Host and target of a path or a URL; what a browser would percent-encode is, nothing else is changed."""
    if where.startswith("/"):
        return *home(policy), target(where)
    scheme, mark, rest = where.partition("://")
    if not mark or scheme.lower() not in SCHEMES:
        raise ValueError(f"{where!r} is neither a path (/items) nor a URL (https://api.example.com/items)")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    host = rest[:end].encode("utf-8")
    if not valid(host):
        raise ValueError(f"{rest[:end]!r} is no host")
    path = rest[end:]
    scheme = scheme.lower()
    return (
        scheme,
        _without_default_port(SCHEMES[scheme], host.lower()),
        target(path if path.startswith("/") else "/" + path),
    )


def _without_default_port(scheme: str, host: bytes) -> bytes:
    name, _, port = host.rpartition(b":")
    return name if name and port.isdigit() and int(port) == DEFAULT_PORTS[scheme.encode("ascii")] else host


def target(text: str) -> bytes:
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("a path has no control characters")
    return quote(text, safe=_ASIS).encode("ascii")


def home(policy: Policy) -> tuple[str, bytes]:
    """Where the API is, if nobody says so: the first own origin, else the first of `hosts`, else localhost and the port of `listen`."""
    for rule in policy.spec.self_origins or ():
        origin = parse_origin(str(rule.pattern).encode("ascii"))
        if origin is not None and origin.scheme in DEFAULT_PORTS:
            return origin.scheme.decode("ascii"), bytes(origin).partition(b"://")[2]
    tls = "https" if policy.server.tls else "http"
    if policy.spec.hosts:
        first = policy.spec.hosts[0]
        # A named API has its TLS in front, if not here.
        scheme = tls if first.partition(":")[0] == "localhost" else "https"
        return scheme, _without_default_port(scheme, first.encode("ascii"))
    port = policy.listen.port
    return tls, _without_default_port(tls, b"localhost:%d" % port if port else b"localhost")
