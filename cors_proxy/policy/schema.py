"""The JSON Schema of a policy (draft 2020-12), from the table of fields; `config/policy.schema.json` is its text."""

import json

from .fields import POLICY
from .types import Schema


def json_schema() -> Schema:
    """For editors: completes keys and checks values.  What keys mean together is for `cors-proxy check` alone."""
    variable = {
        "type": "string",
        "pattern": r"\$\{",
        "description": "${VAR}, ${VAR:-default} or ${VAR:?message}.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The policy of cors-proxy",
        **POLICY.schema(),
        "$defs": {"variable": variable},
    }


def schema_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
