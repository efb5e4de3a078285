"""The effective policy as JSON, for `/config`.

There is nothing to mask: a `Policy` holds the names of key files, never what is in them."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Final

from ..policy.model import Policy

_COMPILED: Final = "site"


def policy_view(policy: Policy) -> dict[str, object]:
    """Plain lists, mappings and scalars; places as `file:line`."""
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
            each.name: _view(getattr(value, each.name)) for each in fields(value) if each.name != _COMPILED
        }
    if isinstance(value, Mapping):
        return {str(key): _view(each) for key, each in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(str(each) for each in value)
    if isinstance(value, (list, tuple)) and type(value).__str__ is object.__str__:
        return [_view(each) for each in value]
    return str(value)
