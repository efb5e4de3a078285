"""The event log on stderr: one JSON object on each line, a limited number of each event.

On a terminal it is readable text instead.
"""

import json
import logging
import time
import traceback
from typing import Final

from ..colour import Style
from ..proxy.token_bucket import TokenBucket
from .stream import Stream

RATE: Final = 5.0  # lines per second of one event
BURST: Final = 20.0  # lines
_HEAD: Final = ("timestamp", "severity", "event.name", "message")  # of a readable line: not repeated
MAX_TRACE: Final = 3000  # characters of a traceback; its end says what failed


class Events:
    """`name` comes from the code, never from a client.  JSON escapes the values of `fields`.

    With `terminal`, a line is text in that style.
    """

    def __init__(self, stream: Stream, terminal: Style | None = None) -> None:
        self._stream = stream
        self._terminal = terminal
        self._buckets: dict[str, TokenBucket] = {}

    @property
    def readable(self) -> bool:
        """Whether a person reads the lines on a terminal."""
        return self._terminal is not None

    def say(self, text: str) -> None:
        """A line as it is, for a terminal."""
        self._stream.write(f"{text}\n".encode("utf-8", "backslashreplace"))

    def info(self, name: str, message: str, **fields: object) -> None:
        self._write("INFO", name, message, fields)

    def warn(self, name: str, message: str, **fields: object) -> None:
        self._write("WARN", name, message, fields)

    def error(self, name: str, message: str, **fields: object) -> None:
        self._write("ERROR", name, message, fields)

    def failure(self, error: BaseException) -> None:
        """A bug, with its traceback."""
        self.error(
            "internal-error",
            "a bug in the proxy",
            **{"exception.type": type(error).__name__, "exception.stacktrace": _trace(error)},
        )

    def _write(self, severity: str, name: str, message: str, fields: dict[str, object]) -> None:
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = TokenBucket(RATE, BURST)
        if not bucket.take(time.monotonic()):
            return
        line: dict[str, object] = {
            "timestamp": timestamp(time.time()),
            "severity": severity,
            "event.name": name,
            "message": message,
            **fields,
        }
        if suppressed := bucket.take_refused():
            line["unsaid"] = suppressed
        if self._terminal is not None:
            self.say(_readable(self._terminal, line))
            return
        self._stream.write(json.dumps(line, default=str).replace("\x7f", "\\u007f").encode("ascii") + b"\n")


def _readable(style: Style, line: dict[str, object]) -> str:
    """The message, and below it what belongs to it; control characters are escaped."""
    severity = str(line["severity"])
    colour = {"WARN": style.warning, "ERROR": style.error}.get(severity, style.bold)
    word = {"WARN": "warning: ", "ERROR": "error: "}.get(severity, "")
    text = [f"{style.dim(str(line['timestamp']))} {colour(word + _one_line(line['message']))}"]
    for key, value in line.items():
        if key not in _HEAD:
            entries = value if isinstance(value, list) else [value]
            text += [f"    {style.dim(key)}: {_one_line(entry)}" for entry in entries]
    return "\n".join(text)


def _one_line(value: object) -> str:
    """A client's bytes must not reach the terminal as an escape sequence."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character)[1:-1]
        for character in text
    ).replace("\n", "\n        ")


class LogHandler(logging.Handler):
    """Log records of libraries as events, so that every line on stderr is JSON."""

    def __init__(self, events: Events) -> None:
        super().__init__(logging.WARNING)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            error = record.exc_info[1] if record.exc_info else None
            fields = {} if error is None else {"exception.stacktrace": _trace(error)}
            self._events.error("library", record.getMessage(), logger=record.name, **fields)
        else:
            self._events.warn("library", record.getMessage(), logger=record.name)


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-MAX_TRACE:]


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC, with milliseconds; `seconds` since 1970."""
    second = int(seconds)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{int((seconds - second) * 1000):03d}Z"
