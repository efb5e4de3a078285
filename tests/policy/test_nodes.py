"""YAML to nodes: text stays text, every node has its place, and the size is bounded."""

import time

import pytest

from cors_proxy.cors.place import Place
from cors_proxy.policy.files import MAX_BYTES
from cors_proxy.policy.nodes import MappingNode, ScalarNode, SequenceNode, compose
from cors_proxy.policy.problems import PolicyProblems


def mapping(text: str) -> dict[str, object]:
    root, problems = compose(text, "p")
    assert problems == []
    return {key.text: value for key, value in root.entries}


@pytest.mark.parametrize(
    "text", ["off", "NO", "null", "~", "1:00", "010", "0x1F", "1e3", "2026-11-25", "=", "true"]
)
def test_scalars_keep_their_text(text: str) -> None:
    value = mapping(f"a: {text}\n")["a"]
    assert isinstance(value, ScalarNode)
    assert (value.text, value.place, value.is_missing) == (text, Place("p", 1, 4), False)


def test_a_missing_value_is_not_an_empty_text() -> None:
    values = mapping("a:\nb: ''\n")
    assert [value.is_missing for value in values.values() if isinstance(value, ScalarNode)] == [True, False]


def test_merged_keys_give_way_and_keep_their_places() -> None:
    values = mapping("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], a: 5}\n")
    z = values["z"]
    assert isinstance(z, MappingNode)
    assert {key.text: (value.text, key.place.line) for key, value in z.entries if isinstance(value, ScalarNode)} == {
        "a": ("5", 3), "b": ("2", 1), "c": ("4", 2)
    }  # fmt: skip


def test_places_count_characters_not_bytes() -> None:
    values = mapping("é: ['ü', x]\r\nb: c\r\n")
    sequence = values["é"]
    assert isinstance(sequence, SequenceNode)
    assert [item.place for item in sequence.items] == [Place("p", 1, 5), Place("p", 1, 10)]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
        ),
        "a: " + "[" * 100_000,
        "a: " + "{b: " * 100_000,
        "- " * 100_000 + "x",
        "a: &a [" + "x," * 1000 + "]\nb: [" + "*a," * 500 + "]\n",
    ],
)
def test_bombs_are_refused(text: str) -> None:
    with pytest.raises(PolicyProblems) as refused:
        compose(text, "p")
    assert refused.value.problems[-1].code == "E107"


def test_an_alias_inside_its_own_anchor_is_an_error() -> None:
    _, problems = compose("a: &a [*a]\n", "p")
    assert [problem.code for problem in problems] == ["E104"]


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    started = time.process_time()
    with pytest.raises(PolicyProblems):
        compose("a: b\n" * (MAX_BYTES // 4), "p")
    assert time.process_time() - started < 1
