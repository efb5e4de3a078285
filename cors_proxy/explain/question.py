"""The question: a page's origin, method, headers, credentials and URL, as a browser takes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from ..cors import hosts
from ..cors.fetch import normalise_method
from ..cors.names import is_token
from ..cors.origin import DEFAULT_PORTS, parse_origin
from ..policy.model import Policy

Header = tuple[bytes, bytes | None]
"""Name and value; None for a value that is unknown."""

# The scheme of a URL, and of that URL's origin.
SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_VISIBLE_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Question:
    """One request that a page makes."""

    origin: bytes | None  # as the browser sends it; None where no page makes the request
    method: bytes  # normalised as by a browser
    scheme: str  # http, https, ws, wss
    host: bytes
    target: bytes
    headers: tuple[Header, ...] = ()
    credentials: bool = False
    upload_listener: bool = False
    # A recorded preflight: exactly the names that it asked for.  None: the browser works them out.
    asked_headers: tuple[bytes, ...] | None = None
    private_network: bool = False  # the preflight asks for it

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host.decode('ascii')}{self.target.decode('ascii')}"

    @property
    def url_origin(self) -> bytes:
        """The serialised origin of the URL: https://url.spec.whatwg.org/#concept-url-origin"""
        scheme = SCHEMES[self.scheme]
        return scheme.encode("ascii") + b"://" + _without_default_port(scheme, self.host.lower())

    @property
    def same_origin(self) -> bool:
        return self.origin == self.url_origin

    @property
    def websocket(self) -> bool:
        return self.scheme in ("ws", "wss")


def parse_question(
    policy: Policy,
    where: str,
    origin: str | None,
    method: str = "GET",
    headers: Iterable[str] = (),
    credentials: bool = False,
    upload_listener: bool = False,
) -> Question:
    """`where` is a path or a URL, each of `headers` is `NAME` or `NAME: VALUE`.

    Raises ValueError for a part that does not parse.
    """
    scheme, host, target = parse_where(policy, where)
    if not is_token(method.encode("utf-8")):
        raise ValueError(f"{method!r} is not a method")
    if origin is not None and not origin.isprintable():
        raise ValueError("the origin holds a character that is not printable")
    return Question(
        None if origin is None else origin.encode("utf-8"),
        normalise_method(method.encode("ascii")),
        scheme,
        host,
        target,
        tuple(map(parse_header, headers)),
        credentials,
        upload_listener,
    )


def parse_header(line: str) -> Header:
    """`NAME` or `NAME: VALUE`."""
    name, colon, value = line.partition(":")
    if not is_token(name.encode("utf-8")):
        raise ValueError(f"{line!r} is no header: write NAME or 'NAME: VALUE'")
    if any(character in value for character in "\r\n\0"):
        raise ValueError(f"the value of {name} holds a line end")
    return name.encode("ascii"), value.strip(" \t").encode("utf-8") if colon else None


def parse_where(policy: Policy, where: str) -> tuple[str, bytes, bytes]:
    """Scheme, Host and target of a path or a URL.

    Dot segments stay: a test of a policy needs them, although a browser resolves them.
    """
    if where.startswith("/"):
        return *home(policy), percent_encode(where)
    scheme, separator, rest = where.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in SCHEMES:
        raise ValueError(f"{where!r} is neither a path (/items) nor a URL (https://api.example.com/items)")
    end = min((index for index in map(rest.find, "/?#") if index >= 0), default=len(rest))
    host = rest[:end].encode("utf-8")
    if not hosts.valid(host):
        raise ValueError(f"{rest[:end]!r} is not a host")
    path = rest[end:]
    return (
        scheme,
        _without_default_port(SCHEMES[scheme], host.lower()),
        percent_encode(path if path.startswith("/") else "/" + path),
    )


def percent_encode(target: str) -> bytes:
    """What is not visible ASCII, in UTF-8; a `%` stays as it is."""
    if any(character < " " or character == "\x7f" for character in target):
        raise ValueError("the path holds a control character")
    return quote(target, safe=_VISIBLE_ASCII).encode("ascii")


def home(policy: Policy) -> tuple[str, bytes]:
    """Scheme and Host of a question that names a path only.

    The first of `self_origins`, else the first of `hosts`, else localhost and the port of `listen`.
    """
    for rule in policy.spec.self_origins or ():
        origin = parse_origin(str(rule.pattern).encode("ascii"))
        if origin is not None and origin.scheme in DEFAULT_PORTS:
            return origin.scheme.decode("ascii"), bytes(origin).partition(b"://")[2]
    scheme = "https" if policy.server.tls else "http"
    if policy.spec.hosts:
        host = hosts.example(policy.spec.hosts).encode("ascii")
        # An API with a public name has TLS, if not here then in front of the proxy.
        if hosts.split_port(host)[0] != b"localhost":
            scheme = "https"
        return scheme, _without_default_port(scheme, host)
    port = policy.listen.port if policy.forwards else 0
    return scheme, _without_default_port(scheme, b"localhost:%d" % port if port else b"localhost")


def _without_default_port(scheme: str, host: bytes) -> bytes:
    name, port = hosts.split_port(host)
    return name if port and port.isdigit() and int(port) == DEFAULT_PORTS[scheme.encode("ascii")] else host


def host_name(origin: bytes) -> str:
    """The host of a serialised origin, without its port and without the brackets of IPv6."""
    host, _ = hosts.split_port(origin.partition(b"://")[2])
    return host.decode("ascii", "replace").strip("[]")
