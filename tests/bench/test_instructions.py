"""Callgrind's file, read."""

from bench.instructions import total

PROFILE = """version: 1
events: Ir
fl=(1) file.c
fn=(1) main
16 400
summary: 12
totals: 4200
"""


def test_the_last_sum_counts() -> None:
    assert total(PROFILE) == 4200
