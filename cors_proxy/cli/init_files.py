"""What `init` writes: a commented policy, and a compose file."""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from .. import __version__

# The name is that of .github/names.env.
IMAGE: Final = f"ghcr.io/cors-proxy/cors-proxy:{__version__}"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_HOST: Final = "host.docker.internal"

_POLICY: Final = """\
# Check it with `cors-proxy check`. All keys are in docs/policy.md of cors-proxy.
version: 1

# Where clients connect. The compose file sets LISTEN, because in a container it is every address.
listen: "${{LISTEN:-127.0.0.1:{port}}}"

# The API. Only the proxy may reach it.
upstream: {upstream}

# What browsers call the API: its own pages are never refused for their origin, and a request for
# another host gets 421.
self_origins: [{own_origin}]
hosts: [{host}]

cors:
  # The pages that may call the API.
  origins:
{origins}
  # What they may do. Everything that is not listed is refused.
  methods: [GET, HEAD, POST, PUT, PATCH, DELETE]
  headers: [Content-Type, Authorization]
  # Response headers that they may read, beside the safelisted ones:
  # expose: [X-Total-Count]
  # Whether browsers may send cookies and HTTP authentication.
  credentials: {credentials}

# If a load balancer or another proxy stands in front, trust its X-Forwarded-*:
# server:
#   trusted_proxies: [private]
"""

_COMPOSE: Final = """\
# cors-proxy in front of the API. Only the proxy publishes a port.
services:
  cors-proxy:
    image: {image}
    ports: [{ports}]
    environment:
      LISTEN: 0.0.0.0:8080
{environment}    volumes:
      # After an edit: docker compose restart cors-proxy
      - ./policy.yaml:/etc/cors-proxy/policy.yaml:ro
    # The image has a HEALTHCHECK that reads the policy.
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
{depends}{service}"""

_DEPENDS: Final = "    depends_on: [{name}]\n"
_SERVICE: Final = """
  # Your API. It publishes no port, so that clients reach it only through the proxy.
  {name}:
    image: {name}:latest
    expose: ["{port}"]
    restart: unless-stopped
"""
_ON_HOST: Final = """\
      # The API runs on this machine. It must listen on an address that containers reach.
      UPSTREAM: {url}
    extra_hosts: ["host.docker.internal:host-gateway"]
"""


@dataclass(frozen=True, slots=True)
class Answers:
    upstream: str
    origins: tuple[str, ...]
    credentials: bool
    own_origin: str


def policy_text(answers: Answers) -> str:
    """Invalid answers stand in it as they are, so that reading the policy reports them."""
    upstream = _text(answers.upstream)
    if _is_local(answers.upstream) and not set(answers.upstream) & set("${}"):
        upstream = json.dumps(f"${{UPSTREAM:-{answers.upstream}}}")  # the compose file has another
    return _POLICY.format(
        port=_local_port(answers),
        upstream=upstream,
        own_origin=_text(answers.own_origin),
        host=_text(answers.own_origin.partition("://")[2]),
        origins="\n".join(f"    - {_text(origin)}" for origin in answers.origins),
        credentials="true" if answers.credentials else "false",
    )


def compose_text(answers: Answers, beside: bool) -> str:
    """`beside` is whether the user has a compose file, which has the API.  The policy is valid."""
    upstream = urlsplit(answers.upstream)
    name = upstream.hostname or ""
    environment = depends = service = ""
    if _is_local(answers.upstream):
        environment = _ON_HOST.format(url=_text(_with_host(upstream, _HOST)))
    elif name and "." not in name and ":" not in name:  # the name of a service
        depends = _DEPENDS.format(name=name)
        service = "" if beside else _SERVICE.format(name=name, port=upstream.port or 80)
    return _COMPOSE.format(
        image=IMAGE,
        ports=json.dumps(f"127.0.0.1:{_local_port(answers)}:8080"),
        environment=environment,
        depends=depends,
        service=service,
    )


def _is_local(url: str) -> bool:
    return _split(url).hostname in _LOOPBACK


def _local_port(answers: Answers) -> int:
    """Where browsers on this machine look for the API, if that is what they call it."""
    own = _split(answers.own_origin)
    return (own.port or 80) if own.scheme == "http" and own.hostname in _LOOPBACK else 8080


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError too
    except ValueError:
        return urlsplit("")
    return parts


def _with_host(url: SplitResult, host: str) -> str:
    port = f":{url.port}" if url.port else ""
    return url._replace(netloc=f"{host}{port}").geturl()


def _text(value: str) -> str:
    """A YAML scalar, which JSON is too.  `$` would begin a variable."""
    return json.dumps(value, ensure_ascii=False).replace("$", "$$")
