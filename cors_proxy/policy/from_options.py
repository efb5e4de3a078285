"""`run` without a policy file: its options become the text of a policy, read like any other."""

import json
from collections.abc import Sequence
from typing import Final

from .model import Policy
from .read import Source

NAME: Final = "command-line"
# What a web app needs.  In a file nothing is allowed by default.
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
HEADERS: Final = ("Content-Type", "Authorization")
# Origins that stand for pages of anybody: with these the defaults of a file stay.
_ANYBODY: Final = frozenset({"*", "null"})


def source_from_options(
    upstream: str,
    allow_origin: Sequence[str] = (),
    listen: str | None = None,
    self_origin: Sequence[str] = (),
    credentials: bool = False,
    mode: str | None = None,
    admin: str | None = None,
    allow_method: Sequence[str] = (),
    allow_header: Sequence[str] = (),
    expose: Sequence[str] = (),
    debug: bool = False,
) -> Source:
    """The policy that the options describe, as text, and the option of each of its lines."""
    if allow_origin and not _ANYBODY.intersection(allow_origin):
        allow_method, allow_header = allow_method or METHODS, allow_header or HEADERS
    lines = [
        (NAME, "version: 1"),
        *_key("--upstream", "upstream", upstream),
        *_key("--listen", "listen", listen),
        *_key("--admin", "admin", admin),
        *_key("--self-origin", "self_origins", self_origin),
        *_key("--mode", "mode", mode),
    ]
    cors = [
        *_key("--allow-origin", "  origins", allow_origin),
        *_key("--allow-method", "  methods", allow_method),
        *_key("--allow-header", "  headers", allow_header),
        *_key("--expose", "  expose", expose),
        *([("--credentials", "  credentials: true")] if credentials else []),
    ]
    # Always there: this is the rule that refuses an origin that no option allows.
    lines += [("--allow-origin", "cors:" if cors else "cors: {}"), *cors]
    if debug:
        lines += [("--debug", "server:"), ("--debug", "  debug: true")]
    text = "".join(f"{line}\n" for _, line in lines)
    return Source(NAME, text, tuple(option for option, _ in lines))


def _key(option: str, key: str, value: str | Sequence[str] | None) -> list[tuple[str, str]]:
    """The lines of a key, each with its option; an entry of a list has a line of its own."""
    if not value:
        return []
    if isinstance(value, str):
        return [(option, f"{key}: {_quoted(value)}")]
    return [(option, f"{key}:"), *((option, f"    - {_quoted(each)}") for each in value)]


def _quoted(value: str) -> str:
    # The shell has expanded variables already, so `$` is a plain character.
    return json.dumps(value, ensure_ascii=False).replace("$", "$$")


def told_defaults(policy: Policy, allow_method: Sequence[str], allow_header: Sequence[str]) -> str:
    """One line about what is allowed without having been asked for; "" if nothing is."""
    cors = policy.spec.default.cors
    if cors is None or not cors.origins or (allow_method and allow_header):
        return ""
    allowed, options = [], []
    if not allow_method:
        allowed.append(f"the methods {', '.join(cors.methods or ())}")
        options.append("--allow-method")
    if not allow_header:
        allowed.append(
            f"the request headers {', '.join(cors.headers)}" if cors.headers else "no request header"
        )
        options.append("--allow-header")
    origins = (str(rule.pattern) for rule in cors.origins)
    anybody = next((origin for origin in origins if origin in _ANYBODY), "")
    return (
        f"by default {f'--allow-origin {anybody} allows' if anybody else 'these origins may use'}"
        f" {' and '.join(allowed)}; change it with {' and '.join(options)}"
    )
