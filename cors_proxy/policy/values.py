"""Types of values that several keys share, each with its JSON Schema."""

from typing import get_args

from ..cors.literals import Mode
from ..cors.path import PATH_WORDS
from . import schema_patterns
from .addresses import parse_host_entry, parse_listen_address
from .scalars import (
    MONTH,
    join_choices,
    parse_boolean,
    parse_choice,
    parse_duration,
    parse_file_name,
    parse_integer,
    parse_size,
)
from .types import ListOf, Scalar, Schema, one_of
from .upstreams import UpstreamList

DANGERS = ("insecure-origins", "public-suffix-wildcards", *PATH_WORDS)
DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)?(s|m|h)?$"
SIZE_PATTERN = r"^[0-9]+(KiB|MiB|GiB)?$"


def duration(low: float = 0.001, high: float = MONTH) -> Scalar:
    """Seconds from `low` to `high`."""
    number: Schema = {"type": "number", "minimum": low, "maximum": high}
    return Scalar(
        lambda text: parse_duration(text, low, high),
        "a duration such as 30s, 10m or 2h",
        {"anyOf": [number, {"type": "string", "pattern": DURATION_PATTERN}]},
    )


def integer(low: int, high: int = 1_000_000) -> Scalar:
    """A whole number from `low` to `high`."""
    return Scalar(
        lambda text: parse_integer(text, low, high),
        f"a whole number from {low} to {high}",
        {"type": "integer", "minimum": low, "maximum": high},
    )


def byte_size(low: int, high: int) -> Scalar:
    """Bytes from `low` to `high`."""
    number: Schema = {"type": "integer", "minimum": low, "maximum": high}
    return Scalar(
        lambda text: parse_size(text, low, high),
        "a size such as 65536, 16KiB or 1MiB",
        {"anyOf": [number, {"type": "string", "pattern": SIZE_PATTERN}]},
    )


def parse_version(text: str) -> int:
    """The version of the policy's grammar: 1."""
    return int(parse_choice(text, ("1",)))


BOOLEAN = Scalar(parse_boolean, "true or false", {"type": "boolean"})
FILE = Scalar(parse_file_name, "the path of a file", schema_patterns.FILE)
HOSTS = ListOf(
    Scalar(parse_host_entry, "a host name, with or without a port", schema_patterns.HOST_ENTRY),
    "a list of host names",
    empty="would refuse every Host",
)
PATH = Scalar(str, "a path pattern", schema_patterns.PATH)
LISTEN = Scalar(
    parse_listen_address,
    "an address such as 127.0.0.1:8080, [::]:8080 or unix:/run/proxy.sock",
    schema_patterns.LISTEN,
)
UPSTREAM = UpstreamList()
DEFAULT_UPSTREAM_HOST = "preserve"
UPSTREAM_HOST = one_of("preserve", "upstream")
DEFAULT_UPSTREAM_ORIGIN = "keep"
UPSTREAM_ORIGIN = one_of("keep", "remove", "own")
DEFAULT_MODE: Mode = "enforce"
MODE = one_of(*get_args(Mode))
DANGER = Scalar(
    lambda text: parse_choice(text, DANGERS),
    join_choices(tuple(f"`{word}`" for word in DANGERS)),
    {"enum": list(DANGERS)},
)
HEADERS = "a list of header names"
EMPTY_LIST = "would allow nobody"
