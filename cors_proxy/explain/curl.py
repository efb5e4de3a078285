"""A curl command as a question: what would happen if a page sent that request.

Browsers offer such commands as “Copy as cURL (bash)” and “(cmd)”.  https://curl.se/docs/manpage.html
"""

import shlex
from collections.abc import Iterator
from typing import Final

from ..policy.model import Policy
from .cmd_quoting import is_cmd, split_cmd
from .recorded import RecordedQuestion, from_header_lines

_LONG: Final = {  # the long names of short options that take a value
    "X": "request",
    "H": "header",
    "d": "data",
    "F": "form",
    "b": "cookie",
    "u": "user",
    "A": "user-agent",
    "e": "referer",
    "T": "upload-file",
    "o": "output",
    "w": "write-out",
    "m": "max-time",
    "x": "proxy",
    "E": "cert",
    "c": "cookie-jar",
}
_DATA: Final = ("data", "data-raw", "data-binary", "data-ascii", "data-urlencode")
_TAKE_VALUE: Final = frozenset(
    {
        *_LONG.values(),
        *_DATA,
        "json",
        "url",
        "url-query",
        "connect-timeout",
        "resolve",
        "connect-to",
        "cacert",
        "key",
        "retry",
        "interface",
        "max-redirs",
        "proxy-user",
        "range",
    }
)
_FORM: Final = "application/x-www-form-urlencoded"


def read_curl(policy: Policy, command: str, origin: str | None = None) -> RecordedQuestion:
    """`origin` is the page's, where the command has none.

    Raises ValueError where `command` does not parse as a command of bash or cmd.exe, or has no URL."""
    words = split_cmd(command) if is_cmd(command) else _split_bash(command)
    if words[:1] in (["curl"], ["curl.exe"]):
        del words[0]
    method, implied_method, head, get = "", "GET", False, False
    urls: list[str] = []
    content_type = ""
    lines: list[tuple[str, str]] = []
    for name, value in _options(words):
        if name in ("", "url"):
            urls.append(value)
        elif name == "request":
            method = value
        elif name == "header":
            # Browsers copy values with escapes as $'…', of which shlex leaves the $.
            field, colon, content = value.removeprefix("$").partition(":")
            if colon:
                lines.append((field.strip(), content.strip()))
        elif name in _DATA:
            implied_method, content_type = "POST", _FORM
        elif name == "form":
            implied_method, content_type = "POST", "multipart/form-data; boundary=x"
        elif name == "json":
            implied_method, content_type = "POST", "application/json"
        elif name == "upload-file":
            implied_method = "PUT"
        elif name == "cookie":
            lines.append(("Cookie", value))
        elif name == "user":
            lines.append(("Authorization", "Basic ..."))
        elif name == "range":
            lines.append(("Range", f"bytes={value}"))
        elif name in ("head", "I"):
            head = True
        elif name in ("get", "G"):
            get = True
    if origin is not None:
        lines = [line for line in lines if line[0].lower() != "origin"] + [("Origin", origin)]
    if not urls:
        raise ValueError("no URL in the curl command")
    if content_type and not get and not any(field.lower() == "content-type" for field, _ in lines):
        lines.append(("Content-Type", content_type))
    where = urls[0] if "://" in urls[0] or urls[0].startswith("/") else f"http://{urls[0]}"
    method = method or ("HEAD" if head else "GET" if get else implied_method)
    return from_header_lines(policy, f"curl {urls[0]}", where, method, lines)


def _split_bash(command: str) -> list[str]:
    return shlex.split(command.replace("\\\r\n", " ").replace("\\\n", " "))


def _options(words: list[str]) -> list[tuple[str, str]]:
    """Name and value of each; the value of a flag is "", the name of an argument is ""."""
    options: list[tuple[str, str]] = []
    rest = iter(words)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            options.append((name, value if equals else next(rest, "") if name in _TAKE_VALUE else ""))
        elif word.startswith("-") and len(word) > 1:
            options += _short_options(word[1:], rest)
        else:
            options.append(("", word))
    return options


def _short_options(letters: str, rest: Iterator[str]) -> list[tuple[str, str]]:
    """`-sXPUT` is `-s -X PUT`."""
    options: list[tuple[str, str]] = []
    for index, letter in enumerate(letters):
        if letter in _LONG:
            return [*options, (_LONG[letter], letters[index + 1 :] or next(rest, ""))]
        options.append((letter, ""))
    return options
