"""The request that shows a finding, as commands: both show what it says."""

import shlex

import pytest

from cors_proxy.change.witness import witness_of
from cors_proxy.cli.main import main
from tests.change.comparing import HEAD, compared

APP = "cors: {origins: [https://app.example]}\n"


def commands(before: str, after: str, name: str = "new.yaml") -> tuple[str, str]:
    comparison = compared(before, after)
    difference = comparison.findings[0].witness
    assert difference is not None
    witness = witness_of(difference, comparison.new, name)
    return witness.explain, witness.curl


def test_a_page_s_request() -> None:
    explain, curl = commands("", APP)
    assert explain == "cors-proxy explain -c new.yaml --origin https://app.example https://api.example/x"
    assert (
        curl
        == "curl -i --path-as-is -H 'Host: api.example' -H 'Origin: https://app.example' http://127.0.0.1:8080/x"
    )


def test_with_cookies() -> None:
    explain, curl = commands(APP, APP.replace("}", ", credentials: true}"))
    assert "--credentials" in explain and "Cookie: a=b" in curl


def test_a_socket_and_an_address_of_its_own() -> None:
    explain, curl = commands(
        "cors: {origins: [https://app.example], websocket: deny}", "listen: unix:/s.sock\n" + APP
    )
    assert explain.endswith("wss://api.example/x") and "--unix-socket /s.sock" in curl


def test_without_origin_explain_takes_the_curl_command() -> None:
    explain, _ = commands("", "cors: {without_origin: allow}\n")
    assert shlex.split(explain)[4] == "--curl"


@pytest.mark.parametrize(
    "after",
    [
        APP,
        "cors: {origins: [https://app.example], methods: [PUT], headers: [X-A]}\n",
        "cors: {without_origin: allow}\n",
    ],
)
def test_explain_replays_it(
    after: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("replay")
    for text, code in ((after, 0), ("", 1)):
        (folder / "policy.yaml").write_text(HEAD + text)
        explain, _ = commands("", after, str(folder / "policy.yaml"))
        assert main(shlex.split(explain)[1:]) == code, capsys.readouterr()
