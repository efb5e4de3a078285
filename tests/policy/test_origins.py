"""Lists of origins: files with their own places, and hints that are valid origins."""

from pathlib import Path

import pytest

from cors_proxy.cors.place import Place

from .reading import codes, problems, read

FILE = "cors: {origins: [https://app.example, {file: tenants.txt}]}\n"


def test_a_file_holds_one_entry_a_line(tmp_path: Path) -> None:
    (tmp_path / "tenants.txt").write_bytes(
        b"\xef\xbb\xbf# tenants\r\nhttps://one.example\r\n\r\n  \nhttps://*.two.example\n# last"
    )
    policy = read(FILE, str(tmp_path))
    assert policy.spec.default.cors is not None
    rules = policy.spec.default.cors.origins
    name = str(tmp_path / "tenants.txt")
    assert [(str(rule.pattern), rule.place) for rule in rules] == [
        ("https://app.example", Place("policy.yaml", 3, 18)),
        ("https://one.example", Place(name, 2, 1)),
        ("https://*.two.example", Place(name, 5, 1)),
    ]
    assert policy.files == (name,)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"https://one.example\nhttps://two.example/\n", "E301", 2),
        (b"http://one.example\n", "E403", 1),
        (b"https://*.com\n", "E304", 1),
        (b" https://one.example\n", "E301", 1),
        (b"https://one.example # comment\n", "E301", 1),
        (b"ok\n\xff\n", "E102", 2),
        (b"*\n", "E401", 1),
    ],
)
def test_a_problem_in_a_file_has_its_own_place(tmp_path: Path, content: bytes, code: str, line: int) -> None:
    (tmp_path / "tenants.txt").write_bytes(content)
    first = [
        problem
        for problem in problems(FILE.replace("]}", "], credentials: true}"), tmp_path)
        if problem.code.startswith("E")
    ][0]
    assert (first.code, first.place) == (code, Place(str(tmp_path / "tenants.txt"), line, 1))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert codes(FILE, tmp_path) == ["E305"]
    (tmp_path / "tenants.txt").mkdir()
    assert codes(FILE, tmp_path) == ["E305"]
    (tmp_path / "empty.txt").write_text("# nobody yet\n")
    assert codes("cors: {origins: {file: empty.txt}}\n", tmp_path) == ["E205"]
    assert codes("cors: {origins: [{file: empty.txt}, https://app.example]}\n", tmp_path) == []
    assert codes("cors: {origins: {fiel: empty.txt}}\n", tmp_path) == ["E201"]
    assert codes("cors: {origins: {}}\n") == ["E202"]
    assert codes("cors: {origins: {file: [x]}}\n") == ["E203"]
    assert codes('cors: {origins: {file: "a\\nb"}}\n') == ["E204"]
    assert codes("self_origins: {file: empty.txt}\n", tmp_path) == ["E203"]


def test_one_value_is_a_list_of_one() -> None:
    cors = read("cors: {origins: https://app.example}\n").spec.default.cors
    assert cors is not None
    assert [str(rule.pattern) for rule in cors.origins] == ["https://app.example"]
    for text in ("https://app.example, https://b.example", "https://app.example https://b.example"):
        (problem,) = problems(f"cors: {{origins: '{text}'}}\n")
        assert (problem.code, problem.hint) == ("E301", "write each origin as an entry of its own")


@pytest.mark.parametrize("text", ["null", "'null'", '"null"'])
def test_null_is_accepted(text: str) -> None:
    assert codes(f"cors: {{origins: [{text}]}}\n") == ["W402"]


@pytest.mark.parametrize("text", ["~", "", "NULL"])
def test_no_other_word_is_null(text: str) -> None:
    assert codes(f"cors:\n  origins:\n    - {text}\n")[0] in ("E301", "E203")
