"""A policy's text changes where it is to, and nowhere else."""

import pytest

from cors_proxy.explain.edit import Edit, EditError, apply, scalar

ADD = Edit(("cors", "origins"), add=("https://b.c",), inherited=("x",))
SOCKET = Edit(("routes", 0, "cors", "websocket"), put="allow")


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (
            "cors:\n  origins:\n    - a  # one\n    # two\n  methods: [GET]\n", ADD,
            "cors:\n  origins:\n    - a  # one\n    - https://b.c\n    # two\n  methods: [GET]\n",
        ),
        ("cors:\n  origins:\n  - a", ADD, "cors:\n  origins:\n  - a\n  - https://b.c"),
        ("cors: {origins: [a, b ]}", ADD, "cors: {origins: [a, b, https://b.c ]}"),
        ("cors: {origins: [a,\n  b,\n]}", ADD, "cors: {origins: [a,\n  b, https://b.c\n]}"),
        ("cors: {origins: a}", ADD, "cors: {origins: [a, https://b.c]}"),
        ("cors:\n  origins: ${ORIGIN}\n", ADD, 'cors:\n  origins: ["${ORIGIN}", https://b.c]\n'),
        ("cors:\n  origins: {file: x.txt}\n", ADD, "cors:\n  origins: [{file: x.txt}, https://b.c]\n"),
        ("cors:\n  origins:\n    - {file: x.txt}\n", ADD, "cors:\n  origins:\n    - {file: x.txt}\n    - https://b.c\n"),
        (
            "cors:\n  methods: [GET]\n  # end\nmode: report\n", ADD,
            "cors:\n  methods: [GET]\n  origins: [x, https://b.c]\n  # end\nmode: report\n",
        ),
        ("cors: {methods: GET}", ADD, "cors: {origins: [x, https://b.c], methods: GET}"),
        ("cors: {}", ADD, "cors: {origins: [x, https://b.c]}"),
        ("version: 1\n", ADD, "version: 1\ncors:\n  origins: [x, https://b.c]\n"),
        ("version: 1", ADD, "version: 1\ncors:\n  origins: [x, https://b.c]\n"),
        ("{version: 1}", ADD, "{cors: {origins: [x, https://b.c]}, version: 1}"),
        ("a: &x\n  origins: [b]\ncors: *x\n", ADD, "a: &x\n  origins: [b, https://b.c]\ncors: *x\n"),
        ("cors:\n  credentials: false  # c\n", Edit(("cors", "credentials"), put="true"), "cors:\n  credentials: true  # c\n"),
        ("cors:\n  origins:\n    - a\n    - b\n# x\n", Edit(("cors", "origins"), put="[c]"), "cors:\n  origins: [c]\n# x\n"),
        (
            "routes:\n  - path: /a\n  - path: /b\n    cors: {}\n", SOCKET,
            "routes:\n  - path: /a\n    cors:\n      websocket: allow\n  - path: /b\n    cors: {}\n",
        ),
        (
            "routes:\n  - path: |-\n      /a\n", SOCKET,
            "routes:\n  - cors:\n      websocket: allow\n    path: |-\n      /a\n",
        ),
    ],
)  # fmt: skip
def test_edits(before: str, edit: Edit, after: str) -> None:
    assert apply(before, edit) == after


@pytest.mark.parametrize("text", ["cors: off", "cors:\n  origins:\n    file: x\n", "- a"])
def test_what_is_not_for_a_program(text: str) -> None:
    with pytest.raises(EditError):
        apply(text, ADD)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("https://a.b:8080", "https://a.b:8080"), ("*", '"*"'), ("null", "null"), ("https://*.a.b", '"https://*.a.b"'), ("a, b", '"a, b"'),
        ('a"b', '"a\\"b"'), ("${X}", '"${X}"'), ("X-Foo", "X-Foo"), ("[::1]", '"[::1]"'), ("-x", '"-x"'),
    ],
)  # fmt: skip
def test_scalars(value: str, written: str) -> None:
    assert scalar(value) == written
