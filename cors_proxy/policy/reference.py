"""`docs/policy.md`: the reference of every key and every problem, from the tables that read a policy.

python -m cors_proxy.policy.reference > docs/policy.md
"""

from collections.abc import Iterator

from .fields import POLICY
from .problems import CODES
from .types import Keys, Kind, OffOr, RouteList

HEAD = """# The policy

One YAML file: `-c`, else `CORS_PROXY_POLICY` (a path, or the YAML itself), else `./policy.yaml`. `version` and `upstream` are required.
`cors-proxy check` says what is wrong with it; `cors-proxy schema` prints its JSON Schema, for editors.

* `${VAR}`, `${VAR:-default}`, `${VAR:?message}` and `$$` work in every value. One variable is one value.
* Durations: seconds, or a number with `s`, `m` or `h`. Sizes: bytes, or with `KiB`, `MiB` or `GiB`. A list may be written as one value.
* Values are taken as the text that they are: `off`, `NO`, `null`, `1:00` and `010` never change meaning.
* Unknown and duplicate keys are errors. Anchors and `<<` are fine. An unquoted `*` is an alias to YAML: write `"*"`.
* An origin is spelled as a browser sends it: `https://app.example.com`, lower case, without a final slash or a default port, an
  internationalised name in its `xn--` form. A pattern is `https://*.example.com` (one or more labels in front, never the bare domain),
  `https://pr-*.example.com` (part of one label), `http://localhost:*` (any port), `moz-extension://*` or `safari-web-extension://*`.

This page is generated from the table that decodes the file.
"""
PATHS = """
## Paths

The first route whose path fits decides. `/exact` fits `/exact` and `/exact/`; `/exact/` fits itself alone. Case matters, and an escape
of a letter, a digit, `-`, `.`, `_` or `~` is that character. The query plays no part.

What the API makes of a path may be another thing. So a path is read three times: as it is spelled, decoded once, and as common
frameworks fold it. That last reading cuts each segment at its first `;`, removes dots and white space from its end, folds its case
and ignores a final slash. A request is 400 `ambiguous-path` where

* a reading finds another route than the spelling does: `/Admin`, `/admin;x=1`, `/admin.`, `/admin%20` beside a route `/admin`,
  and `/admin` beside a route `/admin/`,
* a segment is `.` or `..`, also once it is cut (`..;x`, `..%20`), or nothing is left of it and it is not the last (`/a/;x/b`),
* it holds an empty segment, an encoded slash, a backslash, `#`, a NUL, overlong UTF-8 or a broken `%`, in any encoding.

`dangerously_allow` opens three of these. `encoded-slashes` (but none behind a `;`) and `empty-segments` count on the route that the
spelling finds. `path-variants` lets folded readings differ, and counts on the route that the *folded* reading finds, because that
one is led around; at the top it counts for paths without a route, too. No word opens the second point.

Not covered, because only the API knows it:

* endings that choose a format or a handler (`/admin.json`, `/admin.php/x`), and the names that a Windows file system has beside
  the real one (`ADMIN~1`, `admin::$DATA`): let a route end in `/**`, and let the API answer one name alone,
* double decoding (`/%2561dmin`), white space in front of a name, sessions in the path (`/(S(x))/admin` in ASP.NET),
  characters that Unicode normalisation makes equal,
* headers that name another URL (`X-Original-URL`, `X-Rewrite-URL`, `X-Forwarded-Prefix` from a trusted proxy), and overrides of
  the method (`X-HTTP-Method-Override`, `_method` in a form): the API must not follow them.
"""
TAIL = """
## Problems

Each is printed as `FILE:LINE:COLUMN  CODE  text`, with a hint below it. `E` stops the start, and keeps the old policy on a
reload; `W` does not.

| code | meaning |
|--|--|
"""


def reference() -> str:
    """The page, as Markdown."""
    sections = [("", "Top level", POLICY), *nested(POLICY, "")]
    return (
        HEAD
        + PATHS
        + "".join(map(table, sections))
        + TAIL
        + "".join(f"| {code} | {escape(meaning)} |\n" for code, meaning in CODES.items())
    )


def nested(keys: Keys, at: str) -> Iterator[tuple[str, str, Keys]]:
    """The mappings below a mapping, each once, under the name that leads to it."""
    for field in keys.fields:
        inner = mapping(field.kind)
        if inner is None or (at and field.key == "cors"):
            continue
        name = f"{at}.{field.key}" if at else field.key
        title = "A route" if field.key == "routes" else f"`{name}`"
        yield (name, title, inner)
        yield from nested(inner, "a route" if field.key == "routes" else name)


def mapping(kind: Kind) -> Keys | None:
    if isinstance(kind, OffOr):
        return mapping(kind.mapping or kind.kind)
    if isinstance(kind, RouteList):
        return kind.one
    return kind if isinstance(kind, Keys) else None


def table(section: tuple[str, str, Keys]) -> str:
    _, title, keys = section
    rows = (
        f"| `{field.key}` | {escape(field.kind.shown)} | {'required' if field.required else escape(field.default)} |"
        f" {escape(field.doc)}{'' if field.reload else ' A reload cannot change it.'} |\n"
        for field in keys.fields
    )
    also = " (in a route too)" if title == "`cors`" else ""
    return f"\n## {title}{also}\n\n| key | value | default | meaning |\n|--|--|--|--|\n{''.join(rows)}"


def escape(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(reference(), end="")
