import logging
from collections.abc import Callable
from typing import Any

from cors_proxy.colour import PLAIN
from cors_proxy.operate.events import BURST, Events, LogHandler, timestamp


def test_one_object_a_line(lines: Callable[[], Any]) -> None:
    out = lines()
    Events(out).warn("name", 'a "message"\n\x7f\x1b', where="é\u2028")
    assert all(0x20 <= byte < 0x7F for byte in out.lines[0][:-1])
    (found,) = out.objects
    assert found["severity"] == "WARN" and found["event.name"] == "name" and found["where"] == "é\u2028"


def test_a_line_for_a_terminal_holds_no_escape_sequence(lines: Callable[[], Any]) -> None:
    out = lines()
    Events(out, PLAIN).warn("name", "m\x1b]0;\x07 \x9b1m\r", where="\x1b[2J\n\u202e", many=["a\x1b", b"\x1b"])
    text = out.lines[0].decode()
    assert "\\x1b]0;\\x07 \\x9b1m\\r" in text and "\\x1b[2J" in text and "a\\x1b" in text
    assert all(character.isprintable() or character == "\n" for character in text)


def test_a_flood_of_one_event_does_not_silence_another(lines: Callable[[], Any]) -> None:
    out = lines()
    events = Events(out)
    for _ in range(1000):
        events.info("flood", "x")
    assert BURST <= len(out.lines) < 2 * BURST
    events.error("rare", "y")
    assert out.objects[-1]["event.name"] == "rare"


def test_library_records_become_events(lines: Callable[[], Any]) -> None:
    out = lines()
    logger = logging.getLogger("test.library")
    logger.propagate = False
    handler = LogHandler(Events(out))
    logger.addHandler(handler)
    try:
        logger.warning("careful %s", "now")
        try:
            raise ValueError("no")
        except ValueError:
            logger.exception("broken")
    finally:
        logger.removeHandler(handler)
    first, second = out.objects
    assert (first["logger"], first["message"], first["severity"]) == ("test.library", "careful now", "WARN")
    assert "ValueError: no" in second["exception.stacktrace"]


def test_timestamp() -> None:
    assert timestamp(1700000000.25) == "2023-11-14T22:13:20.250Z"
