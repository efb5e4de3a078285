"""The policy of cors-proxy: one route, or 10,000 origins and 1,000 routes of which the last are
used."""

from typing import NamedTuple

ORIGIN = "https://app.example.com"
WILDCARD = "https://*.preview.example.com"
UNDER_WILDCARD = "https://pr-42.preview.example.com"
FOREIGN = "https://evil.example"
PATH = "/v1/items/**"
WILDCARDS = 100  # of the many origins


class Size(NamedTuple):
    """How many origins, of which some are wildcards, and how many routes."""

    origins: int
    routes: int


ONE = Size(2, 1)
MANY = Size(10_000, 1_000)


def origins(size: Size) -> list[str]:
    """The exact origin and the wildcard that requests use are the last of their kind."""
    wildcards = min(WILDCARDS, size.origins // 2)
    exact = [
        f"https://tenant-{number:05}.customers-{number % 97}.example.net"
        for number in range(size.origins - wildcards - 1)
    ]
    patterns = [f"https://*.branch-{number:03}.example.org" for number in range(wildcards - 1)]
    return [*exact, ORIGIN, *patterns, WILDCARD]


def routes(size: Size) -> list[str]:
    """In YAML's flow style.

    Every second route has a policy of its own, as is usual in long files."""
    cors = ("", ", cors: {methods: [GET, POST], max_age: 1h}")
    many = [
        f"{{name: kind-{number:03}, path: /v1/kind-{number:03}/**{cors[number % 2]}}}"
        for number in range(size.routes - 1)
    ]
    return [*many, f"{{name: items, path: {PATH}}}"]


def fill(template: str, **values: object) -> str:
    """The template with each `@NAME@` replaced by `values[name]`."""
    for name, value in values.items():
        template = template.replace(f"@{name.upper()}@", str(value))
    return template


def policy(template: str, size: Size, **values: object) -> str:
    """conf/policy.yaml, filled."""
    listed = {
        "origins": [f"    - '{each}'" for each in origins(size)],
        "routes": [f"  - {each}" for each in routes(size)],
    }
    return fill(template, **{name: "\n".join(lines) for name, lines in listed.items()}, **values)
