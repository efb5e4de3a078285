"""The completion scripts, run by the shells that are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cors_proxy.cli.completion import script, verbs_of
from cors_proxy.cli.main import main
from cors_proxy.cli.parser import SHELLS, VERBS, build_parser

BASH = """\
source "$1"; shift
COMP_WORDS=(cors-proxy "$@"); COMP_CWORD=$#
_cors_proxy
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completions(shell: str, tmp_path: Path, *words: str) -> set[str]:
    """What the shell offers for the last word."""
    path = tmp_path / "script"
    path.write_text(script(shell, build_parser(*VERBS)))
    command = {
        "bash": ["bash", "-c", BASH, "bash", str(path), *words],
        "fish": ["fish", "--no-config", "-c", f"source {path}; complete -C 'cors-proxy {' '.join(words)}'"],
    }[shell]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stderr == ""
    return {line.partition("\t")[0] for line in done.stdout.splitlines() if line}


def installed(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.mark.parametrize("shell", [pytest.param(each, marks=installed(each)) for each in ("bash", "fish")])
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ch"], {"check"}),
        (["run", "--mode", ""], {"enforce", "headers", "report"}),
        (["run", "--allow-"], {"--allow-origin", "--allow-method", "--allow-header"}),
        (["check", "--format", "j"], {"json"}),
        (["check", "-c", "pol"], {"policy.yaml"}),
        (["check", "pol"], {"policy.yaml"}),
    ],
)
def test_what_is_offered(shell: str, words: list[str], offered: set[str], tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").touch()
    assert completions(shell, tmp_path, *words) == offered


@pytest.mark.parametrize("shell", [pytest.param(each, marks=installed(each)) for each in SHELLS])
def test_the_shell_reads_the_script(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--print-completion", shell])
    path = tmp_path / "script"
    path.write_text(capsys.readouterr().out)
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False)
    assert left.value.code == 0 and (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_every_verb_and_option_is_there(shell: str) -> None:
    text = script(shell, build_parser(*VERBS))
    for verb in verbs_of(build_parser(*VERBS)):
        assert verb.name in text
        for option in verb.options:
            assert all(name.lstrip("-") in text for name in option.names)


@installed("zsh")
def test_zsh_defines_its_function(tmp_path: Path) -> None:
    (tmp_path / "_cors-proxy").write_text(script("zsh", build_parser(*VERBS)))
    command = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[cors-proxy]"
    done = subprocess.run(["zsh", "-f", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "_cors-proxy\n" and done.stderr == ""
