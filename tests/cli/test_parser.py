"""Verbs and options that do not exist, and the ones that were meant."""

import pytest

from cors_proxy.cli.parser import parse


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["chek"], 2, "no such verb: 'chek'; did you mean check?"),
        (["zzz"], 2, "the verbs are run, init, check"),
        (["check", "--fromat", "json"], 2, "--fromat: did you mean --format?"),
        (["check", "--fromat=json"], 2, "did you mean --format?"),
        (["run", "--upstraem", "http://localhost"], 2, "--upstraem: did you mean --upstream?"),
        (["run", "--slef-origin", "https://a.example"], 2, "unknown arguments: --slef-origin"),
        (["run", "--self-orign", "https://a.example"], 2, "did you mean --self-origin?"),
        (["test", "--confg", "x"], 2, "--confg: did you mean --config?"),  # beside a missing argument
        (["healthcheck", "--uri", "http://localhost"], 1, "--uri: did you mean --url?"),
        (["healthcheck", "too", "many"], 1, "unknown arguments: too many"),
    ],
)
def test_what_was_meant(words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(words)
    assert left.value.code == code and said in capsys.readouterr().err


def test_a_hint_never_makes_a_foreign_origin_the_apis_own(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("--orgin", "--origins", "--slf-origin"):
        with pytest.raises(SystemExit):
            parse(["run", word, "https://a.example"])
        assert "--self-origin?" not in capsys.readouterr().err
