"""The bounds of values that several keys share."""

import pytest

from cors_proxy.cors.place import Place
from cors_proxy.policy.nodes import Scalar
from cors_proxy.policy.problems import Findings
from cors_proxy.policy.types import MISSING, Reader, Text
from cors_proxy.policy.values import count, octets, seconds


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (seconds(), ["0.001", "720h"], ["0", "721h"]),
        (seconds(0), ["0", "0s"], ["-1"]),
        (count(200, 299), ["200", "299"], ["199", "300"]),
        (octets(256, 1 << 20), ["256", "1MiB"], ["255", "2MiB"]),
    ],
)
def test_bounds(kind: Text, good: list[str], bad: list[str]) -> None:
    for text in (*good, *bad):
        reader = Reader(Findings(), "")
        value = kind.decode(Scalar(text, Place("p", 1, 1)), "x", reader)
        assert (value is MISSING) == reader.found.failed == (text in bad)
