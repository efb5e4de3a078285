"""The man page is the help texts', and roff without a warning."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cors_proxy.cli.completion import verbs_of
from cors_proxy.cli.manual import manual
from cors_proxy.cli.parser import VERBS, build_parser

PAGE = Path(__file__).parent.parent.parent / "docs/cors-proxy.1"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == manual(), "python -m cors_proxy.cli.manual > docs/cors-proxy.1"


def test_it_has_every_verb_and_option() -> None:
    text = PAGE.read_text().replace("\\-", "-")
    for verb in verbs_of(build_parser(*VERBS)):
        assert f".SS {verb.name}\n" in text
        assert all(
            name in text or name in ("-h", "--help") for option in verb.options for name in option.names
        )


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_formats_it_without_a_warning() -> None:
    done = subprocess.run(
        ["man", "--warnings", "-l", str(PAGE)],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"},
    )
    assert done.stderr == "" and "--allow-origin ORIGIN" in done.stdout


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_accepts_it() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(PAGE)], capture_output=True, text=True, check=False
    )
    # A page that is made from the help texts has no date.
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []
