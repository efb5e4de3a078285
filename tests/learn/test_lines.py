import gzip
import io
from pathlib import Path

import pytest

from cors_proxy.learn import lines
from cors_proxy.learn.lines import MAX_LINE, open_log, read_lines


@pytest.mark.parametrize("chunk", [1, 3, 1 << 18])
def test_lines_of_any_chunk(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_CHUNK", chunk)
    read: list[int] = []
    assert list(read_lines(io.BytesIO(b"a\r\n\n\xff\nlast"), read.append)) == ["a", "", "\ufffd", "last"]
    assert sum(read) == 10


@pytest.mark.parametrize("end", [b"\nb\n", b""])
def test_a_giant_line_is_skipped(end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_CHUNK", 1000)
    giant = b"x" * (3 * MAX_LINE)
    assert list(read_lines(io.BytesIO(b"a\n" + giant + end))) == ["a", None, *(["b"] if end else [])]


def test_rotated_logs_may_be_compressed(tmp_path: Path) -> None:
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(b"one\ntwo\n"))
    (tmp_path / "a.log").write_bytes(b"one\n")
    with open_log(tmp_path / "a.log.gz") as stream:
        assert list(read_lines(stream)) == ["one", "two"]
    with open_log(tmp_path / "a.log") as stream:
        assert list(read_lines(stream)) == ["one"]
