"""Mappings: decoding never stops; problems are reported and the rest is read."""

from cors_proxy.cors.place import Place
from cors_proxy.policy.mappings import Field, MappingOf, OrOff, Section
from cors_proxy.policy.nodes import compose
from cors_proxy.policy.problems import Findings
from cors_proxy.policy.scalars import parse_boolean
from cors_proxy.policy.types import INVALID, Context, ListOf, Scalar, one_of

FLAG = Scalar(parse_boolean, "true or false", {"type": "boolean"})
KEYS = MappingOf(
    (
        Field("flag", FLAG, "false", "A `flag`."),
        Field("words", ListOf(one_of("a", "b"), "a list", empty="is none"), "a", "Words.", required=True),
    )
)


def decode(mapping: MappingOf, text: str) -> tuple[Section, list[str]]:
    context = Context(Findings(), "")
    section = mapping.decode(compose(text, "p")[0], "", context)
    assert isinstance(section, Section)
    return section, [
        f"{problem.place.line}:{problem.place.column} {problem.message}"
        for problem in context.findings.sorted("p")
    ]


def test_values_and_places() -> None:
    section, found = decode(KEYS, "flag: true\nwords: [a, b]\n")
    assert found == []
    assert section.value("flag", False) is True
    assert section.items("words") == (("a", Place("p", 2, 9)), ("b", Place("p", 2, 12)))
    assert (section.key_places["words"], section.value_places["words"]) == (
        Place("p", 2, 1),
        Place("p", 2, 8),
    )


def test_a_wrong_value_is_missing_and_the_rest_is_read() -> None:
    section, found = decode(KEYS, "flag: maybe\nwords: [a, c]\nflog: true\n")
    assert found == [
        '1:7 flag: expected true or false, got "maybe"',
        '2:12 words[1]: expected a or b, got "c"',
        '3:1 unknown key "flog", is it flag?',
    ]
    assert (section.get("flag"), section.value("flag", False)) == (None, False)
    assert [item.value for item in section.items("words")] == ["a"]
    assert set(section.key_places) == {"flag", "words"}


def test_a_required_key() -> None:
    assert decode(KEYS, "flag: true\n")[1] == ["1:1 the key words is missing"]
    assert decode(KEYS, "words: []\n")[1] == ["1:8 words: an empty list is none"]


def test_off() -> None:
    mapping = MappingOf((Field("inner", OrOff(KEYS), "off", "Inner."),))
    assert decode(mapping, "inner: off\n")[0].get("inner") == "off"
    assert isinstance(decode(mapping, "inner: {words: a}\n")[0].get("inner"), Section)
    assert decode(mapping, "inner: false\n")[1] == ['1:8 inner: expected a mapping, or `off`, got "false"']
    assert INVALID not in decode(mapping, "inner: false\n")[0].values.values()


def test_a_key_that_belongs_elsewhere() -> None:
    mapping = MappingOf(KEYS.fields, misplaced=("flog",), home="server.limits")
    assert decode(mapping, "words: a\nflog: 1\n")[1] == [
        "2:1 flog: this limits connections, and all routes share them"
    ]


def test_schemas() -> None:
    assert KEYS.schema() == {
        "type": "object",
        "additionalProperties": False,
        "required": ["words"],
        "properties": {
            "flag": {
                "anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/variable"}],
                "description": "A flag. Default: false.",
            },
            "words": {
                "anyOf": [
                    {"anyOf": [{"enum": ["a", "b"]}, {"$ref": "#/$defs/variable"}]},
                    {
                        "type": "array",
                        "items": {"anyOf": [{"enum": ["a", "b"]}, {"$ref": "#/$defs/variable"}]},
                        "minItems": 1,
                    },
                ],
                "description": "Words.",
            },
        },
    }
