"""A pipe whose reader has left: nothing on stderr, and the exit code is still the answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = "version: 1\nupstream: http://localhost:3000\n"


def run_without_reader(stream: str, *words: str) -> tuple[int, str]:
    """With a pipe as stdout or stderr that nobody reads; what the other stream said."""
    reader, writer = os.pipe()
    os.close(reader)
    other = "stderr" if stream == "stdout" else "stdout"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cors_proxy", *words],
            **{stream: writer, other: subprocess.PIPE},  # type: ignore[call-overload]
            text=True,
            check=False,
        )
    finally:
        os.close(writer)
    return done.returncode, getattr(done, other)


@pytest.mark.parametrize("words", [["schema"], ["check", "--explain", "E301"], ["run", "--help"]])
def test_it_ends_quietly(words: list[str]) -> None:
    assert run_without_reader("stdout", *words) == (0, "")


@pytest.mark.parametrize(("text", "code"), [(GOOD, 0), ("version: 2\n", 1)])
def test_the_exit_code_is_the_answer(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "policy.yaml").write_text(text)
    assert run_without_reader("stdout", "check", str(tmp_path / "policy.yaml")) == (code, "")


def test_stderr_too() -> None:
    assert run_without_reader("stderr", "run", "-c", "/nowhere.yaml") == (1, "")


def test_the_rest_of_a_long_output_is_dropped() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cors_proxy", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.read(1) == b"{"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
