"""`run` with wrong options and refused policies; tests/e2e has the rest."""

from pathlib import Path

import pytest

from cors_proxy.cli.main import main


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORS_PROXY_POLICY", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no policy"),
        (["-c", "policy.yaml", "--upstream", "http://localhost:3000"], "exclude each other"),
        (["--allow-origin", "https://app.example.com"], "--allow-origin needs --upstream"),
        (["--credentials", "-c", "policy.yaml"], "--credentials needs --upstream"),
    ],
)
def test_wrong_use(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-c", "missing.yaml"], "E101"),
        (["--upstream", "http://localhost:3000/?q"], "upstream"),
        (
            ["--upstream", "http://localhost:3000", "--allow-origin", "https://APP.example.com/"],
            "https://app.example.com",
        ),
        (["--upstream", "http://localhost:3000", "--allow-origin", "*", "--credentials"], "E401"),
        (["--upstream", "http://localhost:3000", "--listen", "nowhere"], "listen"),
    ],
)
def test_a_policy_that_is_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *words]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "- a list",
        "version: 1\n  upstream: [",
        "version: 2\nupstream: http://localhost:3000\n",
    ],
)
@pytest.mark.parametrize("where", ["-c", "variable-path", "variable-text", "default"])
def test_a_bad_file_from_every_source(
    empty: Path, text: str, where: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = empty / ("policy.yaml" if where == "default" else "other.yaml")
    path.write_text(text)
    if where.startswith("variable"):
        monkeypatch.setenv("CORS_PROXY_POLICY", f"{text}\n" if where == "variable-text" else str(path))
    if where == "variable-text" and not text:
        return  # an empty text is no path and no policy: the next place is asked
    assert main(["run", *(["-c", str(path)] if where == "-c" else [])]) == 1
    assert "  E" in capsys.readouterr().err
