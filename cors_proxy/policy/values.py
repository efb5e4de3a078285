"""The values that several keys take: kinds of scalars and lists, each with its JSON Schema."""

from .addresses import address, host_entry, upstream
from .scalars import MONTH, boolean, duration, file_name, integer, one_of, size, word
from .types import Many, Schema, Text, words

PATH_WORDS = ("encoded-slashes", "empty-segments", "path-variants")
DANGERS = ("insecure-origins", "public-suffix-wildcards", *PATH_WORDS)
NUMBER: Schema = {"type": "number", "minimum": 0}
WHOLE: Schema = {"type": "integer", "minimum": 0}


def seconds(low: float = 0.001, high: float = MONTH) -> Text:
    return Text(
        lambda text: duration(text, low, high),
        "a duration such as 30s, 10m or 2h",
        {"anyOf": [NUMBER, {"type": "string", "pattern": DURATION}]},
    )


def count(low: int, high: int = 1_000_000) -> Text:
    return Text(
        lambda text: integer(text, low, high),
        f"a whole number from {low} to {high}",
        {"type": "integer", "minimum": low, "maximum": high},
    )


def octets(low: int, high: int) -> Text:
    return Text(
        lambda text: size(text, low, high),
        "a size such as 65536, 16KiB or 1MiB",
        {"anyOf": [WHOLE, {"type": "string", "pattern": SIZE}]},
    )


def version(text: str) -> int:
    return int(word(text, ("1",)))


DURATION = r"^[0-9]+(\.[0-9]+)?(s|m|h)?$"
SIZE = r"^[0-9]+(KiB|MiB|GiB)?$"
BOOLEAN = Text(boolean, "true or false", {"type": "boolean"})
FILE = Text(file_name, "the path of a file")
HOSTS = Many(
    Text(host_entry, "a host name, with or without a port"), "a list of host names", empty="lets no Host pass"
)
PATH = Text(str, "a path pattern")
LISTEN = Text(address, "an address such as 127.0.0.1:8080, [::]:8080 or unix:/run/proxy.sock")
UPSTREAM = Text(
    upstream, "an upstream such as http://api:3000, https://api.internal/v1 or unix:/run/api.sock"
)
UPSTREAM_HOST = words("preserve", "upstream")
MODE = words("enforce", "headers", "report")
DANGER = Text(
    lambda text: word(text, DANGERS), one_of(tuple(f"`{w}`" for w in DANGERS)), {"enum": list(DANGERS)}
)
HEADERS = "a list of header names"
EMPTY_LIST = "allows nobody"
