"""Paths in another grammar: templates, parameters, regular expressions, prefixes with a slash.

Such a path is often a valid pattern, which then matches only a request with just these characters.
So nobody's requests find the route, and they get the policy of another one.
"""

import re
from typing import Final
from urllib.parse import quote as percent_encode

from ..cors.path import RoutePathError, parse_route_path

_ONE, _REST = "\x01", "\x02"  # in a path that is being rewritten: one segment, all that follows
# What stands for the rest of a path, then what stands for one segment.
_REST_FORMS: Final = re.compile(
    r"\{\*+\w*\}"  # ASP.NET, Spring: {*rest}
    r"|\{\w+:\.[*+]\}"  # Spring, gorilla/mux: {rest:.*}
    r"|(?<=/):\w+[*+]|(?<=/)\*\w+"  # Express: :rest*, Rails and gin: *rest
    r"|\[?\[\.\.\.\w*\]\]?"  # Next.js: [...rest]
    r"|<path:\w+>"  # Flask
    r"|\(\.[*+]\??\)|\.[*+]\??"  # a regular expression
)
_ONE_FORMS: Final = re.compile(
    r"\{[^{}]*\}"  # OpenAPI, FastAPI, Spring, Go
    r"|(?<=/):[A-Za-z_]\w*\??"  # Express, Rails, gin
    r"|<[^<>]*>"  # Flask, Django
    r"|\[[^\[\]]*\][+*?]?"  # a class of characters, or Next.js
    r"|\([^()]*\)[+*?]?"
    r"|\\[dwSWD][+*]?"
)
_REGULAR_EXPRESSION: Final = re.compile(r"[\^|\\]|\$$|\.[*+]|[\])][+*?]|\(\?")
_PARAMETER: Final = re.compile(r"\{[^{}/]*\}|(?<=/):[A-Za-z_]|<[^<>/]+>|(?<=/)\[\[?[.\w]+\]\]?(?=/|$)")


def other_grammar(path: str) -> str:
    """Why a valid pattern hardly matches a request, or ""."""
    if _REGULAR_EXPRESSION.search(path):
        return "a path is not a regular expression, so this matches only these characters"
    if _PARAMETER.search(path):
        return "a path has no parameters, so this matches only these characters"
    if len(path) > 1 and path.endswith("/"):
        return "this matches only itself, neither the path without the last slash nor what is below it"
    return ""


def suggest_path(path: str) -> str:
    """The pattern that `path` probably means, or "" where there is none."""
    if path.strip() == "*":
        return "/**"
    text = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "", path.strip())
    text, regex = re.subn(r"^(?:(?:~\*?|\^~|=) *\^?|\^)", "", text)  # nginx: location ~ ^/api
    text, anchored = re.subn(r"(?:/\?)?\$$", "", text)
    below = bool(regex and not anchored)
    text = _ONE_FORMS.sub(_ONE, _REST_FORMS.sub(_REST, text))
    text = re.sub(r"\\(.)", r"\1", text)
    text = re.split(r"[?#]", text)[0]
    below = below or (text == path and len(text) > 1 and text.endswith("/") and "*" not in text)
    segments = [segment for segment in text.split("/") if segment]
    if segments and re.fullmatch(r"[^*]+\*[^*]*|\*[^*]+", segments[0]) and not _is_prefix(segments):
        return ""  # `/*` in place of `/v*` would match far more
    pattern = "".join(f"/{part}" for part in _parts(segments, below)) or "/"
    try:
        parse_route_path(pattern)
    except RoutePathError:
        return ""
    return "" if pattern == path or other_grammar(pattern) else pattern


def _parts(segments: list[str], below: bool) -> list[str]:
    parts = []
    for at, segment in enumerate(segments):
        literal = re.split(f"[*{_ONE}{_REST}]", segment)[0]
        if literal == segment:
            parts.append(percent_encode(segment, safe="*%!$&'()+,;=:@~"))
        elif at + 1 < len(segments):
            parts.append("*")
        elif _REST in segment or "**" in segment or _is_prefix([segment]):
            parts += [literal.rstrip("-._"), "**"] if literal else ["**"]
        else:
            parts.append("*")
    if below and parts[-1:] != ["**"]:
        parts.append("**")
    return parts


def _is_prefix(segments: list[str]) -> bool:
    """Whether these are one segment such as `api*`, which means the path and all below it."""
    return len(segments) == 1 and re.fullmatch(r"[^*]*[^\W_]\*", segments[0]) is not None
