"""Decoding never stops: what is wrong is found, the rest is read."""

from cors_proxy.cors.place import Place
from cors_proxy.policy.nodes import compose
from cors_proxy.policy.problems import Findings
from cors_proxy.policy.scalars import boolean
from cors_proxy.policy.types import MISSING, Field, Keys, Many, OffOr, Reader, Section, Text, words

FLAG = Text(boolean, "true or false", {"type": "boolean"})
KEYS = Keys(
    (
        Field("flag", FLAG, "false", "A `flag`."),
        Field("words", Many(words("a", "b"), "a list", empty="is none"), "a", "Words.", required=True),
    )
)


def decode(kind: Keys, text: str) -> tuple[Section, list[str]]:
    reader = Reader(Findings(), "")
    section = kind.decode(compose(text, "p")[0], "", reader)
    assert isinstance(section, Section)
    return section, [
        f"{problem.place.line}:{problem.place.column} {problem.message}"
        for problem in reader.found.sorted("p")
    ]


def test_values_and_places() -> None:
    section, found = decode(KEYS, "flag: true\nwords: [a, b]\n")
    assert found == []
    assert section.value("flag", False) is True
    assert section.items("words") == (("a", Place("p", 2, 9)), ("b", Place("p", 2, 12)))
    assert (section.places["words"], section.spots["words"]) == (Place("p", 2, 1), Place("p", 2, 8))


def test_one_value_is_a_list_of_one() -> None:
    assert [item.value for item in decode(KEYS, "words: b\n")[0].items("words")] == ["b"]


def test_a_wrong_value_is_missing_and_the_rest_is_read() -> None:
    section, found = decode(KEYS, "flag: maybe\nwords: [a, c]\nflog: true\n")
    assert found == [
        '1:7 flag: expected true or false, got "maybe"',
        '2:12 words[1]: expected a or b, got "c"',
        '3:1 unknown key "flog", is it flag?',
    ]
    assert (section.item("flag"), section.value("flag", False)) == (None, False)
    assert [item.value for item in section.items("words")] == ["a"]
    assert set(section.places) == {"flag", "words"}


def test_a_required_key() -> None:
    assert decode(KEYS, "flag: true\n")[1] == ["1:1 the key words is missing"]
    assert decode(KEYS, "words: []\n")[1] == ["1:8 words: an empty list is none"]


def test_off() -> None:
    kind = Keys((Field("inner", OffOr(KEYS), "off", "Inner."),))
    assert decode(kind, "inner: off\n")[0].item("inner") == "off"
    assert isinstance(decode(kind, "inner: {words: a}\n")[0].item("inner"), Section)
    assert decode(kind, "inner: false\n")[1] == ['1:8 inner: expected a mapping, or `off`, got "false"']
    assert MISSING not in decode(kind, "inner: false\n")[0].values.values()


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
