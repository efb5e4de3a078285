"""The bounds of values that several keys share."""

import pytest

from cors_proxy.cors.place import Place
from cors_proxy.policy.nodes import ScalarNode
from cors_proxy.policy.problems import Findings
from cors_proxy.policy.types import INVALID, Context, Scalar
from cors_proxy.policy.values import byte_size, duration, integer


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        (duration(), ["0.001", "720h"], ["0", "721h"]),
        (duration(0), ["0", "0s"], ["-1"]),
        (integer(200, 299), ["200", "299"], ["199", "300"]),
        (byte_size(256, 1 << 20), ["256", "1MiB"], ["255", "2MiB"]),
    ],
)
def test_bounds(type: Scalar, good: list[str], bad: list[str]) -> None:
    for text in (*good, *bad):
        context = Context(Findings(), "")
        value = type.decode(ScalarNode(text, Place("p", 1, 1)), "x", context)
        assert (value is INVALID) == context.findings.failed == (text in bad)
