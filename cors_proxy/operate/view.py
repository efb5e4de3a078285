"""The policy as JSON, for `/config`.

Nothing is masked: a `Policy` holds the names of key files, not their content.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Final

from ..policy.model import Policy

_COMPILED: Final = "site"  # the compiled form; `spec` has the same as data


def policy_view(policy: Policy) -> dict[str, object]:
    """Dicts, lists and scalars; places are `file:line`."""
    view = _view(policy)
    assert isinstance(view, dict)
    return view


def _view(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return value.decode("ascii", "backslashreplace")
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type) and type(value).__str__ is object.__str__:
        return {
            field.name: _view(getattr(value, field.name))
            for field in fields(value)
            if field.name != _COMPILED
        }
    if isinstance(value, Mapping):
        return {str(key): _view(item) for key, item in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(str(item) for item in value)
    if isinstance(value, (list, tuple)) and type(value).__str__ is object.__str__:
        return [_view(item) for item in value]
    return str(value)
