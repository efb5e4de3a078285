"""Scalars and lists: values with their places, and problems in place of what is wrong."""

from collections.abc import Iterable

import pytest

from cors_proxy.cors.place import Place
from cors_proxy.policy.nodes import Node, compose
from cors_proxy.policy.problems import Findings
from cors_proxy.policy.types import (
    INVALID,
    Context,
    Item,
    ListOf,
    Scalar,
    describe,
    list_schema,
    one_of,
)

LETTERS = ListOf(one_of("a", "b"), "a list of letters", empty="would allow none")


def node(text: str) -> Node:
    root, _ = compose(f"x: {text}\n", "p")
    return root.entries[0][1]


def decode(type: Scalar | ListOf, text: str) -> tuple[object, list[str]]:
    context = Context(Findings(), "")
    value = type.decode(node(text), "x", context)
    return value, [f"{problem.code} {problem.message}" for problem in context.findings.sorted("p")]


def test_a_list_or_one_value() -> None:
    assert decode(LETTERS, "b") == ((Item("b", Place("p", 1, 4)),), [])
    assert decode(LETTERS, "[a, b]") == ((Item("a", Place("p", 1, 5)), Item("b", Place("p", 1, 8))), [])
    assert decode(ListOf(one_of("a"), "a list"), "[]") == ((), [])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[]", ["E205 x: an empty list would allow none"]),
        ("{}", ["E203 x: expected a list of letters, got a mapping"]),
        ("", ["E203 x: expected a list of letters, got nothing"]),
        ("[c, d]", ['E204 x[0]: expected a or b, got "c"', 'E204 x[1]: expected a or b, got "d"']),
        ("[[a]]", ["E203 x[0]: expected `a` or `b`, got a list"]),
    ],
)
def test_nothing_valid_is_an_invalid_list(text: str, problems: list[str]) -> None:
    assert decode(LETTERS, text) == (INVALID, problems)


def test_the_valid_entries_are_kept() -> None:
    value, problems = decode(LETTERS, "[c, a]")
    assert (value, len(problems)) == ((Item("a", Place("p", 1, 8)),), 1)


def test_messages_name_what_a_node_is() -> None:
    assert [describe(node(text)) for text in ("", "''", "a", "[a]", "{a: b}")] == [
        "nothing",
        '""',
        '"a"',
        "a list",
        "a mapping",
    ]


def test_schemas() -> None:
    assert list_schema({"type": "string"}, "")["anyOf"][1] == {"type": "array", "items": {"type": "string"}}
    assert list_schema({"type": "string"}, "would allow none")["anyOf"][1]["minItems"] == 1
    assert one_of("on", "off").schema()["anyOf"][0] == {"enum": ["on", "off", False]}


def test_what_routes_inherit_is_made_once() -> None:
    context, source, calls = Context(Findings(), ""), ("a",), []

    def make(values: Iterable[str]) -> list[str]:
        calls.append(values)
        return list(values)

    first = context.once("list", source, make)
    assert context.once("list", source, make) is first and len(calls) == 1
    assert context.once("other", source, make) is not first
