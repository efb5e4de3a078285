"""Everything that is not the access log: one JSON object a line on stderr, and no flood of them."""

import json
import logging
import time
import traceback
from typing import Final

from .stream import Stream
from .token_bucket import TokenBucket

RATE: Final = 5.0  # lines a second of one event
BURST: Final = 20.0
TRACE: Final = 3000  # characters of a traceback that are kept: its end names the fault


class Events:
    """Writes what happens to the process.  `name` is from the code, never from a client; values are escaped by JSON."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buckets: dict[str, TokenBucket] = {}

    def info(self, name: str, message: str, **fields: object) -> None:
        self._write("INFO", name, message, fields)

    def warn(self, name: str, message: str, **fields: object) -> None:
        self._write("WARN", name, message, fields)

    def error(self, name: str, message: str, **fields: object) -> None:
        self._write("ERROR", name, message, fields)

    def failure(self, error: BaseException) -> None:
        """A bug, with its trace."""
        trace = "".join(traceback.format_exception(error))[-TRACE:]
        self.error(
            "internal-error",
            "a fault of the proxy itself",
            **{"exception.type": type(error).__name__, "exception.stacktrace": trace},
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
        if unsaid := bucket.take_refused():
            line["unsaid"] = unsaid
        self._stream.write(json.dumps(line, default=str).replace("\x7f", "\\u007f").encode("ascii") + b"\n")


class LogHandler(logging.Handler):
    """The libraries' own log records as events: nothing else may write to stderr."""

    def __init__(self, events: Events) -> None:
        super().__init__(logging.WARNING)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            trace = (
                "".join(traceback.format_exception(record.exc_info[1]))[-TRACE:]
                if record.exc_info and record.exc_info[1]
                else ""
            )
            self._events.error(
                "library",
                record.getMessage(),
                logger=record.name,
                **({"exception.stacktrace": trace} if trace else {}),
            )
        else:
            self._events.warn("library", record.getMessage(), logger=record.name)


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC, with milliseconds; `seconds` since 1970."""
    whole = int(seconds)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{int((seconds - whole) * 1000):03d}Z"
