"""Where a running proxy can be reached, read from its policy and nothing else of it.

A policy that was edited since the start may be wrong elsewhere: the proxy still runs with the old
one, and its health must not depend on the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from ..cors.hosts import example
from .fields import KEY_HOMES, POLICY
from .files import decode_utf8, read_file
from .interpolate import interpolate
from .mappings import MappingOf, Section
from .model import DEFAULT_ADMIN, DEFAULT_LISTEN, Address
from .nodes import MappingNode, compose
from .problems import Findings, PolicyProblems
from .read import Source
from .server import build_admin
from .types import Context

_KEYS = ("listen", "admin", "decide", "hosts", "server")
_FIELDS = MappingOf(tuple(field for field in POLICY.fields if field.key in _KEYS))


@dataclass(frozen=True, slots=True)
class Reach:
    """The listeners, and how to speak to the one for traffic."""

    admin: Address | None = DEFAULT_ADMIN  # None: off
    listen: Address = DEFAULT_LISTEN
    host: str = "localhost"  # the first of `hosts`, where there are any
    tls: bool = False
    proxy_protocol: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy_protocol_unix: bool = False


def read_reach(source: Source, environ: Mapping[str, str]) -> Reach:
    """Raises OSError or ValueError where the file cannot be read, and `PolicyProblems` where these
    keys are not valid."""
    text = source.text
    if text is None:
        text = decode_utf8(read_file(source.name), source.name)
    root, _ = compose(text, source.name)
    forwards = any(key.text == "upstream" for key, _ in root.entries)
    root = MappingNode([(key, value) for key, value in root.entries if key.text in _KEYS], root.place)
    context = Context(Findings(), "", [], KEY_HOMES)
    interpolate(root, environ, context.findings)
    section: Section = _FIELDS.decode(root, "", context)
    if any(key in section.key_places and key not in section.values for key in ("listen", "admin")):
        raise PolicyProblems(context.findings.sorted(source.name))
    admin = build_admin(section)
    hosts = [item.value for item in section.items("hosts")]
    decide: Section | None = section.get("decide")
    if decide is not None and not forwards:
        # Asks are the only traffic, over plain HTTP.
        return Reach(
            admin=admin.listen if admin is not None else None,
            listen=decide.value("listen", DEFAULT_LISTEN),
            host=example(hosts) if hosts else "localhost",
        )
    server: Section | None = section.get("server")
    balancers = (
        [network for item in server.items("proxy_protocol") for network in item.value] if server else []
    )
    return Reach(
        admin=admin.listen if admin is not None else None,
        listen=section.value("listen", DEFAULT_LISTEN),
        host=example(hosts) if hosts else "localhost",
        tls=server is not None and "tls" in server.key_places,
        proxy_protocol=tuple(network for network in balancers if network is not None),
        proxy_protocol_unix=None in balancers,
    )
