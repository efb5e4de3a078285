"""`healthcheck`: exits with 0 if the admin listener answers 200, else with 1 and the reason.

It runs every few seconds in a container, so it imports next to nothing, and no policy.
"""

import argparse
import http.client
import socket
import sys
from typing import Final
from urllib.parse import urlsplit

TIMEOUT: Final = 3.0  # seconds
DEFAULT_URL: Final = "http://127.0.0.1:9901"  # the address of model.DEFAULT_ADMIN


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--url",
        default=DEFAULT_URL,
        help="the admin listener: http://host:port or unix:/path; default %(default)s",
    )


def run(args: argparse.Namespace) -> int:
    """Returns 0 for healthy and 1 for all else, as HEALTHCHECK needs it."""
    url: str = args.url
    try:
        status = _status(url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"{url}: {error or type(error).__name__}", file=sys.stderr)
        return 1
    if status != 200:
        print(f"{url}: answered {status}", file=sys.stderr)
    return 0 if status == 200 else 1


def _status(url: str) -> int:
    """The status of the response.  Raises OSError, HTTPException or ValueError without one."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = http.client.HTTPConnection("localhost", timeout=TIMEOUT)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(TIMEOUT)
        connection.sock.connect(parts.path)
        path = "/healthz"
    elif parts.scheme == "http" and parts.hostname:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT)
        path = parts.path if len(parts.path) > 1 else "/healthz"
    else:
        raise ValueError("expected http://host:port or unix:/path")
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
