import pytest

from cors_proxy.cors.request_headers import MAX_BYTES, MAX_NAMES, join, parse


@pytest.mark.parametrize(("values", "names"), [
    ([], []), ([""], []), (["content-type,x-foo"], ["content-type", "x-foo"]), ([" X-Foo ,\tContent-Type"], ["x-foo", "content-type"]),
    (["x-foo,X-FOO"], ["x-foo"]), (["a", "b", "a"], ["a", "b"]), ([", a ,,"], ["a"]), (["x foo"], None), (["x-foo;y"], None), (["a,x\xe9"],
    None),
    (["a", "b:"], None), (['"a"'], None), (["a\x00"], None), ([", " * 2000 + "a"], ["a"]),
    (["," * (MAX_BYTES + 1)], None), (["a," * 1000] * 5, None), (["a," * MAX_NAMES], ["a"]), (["a," * (MAX_NAMES + 1)], None),
])  # fmt: skip
def test_tolerant_and_bounded(values: list[str], names: list[str] | None) -> None:
    found = parse([value.encode("latin-1") for value in values])
    assert found == (None if names is None else [name.encode() for name in names])


def test_join_is_a_browser_s_form() -> None:
    assert join([b"a", b"b"]) == b"a,b"
