"""The file-less form of `run`: its options become the text of a policy, which is read like any other."""

import json
from collections.abc import Sequence

from .read import Source

NAME = "command-line"


def quick_source(
    upstream: str,
    allow_origin: Sequence[str] = (),
    listen: str | None = None,
    self_origin: Sequence[str] = (),
    credentials: bool = False,
    mode: str | None = None,
    admin: str | None = None,
) -> Source:
    """The policy that the options say, as text: one key a line, so that problems name an option each."""
    cors = {"origins": list(allow_origin) or None, "credentials": credentials or None}
    keys: dict[str, object] = {
        "version": 1,
        "upstream": upstream,
        "listen": listen,
        "admin": admin,
        "self_origins": list(self_origin) or None,
        "mode": mode,
        "cors": {key: value for key, value in cors.items() if value is not None} or None,
    }
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value is not None
    ]
    return Source(
        NAME, "\n".join(lines).replace("$", "$$") + "\n"
    )  # a shell has expanded its variables already
