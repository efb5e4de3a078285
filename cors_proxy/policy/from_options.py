"""`run` without a policy file: its options become the text of a policy, read like any other."""

import json
from collections.abc import Sequence

from .read import Source

NAME = "command-line"


def source_from_options(
    upstream: str,
    allow_origin: Sequence[str] = (),
    listen: str | None = None,
    self_origin: Sequence[str] = (),
    credentials: bool = False,
    mode: str | None = None,
    admin: str | None = None,
) -> Source:
    """The policy that the options describe, as text.

    Each key has a line of its own, so that the line of a problem tells which option it is.
    """
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
    # The shell has expanded variables already, so `$` is a plain character.
    return Source(NAME, "\n".join(lines).replace("$", "$$") + "\n")
