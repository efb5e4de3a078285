"""`schema` prints the schema's text."""

import json

import pytest

from cors_proxy.cli.main import main
from cors_proxy.policy.schema import json_schema


def test_it_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()
