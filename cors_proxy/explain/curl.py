"""A pasted curl command as a question: what would come of it if a page sent it.  Browsers offer it as “copy as cURL”."""

import shlex
from collections.abc import Iterator
from typing import Final

from ..policy.model import Policy
from .recorded import Recorded, to_question

_LONG: Final = {  # short options that take a value, by their long names
    "X": "request", "H": "header", "d": "data", "F": "form", "b": "cookie", "u": "user", "A": "user-agent", "e": "referer",
    "T": "upload-file", "o": "output", "w": "write-out", "m": "max-time", "x": "proxy", "E": "cert", "c": "cookie-jar",
}  # fmt: skip
_DATA: Final = ("data", "data-raw", "data-binary", "data-ascii", "data-urlencode")
_VALUED: Final = frozenset(
    {
        *_LONG.values(), *_DATA, "json", "url", "url-query", "connect-timeout", "resolve", "connect-to", "cacert", "key", "retry",
        "interface", "max-redirs", "proxy-user", "range",
    }
)  # fmt: skip
_FORM: Final = "application/x-www-form-urlencoded"


def read_curl(policy: Policy, command: str) -> Recorded:
    """ValueError where it is no curl command, or has no URL."""
    words = shlex.split(command.replace("\\\r\n", " ").replace("\\\n", " "))
    if words[:1] == ["curl"]:
        del words[0]
    method, implied, head, get = "", "GET", False, False
    urls: list[str] = []
    types: list[str] = []
    lines: list[tuple[str, str]] = []
    for name, value in _options(words):
        if name in ("", "url"):
            urls.append(value)
        elif name == "request":
            method = value
        elif name == "header":
            key, colon, rest = value.removeprefix("$").partition(":")
            if colon:
                lines.append((key.strip(), rest.strip()))
        elif name in _DATA:
            implied, types = "POST", [_FORM]
        elif name == "form":
            implied, types = "POST", ["multipart/form-data; boundary=x"]
        elif name == "json":
            implied, types = "POST", ["application/json"]
        elif name == "upload-file":
            implied = "PUT"
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
    if not urls:
        raise ValueError("no URL in the curl command")
    if types and not get and not any(key.lower() == "content-type" for key, _ in lines):
        lines.append(("Content-Type", types[0]))
    where = urls[0] if "://" in urls[0] or urls[0].startswith("/") else f"http://{urls[0]}"
    return to_question(
        policy, f"curl {urls[0]}", where, method or ("HEAD" if head else "GET" if get else implied), lines
    )


def _options(words: list[str]) -> list[tuple[str, str]]:
    """Name and value; a flag's value is "", a word that is no option has the name ""."""
    found: list[tuple[str, str]] = []
    rest = iter(words)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name, mark, value = word[2:].partition("=")
            found.append((name, value if mark else next(rest, "") if name in _VALUED else ""))
        elif word.startswith("-") and len(word) > 1:
            found += _short(word[1:], rest)
        else:
            found.append(("", word))
    return found


def _short(letters: str, rest: Iterator[str]) -> list[tuple[str, str]]:
    """`-sXPUT` is `-s -X PUT`."""
    found: list[tuple[str, str]] = []
    for at, letter in enumerate(letters):
        if letter in _LONG:
            return [*found, (_LONG[letter], letters[at + 1 :] or next(rest, ""))]
        found.append((letter, ""))
    return found
