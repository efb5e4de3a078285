"""The JSON Schema of a policy (draft 2020-12), made from the table of fields.

config/policy.schema.json is its text.
"""

import json

from .fields import POLICY
from .origin_feeds import FEED
from .types import Schema

SCHEMA_ID = "urn:cors-proxy:policy:1"  # of version 1 of the format, wherever the file is


def json_schema() -> Schema:
    """The schema for editors: it completes keys and checks single values.

    What several keys mean together is checked by `cors-proxy check` only.
    """
    variable = {
        "type": "string",
        "pattern": r"\$\{",
        "description": "${VAR}, ${VAR:-default} or ${VAR:?message}.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "The policy of cors-proxy",
        **POLICY.schema(),
        "$defs": {"variable": variable, "feed": FEED.schema()},
    }


def schema_text() -> str:
    """The schema as indented JSON."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
