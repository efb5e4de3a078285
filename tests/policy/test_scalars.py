"""Each scalar by its own rule."""

from collections.abc import Callable
from functools import partial

import pytest

from cors_proxy.policy.scalars import (
    ScalarError,
    nearest,
    parse_boolean,
    parse_choice,
    parse_duration,
    parse_file_name,
    parse_integer,
    parse_label,
    parse_prefix,
    parse_size,
    parse_whole_seconds,
    show_duration,
    show_size,
)

DURATION = partial(parse_duration, low=0.001, high=7200)
WHOLE = partial(parse_whole_seconds, low=0, high=7200)
SIZE = partial(parse_size, low=0, high=1 << 40)
WORD = partial(parse_choice, choices=("allow", "fetch-metadata", "deny"))


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_boolean, "true", True),
        (parse_boolean, "FALSE", False),
        (DURATION, "10", 10),
        (DURATION, "010", 10),
        (DURATION, "1.5s", 1.5),
        (DURATION, "10m", 600),
        (DURATION, "2h", 7200),
        (SIZE, "0", 0),
        (SIZE, "16KiB", 16384),
        (SIZE, "2MiB", 2 << 20),
        (SIZE, "1GiB", 1 << 30),
        (WORD, "deny", "deny"),
        (parse_prefix, "/legacy/", "/legacy"),
        (parse_label, "the feed", "the feed"),
        (partial(parse_integer, low=1, high=9), "9", 9),
        (partial(parse_whole_seconds, low=0, high=9), "0", 0),
    ],
)
def test_accepted_values(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "suggestion"),
    [
        *((parse_boolean, text, "true") for text in ("yes", "on", "1")),
        *((parse_boolean, text, "false") for text in ("no", "NO", "off", "0")),
        *((parse_boolean, text, "true") for text in ("tRue", "tru", "enabled")),
        (parse_boolean, "maybe", ""),
        *(
            (DURATION, text, "")
            for text in (
                "1:00",
                "+2",
                "1e3",
                "1_000",
                "",
                "١",
                "9" * 5000,
            )
        ),
        (DURATION, "250ms", "0.25s"),
        *((DURATION, text, "0.001s") for text in ("0", "-2")),  # the bounds of this duration
        *((DURATION, text, "2h") for text in ("1d", "2.1h", "3 hours", "7201", "P1W", "2h 1s")),
        *((DURATION, text, "10m") for text in ("10 minutes", "10min", "10 MIN", "PT10M", " 600 ", "9m60s")),
        (DURATION, " 1", "1s"),
        (DURATION, "1 s", "1s"),
        (DURATION, "1h30m", "90m"),
        (WHOLE, "500ms", "1s"),
        (WHOLE, "1.5", "2s"),
        (WHOLE, "-1", "0s"),
        (WHOLE, "ten", ""),
        *((SIZE, text, "5MiB") for text in ("5M", "5MB", "5mb", "5 MiB", "5mib")),
        *((SIZE, text, "") for text in ("lots", "-1", "5 apples", "9" * 5000)),
        (SIZE, "1.5KiB", "1536"),
        (SIZE, "1.5 GB", "1536MiB"),
        (SIZE, "2048 bytes", "2KiB"),
        (SIZE, "99999GiB", "1024GiB"),
        (WORD, "on", "allow"),
        (WORD, "FALSE", "deny"),
        (WORD, "fetch_metadata", "fetch-metadata"),
        (WORD, "ALLOW", "allow"),
        (WORD, "maybe", ""),
        (parse_prefix, "legacy", "/legacy"),
        *((parse_prefix, text, "") for text in ("/", "/a//b", "/a?b", "/ä")),
        *((parse_label, text, "") for text in (" ", "a\nb", "x" * 101, "\u202e")),
        (parse_file_name, "a\0b", ""),
        *((partial(parse_integer, low=1, high=9), text, "") for text in ("0", "10", "0x1", "9" * 5000, "²")),
        (partial(parse_whole_seconds, low=0, high=9), "1.5", "2s"),
    ],
)
def test_refused_values_and_suggestions(parse: Callable[[str], object], text: str, suggestion: str) -> None:
    with pytest.raises(ScalarError) as refused:
        parse(text)
    assert refused.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.5, "0.5s"), (75, "75s"), (300, "5m"), (3600, "1h"), (5400, "90m")]
)
def test_durations_as_a_policy_has_them(seconds: float, text: str) -> None:
    assert show_duration(seconds) == text
    assert parse_duration(text, 0, 86400) == seconds


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0"), (100, "100"), (16384, "16KiB"), (3 << 20, "3MiB"), (1 << 30, "1GiB")]
)
def test_sizes_as_a_policy_has_them(size: int, text: str) -> None:
    assert show_size(size) == text
    assert parse_size(text, 0, 1 << 40) == size


def test_the_nearest_word() -> None:
    assert nearest("alow_origins", ("origins", "methods")) == "origins"
    assert nearest("Credentials", ("credentials", "cors")) == "credentials"
    assert nearest("zzz", ("origins",)) == ""
