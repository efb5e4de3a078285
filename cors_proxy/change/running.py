"""The policy of a running proxy, by the URL of its admin listener."""

import http.client
import json
import socket
from typing import Final
from urllib.parse import urlsplit

from ..policy.from_effective import policy_text

SCHEMES: Final = ("http://", "unix:")
_TIMEOUT: Final = 10.0  # seconds
_PATH: Final = "/effective"
_MAX_BYTES: Final = 64 << 20


class RunningError(ValueError):
    """The message says why the proxy's policy is unknown."""


def running_policy(url: str) -> str:
    """The policy in force, as YAML.

    Raises RunningError."""
    try:
        return policy_text(json.loads(_get(url)))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise RunningError(f"{url}: {error}") from None


def _get(url: str) -> bytes:
    parts = urlsplit(url)
    # Not the name that was connected to: the admin listener always takes `localhost`
    connection = http.client.HTTPConnection("localhost", timeout=_TIMEOUT)
    if parts.scheme == "unix":
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(_TIMEOUT)
    try:
        if parts.scheme == "unix":
            connection.sock.connect(parts.path)
        else:
            connection.sock = socket.create_connection((parts.hostname or "", parts.port or 80), _TIMEOUT)
        connection.request("GET", _PATH)
        response = connection.getresponse()
        if response.status != 200:
            raise ValueError(f"answered {response.status}")
        return response.read(_MAX_BYTES)
    finally:
        connection.close()
