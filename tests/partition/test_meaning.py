"""Equal meanings in other spellings."""

from cors_proxy.cors.names import CARRIED
from cors_proxy.cors.spec import CorsSpec
from cors_proxy.partition.meaning import Meanings, methods_of
from tests.policy.reading import read

ONE = "cors: {origins: [https://a.example, https://b.example], methods: [GET, PUT], headers: [X-A], expose: [X-B]}"
OTHER = (
    "cors: {expose: x-b, headers: x-a, methods: [PUT, GET], origins: [https://b.example, https://a.example]}"
)


def test_order_case_and_places_do_not_matter() -> None:
    meanings = Meanings()
    first, second = (meanings.of(read(text).spec.default) for text in (ONE, OTHER))
    assert first == second != meanings.of(read(ONE.replace("X-B", "X-C")).spec.default)


def test_without_lists_only_the_other_keys_count() -> None:
    meanings = Meanings()
    first, second = (read(text).spec.default for text in (ONE, ONE.replace("a.example", "c.example")))
    assert meanings.of(first) != meanings.of(second)
    assert meanings.of(first, lists=False) == meanings.of(second, lists=False)


def test_the_methods() -> None:
    assert methods_of(CorsSpec(methods=None)) == CARRIED
    assert methods_of(CorsSpec(methods=("GET",))) == {b"GET"}
