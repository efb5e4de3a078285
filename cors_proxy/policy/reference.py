"""docs/policy.md: the reference of all keys and problems, made from the tables that read a policy.

python -m cors_proxy.policy.reference > docs/policy.md
"""

from .fields import POLICY
from .mappings import Field, MappingOf, nested_mappings
from .origin_feeds import FEED
from .problems import CODES

INTRODUCTION = """# The policy

The policy is one YAML file: `-c`, else `CORS_PROXY_POLICY` (a path, or the YAML itself), else
`./policy.yaml`. `version` is required, and `upstream`, `decide` or both. `cors-proxy check` reports
everything that is wrong with it; `cors-proxy schema` prints its JSON Schema, for editors.

* `${VAR}`, `${VAR:-default}`, `${VAR:?message}` and `$$` work in every value. A variable is always
  one value.
* A duration is a number of seconds, or a number with `s`, `m` or `h`. A size is a number of bytes,
  or a number with `KiB`, `MiB` or `GiB`. A list of one value can be written as that value.
* Values are read as text: YAML never changes the meaning of `off`, `NO`, `null`, `1:00` or `010`.
* Unknown and duplicate keys are errors. Anchors and `<<` work. YAML reads an unquoted `*` as an
  alias, so write `"*"`.
* Spell an origin as browsers send it: `https://app.example.com`, in lower case, without a trailing
  slash or a default port, and an internationalised name in its `xn--` form.
* A pattern is `https://*.example.com` (one or more labels in front, not the domain itself),
  `https://pr-*.example.com` (part of one label), `http://localhost:*` (any port),
  `moz-extension://*`, `safari-web-extension://*` or `vscode-webview://*`.

This page is generated from the table that decodes the file.
"""
PATHS = """
## Paths

The first route whose path matches decides. `/exact` matches `/exact` and `/exact/`; `/exact/`
matches only itself. Letter case matters. An escaped letter, digit, `-`, `.`, `_` or `~` equals the
character itself. The query is ignored.

The API may read a path differently. So the proxy reads each path three times: as spelled, decoded
once, and folded as common frameworks do it. The folded reading cuts each segment at its first `;`,
removes dots and white space from its end, folds its case, and ignores a trailing slash. A request
is answered with 400 `ambiguous-path` if

* a reading matches another route than the spelling does: `/Admin`, `/admin;x=1`, `/admin.` and
  `/admin%20` beside a route `/admin`, and `/admin` beside a route `/admin/`,
* a segment is `.` or `..`, also after folding (`..;x`, `..%20`), or a segment before the last is
  empty after folding (`/a/;x/b`),
* the path has an empty segment, an encoded slash, a backslash, `#`, a NUL, overlong UTF-8 or a
  malformed `%`, in any encoding.

`dangerously_allow` turns off three of these checks. `encoded-slashes` (but none after a `;`) and
`empty-segments` apply to the route that the spelling matches. `path-variants` permits that the
folded reading matches another route, and applies to that *folded* route, because it is the one that
the request would bypass. At the top level it also applies to paths without a route. Nothing turns
off the second point.

The proxy does not cover what only the API can know:

* Suffixes that choose a format or a handler (`/admin.json`, `/admin.php/x`), and other names that a
  Windows file system has for a file (`ADMIN~1`, `admin::$DATA`). End a route in `/**`, and let the
  API accept one name only.
* Double decoding (`/%2561dmin`), white space before a name, sessions in the path
  (`/(S(x))/admin` in ASP.NET), and characters that are equal after Unicode normalisation.
* Headers with another URL (`X-Original-URL`, `X-Rewrite-URL`, `X-Forwarded-Prefix` from a trusted
  proxy), and overrides of the method (`X-HTTP-Method-Override`, `_method` in a form). The API must
  ignore them.
"""
PROBLEMS = """
## Problems

Each problem is printed as `FILE:LINE:COLUMN  CODE  text`, with a hint in the next line. An error
(`E`) stops the start, and a reload then keeps the old policy. A warning (`W`) stops nothing.

| code | meaning |
|--|--|
"""


def reference() -> str:
    """The page, as Markdown."""
    nested = ((title(name), mapping) for name, mapping in nested_mappings(POLICY))
    sections = [("Top level", POLICY), *nested, ("A feed of origins: `{url: …}`", FEED)]
    codes = "".join(f"| {code} | {escape(meaning)} |\n" for code, meaning in CODES.items())
    return INTRODUCTION + PATHS + "".join(table(*section) for section in sections) + PROBLEMS + codes


def title(name: str) -> str:
    """The title of the section about a mapping."""
    if name == "assert.never":
        return "`assert.never` and `assert.always`"
    return "A route" if name == "a route" else f"`{name}`"


def table(title: str, mapping: MappingOf) -> str:
    """One section: the keys of a mapping."""
    rows = (
        f"| `{field.key}` | {escape(field.type.expected)} |"
        f" {_default(field)} |"
        f" {escape(field.doc)}{'' if field.reloadable else ' Changing it needs a restart.'} |\n"
        for field in mapping.fields
    )
    also = " (in a route too)" if title == "`cors`" else ""
    return f"\n## {title}{also}\n\n| key | value | default | meaning |\n|--|--|--|--|\n{''.join(rows)}"


def _default(field: Field) -> str:
    if not field.required:
        return escape(field.default)
    return f"required, unless `{field.unless}` is set" if field.unless else "required"


def escape(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(reference(), end="")
