"""`healthcheck`: exits with 0 if the proxy is healthy, else with 1 and the reason.

It asks the admin listener that the policy names.  With `admin: off` it sends `OPTIONS *` to the
listener for traffic, and any HTTP answer is healthy: the proxy reads requests.

It runs every few seconds in a container, so it imports little, and nothing that serves.
"""

import argparse
import http.client
import os
import socket
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ..cors.hosts import split_port_text
from .policy_argument import add_config_argument

if TYPE_CHECKING:
    from ..policy.model import Address
    from ..policy.reach import Reach

TIMEOUT: Final = 3.0  # seconds
# Version 2, LOCAL: the connection is the balancer's own, and has no other client.
# https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt (2.2)
PROXY_LOCAL: Final = b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"

# The first frame of a server, behind its length (RFC 9113 3.4): that is what a listener for gRPC says.
_SETTINGS: Final = b"\x04\x00"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_argument(parser)
    parser.add_argument(
        "--url",
        help="ask this URL instead: http://host:port or unix:/path; without a path it is /healthz",
    )


def run(args: argparse.Namespace) -> int:
    """Returns 0 for healthy and 1 for all else, as HEALTHCHECK needs it."""
    where: str = args.url or "the policy"
    try:
        if args.url is None:
            reach = _reach(args.config)
            where = str(reach.listen if reach.admin is None else reach.admin)
            failure = _traffic_failure(reach) if reach.admin is None else _admin_failure(reach.admin)
        else:
            failure = _url_failure(args.url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        failure = str(error) or type(error).__name__
    if failure:
        print(f"{where}: {failure}", file=sys.stderr)
    return 1 if failure else 0


def _reach(config: str | None) -> "Reach":
    """Raises OSError or ValueError where the policy does not tell."""
    from ..policy.problems import PolicyProblems
    from ..policy.reach import Reach, read_reach
    from ..policy.read import find_source

    source = find_source(config, os.environ)
    # `run --upstream` needs no policy, and the container's variable then names a file that is not there.
    if source is None or (config is None and source.text is None and not os.path.exists(source.name)):
        return Reach()
    try:
        return read_reach(source, os.environ)
    except PolicyProblems as refused:
        raise ValueError(str(refused.problems[0])) from None


def _url_failure(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return _answered_200(_connect_unix(parts.path), "/healthz")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("expected http://host:port or unix:/path")
    connection = socket.create_connection((parts.hostname, parts.port or 80), TIMEOUT)
    return _answered_200(connection, parts.path if len(parts.path) > 1 else "/healthz")


def _admin_failure(admin: "Address") -> str:
    return _answered_200(_connect(admin), "/healthz")


def _answered_200(connected: socket.socket, path: str) -> str:
    """Why this is not healthy, or ""."""
    # Not the name that was connected to: the admin listener takes `localhost` always.
    connection = http.client.HTTPConnection("localhost", timeout=TIMEOUT)
    connection.sock = connected
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if status == 200 else f"answered {status}"


def _traffic_failure(reach: "Reach") -> str:
    connection = _connect(reach.listen)
    try:
        if _sends_proxy_header(reach, connection):
            connection.sendall(PROXY_LOCAL)
        if reach.tls:
            connection = _with_tls(connection, reach.host)
        connection.sendall(f"OPTIONS * HTTP/1.1\r\nHost: {reach.host}\r\nConnection: close\r\n\r\n".encode())
        answer = connection.recv(5)
    finally:
        connection.close()
    http2 = answer[3:] == _SETTINGS
    return "" if answer == b"HTTP/" or http2 else f"no HTTP answer, but {answer!r}"


def _sends_proxy_header(reach: "Reach", connection: socket.socket) -> bool:
    if reach.listen.path:
        return reach.proxy_protocol_unix
    own = ip_address(connection.getsockname()[0])
    return any(own in network for network in reach.proxy_protocol)


def _with_tls(connection: socket.socket, host: str) -> socket.socket:
    """Unverified: the question is whether the proxy answers, not who it is."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=split_port_text(host)[0].strip("[]"))


def _connect(address: "Address") -> socket.socket:
    if address.path:
        return _connect_unix(address.path)
    if not address.port:
        raise ValueError("port 0 is any free port: name the real one with --url")
    # An address to listen on may stand for all addresses.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)
    try:
        return socket.create_connection((host, address.port), TIMEOUT)
    except OSError:
        if address.host != "::":
            raise
        return socket.create_connection(("127.0.0.1", address.port), TIMEOUT)


def _connect_unix(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection
