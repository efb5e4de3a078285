"""Scalars of the grammar, each decoded from its text by its own rule: YAML's own ideas of `off`, `1:00` and `010` never come in.

Every function takes the text and returns the value, or raises `ScalarError`: what was expected and,
where it can be guessed, the right form."""

import difflib
import re

DAY = 86400
MONTH = 30 * DAY
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(s|m|h)?")
_SIZE = re.compile(r"([0-9]{1,12})(KiB|MiB|GiB)?")
_BASE = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*")


class ScalarError(Exception):
    """A text that its key does not take."""

    def __init__(self, expected: str, right: str = "", code: str = "E204") -> None:
        super().__init__(expected)
        self.expected = expected
        self.right = right  # the corrected text, shown in the hint
        self.code = code


def boolean(text: str) -> bool:
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.capitalize()):
        return text.lower() == "true"
    guess = {
        "yes": "true",
        "on": "true",
        "1": "true",
        "y": "true",
        "no": "false",
        "off": "false",
        "0": "false",
        "n": "false",
    }.get(text.lower(), "")
    raise ScalarError("true or false", guess)


def integer(text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text) or not low <= int(text) <= high:
        raise ScalarError(f"a whole number from {low} to {high}")
    return int(text)


def duration(text: str, low: float, high: float) -> float:
    """Seconds."""
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2] or "s"] if match else -1.0
    if not match or not low <= seconds <= high:
        above = f" from {_spell(low)}" if match and seconds < low else f" up to {_spell(high)}"
        raise ScalarError(f"a duration such as 30s, 10m or 2h{above}", _milliseconds(text))
    return seconds


def _spell(seconds: float) -> str:
    return f"{seconds:g}s" if seconds < 3600 else f"{seconds / 3600:g}h"


def _milliseconds(text: str) -> str:
    match = re.fullmatch(r"([0-9]{1,9})ms", text)
    return f"{int(match[1]) / 1000:g}s" if match else ""


def whole_seconds(text: str, low: float, high: float) -> int:
    seconds = duration(text, low, high)
    if seconds != int(seconds):
        raise ScalarError("whole seconds", f"{round(seconds)}s")
    return int(seconds)


def size(text: str, low: int, high: int) -> int:
    """Bytes."""
    match = _SIZE.fullmatch(text)
    value = int(match[1]) << {"": 0, "KiB": 10, "MiB": 20, "GiB": 30}[match[2] or ""] if match else -1
    if not low <= value <= high:
        guess = re.fullmatch(r"([0-9]{1,12}) ?([kmg])i?b?", text, re.I | re.A)
        raise ScalarError(
            f"a size such as 65536, 16KiB or 1MiB, from {low} to {high}",
            f"{guess[1]}{guess[2].upper()}iB" if guess and not match else "",
        )
    return value


def word(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ScalarError(one_of(choices), nearest(text, choices))
    return text


def one_of(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def nearest(text: str, choices: tuple[str, ...]) -> str:
    """The choice that was probably meant, or nothing."""
    folded = {choice.lower().replace("-", "_"): choice for choice in choices}
    found = difflib.get_close_matches(text.lower().replace("-", "_"), folded, n=1, cutoff=0.55)
    return folded[found[0]] if found else ""


def label(text: str) -> str:
    """A route's name, as it stands in logs and metrics."""
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise ScalarError("a name of 1 to 100 printable characters")
    return text


def file_name(text: str) -> str:
    if not text or not text.isprintable():
        raise ScalarError("the path of a file")
    return text


def prefix(text: str) -> str:
    """A path, without its final slash."""
    if not text.startswith("/") or not text.rstrip("/") or not _BASE.fullmatch(text) or "//" in text:
        raise ScalarError(
            "a path such as /legacy",
            "" if text.startswith("/") or not _BASE.fullmatch("/" + text) else "/" + text,
        )
    return text.rstrip("/")
