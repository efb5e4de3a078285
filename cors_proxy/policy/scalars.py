"""Parsers of scalar values.  Each takes the text as the file has it.

YAML 1.1 would turn `off` into false, `1:00` into 60 and `010` into 8; here nothing does.  Every
parser returns the value or raises `ScalarError`.
"""

import difflib
import math
import re

DAY = 86400  # seconds
MONTH = 30 * DAY
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(s|m|h)?")
# A number with a unit, as people and other programs write it: `10 minutes`, `1d`, `500ms`, `PT10M`.
_QUANTITY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([a-z]+)\s*,?\s*")
_UNITS = {
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "week", "weeks"), 7 * DAY),
}
_SIZE = re.compile(r"([0-9]{1,12})(KiB|MiB|GiB)?")
# RFC 3986, 3.3: segments of pchar.
BASE_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*")


_BOOLEAN_WORDS = {
    "true": ("yes", "on", "1", "y", "t", "allow", "allowed", "enable", "enabled"),
    "false": ("no", "off", "0", "n", "f", "deny", "denied", "disable", "disabled", "none"),
}


class ScalarError(Exception):
    """A text that its key does not accept.

    `expected` says what the key accepts, and `code` is the code of the problem.  `suggestion` is
    the corrected text or "", and `hint` is what to do where that is more than one text.
    """

    def __init__(self, expected: str, suggestion: str = "", code: str = "E204", hint: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.suggestion = suggestion
        self.code = code
        self.hint = hint or (f"write {suggestion}" if suggestion else "")


def parse_boolean(text: str) -> bool:
    """`true` or `false`, also in capitals, as YAML 1.2 has them."""
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.capitalize()):
        return text.lower() == "true"
    matches = [value for value, words in _BOOLEAN_WORDS.items() if text.lower() in words]
    raise ScalarError("true or false", "".join(matches) or nearest(text, ("true", "false")))


def parse_integer(text: str, low: int, high: int) -> int:
    """Decimal digits for a number from `low` to `high`."""
    if not re.fullmatch(r"[0-9]{1,15}", text) or not low <= int(text) <= high:
        raise ScalarError(f"a whole number from {low} to {high}")
    return int(text)


def parse_duration(text: str, low: float, high: float) -> float:
    """Seconds from `low` to `high`: `30`, `1.5s`, `10m` or `2h`."""
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2] or "s"] if match else -1.0
    if not match or not low <= seconds <= high:
        too_short = match is not None and seconds < low
        bound = f" from {_show_bound(low)}" if too_short else f" up to {_show_bound(high)}"
        raise ScalarError(f"a duration such as 30s, 10m or 2h{bound}", _suggest_duration(text, low, high))
    return seconds


def _show_bound(seconds: float) -> str:
    return f"{seconds:g}s" if seconds < 3600 else f"{seconds / 3600:g}h"


def _suggest_duration(text: str, low: float, high: float) -> str:
    """The nearest duration that is accepted, or "" where `text` is none in any spelling."""
    words = re.sub(r"^p?t?(?=[0-9])|(?<=d)t", "", text.strip().lower())  # ISO 8601: PT1H30M
    seconds, end = 0.0, 0
    while (match := _QUANTITY.match(words, end)) and match[2] in _UNITS:
        seconds, end = seconds + float(match[1]) * _UNITS[match[2]], match.end()
    if not end or end < len(words):
        if not re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?s?", words):
            return ""
        seconds = float(words.rstrip("s"))
    return show_duration(min(max(seconds, low), high))


def show_duration(seconds: float) -> str:
    """A duration as a policy has it, in its largest whole unit: `1h`, `10m`, `1.5s`."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds and not seconds % length:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def parse_whole_seconds(text: str, low: float, high: float) -> int:
    """A duration without a fraction: delta-seconds of Access-Control-Max-Age (Fetch)."""
    try:
        seconds = parse_duration(text, low, high)
    except ScalarError as error:
        if not error.suggestion:
            raise
        raise ScalarError(error.expected, _round_up(parse_duration(error.suggestion, low, high))) from None
    if seconds != int(seconds):
        raise ScalarError("whole seconds", _round_up(seconds))
    return int(seconds)


def _round_up(seconds: float) -> str:
    return show_duration(math.ceil(seconds))


def parse_size(text: str, low: int, high: int) -> int:
    """Bytes from `low` to `high`: `65536`, `16KiB`, `1MiB` or `1GiB`."""
    match = _SIZE.fullmatch(text)
    value = int(match[1]) << {"": 0, "KiB": 10, "MiB": 20, "GiB": 30}[match[2] or ""] if match else -1
    if not low <= value <= high:
        expected = f"a size such as 65536, 16KiB or 1MiB, from {low} to {high}"
        raise ScalarError(expected, _suggest_size(text, low, high))
    return value


def _suggest_size(text: str, low: int, high: int) -> str:
    """The nearest size that is accepted, or "" where `text` is none in any spelling."""
    match = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([kmg]?)(?:i?b|bytes?)?", text.strip().lower())
    if not match:
        return ""
    size = int(float(match[1]) * (1 << {"": 0, "k": 10, "m": 20, "g": 30}[match[2]]))
    return show_size(min(max(size, low), high))


def show_size(size: int) -> str:
    """A size as a policy has it: `16KiB`, or bytes where they are not a whole unit."""
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size and not size & ((1 << shift) - 1):
            return f"{size >> shift}{unit}"
    return str(size)


def parse_share(text: str) -> float:
    """A percentage from `0%` to `100%`, as a number from 0 to 1."""
    match = re.fullmatch(r"(100|[0-9]{1,2}(?:\.[0-9]{1,6})?)%", text)
    if not match:
        raise ScalarError("a percentage from 0% to 100%", _suggest_share(text))
    return float(match[1]) / 100


def _suggest_share(text: str) -> str:
    """`1%` for `1 %` and `0.01`: a fraction is what other products take.  None for `1` and `5`."""
    spaced = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]{1,6})?|100)\s+%", text)
    fraction = re.fullmatch(r"(0?\.[0-9]{1,6}|0|1\.0)", text)
    return f"{spaced[1]}%" if spaced else f"{float(fraction[1]) * 100:g}%" if fraction else ""


def parse_choice(text: str, choices: tuple[str, ...]) -> str:
    """One of the given words, exactly."""
    if text not in choices:
        raise ScalarError(join_choices(choices), _same_meaning(text, choices) or nearest(text, choices))
    return text


def _same_meaning(text: str, choices: tuple[str, ...]) -> str:
    """`allow` for `on`, `deny` for `off`, where these are choices."""
    for meaning, word in (("true", "allow"), ("false", "deny")):
        if text.lower() in (meaning, *_BOOLEAN_WORDS[meaning]) and word in choices:
            return word
    return ""


def join_choices(choices: tuple[str, ...]) -> str:
    """`a, b or c`."""
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def nearest(text: str, choices: tuple[str, ...]) -> str:
    """The choice that is spelled most like `text`, or "" where none is close."""
    folded = {choice.lower().replace("-", "_"): choice for choice in choices}
    matches = difflib.get_close_matches(text.lower().replace("-", "_"), folded, n=1, cutoff=0.55)
    return folded[matches[0]] if matches else ""


def parse_label(text: str) -> str:
    """A route's name, which is in logs and metrics."""
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise ScalarError("a name of 1 to 100 printable characters")
    return text


def parse_file_name(text: str) -> str:
    """The path of a file: printable, because messages and logs repeat it."""
    if not text or not text.isprintable():
        raise ScalarError("the path of a file")
    return text


def parse_prefix(text: str) -> str:
    """A path; a trailing slash is removed."""
    if not text.startswith("/") or not text.rstrip("/") or not BASE_PATH.fullmatch(text) or "//" in text:
        raise ScalarError(
            "a path such as /legacy",
            "" if text.startswith("/") or not BASE_PATH.fullmatch("/" + text) else "/" + text,
        )
    return text.rstrip("/")
