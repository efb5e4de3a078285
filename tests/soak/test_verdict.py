"""What is flat, and what is not."""

import random

import pytest

from tests.soak.told import Told, Unexpected
from tests.soak.verdict import COUNT, MEMORY, MIB, Series, Verdict


def series(*numbers: float) -> Series:
    return Series(numbers[0], list(numbers), numbers[-1])


def test_noise_is_flat() -> None:
    dice = random.Random(1)
    assert series(*(60 * MIB + dice.random() * 5 * MIB for _ in range(300))).fault(MEMORY) == ""


@pytest.mark.parametrize("late", [1, 2])
def test_growth_is_seen_early_and_late(late: int) -> None:
    numbers = [60 * MIB + max(0, at - (late - 1) * 100) * 0.1 * MIB for at in range(300)]
    assert "became" in series(*numbers).fault(MEMORY)


def test_a_peak_is_no_growth_but_has_its_bound() -> None:
    numbers = [60.0 * MIB] * 99
    numbers[50] = 120 * MIB
    assert series(*numbers).fault(MEMORY) == ""
    numbers[50] = 130 * MIB
    assert "at the most" in series(*numbers).fault(MEMORY)


def test_descriptors() -> None:
    assert "became" in series(*[50.0] * 20, *[55.0] * 20, *[60.0] * 20).fault(COUNT)
    assert series(*[50.0] * 40, *[57.0] * 20).fault(COUNT) == ""
    assert series(50, 90).fault(COUNT) == "", "too little was seen"


def test_a_run() -> None:
    verdict = Verdict()
    verdict.see("RSS", MEMORY, 40 * MIB, loaded=False)
    for number in range(60):
        verdict.see("RSS", MEMORY, (60 + number) * MIB, loaded=True)
    verdict.see("RSS", MEMORY, 70 * MIB, loaded=False)
    verdict.close()
    assert verdict.faults() == ["RSS: 69.5 became 109.5, and 8.0 more are allowed"]
    assert verdict.table().splitlines()[1].split() == [
        "RSS",
        "40.0",
        "69.5",
        "89.5",
        "109.5",
        "119.0",
        "70.0",
    ]


async def test_what_is_told() -> None:
    async def fails() -> None:
        raise Unexpected("no answer")

    told = Told()
    await told.attempt("get", fails())
    assert told.done == told.failed == {"get": 1} and [*told.unexpected] == ["get: Unexpected no answer"]
