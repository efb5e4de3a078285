import subprocess
import sys

import pytest

from cors_proxy import __version__
from cors_proxy.cli.main import main
from cors_proxy.cli.parser import VERBS

VERSION = (f"cors-proxy {__version__}\n", f"cors-proxy {__version__} (not compiled)\n")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0 and capsys.readouterr().out in VERSION


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["run", "--nonsense"], ["run", "--mode", "lax"], ["demo", "--port", "x"]]
)
def test_wrong_use_is_exit_code_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([verb, "--help"])
    assert left.value.code == 0 and VERBS[verb][1:] in " ".join(capsys.readouterr().out.split())


def test_it_is_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cors_proxy", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout in VERSION
