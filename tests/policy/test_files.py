"""Files: what is read, what is refused, and where a byte is wrong."""

import os
from pathlib import Path

import pytest

from cors_proxy.cors.place import Place
from cors_proxy.policy.files import MAX_BYTES, decode_utf8, place_of_offset, read_file, reason
from cors_proxy.policy.problems import PolicyProblems


def test_utf8() -> None:
    assert decode_utf8(b"\xef\xbb\xbfa: b", "p") == "a: b"
    with pytest.raises(PolicyProblems) as refused:
        decode_utf8("é: b\nc: é".encode() + b"\xff", "p")
    (problem,) = refused.value.problems
    assert (problem.code, problem.place) == ("E102", Place("p", 2, 5))


@pytest.mark.parametrize(
    ("before", "line", "column"), [("", 1, 1), ("é", 1, 2), ("a\n", 2, 1), ("a\nb", 2, 2)]
)
def test_places_count_from_one(before: str, line: int, column: int) -> None:
    assert place_of_offset(before, "p") == Place("p", line, column)


def test_only_regular_files_of_a_bounded_size_are_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"text")
    assert read_file(str(file)) == b"text"
    os.truncate(file, MAX_BYTES + 1)
    os.mkfifo(tmp_path / "pipe")
    for name, why in (
        ("file", "larger than 8 MiB"),
        ("pipe", "not a regular file"),
        ("none", "No such file or directory"),
        ("a\0b", "embedded null byte"),
    ):
        with pytest.raises((OSError, ValueError)) as failed:
            read_file(str(tmp_path / name))
        error = failed.value
        assert isinstance(error, OSError | ValueError)
        assert reason(error) == why
