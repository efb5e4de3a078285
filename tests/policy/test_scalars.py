"""Each scalar by its own rule."""

from collections.abc import Callable
from functools import partial

import pytest

from cors_proxy.policy.scalars import (
    ScalarError,
    boolean,
    duration,
    file_name,
    integer,
    label,
    nearest,
    prefix,
    size,
    whole_seconds,
    word,
)

DURATION = partial(duration, low=0.001, high=7200)
SIZE = partial(size, low=0, high=1 << 40)
WORD = partial(word, choices=("allow", "fetch-metadata", "deny"))


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (boolean, "true", True),
        (boolean, "FALSE", False),
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
        (prefix, "/legacy/", "/legacy"),
        (label, "the feed", "the feed"),
        (partial(integer, low=1, high=9), "9", 9),
        (partial(whole_seconds, low=0, high=9), "0", 0),
    ],
)
def test_what_fits(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "right"),
    [
        *((boolean, text, "true") for text in ("yes", "on", "1")),
        *((boolean, text, "false") for text in ("no", "NO", "off", "0")),
        (boolean, "tRue", ""),
        *(
            (DURATION, text, "")
            for text in (
                "1:00",
                "-2",
                "+2",
                "1e3",
                "1_000",
                " 1",
                "1 s",
                "1d",
                "0",
                "2.1h",
                "",
                "١",
                "9" * 5000,
            )
        ),
        (DURATION, "250ms", "0.25s"),
        *((SIZE, text, "5MiB") for text in ("5M", "5MB", "5mb", "5 MiB", "5mib")),
        *((SIZE, text, "") for text in ("lots", "-1", "1.5KiB", "9" * 5000)),
        (WORD, "fetch_metadata", "fetch-metadata"),
        (WORD, "ALLOW", "allow"),
        (WORD, "maybe", ""),
        (prefix, "legacy", "/legacy"),
        *((prefix, text, "") for text in ("/", "/a//b", "/a?b", "/ä")),
        *((label, text, "") for text in (" ", "a\nb", "x" * 101, "\u202e")),
        (file_name, "a\0b", ""),
        *((partial(integer, low=1, high=9), text, "") for text in ("0", "10", "0x1", "9" * 5000, "²")),
        (partial(whole_seconds, low=0, high=9), "1.5", "2s"),
    ],
)
def test_what_does_not(parse: Callable[[str], object], text: str, right: str) -> None:
    with pytest.raises(ScalarError) as unfit:
        parse(text)
    assert unfit.value.right == right


def test_the_nearest_word() -> None:
    assert nearest("alow_origins", ("origins", "methods")) == "origins"
    assert nearest("Credentials", ("credentials", "cors")) == "credentials"
    assert nearest("zzz", ("origins",)) == ""
