"""`${…}`: how it is expanded; the value of a variable can never change the structure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.policy.interpolate import InterpolationError, expand, interpolate
from cors_proxy.policy.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose
from cors_proxy.policy.problems import Findings

from .reading import codes, problems, read

ENVIRON = {"A": "one", "EMPTY": "", "DOLLAR": "${A}$$"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("${A}", "one"),
        ("x${A}y${A}", "xoneyone"),
        ("${NONE:-two}", "two"),
        ("${NONE:-}", ""),
        ("${EMPTY:-two}", "two"),
        ("${EMPTY}", ""),
        ("${A:-two}", "one"),
        ("${A:?needed}", "one"),
        ("${NONE:-https://a.example:8080/$x}", "https://a.example:8080/$x"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$A $ /$metadata", "$A $ /$metadata"),
        ("${DOLLAR}", "${A}$$"),
    ],
)
def test_expand(text: str, expanded: str) -> None:
    assert expand(text, ENVIRON) == expanded


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${NONE}", "NONE is not set"),
        ("${NONE:?name the shop}", "name the shop"),
        ("${EMPTY:?name the shop}", "name the shop"),
        ("${", "not a variable"),
        ("${}", "not a variable"),
        ("${1A}", "not a variable"),
        ("${A", "not a variable"),
        ("${A:+x}", "not a variable"),
        ("${NONE:-${A}}", "not a variable"),
    ],
)
def test_what_cannot_be_expanded(text: str, message: str) -> None:
    with pytest.raises(InterpolationError, match=message):
        expand(text, ENVIRON)


def test_a_variable_is_one_value() -> None:
    assert codes("cors: {origins: ['${LIST}']}\n", LIST="https://a.example, https://b.example") == ["E301"]
    assert codes("cors:\n  origins: ${LIST}\n", LIST="[https://a.example]") == ["E301"]


def test_a_variables_value_is_checked_as_if_it_stood_there() -> None:
    (problem,) = problems("cors:\n  origins:\n    - ${APP}\n", APP="https://app.example/")
    assert (problem.code, problem.place.line, problem.hint) == ("E301", 5, "write https://app.example")


def test_numbers_and_words_too() -> None:
    policy = read("mode: ${MODE}\nserver: {workers: '${N:-3}'}\n", MODE="headers")
    assert (policy.spec.default.mode, policy.server.workers) == ("headers", 3)


def test_a_missing_variable_is_reported_once_and_the_rest_is_read() -> None:
    assert codes("cors: {origins: ['${NONE}'], max_age: ten, credentials: '${NONE}'}\n") == [
        "E108",
        "E204",
        "E108",
    ]


def test_a_value_that_is_no_text() -> None:
    assert codes("cors: {origins: ['${RAW}']}\n", RAW="https://\udcff.example") == ["E108"]


def shape(node: Node) -> object:
    if isinstance(node, SequenceNode):
        return [shape(item) for item in node.items]
    if isinstance(node, MappingNode):
        return {key.text: shape(value) for key, value in node.entries}
    return "scalar"


@given(st.text(), st.text())
def test_no_value_changes_the_structure(one: str, two: str) -> None:
    text = "a: ${ONE}\nb: ['${TWO}', x, {c: '${ONE:-d}'}]\n"
    root, _ = compose(text, "p")
    before = shape(root)
    interpolate(root, {"ONE": one, "TWO": two}, Findings())
    assert shape(root) == before
    first = root.entries[0][1]
    assert isinstance(first, ScalarNode)
    assert first.invalid or first.text == one
