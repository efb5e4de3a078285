"""`init`: asks four questions, or takes the answers as options, and writes a policy and a compose file."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .. import __version__
from ..policy.problems import PolicyProblems
from ..policy.read import parse_policy

POLICY: Final = "policy.yaml"
COMPOSE: Final = "compose.yaml"
FOLDER: Final = "cors-proxy"  # of the policy: the folder is mounted, so that a reload sees a new file

_POLICY: Final = """\
# Checked by `cors-proxy check -c {name}`. All keys: `cors-proxy schema`, docs/policy.md.
version: 1

# Where clients connect. In a container that is every address.
listen: 0.0.0.0:8080

# The API. Only the proxy may reach it.
upstream: {upstream}

# What browsers call the API. Its own pages are never refused, and other names get 421.
self_origins: [{own_origin}]
hosts: [{host}]

cors:
  # The pages that may call the API.
  origins:
{origins}
  # What they may do: everything that is not listed is refused.
  methods: [GET, HEAD, POST, PUT, PATCH, DELETE]
  headers: [Content-Type, Authorization]
  # Response headers that they may read, beside the safelisted ones:
  # expose: [X-Total-Count]
  # Whether browsers send cookies and HTTP authentication.
  credentials: {credentials}
"""

_COMPOSE: Final = """\
# The proxy in front of the API. Only the proxy publishes a port.
services:
  cors-proxy:
    image: cors-proxy:{version}
    ports: ["127.0.0.1:{port}:8080"]
    volumes:
      # The folder, not the file: many editors replace a file when they save it.
      - ./{folder}:/etc/cors-proxy:ro
    # The image has a HEALTHCHECK that asks the proxy of this policy.
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
{api}"""

_API: Final = """\
    depends_on: [{name}]

  # Your API. It publishes no port.
  {name}:
    image: {name}:latest
    expose: ["{port}"]
"""

_HOST_API: Final = """\
    # The API runs on the host: {upstream}
    extra_hosts: ["host.docker.internal:host-gateway"]
"""


@dataclass(frozen=True, slots=True)
class Answers:
    upstream: str
    origins: tuple[str, ...]
    credentials: bool
    own_origin: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "directory", metavar="DIR", nargs="?", default=".", help="where to write; default: here"
    )
    parser.add_argument("--upstream", metavar="URL", help="the API, as the proxy reaches it: http://api:3000")
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="an origin of the pages that call the API; can be repeated",
    )
    parser.add_argument(
        "--credentials",
        action=argparse.BooleanOptionalAction,
        help="whether browsers send cookies and HTTP authentication to the API",
    )
    parser.add_argument(
        "--self-origin", metavar="ORIGIN", help="the API's own origin, as browsers see it: https://api.example.com"
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")


def run(args: argparse.Namespace) -> int:
    """Returns 1 if an answer is not valid or a file exists, and 2 if an answer is missing."""
    folder = Path(args.directory)
    policy, compose = folder / FOLDER / POLICY, folder / COMPOSE
    existing = [str(path) for path in (policy, compose) if path.exists()]
    if existing and not args.force:
        print(f"cors-proxy init: {', '.join(existing)}: exists; --force overwrites it", file=sys.stderr)
        return 1
    try:
        answers = ask(args, input if sys.stdin.isatty() else None)
    except ValueError as missing:
        print(f"cors-proxy init: {missing}", file=sys.stderr)
        return 2
    except EOFError:
        print("\ncors-proxy init: nothing was written", file=sys.stderr)
        return 2
    text = policy_text(answers, str(policy))
    try:
        _, warnings = parse_policy(text, str(policy), "", {})
    except PolicyProblems as refused:
        warnings = refused.problems
    if warnings:
        print("\n".join(map(str, warnings)), file=sys.stderr)
        print("cors-proxy init: nothing was written", file=sys.stderr)
        return 1
    try:
        policy.parent.mkdir(parents=True, exist_ok=True)
        policy.write_text(text, "utf-8")
        compose.write_text(compose_text(answers), "utf-8")
        # The container's user is not the owner.
        os.chmod(policy.parent, 0o755)
        os.chmod(policy, 0o644)
    except OSError as error:
        print(f"cors-proxy init: {error}", file=sys.stderr)
        return 1
    print(
        f"wrote {policy} and {compose}\n"
        f"  cors-proxy check {policy}    checks the policy\n"
        f"  cors-proxy run -c {policy}   starts the proxy here\n"
        f"  docker compose -f {compose} up    starts it in a container"
    )
    return 0


def ask(args: argparse.Namespace, question: Callable[[str], str] | None) -> Answers:
    """The answers from the options, the others from the person at the terminal.

    Raises ValueError where an answer is missing and nobody can be asked.
    """

    def answer(option: str, given: str, text: str, default: str = "") -> str:
        if given:
            return given
        if question is None:
            raise ValueError(f"{option} is missing, and nobody can be asked: stdin is not a terminal")
        shown = f" [{default}]" if default else ""
        while not (found := question(f"{text}{shown}: ").strip() or default):
            pass
        return found

    upstream = answer("--upstream", args.upstream or "", "The API's URL, as the proxy reaches it", "http://localhost:3000")
    origins = answer(
        "--allow-origin",
        " ".join(args.allow_origin),
        "The origins of the pages that call it, separated by spaces",
        "http://localhost:5173",
    )
    credentials = args.credentials
    if credentials is None and question is not None:
        credentials = answer("", "", "Do they send cookies or HTTP authentication? yes or no", "no").lower() in ("y", "yes")
    own = answer(
        "--self-origin",
        args.self_origin or "",
        "The API's own origin, as browsers see it once the proxy is in front",
        "http://localhost:8080",
    )
    return Answers(upstream, tuple(origins.replace(",", " ").split()), bool(credentials), own)


def policy_text(answers: Answers, name: str) -> str:
    """A commented policy.  `name` is its file."""
    host = urlsplit(answers.own_origin).netloc.rpartition("@")[2]
    return _POLICY.format(
        name=name,
        upstream=_quoted(answers.upstream),
        own_origin=_quoted(answers.own_origin),
        host=_quoted(host),
        origins="\n".join(f"    - {_quoted(origin)}" for origin in answers.origins),
        credentials="true" if answers.credentials else "false",
    )


def compose_text(answers: Answers) -> str:
    """A compose file with the proxy, and the API where the upstream is the name of a service."""
    parts = urlsplit(answers.upstream)
    name, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    service = name.replace("-", "").replace("_", "").isalnum() and name not in ("localhost", "cors-proxy")
    if service and not name.isdecimal():
        api = _API.format(name=name, port=port)
    else:
        api = ""
    own = urlsplit(answers.own_origin)
    local = own.hostname in ("localhost", "127.0.0.1") and own.scheme == "http"
    published = (own.port or 80) if local else 8080
    return _COMPOSE.format(version=__version__, port=published, folder=FOLDER, api=api)


def _quoted(text: str) -> str:
    """A YAML scalar: JSON is YAML, and `$` would begin a variable."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("$", "$$")
